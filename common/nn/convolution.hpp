#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "nn/activation.hpp"
#include "nn/error.hpp"
#include "nn/matrix.hpp"
#include "nn/network.hpp"
#include "nn/windows.hpp"

namespace nn {

/// A convolutional layer: filters that look at one window of the image after the other, A = g(W·P + b), where each column
/// of P is what a window shows (im2col). It is the fast form of what chapter 07 writes out: windows are laid out for as
/// many samples as a cache holds, then comes one product, whose result is already the next layer's input. It works on
/// Armadillo's matrices, whose memory it reads.
/// Source: "Introducción a Redes Neuronales", section *Redes Neuronales Convolucionales*; Chellapilla, Puri, Simard: *High
/// Performance Convolutional Neural Networks for Document Processing*, 2006.
template <Matrix Mat>
struct Conv2d : Windows {
  Mat W;         ///< weights, f×(k·k·c), a filter a row, its window row by row, the channel moving first
  Mat b;         ///< biases, f×1
  Activation g;  ///< the activation function
  Mat A;         ///< activations of the last forward pass, (height·width·f)×m
  Mat dW;        ///< ∂J/∂W after a backward pass
  Mat db;        ///< ∂J/∂b after a backward pass

  /// Random small weights as in Dense, n being the k·k·c inputs of a filter, and biases 0.
  /// @param image size of the samples
  /// @param filters f, at least 1
  /// @param place side, stride and padding of the filters
  /// @param activation g
  /// @throws Error as Windows
  Conv2d(const ImageSize& image, arma::uword filters, const Window& place, Activation activation)
      : Windows{image, filters, place},
        W(filters, elements(), arma::fill::randn),
        b(filters, 1),
        g{activation}
  {
    const bool rectifier = g == Activation::relu || g == Activation::leaky_relu;
    W *= Scalar<Mat>(std::sqrt((rectifier ? 2.0 : 1.0) / static_cast<double>(W.n_cols)));
  }

  /// @return the rows that X must have
  arma::uword inputs() const { return input.elements(); }

  /// @return the rows of A
  arma::uword outputs() const { return output.elements(); }

  /// Feeds a batch forward.
  /// @param X images, height·width·c rows, a matrix or a range of its columns, which isn't copied
  /// @return A, the feature maps
  /// @throws Error when the images have another size
  const Mat& forward(const auto& X)
  {
    require_images(X, input);
    A.set_size(outputs(), X.n_cols);
    each_block(X.n_cols, [&](arma::uword first, arma::uword samples, Mat& P) {
      unfold(X, first, samples);
      Mat Z = maps(A, first, samples);  // f×(places·samples), the memory of A
      Z = W * P;
    });
    Mat Z = maps(A, 0, X.n_cols);
    Z.each_col() += b;
    activate(g, A);
    return A;
  }

  /// Takes the error backward: fills dW and db.
  /// @param X what `forward` was given
  /// @param dA ∂J/∂A, of A's shape; becomes ∂J/∂Z
  /// @throws Error when dA doesn't have the shape of A, or X not its number of samples
  void backward(const auto& X, Mat& dA)
  {
    require_backward(X, A, dA);
    through_activation(g, A, dA);
    dW.zeros(W.n_rows, W.n_cols);
    each_block(X.n_cols, [&](arma::uword first, arma::uword samples, Mat& P) {
      unfold(X, first, samples);
      dW += maps(dA, first, samples) * P.t();
    });
    db = sum(maps(dA, 0, X.n_cols), 1);
  }

  /// @param dZ what `backward` has left
  /// @return ∂J/∂X, of X's shape
  Mat input_gradient(Mat& dZ)
  {
    Mat dX(inputs(), dZ.n_cols);
    each_block(dZ.n_cols, [&](arma::uword first, arma::uword samples, Mat& P) {
      P = W.t() * maps(dZ, first, samples);
      fold(dX, first, samples);
    });
    if (window.padding > 0) patches_.zeros();  // what stands for the padding must be zero
    return dX;
  }

  /// @param f called with the name of each parameter, the parameter and its gradient
  void each_parameter(auto&& f)
  {
    f("W", W, dW);
    f("b", b, db);
  }

  /// @return the number of weights and biases
  arma::uword parameters() const { return W.n_elem + b.n_elem; }

 private:
  // The feature maps of some samples as a matrix with a row for each filter, in the same memory.
  Mat maps(Mat& M, arma::uword first, arma::uword samples) const
  {
    return Mat(M.colptr(first), output.channels, output.pixels() * samples, false, true);
  }

  // Calls f(first, samples, P) for blocks of samples whose windows, P, take about a megabyte.
  void each_block(arma::uword m, auto&& f)
  {
    const arma::uword each = W.n_cols * output.pixels();
    const arma::uword block = std::clamp<arma::uword>((1 << 18) / each, 1, std::max<arma::uword>(m, 1));
    if (patches_.n_elem < each * block) patches_.zeros(each * block, 1);
    for (arma::uword first = 0; first < m; first += block) {
      const arma::uword samples = std::min(block, m - first);
      Mat P(patches_.memptr(), W.n_cols, output.pixels() * samples, false, true);
      f(first, samples, P);
    }
  }

  // Calls f(from, to, n) for every run of n numbers that lie together in an image, from `from` on, and in its
  // windows, from `to` on. What a window shows of the padding is left out, so there the windows keep their
  // zeros.
  void each_run(auto&& f) const
  {
    const auto k = signed_(window.size), s = signed_(window.stride), p = signed_(window.padding),
               c = signed_(input.channels), height = signed_(input.height), width = signed_(input.width);
    std::ptrdiff_t place = 0;
    for (std::ptrdiff_t y = -p; y + k <= height + p; y += s) {
      for (std::ptrdiff_t x = -p; x + k <= width + p; x += s, place += k * k * c) {
        const std::ptrdiff_t left = std::max<std::ptrdiff_t>(x, 0), right = std::min(x + k, width);
        if (left >= right) continue;  // the window lies in the padding
        for (std::ptrdiff_t row = std::max<std::ptrdiff_t>(y, 0); row < std::min(y + k, height); ++row)
          f((row * width + left) * c, place + ((row - y) * k + left - x) * c, (right - left) * c);
      }
    }
  }

  void unfold(const auto& X, arma::uword first, arma::uword samples)
  {
    const arma::uword each = W.n_cols * output.pixels();
    for (arma::uword i = 0; i < samples; ++i) {
      const Scalar<Mat>* const image = X.colptr(first + i);
      Scalar<Mat>* const windows = patches_.memptr() + i * each;
      each_run([&](auto from, auto to, auto n) {
        if (n >= 16) {
          std::copy_n(image + from, n, windows + to);
          return;
        }
        for (std::ptrdiff_t j = 0; j < n; ++j) {
          windows[to + j] = image[from + j];
          asm("");  // or the compiler calls memcpy, which takes longer than a few numbers do
        }
      });
    }
  }

  void fold(Mat& dX, arma::uword first, arma::uword samples) const
  {
    const arma::uword each = W.n_cols * output.pixels();
    for (arma::uword i = 0; i < samples; ++i) {
      Scalar<Mat>* const image = dX.colptr(first + i);
      const Scalar<Mat>* const windows = patches_.memptr() + i * each;
      each_run([&](auto from, auto to, auto n) {
        for (std::ptrdiff_t j = 0; j < n; ++j) image[from + j] += windows[to + j];
      });
    }
  }

  static std::ptrdiff_t signed_(arma::uword n) { return static_cast<std::ptrdiff_t>(n); }

  Mat patches_;  // what the windows of a block show
};

/// A layer that keeps the largest value of each window, channel by channel. What doesn't fill a window at the right or
/// lower edge is left out.
/// Source: "Introducción a Redes Neuronales", slide *Max-Pooling*.
template <Matrix Mat>
struct MaxPool : Windows {
  Mat A;  ///< result of the last forward pass, (height·width·c)×m

  /// @param image size of the samples
  /// @param place side and stride of the window
  /// @throws Error when there is padding, or as Windows
  MaxPool(const ImageSize& image, const Window& place) : Windows{image, image.channels, place}
  {
    if (window.padding != 0)
      throw Error(fmt::format("max-pooling with padding {}, expected 0", window.padding));
  }

  /// @return the rows that X must have
  arma::uword inputs() const { return input.elements(); }

  /// @return the rows of A
  arma::uword outputs() const { return output.elements(); }

  /// Feeds a batch forward.
  /// @param X images, height·width·c rows, a matrix or a range of its columns
  /// @return A
  /// @throws Error when the images have another size
  const Mat& forward(const auto& X)
  {
    require_images(X, input);
    A.set_size(outputs(), X.n_cols);
    largest_.set_size(outputs(), X.n_cols);
    const arma::uword c = input.channels;
    for (arma::uword i = 0; i < X.n_cols; ++i) {
      for (arma::uword place = 0; place < output.pixels(); ++place) {
        const arma::uword corner =
            (place / output.width * input.width + place % output.width) * window.stride * c;
        pool(X.colptr(i), corner, A.colptr(i) + place * c, largest_.colptr(i) + place * c);
      }
    }
    return A;
  }

  /// Only checks the shapes: there is nothing to learn here.
  /// @param X what `forward` was given
  /// @param dA ∂J/∂A, of A's shape
  /// @throws Error when dA doesn't have the shape of A, or X not its number of samples
  void backward(const auto& X, Mat& dA) { require_backward(X, A, dA); }

  /// @param dA ∂J/∂A
  /// @return ∂J/∂X, of X's shape: all of the error goes to the pixel that was the largest, the first of equals
  Mat input_gradient(const Mat& dA) const
  {
    Mat dX(inputs(), dA.n_cols);
    for (arma::uword i = 0; i < dA.n_cols; ++i) {
      Scalar<Mat>* const image = dX.colptr(i);
      const Scalar<Mat>* const error = dA.colptr(i);
      const std::uint32_t* const largest = largest_.colptr(i);
      for (arma::uword j = 0; j < dA.n_rows; ++j) image[largest[j]] += error[j];
    }
    return dX;
  }

  /// Does nothing: no parameter.
  void each_parameter(auto&&) {}

  /// @return 0
  arma::uword parameters() const { return 0; }

 private:
  void pool(const Scalar<Mat>* image, arma::uword corner, Scalar<Mat>* value, std::uint32_t* which) const
  {
    const arma::uword c = input.channels;
    for (arma::uword j = 0; j < c; ++j) {
      value[j] = image[corner + j];
      which[j] = static_cast<std::uint32_t>(corner + j);
    }
    for (arma::uword cell = 1; cell < window.size * window.size; ++cell) {
      const arma::uword at = corner + (cell / window.size * input.width + cell % window.size) * c;
      for (arma::uword j = 0; j < c; ++j) {
        const bool larger = image[at + j] > value[j];
        value[j] = larger ? image[at + j] : value[j];
        which[j] = larger ? static_cast<std::uint32_t>(at + j) : which[j];
      }
    }
  }

  arma::Mat<std::uint32_t> largest_;  // which element of its sample each element of A comes from
};

/// A layer of any kind that a network for images needs.
template <Matrix Mat>
using ImageLayer = std::variant<Conv2d<Mat>, MaxPool<Mat>, Dense<Mat>>;

/// A network for images: `ConvNet<arma::fmat>({conv, pool, dense})`.
template <Matrix Mat>
using ConvNet = Network<Mat, ImageLayer<Mat>>;

}  // namespace nn
