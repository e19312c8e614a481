#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <vector>

#include "nn/error.hpp"
#include "nn/matrix.hpp"

namespace nn {

/// Puts the samples in a random order, X and y alike. Armadillo's generator decides; the option `--seed` sets it.
/// @param X n×m, one sample a column
/// @param y k×m, what belongs to each sample
/// @return the order: sample i was sample order(i) before
/// @throws Error when X and y hold different numbers of samples
template <Matrix Mat>
arma::uvec shuffle(Mat& X, Mat& y)
{
  require_shape("y", y, y.n_rows, X.n_cols);
  const arma::uvec order = arma::randperm(X.n_cols);
  X = X.cols(order).eval();
  y = y.cols(order).eval();
  return order;
}

/// Data in two parts: one to learn from, one that the model must not see before it is judged.
template <class Number>
struct Split {
  arma::Mat<Number> X_train;  ///< n×m₁
  arma::Mat<Number> y_train;  ///< k×m₁
  arma::Mat<Number> X_test;   ///< n×m₂
  arma::Mat<Number> y_test;   ///< k×m₂
};

/// Splits at random, after a shuffle.
/// @param X n×m, one sample a column
/// @param y k×m
/// @param test_fraction the part of the samples kept for the test, between 0 and 1; rounded to whole samples
/// @return the two parts; together they hold every sample once
/// @throws Error when a part would be empty, or X and y hold different numbers of samples
template <class Number>
Split<Number> split(arma::Mat<Number> X, arma::Mat<Number> y, double test_fraction)
{
  const auto test = static_cast<arma::uword>(std::lround(test_fraction * static_cast<double>(X.n_cols)));
  if (!(test_fraction > 0 && test_fraction < 1) || test == 0 || test >= X.n_cols) {
    throw Error(fmt::format("test_fraction is {} of {} samples, expected at least one sample on each side",
                            test_fraction, X.n_cols));
  }
  shuffle(X, y);
  return {X.tail_cols(X.n_cols - test), y.tail_cols(X.n_cols - test), X.head_cols(test), y.head_cols(test)};
}

/// One mini-batch: the samples `X.cols(first, last)`, a view and not a copy.
struct Batch {
  arma::uword first;  ///< its first column
  arma::uword last;   ///< its last column, included
};

/// Cuts m samples into mini-batches; the last one is smaller when `size` doesn't divide m. Shuffle before each epoch.
/// @param m number of samples
/// @param size samples in a batch, at least 1
/// @return the batches in the samples' order
/// @throws Error when m or size is 0
inline std::vector<Batch> batches(arma::uword m, arma::uword size)
{
  if (m == 0 || size == 0) {
    throw Error(fmt::format("batches of {} from {} samples, expected at least 1 of each", size, m));
  }
  std::vector<Batch> cut;
  for (arma::uword first = 0; first < m; first += size) cut.push_back({first, std::min(first + size, m) - 1});
  return cut;
}

}  // namespace nn
