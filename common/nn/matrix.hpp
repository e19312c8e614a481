#pragma once

#include <fmt/core.h>

#include <armadillo>
#include <concepts>
#include <string_view>

#include "nn/error.hpp"

namespace nn {

/// A matrix type that the chapters' formulas can be written for: `arma::mat` (double, for gradient checks), `arma::fmat`
/// (float, for training) and `nn::gpu::Mat` (float, on a device). A formula may use this subset of Armadillo's language,
/// and `nn::where` with a comparison such as `Z >= 0`. What prepares data before training (standardizer.hpp) takes
/// Armadillo's own matrices. The sizes are `n_rows` and `n_cols`, samples are columns, and `*` is the matrix product
/// while `%` and `/` go element by element.
template <class Mat>
concept Matrix = requires(const Mat& A, Mat& B, typename Mat::elem_type s, const arma::uvec& order)
{
  Mat();
  Mat(A.n_rows, A.n_cols);
  Mat(A.n_rows, A.n_cols, arma::fill::randn);
  {
    A.n_rows
    } -> std::convertible_to<arma::uword>;
  {
    A.n_cols
    } -> std::convertible_to<arma::uword>;
  {
    accu(A)
    } -> std::convertible_to<typename Mat::elem_type>;
  Mat(A.t() * A);
  Mat(-A);
  Mat(A + A);
  Mat(A - A);
  Mat(A % A);
  Mat(A / A);
  Mat(s * A + s);
  Mat(A / s);
  Mat(s - A / s);
  accu((A >= s) != (A < A));
  Mat(exp(A));
  Mat(log(A));
  Mat(tanh(A));
  Mat(abs(A));
  Mat(square(A));
  Mat(sqrt(A));
  Mat(A.cols(0, 0));
  Mat(A.cols(order));
  Mat(A.rows(0, 0));
  Mat(A.col(0));
  Mat(join_cols(A, A));
  Mat(sum(A, 0));
  Mat(sum(A, 1));
  Mat(mean(A, 1));
  Mat(max(A, 0));
  Mat(min(A, 0));
  index_max(A, 0);
  Mat(A.each_row() - max(A, 0));
  Mat(A.each_col() + sum(A, 1));
  B += s * A;
  B -= A;
  B %= A;
  B *= s;
  B.each_col() += A.col(0);
  B.zeros();
  {
    A.is_finite()
    } -> std::convertible_to<bool>;
};

/// The number type of a matrix type: double for `arma::mat`, float for `arma::fmat`.
template <Matrix Mat>
using Scalar = typename Mat::elem_type;

/// `if` for every element at once: `where<Mat>(Z >= 0, 1, -1)`.
/// @param condition r×c, a comparison such as `Z >= 0`
/// @param yes the value where the condition holds
/// @param no the value where it doesn't
/// @return r×c, a Mat or what becomes one
template <Matrix Mat>
auto where(const auto& condition, Scalar<Mat> yes, Scalar<Mat> no)
{
  if constexpr (requires { choose(condition, yes, no); }) {
    return choose(condition, yes, no);  // of the matrix type's own: part of the kernel that uses it
  } else {
    const arma::umat mask = condition;
    Mat chosen(mask.n_rows, mask.n_cols);
    for (arma::uword i = 0; i < mask.n_elem; ++i) chosen(i) = mask(i) ? yes : no;
    return chosen;
  }
}

/// Checks a shape before the arithmetic does, so that the message can name the argument.
/// @param name what the caller calls the matrix
/// @param A the matrix
/// @param rows, cols the shape it must have
/// @throws Error naming the argument, the shape found and the shape expected
template <Matrix Mat>
void require_shape(std::string_view name, const Mat& A, arma::uword rows, arma::uword cols)
{
  if (A.n_rows != rows || A.n_cols != cols) {
    throw Error(fmt::format("{} is {}×{}, expected {}×{}", name, A.n_rows, A.n_cols, rows, cols));
  }
}

}  // namespace nn
