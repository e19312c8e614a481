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
  const arma::mat d2 = (a2 - y) / X.n_cols;
  const arma::mat d1 = w2.t() * d2 % (a1 - a1 % a1);
  return {d1 * X.t(), arma::sum(d1, 1), d2 * a1.t(), arma::sum(d2, 1)};
}

inline Red entrenarRed(int epocas, double lr, const arma::mat& X, const arma::mat& y, const arma::mat& w1,
                       const arma::mat& b1, const arma::mat& w2, const arma::mat& b2, const arma::mat& a1,
                       const arma::mat& a2)
{
  arma::mat u1 = w1, c1 = b1, u2 = w2, c2 = b2;
  for (int i = 0; i < epocas; ++i) {
    const arma::mat h = 1 / (1 + arma::exp(-(u1 * X + arma::repmat(c1, 1, X.n_cols))));
    const arma::mat p = 1 / (1 + arma::exp(-(u2 * h + arma::repmat(c2, 1, X.n_cols))));
    const arma::mat d2 = p - y, d1 = (u2.t() * d2) % h % (1 - h);
    u2 -= lr / X.n_cols * d2 * h.t();
    c2 -= lr / X.n_cols * arma::sum(d2, 1);
    u1 -= lr / X.n_cols * d1 * X.t();
    c1 -= lr / X.n_cols * arma::sum(d1, 1);
  }
  return {u1, c1, u2, c2};
}
