#pragma once

#include <armadillo>
#include <type_traits>

#include "nn/columns.hpp"
#include "nn/matrix.hpp"

namespace nn {

/// The net inputs of a dense layer: Z = W·X + b.
/// @param W h×n
/// @param b h×1
/// @param X n×m, a matrix or a range of its columns
/// @param Z becomes h×m
template <Matrix Mat>
requires(!arma::is_Mat<Mat>::value) void affine(const Mat& W, const Mat& b, const auto& X, Mat& Z)
{
  Z = W * X;
  Z.each_col() += b;
}

/// What the error says of weights and biases: dW = dZ·Xᵀ, and db the sums along the rows of dZ.
/// @param X n×m, a matrix or a range of its columns
/// @param dZ h×m
/// @param dW becomes h×n
/// @param db becomes h×1
template <Matrix Mat>
requires(!arma::is_Mat<Mat>::value) void weight_gradients(const auto& X, const Mat& dZ, Mat& dW, Mat& db)
{
  dW = dZ * X.t();
  db = sum(dZ, 1);
}

/// A step of descent without keeping its gradient: W ← W − α·dZ·Xᵀ, and b likewise. It saves a pass over W.
/// @param alpha α
/// @param X, dZ as for `weight_gradients`
/// @param W h×n
/// @param b h×1
template <Matrix Mat>
requires(!arma::is_Mat<Mat>::value) void descend(Scalar<Mat> alpha, const auto& X, const Mat& dZ, Mat& W,
                                                 Mat& b)
{
  W -= alpha * (dZ * X.t());
  b -= alpha * sum(dZ, 1);
}

/// What the error says of the inputs.
/// @param W h×n
/// @param dZ h×m
/// @return Wᵀ·dZ, n×m
template <Matrix Mat>
requires(!arma::is_Mat<Mat>::value) Mat input_gradient(const Mat& W, const Mat& dZ) { return W.t() * dZ; }

/// @cond
// The same for Armadillo's matrices: products that are too small for BLAS in loops, large ones on several
// threads.
template <class T>
void affine(const arma::Mat<T>& W, const arma::Mat<T>& b, const std::type_identity_t<Columns<T>>& X,
            arma::Mat<T>& Z);
template <class T>
void weight_gradients(const std::type_identity_t<Columns<T>>& X, const arma::Mat<T>& dZ, arma::Mat<T>& dW,
                      arma::Mat<T>& db);
template <class T>
void descend(std::type_identity_t<T> alpha, const std::type_identity_t<Columns<T>>& X, const arma::Mat<T>& dZ,
             arma::Mat<T>& W, arma::Mat<T>& b);
template <class T>
arma::Mat<T> input_gradient(const arma::Mat<T>& W, const arma::Mat<T>& dZ);
/// @endcond

}  // namespace nn
