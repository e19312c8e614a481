#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <utility>
#include <variant>
#include <vector>

#include "nn/convolution.hpp"
#include "nn/dropout.hpp"
#include "nn/error.hpp"
#include "nn/matrix.hpp"
#include "nn/network.hpp"

namespace nn {

/// Numbers of words for counting with, from a matrix that holds them as any kind of number.
/// @param X T×m, a matrix or a range of its columns
/// @return T×m
arma::umat word_numbers(const auto& X) { return arma::conv_to<arma::umat>::from(X); }

/// Looks words up in a table.
/// @param W d×V, a word a column
/// @param words T×m, from 0 to V − 1
/// @param A becomes their vectors, (T·d)×m
template <class T>
void look_up(const arma::Mat<T>& W, const arma::umat& words, arma::Mat<T>& A)
{
  A.set_size(words.n_rows * W.n_rows, words.n_cols);
  for (arma::uword i = 0; i < words.n_elem; ++i)
    std::copy_n(W.colptr(words(i)), W.n_rows, A.memptr() + i * W.n_rows);
}

/// Adds up what arrives at the places of each word.
/// @param words T×m
/// @param dA (T·d)×m, a column of d for each of them
/// @param dW with the words in question, sorted, in `columns`; `values` becomes the sums, d×(number of them)
template <class T>
void sum_by_word(const arma::umat& words, const arma::Mat<T>& dA, ColumnGradient<arma::Mat<T>>& dW)
{
  const arma::uword d = dA.n_rows / words.n_rows;
  dW.values.zeros(d, dW.columns.n_elem);
  for (arma::uword i = 0; i < words.n_elem; ++i) {
    const auto place = std::ranges::lower_bound(dW.columns, words(i));
    if (place == dW.columns.end() || *place != words(i)) continue;
    const T* const error = dA.memptr() + i * d;
    T* const sum = dW.values.colptr(place - dW.columns.begin());
    for (arma::uword j = 0; j < d; ++j) sum[j] += error[j];
  }
}

/// A table that gives each word a vector. Texts are columns of word numbers, all of one length T: number 0 fills up what is
/// shorter, and its vector stays zero. A text leaves as a column of T·d numbers, word after word, an image of height 1 in
/// which the numbers of a word are the channels. It is the fast form of what chapter 08 writes out.
/// Source: "Introducción a Redes Neuronales", section *Conv1d (Convolucionando Texto)*.
template <Matrix Mat>
struct Embedding {
  arma::uword length;   ///< T
  Mat W;                ///< the vectors, d×V, a word a column
  bool frozen = false;  ///< whether the vectors stay as they are
  Mat A;                ///< vectors of the last forward pass, (T·d)×m
  ColumnGradient<Mat>
      dW;  ///< ∂J/∂W after a backward pass, for the words of the batch; it is 0 for all others

  /// @param words T, at least 1
  /// @param vectors d×V; column 0 becomes zero
  /// @throws Error when there is no word, no vector or it has no number
  Embedding(arma::uword words, Mat vectors) : length{words}, W{std::move(vectors)}
  {
    if (length == 0 || W.n_elem == 0) {
      throw Error(fmt::format("a table of {}×{} for texts of {} words, expected at least 1 number and 1 word",
                              W.n_rows, W.n_cols, length));
    }
    subtract_columns(W, Scalar<Mat>(1), ColumnGradient<Mat>{arma::uvec{0}, W.col(0)});
  }

  /// The same layer with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the layer
  template <Matrix Other>
  explicit Embedding(const Embedding<Other>& other) : length{other.length}, W(other.W), frozen{other.frozen}
  {
  }

  /// @return the rows that X must have, T
  arma::uword inputs() const { return length; }

  /// @return the rows of A, T·d
  arma::uword outputs() const { return length * W.n_rows; }

  /// Looks words up.
  /// @param X T×m, numbers of words, a text a column, or a range of its columns
  /// @return A, (T·d)×m
  /// @throws Error when the texts have another length or a number is none of a word
  const Mat& forward(const auto& X)
  {
    words_ = word_numbers(X);
    require_shape("X", words_, length, words_.n_cols);
    if (words_.n_elem > 0 && words_.max() >= W.n_cols) {
      throw Error(fmt::format("word {}, expected 0 to {}", words_.max(), W.n_cols - 1));
    }
    look_up(W, words_, A);
    return A;
  }

  /// Takes the error backward: fills `dW`. A word that is there several times gets the sum.
  /// @param X what `forward` was given
  /// @param dA ∂J/∂A, of A's shape
  /// @throws Error when dA doesn't have that shape, or X not its number of samples
  void backward(const auto& X, Mat& dA)
  {
    require_backward(X, A, dA);
    dW.columns = arma::unique(words_.elem(arma::find(words_)));
    sum_by_word(words_, dA, dW);
  }

  /// @return nothing: a number of a word has no slope
  Mat input_gradient(const Mat&) const { return Mat(); }

  /// @param f called with the name of the table, the table and its gradient, unless it is frozen
  void each_parameter(auto&& f)
  {
    if (!frozen) f("W", W, dW);
  }

  /// @return the numbers in the table
  arma::uword parameters() const { return W.n_elem; }

 private:
  arma::umat words_;  // of the last forward pass
};

/// A convolution along a sequence: each of h filters sees k neighbours at a time and gives a number for each of the
/// P = T − k + 1 places. It is chapter 07's convolution of an image of height 1.
/// Source: "Introducción a Redes Neuronales", section *Conv1d (Convolucionando Texto)*; Kim, *Convolutional Neural Networks for
/// Sentence Classification*, 2014.
template <Matrix Mat>
struct Conv1d : Conv2d<Mat> {
  /// @param steps T, of a sequence
  /// @param numbers d, of a step, at least 1
  /// @param filters h, at least 1
  /// @param width k, the steps that a filter sees, from 1 to T
  /// @param activation g
  /// @throws Error when there are no filters or numbers, or the window doesn't fit
  Conv1d(arma::uword steps, arma::uword numbers, arma::uword filters, arma::uword width,
         Activation activation)
      : Conv2d<Mat>({1, require_width(steps, width), numbers}, filters, {.size = width, .height = 1},
                    activation)
  {
  }

  /// The same layer with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the layer
  template <Matrix Other>
  explicit Conv1d(const Conv1d<Other>& other) : Conv2d<Mat>(other)
  {
  }

  /// @return P, the places of a filter
  arma::uword places() const { return this->output.width; }

 private:
  static arma::uword require_width(arma::uword steps, arma::uword width)
  {
    if (width == 0 || width > steps) {
      throw Error(
          fmt::format("a filter of width {}, expected 1 to {}, the length of the text", width, steps));
    }
    return steps;
  }
};

/// Keeps of each channel its largest value along a sequence: chapter 07's pooling with a window as long as the sequence.
/// Source: Collobert and others, *Natural Language Processing (Almost) from Scratch*, 2011: *max over time*.
template <Matrix Mat>
struct GlobalMaxPool : MaxPool<Mat> {
  /// @param channels h, at least 1
  /// @param places P, at least 1
  /// @throws Error when one is 0
  GlobalMaxPool(arma::uword channels, arma::uword places)
      : MaxPool<Mat>({1, places, channels}, {.size = places, .height = 1})
  {
  }

  /// The same layer with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the layer
  template <Matrix Other>
  explicit GlobalMaxPool(const GlobalMaxPool<Other>& other) : MaxPool<Mat>(other)
  {
  }

  /// @param channel, sample an element of A, of Armadillo's matrices
  /// @return the place where it was
  arma::uword place(arma::uword channel, arma::uword sample) const
  {
    return this->largest(channel, sample) / this->input.channels;
  }
};

/// Chains of layers side by side: each sees the same samples, and their outputs are stacked.
template <Matrix Mat>
struct Branches {
  /// One of them.
  using Chain = Network<Mat, std::variant<Conv1d<Mat>, GlobalMaxPool<Mat>>>;

  std::vector<Chain> chains;  ///< from the top of A to its bottom
  Mat A;                      ///< outputs of the last forward pass

  /// Filters of several widths along a sequence, each with what it likes best of it.
  /// @param steps, numbers T and d of a sequence
  /// @param filters h of each width, at least 1
  /// @param widths of the filters, from 1 to T; at least one width
  /// @param activation of the filters
  /// @throws Error when there is no width, or as Conv1d
  Branches(arma::uword steps, arma::uword numbers, arma::uword filters,
           const std::vector<arma::uword>& widths, Activation activation)
  {
    if (widths.empty()) throw Error("no width of filters, expected at least 1");
    for (const arma::uword width : widths) {
      const Conv1d<Mat> convolution(steps, numbers, filters, width, activation);
      chains.emplace_back(
          std::vector<typename Chain::Kind>{convolution, GlobalMaxPool<Mat>(filters, convolution.places())});
    }
  }

  /// The same layers with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the layers
  template <Matrix Other>
  explicit Branches(const Branches<Other>& other) : chains(other.chains.begin(), other.chains.end())
  {
  }

  /// @return the rows that X must have
  arma::uword inputs() const { return chains.front().inputs(); }

  /// @return the rows of A
  arma::uword outputs() const
  {
    arma::uword rows = 0;
    for (const Chain& chain : chains) rows += chain.outputs();
    return rows;
  }

  /// Feeds a batch forward.
  /// @param X n×m, a matrix or a range of its columns
  /// @return A
  /// @throws Error when the number of inputs differs
  const Mat& forward(const auto& X)
  {
    A = chains.front().forward(X);
    for (std::size_t i = 1; i < chains.size(); ++i) A = join_cols(A, chains[i].forward(X));
    return A;
  }

  /// Takes the error backward: fills the gradients of every chain.
  /// @param X what `forward` was given
  /// @param dA ∂J/∂A, of A's shape
  /// @throws Error when dA doesn't have the shape of A, or X not its number of samples
  void backward(const auto& X, Mat& dA)
  {
    require_backward(X, A, dA);
    errors_.clear();
    arma::uword first = 0;
    for (Chain& chain : chains) {
      const arma::uword rows = chain.outputs();
      errors_.push_back(chain.backward(X, Mat(dA.rows(first, first + rows - 1))));
      first += rows;
    }
  }

  /// @return ∂J/∂X, the sum over the chains, after `backward`
  Mat input_gradient(const Mat&) const
  {
    Mat dX = chains.front().input_gradient(errors_.front());
    for (std::size_t i = 1; i < chains.size(); ++i) dX += chains[i].input_gradient(errors_[i]);
    return dX;
  }

  /// @param f called with the name of each parameter, such as `chain1.layer1.W`, the parameter and its gradient
  void each_parameter(auto&& f)
  {
    for (std::size_t i = 0; i < chains.size(); ++i) {
      chains[i].each_parameter([&](const std::string& name, auto& theta, const auto& gradient) {
        f(fmt::format("chain{}.{}", i + 1, name), theta, gradient);
      });
    }
  }

  /// @return the number of weights and biases
  arma::uword parameters() const
  {
    arma::uword count = 0;
    for (const Chain& chain : chains) count += chain.parameters();
    return count;
  }

 private:
  std::vector<Mat> errors_;  // at the net inputs of each chain's first layer
};

/// A layer of any kind that a network for texts needs.
template <Matrix Mat>
using TextLayer = std::variant<Embedding<Mat>, Branches<Mat>, Dropout<Mat>, Dense<Mat>>;

/// A network for texts: `TextNet<arma::fmat>({embedding, branches, dropout, dense})`.
template <Matrix Mat>
using TextNet = Network<Mat, TextLayer<Mat>>;

}  // namespace nn
