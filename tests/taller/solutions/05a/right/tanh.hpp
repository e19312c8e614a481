#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};

inline arma::mat squash(const arma::mat& z) { return 0.5 * (1 + arma::tanh(z / 2)); }

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  const arma::mat ones(1, X.n_cols, arma::fill::ones);
  Activaciones result;
  result.a1 = squash(w1 * X + b1 * ones);
  result.a2 = squash(w2 * result.a1 + b2 * ones);
  return result;
}

inline double costoGlobal(const arma::mat& y_est, const arma::mat& y)
{
  const arma::mat right = y % y_est + (1 - y) % (1 - y_est);  // the probability of the label, whichever it is
  return -arma::accu(arma::log(arma::clamp(right, 1e-15, 1.0))) / y.n_elem;
}
