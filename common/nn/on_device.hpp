#pragma once

#include <armadillo>
#include <concepts>

#include "nn/gpu/mat.hpp"
#include "nn/gpu/windows.hpp"
#include "nn/gpu/words.hpp"
#include "nn/matrix.hpp"
#include "nn/options.hpp"

namespace nn {

/// Works where `--device` says. On the CPU the matrices are handed on as they are; a GPU gets copies, in float, and what
/// comes back is copied back.
/// @param options of this run, with the device
/// @param work what to do, a function of as many matrices, written for any nn::Matrix
/// @param matrices what it needs
/// @return what the work returns; a matrix of the device becomes one of Armadillo again
/// @throws Error when the device has too little memory
template <class... Number>
auto on_device(const Options& options, const auto& work, const arma::Mat<Number>&... matrices)
{
  using Result = decltype(work(matrices...));
  if (options.device == "cpu") return work(matrices...);
  const auto on_gpu = [&] { return work(gpu::Mat(arma::conv_to<arma::fmat>::from(matrices))...); };
  if constexpr (std::same_as<decltype(on_gpu()), gpu::Mat>) {
    return arma::conv_to<Result>::from(arma::fmat(on_gpu()));
  } else {
    return Result(on_gpu());
  }
}

/// Waits until a matrix is there, as a clock must: a device works on while the program runs ahead.
/// @param A what to wait for; on the CPU it is there already
template <Matrix Mat>
void wait_for([[maybe_unused]] const Mat& A)
{
  if constexpr (std::same_as<Mat, gpu::Mat>) gpu::finish();
}

}  // namespace nn
