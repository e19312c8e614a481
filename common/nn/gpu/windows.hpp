#pragma once

#include <armadillo>

#include "nn/gpu/mat.hpp"
#include "nn/windows.hpp"

// What layers with windows, and tables of words, ask of a device. Each result is made by one kernel, in which
// every element collects what belongs to it in a fixed order: the same numbers in every run.
namespace nn::gpu {

/// @param A any shape
/// @param rows, cols another shape
/// @return the same elements, column by column, without a copy
/// @throws Error when the other shape has not as many
Mat reshape(const Mat& A, arma::uword rows, arma::uword cols);

/// Lays out what windows show (im2col), so that a convolution becomes one product.
/// Source: Chellapilla, Puri, Simard: *High Performance Convolutional Neural Networks for Document Processing*, 2006.
/// @param X images, one a column
/// @param windows their places
/// @return elements×(places·m), a window a column: its rows one after the other, the channel moving first, and zeros where
/// it shows the padding
/// @throws Error when the images have another size
Mat unfold(const Mat& X, const Windows& windows);

/// The way back of `unfold`, its adjoint.
/// @param P a number for everything that windows show, elements×(places·m)
/// @param windows their places
/// @return images, one a column: a pixel gets the sum over all windows that showed it
/// @throws Error when P has another number of rows, or not whole images
Mat fold(const Mat& P, const Windows& windows);

/// What max-pooling keeps of images.
struct Pooled {
  Mat values;  ///< the largest element of each window, channel by channel, (places·c)×m
  Mat places;  ///< where it was in its sample, counted from 0, the first of equals; of the same shape
};

/// Max-pooling. Its window may be the whole of a sequence: then it is max over time.
/// @param X images, one a column, at most 2²⁴ numbers in each, since a place is a float
/// @param windows places of the pooling windows, without padding, with the channels of the images
/// @return the largest elements and where they were
/// @throws Error when the images have another size or too large a one, there is padding, or other channels
Pooled max_pool(const Mat& X, const Windows& windows);

/// The way back of `max_pool`.
/// @param dA the gradient with respect to its values
/// @param places what `max_pool` has given
/// @param windows their places
/// @return the gradient with respect to the images: an element gets the sum over all windows whose largest it was
/// @throws Error when dA or `places` don't belong to these windows
Mat max_pool_gradient(const Mat& dA, const Mat& places, const Windows& windows);

/// Looks words up in a table of vectors.
/// @param E vectors, d×V, a word a column
/// @param words their numbers, T×m, a text a column; they are moved to the device
/// @return (T·d)×m, the vectors of a text one below the other
/// @throws Error when a number is none of a word
Mat lookup(const Mat& E, const arma::umat& words);

/// The way back of `lookup`, for some words of the table.
/// @param dX the gradient with respect to its result, (T·d)×m
/// @param words what it was given, T×m
/// @param used the words whose gradient is wanted
/// @return d×(number of these): a word gets the sum over all places where it stood
/// @throws Error when dX has other texts
Mat lookup_gradient(const Mat& dX, const arma::umat& words, const arma::uvec& used);

}  // namespace nn::gpu
