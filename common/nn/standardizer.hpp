#pragma once

#include <armadillo>

#include "nn/matrix.hpp"

namespace nn {

/// Puts the constant feature 1 on top of the others, so that its weight is the intercept.
/// @param features (n−1)×m, one sample a column
/// @return n×m
template <class Number>
arma::Mat<Number> with_intercept(const arma::Mat<Number>& features)
{
  return arma::join_cols(arma::Mat<Number>(1, features.n_cols, arma::fill::ones), features);
}

/// Brings every feature (row) to mean 0 and standard deviation 1, and back. Fit it on the training part only: what
/// the test part looks like must not leak into the model.
/// Source: "Descenso de gradiente, ANN", slide *Feature Scaling*.
template <class Number>
class Standardizer {
 public:
  /// Armadillo's matrix of that number type.
  using Mat = arma::Mat<Number>;

  /// Measures the features, in double. A constant one gets the deviation 1, so that it becomes 0 instead of 0/0.
  /// @param X n×m, one sample a column, m ≥ 1
  /// @throws Error when X holds no sample, or a value that isn't finite
  explicit Standardizer(const Mat& X)
  {
    if (X.n_cols == 0) throw Error("X has no samples, expected at least 1 to measure the mean");
    if (!X.is_finite()) throw Error("X holds NaN or infinity, expected finite numbers");
    const arma::mat D = arma::conv_to<arma::mat>::from(X);
    arma::vec mean = arma::mean(D, 1);
    arma::vec deviation = arma::stddev(D, 1, 1);  // 1/m: of these data, not an estimate for others
    const arma::vec lowest = arma::min(D, 1);
    const arma::uvec constant = arma::find(lowest == arma::max(D, 1));
    mean.elem(constant) = lowest.elem(constant);  // exactly: a mean of equal numbers may be rounded
    deviation.elem(constant).ones();
    mean_ = arma::conv_to<Mat>::from(mean);
    deviation_ = arma::conv_to<Mat>::from(deviation);
  }

  /// @return the means, n×1, in the features' own units
  const Mat& mean() const { return mean_; }

  /// @return the deviations, n×1, in the features' own units
  const Mat& deviation() const { return deviation_; }

  /// From the features' units to standard ones.
  /// @param X n×m, any samples with the features measured
  /// @return n×m
  /// @throws Error when X has another number of features
  Mat apply(const Mat& X) const
  {
    require_shape("X", X, mean_.n_rows, X.n_cols);
    return (X.each_col() - mean_.col(0)).eval().each_col() / deviation_.col(0);
  }

  /// Back to the features' units.
  /// @param Z n×m, standardised samples
  /// @return n×m
  /// @throws Error when Z has another number of features
  Mat inverse(const Mat& Z) const
  {
    require_shape("Z", Z, mean_.n_rows, Z.n_cols);
    return (Z.each_col() % deviation_.col(0)).eval().each_col() + mean_.col(0);
  }

 private:
  Mat mean_;       // n×1
  Mat deviation_;  // n×1
};

}  // namespace nn
