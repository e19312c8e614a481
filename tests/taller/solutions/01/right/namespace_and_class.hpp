#pragma once

#include <armadillo>

namespace mine {
class Line {
 public:
  Line(const arma::mat& X, const arma::mat& y) : X_{X}, y_{y} {}
  arma::mat errors(const arma::mat& theta) const { return theta.t() * X_ - y_; }
  double cost(const arma::mat& theta) const
  {
    return arma::accu(errors(theta) % errors(theta)) / X_.n_cols / 2;
  }
  arma::mat slope(const arma::mat& theta) const { return (errors(theta) * X_.t()).t() / X_.n_cols; }

 private:
  arma::mat X_, y_;
};
}  // namespace mine

using namespace arma;

inline double costo(const mat& X, const mat& y, const mat& theta) { return mine::Line(X, y).cost(theta); }
inline mat gradiente(const mat& X, const mat& y, const mat& theta) { return mine::Line(X, y).slope(theta); }
inline mat descensoGradiente(const mat& X, const mat& y, const mat& theta, double alpha, int iteraciones)
{
  const mine::Line line(X, y);
  mat at = theta;
  for (int i = 0; i < iteraciones; ++i) at -= alpha * line.slope(at);
  return at;
}
