#pragma once

#include <fmt/core.h>

#include <armadillo>
#include <cstdint>
#include <type_traits>
#include <variant>

#include "nn/activation.hpp"
#include "nn/dropout.hpp"
#include "nn/error.hpp"
#include "nn/matrix.hpp"
#include "nn/network.hpp"
#include "nn/windows.hpp"

namespace nn {

/// A convolutional layer: filters that look at one window of the image after the other, A = g(W·P + b), where each column
/// of P is what a window shows. It is the fast form of what chapter 07 writes out.
/// Source: "Introducción a Redes Neuronales", section *Redes Neuronales Convolucionales*.
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
        W{random_weights<Mat>(filters, elements(), activation)},
        b(filters, 1),
        g{activation}
  {
  }

  /// The same layer with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the layer
  template <Matrix Other>
  explicit Conv2d(const Conv2d<Other>& other) : Windows{other}, W(other.W), b(other.b), g{other.g}
  {
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
    convolve(*this, W, b, X, A);
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
    filter_gradients(*this, X, dA, dW, db);
  }

  /// @param dZ what `backward` has left
  /// @return ∂J/∂X, of X's shape
  /// @throws Error when dZ doesn't have the shape of A
  Mat input_gradient(const Mat& dZ) const
  {
    require_shape("dZ", dZ, outputs(), dZ.n_cols);
    return image_gradient(*this, W, dZ);
  }

  /// @param f called with the name of each parameter, the parameter and its gradient
  void each_parameter(auto&& f)
  {
    f("W", W, dW);
    f("b", b, db);
  }

  /// @return the number of weights and biases
  arma::uword parameters() const { return W.n_elem + b.n_elem; }
};

/// Which elements a pooling layer has kept: numbers of 32 bits, on a device the same as floats.
template <Matrix Mat>
using LargestOf = std::conditional_t<arma::is_Mat<Mat>::value, arma::Mat<std::uint32_t>, Mat>;

/// A layer that keeps the largest value of each window, channel by channel. What doesn't fill a window at the right or
/// lower edge is left out.
/// Source: "Introducción a Redes Neuronales", slide *Max-Pooling*.
template <Matrix Mat>
struct MaxPool : Windows {
  Mat A;                   ///< result of the last forward pass, (height·width·c)×m
  LargestOf<Mat> largest;  ///< which element of its sample each element of A is, the first of equals

  /// @param image size of the samples
  /// @param place side and stride of the window
  /// @throws Error when there is padding, or as Windows
  MaxPool(const ImageSize& image, const Window& place) : Windows{image, image.channels, place}
  {
    if (window.padding != 0)
      throw Error(fmt::format("max-pooling with padding {}, expected 0", window.padding));
  }

  /// The same layer with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the layer
  template <Matrix Other>
  explicit MaxPool(const MaxPool<Other>& other) : Windows{other}
  {
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
    max_pool(*this, X, A, largest);
    return A;
  }

  /// Only checks the shapes: there is nothing to learn here.
  /// @param X what `forward` was given
  /// @param dA ∂J/∂A, of A's shape
  /// @throws Error when dA doesn't have the shape of A, or X not its number of samples
  void backward(const auto& X, Mat& dA) { require_backward(X, A, dA); }

  /// @param dA ∂J/∂A
  /// @return ∂J/∂X, of X's shape: all of the error goes to the pixel that was the largest, the first of equals
  /// @throws Error when dA doesn't have the shape of A
  Mat input_gradient(const Mat& dA) const
  {
    require_shape("dA", dA, A.n_rows, A.n_cols);
    return unpool(*this, largest, dA);
  }

  /// Does nothing: no parameter.
  void each_parameter(auto&&) {}

  /// @return 0
  arma::uword parameters() const { return 0; }
};

/// A layer of any kind that a network for images needs.
template <Matrix Mat>
using ImageLayer = std::variant<Conv2d<Mat>, MaxPool<Mat>, Dense<Mat>, Dropout<Mat>>;

/// A network for images: `ConvNet<arma::fmat>({conv, pool, dense})`.
template <Matrix Mat>
using ConvNet = Network<Mat, ImageLayer<Mat>>;

}  // namespace nn
