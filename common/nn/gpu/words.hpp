#pragma once

#include <armadillo>

#include "nn/gpu/mat.hpp"
#include "nn/network.hpp"

// What a table of words asks of a device: the overloads of conv1d.hpp for nn::gpu::Mat. Numbers of words are
// counted with on the processor, so a batch of them travels there and back.
namespace nn::gpu {

/// @param X T×m, numbers of words; waits for it
/// @return the same, for counting with
arma::umat word_numbers(const Mat& X);

/// Looks words up in a table.
/// @param W d×V, a word a column
/// @param words T×m, from 0 to V − 1
/// @param A becomes their vectors, (T·d)×m
/// @throws Error when a number is none of a word
void look_up(const Mat& W, const arma::umat& words, Mat& A);

/// Adds up what arrives at the places of each word.
/// @param words T×m
/// @param dA (T·d)×m, a column of d for each of them
/// @param dW with the words in question in `columns`; `values` becomes the sums, d×(number of them)
/// @throws Error when dA has other texts
void sum_by_word(const arma::umat& words, const Mat& dA, ColumnGradient<Mat>& dW);

/// @param theta what moves, d×V
/// @param alpha by how much of the gradient
/// @param gradient of d rows
/// @throws Error when it has another number of rows, or columns that theta hasn't
void subtract_columns(Mat& theta, float alpha, const ColumnGradient<Mat>& gradient);

}  // namespace nn::gpu
