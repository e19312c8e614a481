#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};

inline arma::mat sigmoide(const arma::mat& z) { return 1 / (1 + arma::exp(-z)); }

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  const arma::mat a1 = sigmoide(w1 * X + arma::repmat(b1, 1, X.n_cols));   // h×m
  const arma::mat a2 = sigmoide(w2 * a1 + arma::repmat(b2, 1, X.n_cols));  // o×m
  return {a1, a2};
}

inline double costoGlobal(const arma::mat& y_est, const arma::mat& y)
{
  const arma::mat p = arma::clamp(y_est, 1e-12, 1 - 1e-12);  // away from log 0
  return -arma::accu(y % arma::log(p) + (1 - y) % arma::log(1 - p)) / static_cast<double>(y.n_cols);
}
