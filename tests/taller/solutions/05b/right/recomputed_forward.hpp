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

struct Gradientes {
  arma::mat dw1, db1, dw2, db2;
};

struct Red {
  arma::mat w1, b1, w2, b2;
};

inline Gradientes backProp(const arma::mat& X, const arma::mat& y, const arma::mat& w1, const arma::mat& w2,
                           const arma::mat& b1, const arma::mat& b2, const arma::mat& a2, const arma::mat& a1)
{
  const auto a = feedForward(X, w1, w2, b1, b2);
  const arma::mat da2 = (-y / a.a2 + (1 - y) / (1 - a.a2)) / X.n_cols;  // the chain rule, link by link
  const arma::mat dz2 = da2 % a.a2 % (1 - a.a2);
  const arma::mat dz1 = (w2.t() * dz2) % a.a1 % (1 - a.a1);
  return {dz1 * X.t(), arma::sum(dz1, 1), dz2 * a.a1.t(), arma::sum(dz2, 1)};
}

inline Red entrenarRed(int epocas, double lr, const arma::mat& X, const arma::mat& y, const arma::mat& w1,
                       const arma::mat& b1, const arma::mat& w2, const arma::mat& b2, const arma::mat& a1,
                       const arma::mat& a2)
{
  Red red{w1, b1, w2, b2};
  while (epocas-- > 0) {
    const Activaciones a = feedForward(X, red.w1, red.w2, red.b1, red.b2);
    const Gradientes g = backProp(X, y, red.w1, red.w2, red.b1, red.b2, a.a2, a.a1);
    red = {red.w1 - lr * g.dw1, red.b1 - lr * g.db1, red.w2 - lr * g.dw2, red.b2 - lr * g.db2};
  }
  return red;
}
