#pragma once

#include <armadillo>

// XXᵀθ − Xyᵀ, with the products done once.
inline double costo(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  return arma::as_scalar(theta.t() * X * X.t() * theta - 2 * theta.t() * X * y.t() + y * y.t()) /
         (2 * X.n_cols);
}

inline arma::mat gradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  return (X * X.t() * theta - X * y.t()) / X.n_cols;
}

inline arma::mat descensoGradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta,
                                   double alpha, int iteraciones)
{
  const arma::mat A = X * X.t() / X.n_cols, b = X * y.t() / X.n_cols;
  arma::mat walked = theta;
  for (int i = 0; i < iteraciones; ++i) walked -= alpha * (A * walked - b);
  return walked;
}
