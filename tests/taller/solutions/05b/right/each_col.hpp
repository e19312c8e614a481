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

struct Gradientes {
  arma::mat dw1, db1, dw2, db2;
};

struct Red {
  arma::mat w1, b1, w2, b2;
};

inline Gradientes backProp(const arma::mat& X, const arma::mat& y, const arma::mat& w1, const arma::mat& w2,
                           const arma::mat& b1, const arma::mat& b2, const arma::mat& a2, const arma::mat& a1)
{
  const double m = X.n_cols;
  arma::mat d2 = a2 - y, d1 = w2.t() * d2;
  d1 %= a1 % (1 - a1);
  return {d1 * X.t() / m, arma::mean(d1, 1), d2 * a1.t() / m, arma::mean(d2, 1)};
}

inline Red entrenarRed(int epocas, double lr, const arma::mat& X, const arma::mat& y, const arma::mat& w1,
                       const arma::mat& b1, const arma::mat& w2, const arma::mat& b2, const arma::mat& a1,
                       const arma::mat& a2)
{
  // the activations that came in serve the first epoch, and each epoch leaves those of the next
  Red red{w1, b1, w2, b2};
  Activaciones a{a1, a2};
  for (int i = 0; i < epocas; ++i) {
    const auto [dw1, db1, dw2, db2] = backProp(X, y, red.w1, red.w2, red.b1, red.b2, a.a2, a.a1);
    red.w1 -= lr * dw1;
    red.w2 -= lr * dw2;
    red.b1 -= lr * db1;
    red.b2 -= lr * db2;
    a = feedForward(X, red.w1, red.w2, red.b1, red.b2);
  }
  return red;
}
