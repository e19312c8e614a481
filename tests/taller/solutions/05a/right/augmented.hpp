#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};

// The bias as one more column of the weights, for an input that is always 1.
inline arma::mat layer(const arma::mat& w, const arma::mat& x, const arma::mat& b)
{
  const arma::mat z = arma::join_rows(w, b) * arma::join_cols(x, arma::ones<arma::mat>(1, x.n_cols));
  return arma::mat(z).transform(
      [](double v) { return v >= 0 ? 1 / (1 + std::exp(-v)) : std::exp(v) / (1 + std::exp(v)); });
}

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  const auto a1 = layer(w1, X, b1);
  return {a1, layer(w2, a1, b2)};
}

inline double costoGlobal(const arma::mat& y_est, const arma::mat& y)
{
  const double tiny = 1e-9;
  return -arma::as_scalar(y * arma::log(y_est + tiny).t() + (1 - y) * arma::log(1 - y_est + tiny).t()) /
         y.n_cols;
}
