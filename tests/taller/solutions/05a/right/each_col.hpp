#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1, a2;
};

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  arma::mat z1 = w1 * X;
  z1.each_col() += b1.col(0);
  const arma::mat a1 = 1.0 / (1.0 + arma::exp(-z1));
  arma::mat z2 = w2 * a1;
  z2.each_col() += b2.col(0);
  return {a1, 1.0 / (1.0 + arma::exp(-z2))};
}

inline double costoGlobal(const arma::mat& y_est, const arma::mat& y)
{
  return -arma::mean(arma::vectorise(y % arma::trunc_log(y_est) + (1 - y) % arma::trunc_log(1 - y_est)));
}
