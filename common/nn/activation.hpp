#pragma once

#include "nn/matrix.hpp"

namespace nn {

/// What a layer does with its net input. Chapter 05 writes each of them out and draws it.
/// Source: "Descenso de gradiente, ANN", slide *Gradientes para las activaciones más comunes en DL*.
enum class Activation {
  identity,    ///< z
  sigmoid,     ///< 1 / (1 + e⁻ᶻ)
  tanh,        ///< the hyperbolic tangent
  relu,        ///< max(0, z)
  leaky_relu,  ///< max(0.01 z, z)
};

/// From net inputs to activations, in place.
/// @param g the activation function
/// @param Z any shape; becomes g(Z)
template <Matrix Mat>
void activate(Activation g, Mat& Z)
{
  switch (g) {
    case Activation::identity:
      break;
    case Activation::sigmoid:
      Z = 1 / (1 + exp(-Z));
      break;  // where e⁻ᶻ overflows the quotient is 0, as it should
    case Activation::tanh:
      Z = tanh(Z);
      break;
    case Activation::relu:
      Z = (Z + abs(Z)) / 2;
      break;
    case Activation::leaky_relu:
      Z %= where<Mat>(Z > 0, 1, Scalar<Mat>(0.01));
      break;
  }
}

/// Backwards through an activation, in place: the chain rule's factor g′(z), which each of these functions can tell from
/// its own value. At z = 0, where ReLU and leaky ReLU have a corner, we take the slope of the left side.
/// @param g the activation function
/// @param A the activations g(Z), any shape
/// @param dA the gradient with respect to A, of A's shape; becomes the gradient with respect to Z
template <Matrix Mat>
void through_activation(Activation g, const Mat& A, Mat& dA)
{
  switch (g) {
    case Activation::identity:
      break;
    case Activation::sigmoid:
      dA %= A % (1 - A);
      break;
    case Activation::tanh:
      dA %= 1 - square(A);
      break;
    case Activation::relu:
      dA %= where<Mat>(A > 0, 1, 0);
      break;
    case Activation::leaky_relu:
      dA %= where<Mat>(A > 0, 1, Scalar<Mat>(0.01));
      break;
  }
}

/// The same for Armadillo's matrices, in one pass, many numbers at a time.
/// @param g, Z as above
template <class T>
void activate(Activation g, arma::Mat<T>& Z);

/// The same for Armadillo's matrices, in one pass, many numbers at a time.
/// @param g, A, dA as above
template <class T>
void through_activation(Activation g, const arma::Mat<T>& A, arma::Mat<T>& dA);

}  // namespace nn
