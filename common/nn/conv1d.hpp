#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <utility>

#include "nn/activation.hpp"
#include "nn/error.hpp"
#include "nn/matrix.hpp"

namespace nn {

/// A table that gives each word a vector. Texts are columns of word numbers, all of one length T: number 0 fills up what is
/// shorter, and its vector stays zero. A text leaves as a column of T·d numbers, word after word, in which Conv1d finds the
/// windows lying in one piece. It is the fast form of what chapter 08 writes out.
/// Source: "Introducción a Redes Neuronales", section *Conv1d (Convolucionando Texto)*.
template <Matrix Mat>
struct Embedding {
  Mat W;            ///< the vectors, d×V, a word a column
  Mat A;            ///< vectors of the last forward pass, (T·d)×m
  arma::uvec used;  ///< after a backward pass the words of the batch, each once and without 0
  Mat dW;           ///< ∂J/∂W for these words, d×(number of them); it is 0 for all others

  /// @param vectors d×V; column 0 becomes zero
  /// @throws Error when there is no vector or it has no number
  explicit Embedding(Mat vectors) : W{std::move(vectors)}
  {
    if (W.n_elem == 0)
      throw Error(fmt::format("a table of {}×{}, expected at least one number", W.n_rows, W.n_cols));
    W.col(0).zeros();
  }

  /// Looks words up.
  /// @param words T×m, numbers of words, a text a column
  /// @return A, (T·d)×m
  /// @throws Error when a number is none of a word
  const Mat& forward(const arma::umat& words)
  {
    if (words.n_elem > 0 && words.max() >= W.n_cols) {
      throw Error(fmt::format("word {}, expected 0 to {}", words.max(), W.n_cols - 1));
    }
    A.set_size(words.n_rows * W.n_rows, words.n_cols);
    for (arma::uword i = 0; i < words.n_elem; ++i)
      std::copy_n(W.colptr(words(i)), W.n_rows, A.memptr() + i * W.n_rows);
    return A;
  }

  /// Takes the error backward: fills `used` and `dW`. A word that is there several times gets the sum.
  /// @param words what `forward` was given
  /// @param dA ∂J/∂A, of A's shape
  /// @throws Error when dA doesn't have that shape
  void backward(const arma::umat& words, const Mat& dA)
  {
    require_shape("dA", dA, words.n_rows * W.n_rows, words.n_cols);
    used = arma::unique(words.elem(arma::find(words)));
    dW.zeros(W.n_rows, used.n_elem);
    for (arma::uword i = 0; i < words.n_elem; ++i) {
      if (words(i) == 0) continue;
      const auto column = static_cast<arma::uword>(std::ranges::lower_bound(used, words(i)) - used.begin());
      const Scalar<Mat>* const error = dA.memptr() + i * W.n_rows;
      Scalar<Mat>* const sum = dW.colptr(column);
      for (arma::uword j = 0; j < W.n_rows; ++j) sum[j] += error[j];
    }
  }
};

/// A convolution along a sequence: each of h filters sees k neighbours at a time and gives a number for each of the
/// P = T − k + 1 places, A = g(W·windows + b). One product for all places of all samples.
/// Source: "Introducción a Redes Neuronales", section *Conv1d (Convolucionando Texto)*; Kim, *Convolutional Neural Networks for
/// Sentence Classification*, 2014.
template <Matrix Mat>
struct Conv1d {
  arma::uword length;    ///< T, steps of a sequence
  arma::uword channels;  ///< d, numbers of a step
  arma::uword width;     ///< k, steps that a filter sees
  Mat W;                 ///< weights, h×(k·d), a filter a row, its window step by step
  Mat b;                 ///< biases, h×1
  Activation g;          ///< the activation function
  Mat A;                 ///< activations of the last forward pass, (P·h)×m, place after place
  Mat dW;                ///< ∂J/∂W after a backward pass
  Mat db;                ///< ∂J/∂b after a backward pass

  /// Random small weights as in Dense, n being the k·d inputs of a filter, and biases 0.
  /// @param steps T
  /// @param numbers d, at least 1
  /// @param filters h, at least 1
  /// @param window k, from 1 to T
  /// @param activation g
  /// @throws Error when there are no filters or numbers, or the window doesn't fit
  Conv1d(arma::uword steps, arma::uword numbers, arma::uword filters, arma::uword window,
         Activation activation)
      : length{steps},
        channels{numbers},
        width{window},
        W(filters, window * numbers, arma::fill::randn),
        b(filters, 1),
        g{activation}
  {
    if (numbers == 0 || filters == 0) {
      throw Error(fmt::format("{} filters for {} numbers, expected at least 1 of each", filters, numbers));
    }
    if (window == 0 || window > steps) {
      throw Error(
          fmt::format("a filter of width {}, expected 1 to {}, the length of the text", window, steps));
    }
    const bool rectifier = g == Activation::relu || g == Activation::leaky_relu;
    W *= Scalar<Mat>(std::sqrt((rectifier ? 2.0 : 1.0) / static_cast<double>(W.n_cols)));
  }

  /// @return P, the places of a filter
  arma::uword places() const { return length - width + 1; }

  /// @return the rows that X must have, T·d
  arma::uword inputs() const { return length * channels; }

  /// @return the rows of A, P·h
  arma::uword outputs() const { return places() * W.n_rows; }

  /// Feeds a batch forward.
  /// @param X sequences, (T·d)×m, step after step
  /// @return A
  /// @throws Error when the sequences have another length
  const Mat& forward(const Mat& X)
  {
    unfold(X);
    A.set_size(outputs(), X.n_cols);
    Mat Z(A.memptr(), W.n_rows, windows_.n_cols, false, true);  // h×(P·m), the memory of A
    Z = W * windows_;
    Z.each_col() += b;
    activate(g, A);
    return A;
  }

  /// Takes the error backward: fills dW and db.
  /// @param X what `forward` was given
  /// @param dA ∂J/∂A, of A's shape; becomes ∂J/∂Z
  /// @throws Error when dA doesn't have the shape of A, or X not its number of samples
  void backward(const Mat& X, Mat& dA)
  {
    require_shape("dA", dA, A.n_rows, A.n_cols);
    require_shape("X", X, inputs(), A.n_cols);
    through_activation(g, A, dA);
    unfold(X);
    const Mat dZ(dA.memptr(), W.n_rows, windows_.n_cols, false, true);  // h×(P·m)
    dW = dZ * windows_.t();
    db = sum(dZ, 1);
  }

  /// @param dZ what `backward` has left
  /// @return ∂J/∂X, (T·d)×m: a step gets the sum over all windows that saw it
  Mat input_gradient(const Mat& dZ) const
  {
    require_shape("dZ", dZ, outputs(), dZ.n_cols);
    const Mat errors(const_cast<Scalar<Mat>*>(dZ.memptr()), W.n_rows, places() * dZ.n_cols, false, true);
    const Mat dwindows = W.t() * errors;  // (k·d)×(P·m)
    Mat dX(inputs(), dZ.n_cols);
    for (arma::uword c = 0; c < dwindows.n_cols; ++c) {
      Scalar<Mat>* const step = dX.colptr(c / places()) + c % places() * channels;
      for (arma::uword j = 0; j < dwindows.n_rows; ++j) step[j] += dwindows(j, c);
    }
    return dX;
  }

  /// @param f called with each parameter and its gradient
  void each_parameter(auto&& f)
  {
    f(W, dW);
    f(b, db);
  }

  /// @return the number of weights and biases
  arma::uword parameters() const { return W.n_elem + b.n_elem; }

 private:
  // What the filters see: a window lies in one piece in its sample.
  void unfold(const Mat& X)
  {
    if (X.n_rows != inputs()) {
      throw Error(fmt::format("X is {}×{}, expected {} rows: {} steps of {} numbers", X.n_rows, X.n_cols,
                              inputs(), length, channels));
    }
    windows_.set_size(width * channels, places() * X.n_cols);
    for (arma::uword c = 0; c < windows_.n_cols; ++c)
      std::copy_n(X.colptr(c / places()) + c % places() * channels, windows_.n_rows, windows_.colptr(c));
  }

  Mat windows_;  // (k·d)×(P·m)
};

/// Keeps of each channel its largest value along a sequence, and forgets where it was.
/// Source: Collobert and others, *Natural Language Processing (Almost) from Scratch*, 2011: *max over time*.
template <Matrix Mat>
struct GlobalMaxPool {
  arma::uword channels;  ///< h
  arma::uword places;    ///< P
  Mat A;                 ///< result of the last forward pass, h×m
  arma::umat place;      ///< h×m, the place where each value was, the first of equals

  /// @param numbers h, at least 1
  /// @param steps P, at least 1
  /// @throws Error when one is 0
  GlobalMaxPool(arma::uword numbers, arma::uword steps) : channels{numbers}, places{steps}
  {
    if (numbers == 0 || steps == 0) {
      throw Error(fmt::format("{} channels in {} places, expected at least 1 of each", numbers, steps));
    }
  }

  /// @return the rows that X must have, P·h
  arma::uword inputs() const { return channels * places; }

  /// @return the rows of A, h
  arma::uword outputs() const { return channels; }

  /// Feeds a batch forward.
  /// @param X (P·h)×m, place after place
  /// @return A, h×m
  /// @throws Error when X has another number of rows
  const Mat& forward(const Mat& X)
  {
    require_shape("X", X, inputs(), X.n_cols);
    A = X.head_rows(channels);
    place.zeros(channels, X.n_cols);
    for (arma::uword i = 0; i < X.n_cols; ++i) {
      for (arma::uword t = 1; t < places; ++t) {
        const Scalar<Mat>* const here = X.colptr(i) + t * channels;
        for (arma::uword j = 0; j < channels; ++j) {
          if (here[j] <= A(j, i)) continue;
          A(j, i) = here[j];
          place(j, i) = t;
        }
      }
    }
    return A;
  }

  /// Only checks the shapes: there is nothing to learn here.
  /// @param X what `forward` was given
  /// @param dA ∂J/∂A, h×m
  /// @throws Error when dA doesn't have the shape of A, or X not its number of samples
  void backward(const Mat& X, Mat& dA)
  {
    require_shape("dA", dA, A.n_rows, A.n_cols);
    require_shape("X", X, inputs(), A.n_cols);
  }

  /// @param dA ∂J/∂A, h×m
  /// @return ∂J/∂X, (P·h)×m: all of the error goes to the place of the largest value
  Mat input_gradient(const Mat& dA) const
  {
    require_shape("dA", dA, place.n_rows, place.n_cols);
    Mat dX(inputs(), dA.n_cols);
    for (arma::uword i = 0; i < dA.n_cols; ++i) {
      for (arma::uword j = 0; j < channels; ++j) dX(place(j, i) * channels + j, i) = dA(j, i);
    }
    return dX;
  }

  /// Does nothing: no parameter.
  void each_parameter(auto&&) {}

  /// @return 0
  arma::uword parameters() const { return 0; }
};

}  // namespace nn
