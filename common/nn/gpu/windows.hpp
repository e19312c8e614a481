#pragma once

#include <armadillo>

#include "nn/gpu/mat.hpp"
#include "nn/windows.hpp"

// What convolutional and pooling layers ask of a device: the overloads of windows.hpp for nn::gpu::Mat.
// Windows are laid out, so that CLBlast has one product to do. In every other kernel each element collects
// what belongs to it in a fixed order: the same numbers in every run.
namespace nn::gpu {

/// @param A any shape
/// @param rows, cols another shape
/// @return the same elements, column by column, without a copy
/// @throws Error when the other shape has not as many
Mat reshape(const Mat& A, arma::uword rows, arma::uword cols);

/// Lays out what windows show (im2col), so that a convolution becomes one product.
/// Source: Chellapilla, Puri, Simard: *High Performance Convolutional Neural Networks for Document Processing*, 2006.
/// @param windows their places
/// @param X images, a column each
/// @return elements×(places·m), a window a column: its rows one after the other, the channel moving first, and zeros where
/// it shows the padding
/// @throws Error when the images have another size
Mat unfold(const Windows& windows, const Mat& X);

/// The way back of `unfold`, its adjoint.
/// @param windows their places
/// @param P a number for everything that windows show, elements×(places·m)
/// @return images, a column each: a pixel gets the sum over all windows that showed it
/// @throws Error when P has another number of rows, or not whole images
Mat fold(const Windows& windows, const Mat& P);

/// What filters say of images: W·P + b, where each column of P is what a window shows.
/// @param windows their places
/// @param W weights, f×(k·k·c), a filter a row, its window row by row, the channel moving first
/// @param b biases, f×1
/// @param X images, a column each
/// @param A becomes the feature maps, (height·width·f)×m
/// @throws Error when shapes don't fit
void convolve(const Windows& windows, const Mat& W, const Mat& b, const Mat& X, Mat& A);

/// What the error says of the filters.
/// @param windows, X as for `convolve`
/// @param dZ ∂J/∂Z, of the shape of A there
/// @param dW becomes ∂J/∂W
/// @param db becomes ∂J/∂b
/// @throws Error when shapes don't fit
void filter_gradients(const Windows& windows, const Mat& X, const Mat& dZ, Mat& dW, Mat& db);

/// What the error says of the images.
/// @param windows, W as for `convolve`
/// @param dZ ∂J/∂Z
/// @return ∂J/∂X
/// @throws Error when shapes don't fit
Mat image_gradient(const Windows& windows, const Mat& W, const Mat& dZ);

/// The largest number that each window shows of each channel.
/// @param windows their places, without padding, on images of at most 2²⁴ numbers: so far floats count
/// @param X images, a column each
/// @param A becomes these numbers, (height·width·c)×m
/// @param largest becomes which element of its image each of them is, the first of equals, of the shape of A
/// @throws Error when the images have another size or too large a one, or there is padding
void max_pool(const Windows& windows, const Mat& X, Mat& A, Mat& largest);

/// What the error says of the images before `max_pool`: an element gets the sum over all windows whose largest it was.
/// @param windows, largest as for `max_pool`
/// @param dA ∂J/∂A
/// @return ∂J/∂X
/// @throws Error when dA or `largest` doesn't belong to these windows
Mat unpool(const Windows& windows, const Mat& largest, const Mat& dA);

}  // namespace nn::gpu
