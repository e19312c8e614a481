#pragma once

#include <algorithm>
#include <armadillo>
#include <concepts>

#include "nn/matrix.hpp"

namespace nn {

/// The gradient of a function by central differences, (f(θ+h) − f(θ−h)) / 2h for each element (chapter 01 writes ε
/// for h): slow, and right for any formula, so it judges a gradient derived by hand. The error shrinks with h² until
/// rounding, of about 10⁻¹⁶·|f|/h, takes over.
/// Source: "I302 Introducción a Redes Neuronales", slide *Computo de Gradiente*, item 3.
/// @param f the function, from a matrix like `theta` to a number
/// @param theta where, any shape, double
/// @param h the step
/// @return the shape of theta
template <std::invocable<const arma::mat&> F>
arma::mat numerical_gradient(F&& f, arma::mat theta, double h = 1e-5)
{
  arma::mat gradient(arma::size(theta));
  for (arma::uword i = 0; i < theta.n_elem; ++i) {
    const double here = theta(i);
    theta(i) = here + h;
    const double above = f(theta);
    theta(i) = here - h;
    const double below = f(theta);
    theta(i) = here;
    gradient(i) = (above - below) / (2 * h);
  }
  return gradient;
}

/// How far two matrices are apart, for their size: ‖A − B‖ / max(‖A‖, ‖B‖), with Frobenius norms; 0 when both are zero.
/// @param A, B matrices of one shape
/// @return between 0 (equal) and 2 (opposite)
/// @throws Error when the shapes differ
inline double relative_error(const arma::mat& A, const arma::mat& B)
{
  require_shape("B", B, A.n_rows, A.n_cols);
  const double scale = std::max(arma::norm(A, "fro"), arma::norm(B, "fro"));
  return scale == 0 ? 0 : arma::norm(A - B, "fro") / scale;
}

/// How far the gradient with respect to a parameter is from the differences, as `relative_error` says.
/// @param theta the parameter, a matrix that J depends on; it is moved, and stands where it stood at the end
/// @param gradient what was derived by hand
/// @param J the cost as it is now, a function without arguments
/// @return between 0 and 2
/// @throws Error when the shapes differ
double gradient_error(auto& theta, const arma::mat& gradient, const auto& J)
{
  const arma::mat here = theta;
  const auto moved = [&](const arma::mat& value) {
    theta = value;
    return J();
  };
  const arma::mat numerical = numerical_gradient(moved, here);
  theta = here;
  return relative_error(gradient, numerical);
}

}  // namespace nn
