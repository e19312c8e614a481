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

inline double costoGlobal(arma::rowvec y_est, arma::rowvec y)
{
  double sum = 0;
  for (arma::uword i = 0; i < y.n_elem; ++i) sum -= y(i) == 1 ? std::log(y_est(i)) : std::log1p(-y_est(i));
  return sum / y.n_elem;
}
