#include "nn/gpu/words.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "nn/error.hpp"
#include "nn/gpu/windows.hpp"
#include "nn/matrix.hpp"

namespace nn::gpu {

arma::umat word_numbers(const Mat& X) { return arma::conv_to<arma::umat>::from(arma::fmat(X)); }

void look_up(const Mat& W, const arma::umat& words, Mat& A)
{
  A = reshape(W.cols(arma::uvec(arma::vectorise(words))), W.n_rows * words.n_rows, words.n_cols);
}

// The device gets a list: for each word where its part of the list begins, then the parts, which hold places
// in the texts.
void sum_by_word(const arma::umat& words, const Mat& dA, ColumnGradient<Mat>& dW)
{
  static const std::string source = R"(
kernel void run(global float* out, uint n, uint d, global const float* in, uint offset, global const uint* list)
{
  uint k = get_global_id(0);
  if (k >= n) return;
  uint word = k / d, i = k % d;
  float sum = 0;
  for (uint t = list[word]; t < list[word + 1]; ++t) sum += in[offset + list[t] * d + i];
  out[k] = sum;
})";
  const arma::uword d = dA.n_rows / std::max<arma::uword>(words.n_rows, 1);
  require_shape("dA", dA, d * words.n_rows, words.n_cols);
  dW.values = Mat::unfilled(d, dW.columns.n_elem);
  if (dW.values.n_elem == 0) return;
  const arma::uvec order = arma::stable_sort_index(arma::vectorise(words)), sorted = words.elem(order);
  std::vector<std::uint32_t> list(dW.columns.n_elem + 1);
  for (arma::uword j = 0; j < dW.columns.n_elem; ++j) {
    list[j] = count(list.size());
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), dW.columns(j));
    for (auto place = first; place != last; ++place) list.push_back(count(order(place - sorted.begin())));
  }
  list[dW.columns.n_elem] = count(list.size());
  launch(source, groups(dW.values),
         {dW.values.place().buffer, count(dW.values.n_elem), count(d), dA.place().buffer,
          count(dA.place().offset), to_device(list)});
}

// The device gets, for each column of theta, the gradient's column for it, or a number that is none.
void subtract_columns(Mat& theta, float alpha, const ColumnGradient<Mat>& gradient)
{
  static const std::string source = R"(
kernel void run(global float* out, uint n, uint d, global const float* in, uint offset, float alpha,
                global const float* gradient, uint gradient_offset, uint columns, global const uint* which)
{
  uint k = get_global_id(0);
  if (k >= n) return;
  uint column = which[k / d];
  out[k] = in[offset + k] - (column < columns ? alpha * gradient[gradient_offset + column * d + k % d] : 0);
})";
  const auto& [columns, values] = gradient;
  require_shape("the gradient", values, theta.n_rows, columns.n_elem);
  if (values.n_elem == 0) return;
  if (columns.max() >= theta.n_cols)
    throw Error(fmt::format("column {}, expected 0 to {}", columns.max(), theta.n_cols - 1));
  std::vector<std::uint32_t> which(theta.n_cols, count(columns.n_elem));
  for (arma::uword j = 0; j < columns.n_elem; ++j) which[columns(j)] = count(j);
  const Mat moved = Mat::unfilled(theta.n_rows, theta.n_cols);
  launch(source, groups(moved),
         {moved.place().buffer, count(moved.n_elem), count(theta.n_rows), theta.place().buffer,
          count(theta.place().offset), alpha, values.place().buffer, count(values.place().offset),
          count(columns.n_elem), to_device(which)});
  theta = moved;
}

}  // namespace nn::gpu
