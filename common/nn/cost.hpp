#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <utility>

#include "nn/error.hpp"
#include "nn/matrix.hpp"

namespace nn {

/// A cost and its gradient, from which backpropagation starts.
template <Matrix Mat>
struct Cost {
  double J;  ///< the mean over the samples
  Mat dA;    ///< ∂J/∂A, where A is what the cost was given: the output of the last layer
};

/// One of the costs below: from outputs and targets to the cost and its gradient.
template <Matrix Mat>
using CostFunction = Cost<Mat> (*)(const Mat& A, const Mat& Y);

/// @param Y any shape
/// @param from, to bounds
/// @return how many elements lie between them
template <Matrix Mat>
arma::uword count_between(const Mat& Y, Scalar<Mat> from, Scalar<Mat> to)
{
  if constexpr (arma::is_Mat<Mat>::value) {
    return std::ranges::count_if(Y, [&](auto y) { return y >= from && y <= to; });
  } else {
    return accu(Y >= from && Y <= to);
  }
}

/// Checks that targets fit the outputs, before a cost compares them.
/// @param A the outputs, k×m
/// @param Y the targets
/// @param from, to the smallest and largest target that makes sense
/// @throws Error when A is empty, Y has another shape, or a target lies outside or isn't a number
template <Matrix Mat>
void require_targets(const Mat& A, const Mat& Y, double from, double to)
{
  if (A.n_rows == 0 || A.n_cols == 0) throw Error("the batch is empty, expected at least 1 sample");
  require_shape("Y", Y, A.n_rows, A.n_cols);
  if (count_between(Y, Scalar<Mat>(from), Scalar<Mat>(to)) != Y.n_elem) {
    throw Error(
        fmt::format("Y holds values from {} to {} or NaN, expected {} to {}", Y.min(), Y.max(), from, to));
  }
}

/// The arithmetic of `sigmoid_cross_entropy` and `softmax_cross_entropy` for Armadillo's matrices, in one pass.
/// @param Z, Y as there
/// @param dZ becomes the gradient
/// @return the cost
template <class T>
double fused_sigmoid_cross_entropy(const arma::Mat<T>& Z, const arma::Mat<T>& Y, arma::Mat<T>& dZ);

/// @copydoc fused_sigmoid_cross_entropy
template <class T>
double fused_softmax_cross_entropy(const arma::Mat<T>& Z, const arma::Mat<T>& Y, arma::Mat<T>& dZ);

/// Binary cross-entropy of sigmoid outputs, taken from the net inputs so that no logarithm can meet a 0:
/// max(z, 0) − yz + log(1 + e^−|z|), the mean over all elements. Its gradient is (ŷ − y) / (k·m).
/// Source: "Descenso de gradiente, ANN", slide *Función de costo*.
/// @param Z net inputs of the last layer, k×m; give that layer the identity
/// @param Y targets, k×m, from 0 to 1
/// @return the cost, and its gradient with respect to Z
/// @throws Error when the batch is empty, the shapes differ or a target lies outside
template <Matrix Mat>
Cost<Mat> sigmoid_cross_entropy(const Mat& Z, const Mat& Y)
{
  require_targets(Z, Y, 0, 1);
  if constexpr (arma::is_Mat<Mat>::value) {
    Mat dZ;
    const double J = fused_sigmoid_cross_entropy(Z, Y, dZ);
    return {J, std::move(dZ)};
  }
  const Scalar<Mat> n = Z.n_rows * Z.n_cols;
  const double J = accu((abs(Z) + Z) / 2 - Y % Z + log(1 + exp(-abs(Z)))) / n;
  return {J, (1 / (1 + exp(-Z)) - Y) / n};
}

/// Categorical cross-entropy of softmax outputs, taken from the net inputs, the mean over the samples. Its gradient is
/// (ŷ − y) / m.
/// Source: "Descenso de gradiente, ANN", slide *Función de costo*.
/// @param Z net inputs of the last layer, K×m; give that layer the identity
/// @param Y targets, K×m, from 0 to 1: a column sums to 1, as `one_hot` makes them
/// @return the cost, and its gradient with respect to Z
/// @throws Error when the batch is empty, the shapes differ or a target lies outside
template <Matrix Mat>
Cost<Mat> softmax_cross_entropy(const Mat& Z, const Mat& Y)
{
  require_targets(Z, Y, 0, 1);
  if constexpr (arma::is_Mat<Mat>::value) {
    Mat dZ;
    const double J = fused_softmax_cross_entropy(Z, Y, dZ);
    return {J, std::move(dZ)};
  }
  const Scalar<Mat> m = Z.n_cols;
  const Mat lowered = Z.each_row() - max(Z, 0);
  const Mat E = exp(lowered);
  const Mat total = sum(E, 0);  // 1×m
  const double J = -accu(Y % Mat(lowered.each_row() - log(total))) / m;
  return {J, (E.each_row() / total - Y) / m};
}

/// Mean squared error, (ŷ − y)², the mean over all elements.
/// Source: "Descenso de gradiente, ANN", slide *Función de costo*.
/// @param A outputs, k×m
/// @param Y targets, k×m
/// @return the cost, and its gradient with respect to A
/// @throws Error when the batch is empty, the shapes differ or a target isn't a number
template <Matrix Mat>
Cost<Mat> mean_squared_error(const Mat& A, const Mat& Y)
{
  require_targets(A, Y, -arma::datum::inf, arma::datum::inf);
  const Scalar<Mat> n = A.n_rows * A.n_cols;
  const Mat difference = A - Y;
  return {accu(square(difference)) / n, difference * (2 / n)};
}

/// Mean squared logarithmic error, (log(1 + ŷ) − log(1 + y))², the mean over all elements.
/// Source: "Descenso de gradiente, ANN", slide *Función de costo*.
/// @param A outputs, k×m, above −1
/// @param Y targets, k×m, 0 or more
/// @return the cost, and its gradient with respect to A
/// @throws Error when the batch is empty, the shapes differ or a target is negative or no number
template <Matrix Mat>
Cost<Mat> mean_squared_logarithmic_error(const Mat& A, const Mat& Y)
{
  require_targets(A, Y, 0, arma::datum::inf);
  const Scalar<Mat> n = A.n_rows * A.n_cols;
  const Mat difference = log(1 + A) - log(1 + Y);
  return {accu(square(difference)) / n, (2 / n) * difference / (1 + A)};
}

/// Labels as columns of zeros with a single 1, in the row of the class.
/// @param labels m classes, 0…K−1
/// @param K number of classes
/// @return K×m
/// @throws Error when a label isn't one of the classes
template <Matrix Mat>
Mat one_hot(const arma::urowvec& labels, arma::uword K)
{
  arma::Mat<Scalar<Mat>> Y(K, labels.n_elem);
  for (arma::uword i = 0; i < labels.n_elem; ++i) {
    if (labels(i) >= K) throw Error(fmt::format("label {} is {}, expected 0 to {}", i + 1, labels(i), K - 1));
    Y(labels(i), i) = 1;
  }
  return Mat(std::move(Y));
}

/// How many of the samples are answered rightly: the largest output stands in the row of the 1.
/// @param Z outputs or net inputs of the last layer, K×m
/// @param Y the right answers, K×m, as `one_hot` makes them
/// @return the share, from 0 to 1
/// @throws Error when the batch is empty, the shapes differ or a target isn't from 0 to 1
template <Matrix Mat>
double accuracy(const Mat& Z, const Mat& Y)
{
  require_targets(Z, Y, 0, 1);
  const auto right = accu(index_max(Z, 0) == index_max(Y, 0));
  return static_cast<double>(right) / static_cast<double>(Z.n_cols);
}

}  // namespace nn
