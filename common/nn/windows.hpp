#pragma once

#include <fmt/core.h>

#include <armadillo>
#include <cstdint>
#include <type_traits>

#include "nn/columns.hpp"
#include "nn/error.hpp"

namespace nn {

/// The size of an image, or of a stack of feature maps. In the column of a sample the channel moves first, then the place
/// in the row, then the row: the pixel in row y, column x of channel c is element (y·width + x)·channels + c.
struct ImageSize {
  arma::uword height;        ///< in pixels
  arma::uword width;         ///< in pixels
  arma::uword channels = 1;  ///< numbers in a pixel: greys have 1, a layer of f filters gives f

  /// @return height·width
  arma::uword pixels() const { return height * width; }

  /// @return the number of rows of X, height·width·channels
  arma::uword elements() const { return height * width * channels; }
};

/// A window that moves over an image: a filter's, or a pooling layer's. It is square where no height is said.
struct Window {
  arma::uword size;           ///< k, its width in pixels
  arma::uword stride = 1;     ///< s, the pixels from one place to the next
  arma::uword padding = 0;    ///< p, the rows and columns of zeros around the image, on each side
  arma::uword height = size;  ///< in pixels; 1 for a window that slides along a line
};

/// How many places a window finds along a side: ⌊(n + 2p − k) / s⌋ + 1.
/// @param n side of the image in pixels
/// @param window k, s and p
/// @return the side of the output
/// @throws Error when k or s is 0, or the window is larger than the image with its padding
inline arma::uword output_size(arma::uword n, const Window& window)
{
  if (window.size == 0) throw Error("a window of size 0, expected at least 1");
  if (window.stride == 0) throw Error("a stride of 0, expected at least 1");
  if (n + 2 * window.padding < window.size) {
    throw Error(
        fmt::format("a window of size {} on an image with a side of {} and padding {}, expected at most {}",
                    window.size, n, window.padding, n + 2 * window.padding));
  }
  return (n + 2 * window.padding - window.size) / window.stride + 1;
}

/// The places of a window on an image.
struct Windows {
  ImageSize input;   ///< the image
  Window window;     ///< what moves over it
  ImageSize output;  ///< a pixel for each place

  /// @param image the image
  /// @param channels of the output
  /// @param moving what moves over it
  /// @throws Error when the image or the output has no channel, or as `output_size`
  Windows(const ImageSize& image, arma::uword channels, const Window& moving)
      : input{image},
        window{moving},
        output{output_size(image.height, {moving.height, moving.stride, moving.padding}),
               output_size(image.width, moving), channels}
  {
    if (image.channels == 0 || channels == 0) {
      throw Error(
          fmt::format("{} channels in and {} out, expected at least 1 of each", image.channels, channels));
    }
  }

  /// @return how many numbers a window shows: height·k·c, its rows one after the other, the channel moving first
  arma::uword elements() const { return window.height * window.size * input.channels; }
};

/// Checks that samples are images of a size.
/// @param X one image a column
/// @param size what they must be
/// @throws Error naming the rows found and expected
void require_images(const auto& X, const ImageSize& size)
{
  if (X.n_rows != size.elements()) {
    throw Error(fmt::format("X is {}×{}, expected {} rows: {}×{} pixels of {} channels", X.n_rows, X.n_cols,
                            size.elements(), size.height, size.width, size.channels));
  }
}

/// What filters say of images: W·P + b, where each column of P is what a window shows.
/// @param windows their places
/// @param W weights, f×(k·k·c), a filter a row, its window row by row, the channel moving first
/// @param b biases, f×1
/// @param X images, a column each
/// @param A becomes the feature maps, (height·width·f)×m
template <class T>
void convolve(const Windows& windows, const arma::Mat<T>& W, const arma::Mat<T>& b,
              const std::type_identity_t<Columns<T>>& X, arma::Mat<T>& A);

/// What the error says of the filters.
/// @param windows, X as for `convolve`
/// @param dZ ∂J/∂Z, of the shape of A there
/// @param dW becomes ∂J/∂W
/// @param db becomes ∂J/∂b
template <class T>
void filter_gradients(const Windows& windows, const std::type_identity_t<Columns<T>>& X,
                      const arma::Mat<T>& dZ, arma::Mat<T>& dW, arma::Mat<T>& db);

/// What the error says of the images.
/// @param windows, W as for `convolve`
/// @param dZ ∂J/∂Z
/// @return ∂J/∂X
template <class T>
arma::Mat<T> image_gradient(const Windows& windows, const arma::Mat<T>& W, const arma::Mat<T>& dZ);

/// The largest number that each window shows of each channel.
/// @param windows their places
/// @param X images, a column each
/// @param A becomes these numbers, (height·width·c)×m
/// @param largest becomes which element of its image each of them is, the first of equals
template <class T>
void max_pool(const Windows& windows, const std::type_identity_t<Columns<T>>& X, arma::Mat<T>& A,
              arma::Mat<std::uint32_t>& largest);

/// What the error says of the images before `max_pool`: all of it goes to the elements that were the largest.
/// @param windows, largest as for `max_pool`
/// @param dA ∂J/∂A
/// @return ∂J/∂X
template <class T>
arma::Mat<T> unpool(const Windows& windows, const arma::Mat<std::uint32_t>& largest, const arma::Mat<T>& dA);

}  // namespace nn
