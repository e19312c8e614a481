#pragma once

#include <armadillo>

inline double costo(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  double sum = 0;
  for (int i = 0; i < int(X.n_cols); i++) {
    double h = 0;
    for (int j = 0; j < int(X.n_rows); j++) h = h + theta(j, 0) * X(j, i);
    sum = sum + std::pow(h - y(0, i), 2);
  }
  return 1.0 / (2 * X.n_cols) * sum;
}

inline arma::mat gradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  arma::mat slope(theta.n_rows, 1);
  for (arma::uword i = 0; i < X.n_cols; i++)
    for (arma::uword j = 0; j < X.n_rows; j++)
      slope(j) += (arma::dot(theta, X.col(i)) - y(i)) * X(j, i) / X.n_cols;
  return slope;
}

inline arma::mat descensoGradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta,
                                   double alpha, int iteraciones)
{
  arma::mat now = theta;
  while (iteraciones-- > 0) {
    const arma::mat slope = gradiente(X, y, now);
    for (arma::uword j = 0; j < now.n_rows; j++) now(j) = now(j) - alpha * slope(j);
  }
  return now;
}
