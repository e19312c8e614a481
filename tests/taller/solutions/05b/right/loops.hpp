#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};

inline arma::mat layer(const arma::mat& w, const arma::mat& x, const arma::mat& b)
{
  arma::mat a(w.n_rows, x.n_cols);
  for (arma::uword k = 0; k < x.n_cols; ++k)
    for (arma::uword i = 0; i < w.n_rows; ++i) {
      double z = b(i, 0);
      for (arma::uword j = 0; j < w.n_cols; ++j) z += w(i, j) * x(j, k);
      a(i, k) = 1.0 / (1.0 + std::exp(-z));
    }
  return a;
}

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  const arma::mat a1 = layer(w1, X, b1);
  return {a1, layer(w2, a1, b2)};
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
  Gradientes g{arma::zeros(arma::size(w1)), arma::zeros(arma::size(b1)), arma::zeros(arma::size(w2)),
               arma::zeros(arma::size(b2))};
  for (arma::uword r = 0; r < X.n_cols; ++r)
    for (arma::uword k = 0; k < w2.n_rows; ++k) {
      const double d2 = (a2(k, r) - y(k, r)) / X.n_cols;
      g.db2(k) += d2;
      for (arma::uword i = 0; i < w1.n_rows; ++i) {
        const double d1 = d2 * w2(k, i) * a1(i, r) * (1 - a1(i, r));
        g.dw2(k, i) += d2 * a1(i, r);
        g.db1(i) += d1;
        for (arma::uword j = 0; j < w1.n_cols; ++j) g.dw1(i, j) += d1 * X(j, r);
      }
    }
  return g;
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
