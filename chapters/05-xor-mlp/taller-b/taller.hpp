// TALLER ANN: BACKPROP DE XOR. Write the three functions; README.md beside this file says what each must do.
//
//   ./course taller 05b    grades this file        ./course watch 05b    grades it whenever you save
#pragma once

#include <armadillo>
#include <stdexcept>

// X is n×m, one record a column; y is o×m. w1 is h×n, w2 o×h, b1 h×1, b2 o×1, a1 h×m, a2 o×m.

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};

// Bring yours from TALLER 05a: entrenarRed needs it.
inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  throw std::logic_error("not implemented yet");
}

// What backProp gives back: the gradient of the cost, each part of the shape of what it is the gradient of.
struct Gradientes {
  arma::mat dw1;
  arma::mat db1;
  arma::mat dw2;
  arma::mat db2;
};

// The gradient at these weights. a2 and a1 are what feedForward gave for them, and come in this order.
inline Gradientes backProp(const arma::mat& X, const arma::mat& y, const arma::mat& w1, const arma::mat& w2,
                           const arma::mat& b1, const arma::mat& b2, const arma::mat& a2, const arma::mat& a1)
{
  throw std::logic_error("not implemented yet");
}

// What entrenarRed gives back: the trained weights and biases.
struct Red {
  arma::mat w1;
  arma::mat b1;
  arma::mat w2;
  arma::mat b2;
};

// So many epochs of gradient descent, each over all records. a1 and a2 are what feedForward gives for the
// weights given.
inline Red entrenarRed(int epocas, double lr, const arma::mat& X, const arma::mat& y, const arma::mat& w1,
                       const arma::mat& b1, const arma::mat& w2, const arma::mat& b2, const arma::mat& a1,
                       const arma::mat& a2)
{
  throw std::logic_error("not implemented yet");
}
