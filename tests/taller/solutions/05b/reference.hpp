#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};

inline arma::mat sigmoide(const arma::mat& z) { return 1 / (1 + arma::exp(-z)); }

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  const arma::mat a1 = sigmoide(w1 * X + arma::repmat(b1, 1, X.n_cols));   // h×m
  const arma::mat a2 = sigmoide(w2 * a1 + arma::repmat(b2, 1, X.n_cols));  // o×m
  return {a1, a2};
}

struct Gradientes {
  arma::mat dw1;
  arma::mat db1;
  arma::mat dw2;
  arma::mat db2;
};

inline Gradientes backProp(const arma::mat& X, const arma::mat& y, const arma::mat&, const arma::mat& w2,
                           const arma::mat&, const arma::mat&, const arma::mat& a2, const arma::mat& a1)
{
  const auto m = static_cast<double>(X.n_cols);
  const arma::mat d2 = a2 - y;                         // o×m, the error at the output
  const arma::mat d1 = (w2.t() * d2) % a1 % (1 - a1);  // h×m, carried back through w2 and the sigmoid
  return {d1 * X.t() / m, arma::sum(d1, 1) / m, d2 * a1.t() / m, arma::sum(d2, 1) / m};
}

struct Red {
  arma::mat w1;
  arma::mat b1;
  arma::mat w2;
  arma::mat b2;
};

inline Red entrenarRed(int epocas, double lr, const arma::mat& X, const arma::mat& y, const arma::mat& w1,
                       const arma::mat& b1, const arma::mat& w2, const arma::mat& b2, const arma::mat&,
                       const arma::mat&)
{
  Red red{w1, b1, w2, b2};
  for (int epoca = 0; epoca < epocas; ++epoca) {
    const auto [a1, a2] = feedForward(X, red.w1, red.w2, red.b1, red.b2);
    const auto [dw1, db1, dw2, db2] = backProp(X, y, red.w1, red.w2, red.b1, red.b2, a2, a1);
    red.w1 -= lr * dw1;
    red.b1 -= lr * db1;
    red.w2 -= lr * dw2;
    red.b2 -= lr * db2;
  }
  return red;
}
