#pragma once

#include <armadillo>
#include <iostream>

struct Activaciones {
  arma::mat a1, a2;
};

inline double sigma(double z) { return 1 / (1 + std::exp(-z)); }

inline Activaciones feedForward(arma::mat X, arma::mat w1, arma::mat w2, arma::vec b1, arma::vec b2)
{
  arma::mat a1(w1.n_rows, X.n_cols), a2(w2.n_rows, X.n_cols);
  for (arma::uword i = 0; i < X.n_cols; ++i) {
    a1.col(i) = arma::vec(w1 * X.col(i) + b1).transform(sigma);
    a2.col(i) = arma::vec(w2 * a1.col(i) + b2).transform(sigma);
    std::cout << "record " << i << ": " << a2(0, i) << std::endl;
  }
  return {a1, a2};
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
  Red red{w1, b1, w2, b2};
  for (int i = 0; i < epocas; ++i) {
    const Activaciones a = feedForward(X, red.w1, red.w2, red.b1, red.b2);
    if (i % 100 == 0) a.a2.print("estimates");
    const Gradientes g = backProp(X, y, red.w1, red.w2, red.b1, red.b2, a.a2, a.a1);
    red.w1 -= lr * g.dw1, red.b1 -= lr * g.db1, red.w2 -= lr * g.dw2, red.b2 -= lr * g.db2;
  }
  return red;
}
