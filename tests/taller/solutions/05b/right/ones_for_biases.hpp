#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};

// The bias as one more column of the weights, for an input that is always 1.
inline arma::mat layer(const arma::mat& w, const arma::mat& x, const arma::mat& b)
{
  const arma::mat z = arma::join_rows(w, b) * arma::join_cols(x, arma::ones<arma::mat>(1, x.n_cols));
  return arma::mat(z).transform(
      [](double v) { return v >= 0 ? 1 / (1 + std::exp(-v)) : std::exp(v) / (1 + std::exp(v)); });
}

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  const auto a1 = layer(w1, X, b1);
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
  const arma::mat ones(X.n_cols, 1, arma::fill::ones);
  const arma::mat d2 = a2 - y, d1 = (w2.t() * d2) % a1 % (1 - a1);
  return {d1 * X.t() / X.n_cols, d1 * ones / X.n_cols, d2 * a1.t() / X.n_cols, d2 * ones / X.n_cols};
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
