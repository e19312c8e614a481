#pragma once

#include <armadillo>

inline double costo(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  return 0.5 * arma::mean(arma::vectorise(arma::square(theta.t() * X - y)));
}

inline arma::mat gradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  arma::mat sum = arma::zeros(arma::size(theta));
  X.each_col(
      [&, i = 0](const arma::vec& x) mutable { sum += x * (arma::as_scalar(theta.t() * x) - y(i++)); });
  return sum / double(y.n_elem);
}

inline arma::mat descensoGradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta,
                                   double alpha, int iteraciones)
{
  if (iteraciones == 0) return theta;
  return descensoGradiente(X, y, theta - alpha * gradiente(X, y, theta), alpha, iteraciones - 1);
}
