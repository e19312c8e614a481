#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};

inline arma::mat layer(const arma::mat& w, const arma::mat& x, const arma::mat& b)
{
  arma::mat a(w.n_rows, x.n_cols);
  for (arma::uword k = 0; k < x.n_cols; ++k)
    for (arma::uword i = 0; i < w.n_rows; ++i) {
      double z = b(i, 0);
      for (arma::uword j = 0; j < w.n_cols; ++j) z += w(i, j) * x(j, k);
      a(i, k) = 1.0 / (1.0 + std::exp(-z));
    }
  return a;
}

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  const arma::mat a1 = layer(w1, X, b1);
  return {a1, layer(w2, a1, b2)};
}

inline double costoGlobal(const arma::mat& y_est, const arma::mat& y)
{
  double sum = 0;
  for (arma::uword i = 0; i < y.n_cols; ++i) {
    const double p = std::min(std::max(y_est(i), 1e-7), 1 - 1e-7);
    sum += y(i) * std::log(p) + (1 - y(i)) * std::log(1 - p);
  }
  return -sum / y.n_cols;
}
