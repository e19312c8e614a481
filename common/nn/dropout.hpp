#pragma once

#include <fmt/core.h>

#include <armadillo>

#include "nn/error.hpp"
#include "nn/matrix.hpp"
#include "nn/network.hpp"

namespace nn {

/// A layer that silences each number with probability p while the network trains, drawn anew for every sample, and divides
/// the others by 1 − p (inverted dropout): their expectation stays what it was. When the network predicts, it hands on what
/// it gets. It is the fast form of what chapter 06 writes out.
/// Source: "Diseño de Redes Neuronales", slide *Dropout*; Srivastava and others, *Dropout*, 2014.
template <Matrix Mat>
struct Dropout {
  arma::uword units;      ///< n, numbers in a sample
  double p;               ///< the probability of silence
  bool training = false;  ///< whether it acts; `Network::training` sets it
  Mat mask;               ///< of the last forward pass of a training: 0 or 1 / (1 − p), n×m
  Mat A;                  ///< result of the last forward pass, n×m

  /// @param inputs n, at least 1
  /// @param probability p, from 0 to less than 1
  /// @throws Error when one is outside its range
  Dropout(arma::uword inputs, double probability) : units{inputs}, p{probability}
  {
    if (units == 0) throw Error("dropout of 0 units, expected at least 1");
    if (!(p >= 0 && p < 1)) throw Error(fmt::format("dropout p is {}, expected 0 or more, less than 1", p));
  }

  /// The same layer with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the layer
  template <Matrix Other>
  explicit Dropout(const Dropout<Other>& other) : units{other.units}, p{other.p}, training{other.training}
  {
  }

  /// @return n
  arma::uword inputs() const { return units; }

  /// @return n
  arma::uword outputs() const { return units; }

  /// Feeds a batch forward. Armadillo's generator draws the mask, on every device the same.
  /// @param X n×m, a matrix or a range of its columns
  /// @return A
  /// @throws Error when the number of inputs differs
  const Mat& forward(const auto& X)
  {
    if (X.n_rows != units) {
      throw Error(
          fmt::format("X is {}×{}, expected {} rows, the units of the dropout", X.n_rows, X.n_cols, units));
    }
    if (!training) return A = X;
    const Mat uniform(units, X.n_cols, arma::fill::randu);
    mask = where<Mat>(uniform >= Scalar<Mat>(p), Scalar<Mat>(1 / (1 - p)), 0);
    return A = X % mask;
  }

  /// Only checks the shapes: there is nothing to learn here.
  /// @param X what `forward` was given
  /// @param dA ∂J/∂A, of A's shape
  /// @throws Error when dA doesn't have the shape of A, or X not its number of samples
  void backward(const auto& X, Mat& dA) { require_backward(X, A, dA); }

  /// @param dA ∂J/∂A
  /// @return ∂J/∂X: what was silent gets no blame
  Mat input_gradient(const Mat& dA) const
  {
    if (!training) return dA;
    return dA % mask;
  }

  /// Does nothing: no parameter.
  void each_parameter(auto&&) {}

  /// @return 0
  arma::uword parameters() const { return 0; }
};

}  // namespace nn
