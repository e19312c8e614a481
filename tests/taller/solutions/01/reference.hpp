#pragma once

#include <armadillo>

inline double costo(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  const arma::mat error = theta.t() * X - y;  // 1×m
  return arma::accu(arma::square(error)) / (2.0 * X.n_cols);
}

inline arma::mat gradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  return X * (theta.t() * X - y).t() / X.n_cols;  // n×m · m×1
}

inline arma::mat descensoGradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta,
                                   double alpha, int iteraciones)
{
  arma::mat walked = theta;
  for (int i = 0; i < iteraciones; ++i) walked -= alpha * gradiente(X, y, walked);
  return walked;
}
