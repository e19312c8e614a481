#pragma once

#include <armadillo>
#include <iostream>

inline float unused = 0;

inline double costo(arma::mat X, arma::mat y, arma::mat theta)
{
  arma::rowvec e = theta.t() * X - y;
  std::cout << "errors " << e;
  return arma::dot(e, e) / 2 / X.n_cols;
}

inline arma::vec gradiente(arma::mat X, arma::mat y, arma::vec theta)
{
  arma::rowvec e = theta.t() * X - y;
  std::cerr << "gradient of " << e.n_elem << " records\n";
  return arma::mean(X.each_row() % e, 1);
}

inline arma::vec descensoGradiente(arma::mat X, arma::mat y, arma::vec theta, double alpha, int iteraciones)
{
  for (int i = 0; i < iteraciones; i++) {
    if (i % 100 == 0) std::cout << "J = " << costo(X, y, theta) << "\n";
    theta -= alpha * gradiente(X, y, theta);
  }
  return theta;
}
