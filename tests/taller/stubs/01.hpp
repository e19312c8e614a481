// TALLER GRADIENT DESCENT. Write the three functions; README.md beside this file says what each must do.
//
//   ./course taller 01    grades this file        ./course watch 01    grades it whenever you save
#pragma once

#include <armadillo>
#include <stdexcept>

// X is n×m: one record a column, and its first row is all ones, for the intercept.
// y is 1×m: one value a record.   theta is n×1.

// The cost J of a line: a number.
inline double costo(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  throw std::logic_error("not implemented yet");
}

// Its gradient: n×1, the shape of theta.
inline arma::mat gradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  throw std::logic_error("not implemented yet");
}

// Theta after so many steps of gradient descent that begin at the theta given: n×1.
inline arma::mat descensoGradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta,
                                   double alpha, int iteraciones)
{
  throw std::logic_error("not implemented yet");
}
