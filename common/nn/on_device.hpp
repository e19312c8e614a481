#pragma once

#include <armadillo>
#include <concepts>

#include "nn/gpu/mat.hpp"
#include "nn/gpu/windows.hpp"
#include "nn/gpu/words.hpp"
#include "nn/matrix.hpp"
#include "nn/network.hpp"
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

/// The same for work that changes a network: a GPU gets a copy of it, and what has become of it comes back.
/// @param options of this run, with the device
/// @param work what to do, a function of a network and as many matrices, written for any nn::Matrix
/// @param network on which to do it
/// @param matrices what it needs
/// @return what the work returns, no matrix of a device
/// @throws Error when the device has too little memory
template <class Layer, class... Number>
auto on_device(const Options& options, const auto& work, Network<arma::fmat, Layer>& network,
               const arma::Mat<Number>&... matrices)
{
  if (options.device == "cpu") return work(network, matrices...);
  Network<gpu::Mat, typename Converted<Layer, gpu::Mat>::type> there(network);
  const auto result = work(there, gpu::Mat(arma::conv_to<arma::fmat>::from(matrices))...);
  network = Network<arma::fmat, Layer>(there);
  return result;
}

/// Waits until a matrix is there, as a clock must: a device works on while the program runs ahead.
/// @param A what to wait for; on the CPU it is there already
template <Matrix Mat>
void wait_for([[maybe_unused]] const Mat& A)
{
  if constexpr (std::same_as<Mat, gpu::Mat>) gpu::finish();
}

}  // namespace nn
