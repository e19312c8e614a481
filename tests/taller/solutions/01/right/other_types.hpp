#pragma once

#include <armadillo>

// long double in the sum, unsigned and auto in the signatures, a function of one's own in between.
inline arma::mat residuals(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  return theta.t() * X - y;
}

inline auto costo(const auto& X, const auto& y, const auto& theta)
{
  long double sum = 0;
  for (const double e : residuals(X, y, theta)) sum += e * e;
  return sum / (2 * X.n_cols);
}

inline auto gradiente(const auto& X, const auto& y, const auto& theta)
{
  return arma::mat(arma::sum(X % arma::repmat(residuals(X, y, theta), X.n_rows, 1), 1) / X.n_cols);
}

inline auto descensoGradiente(const auto& X, const auto& y, arma::mat theta, const double alpha,
                              unsigned iteraciones)
{
  for (unsigned i = 0; i != iteraciones; ++i) theta = theta - alpha * gradiente(X, y, theta);
  return theta;
}
