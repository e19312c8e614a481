#pragma once

#include <algorithm>
#include <armadillo>
#include <tuple>
#include <utility>
#include <vector>

#include "nn/cost.hpp"
#include "nn/network.hpp"
#include "nn/sampling.hpp"

namespace nn {

/// How many samples of a batch are taken at a time, so that a slice stays in a processor's cache between the way forward and
/// the way back.
/// @param X n×m
/// @return at least 64
template <Matrix Mat>
arma::uword samples_in_cache(const Mat& X)
{
  constexpr arma::uword cache = 1 << 19;  // bytes, of the second level
  return std::max<arma::uword>(64, cache / std::max<arma::uword>(1, X.n_rows * sizeof(Scalar<Mat>)));
}

/// @param network, X, batch as for `backward_in_slices`
/// @return whether slices are worth their trouble: the first layer computes so little with each number that it waits for
/// memory, and there are several slices
template <Matrix Mat>
bool slices_pay(const Network<Mat, Dense<Mat>>& network, const Mat& X, const Batch& batch)
{
  return network.layers.front().outputs() <= 8 && batch.last - batch.first >= 4 * samples_in_cache(X);
}

/// Forward and backward through a batch slice by slice: its cost and gradients are the means over the slices. Of X each
/// number comes from memory once, not once for either way.
/// @param network fills its gradients; its activations are those of the last slice
/// @param X n×m, one sample a column
/// @param Y k×m, the targets
/// @param cost one of cost.hpp
/// @param batch the samples to learn from
/// @param slice how many at a time, at least 1
/// @return the cost
/// @throws Error when shapes or targets don't fit
template <Matrix Mat>
double backward_in_slices(Network<Mat, Dense<Mat>>& network, const Mat& X, const Mat& Y,
                          CostFunction<Mat> cost, const Batch& batch, arma::uword slice)
{
  double sum = 0;
  std::vector<std::pair<Mat, Mat>> gradients(network.layers.size());
  for (arma::uword first = batch.first; first <= batch.last; first += slice) {
    const arma::uword last = std::min(first + slice - 1, batch.last);
    const auto samples = X.cols(first, last);
    auto [J, dA] = cost(network.forward(samples), Y.cols(first, last));
    network.backward(samples, std::move(dA));
    const double share =
        static_cast<double>(last - first + 1) / static_cast<double>(batch.last - batch.first + 1);
    sum += share * J;
    for (std::size_t l = 0; l < gradients.size(); ++l) {
      auto& [dW, db] = gradients[l];
      const Dense<Mat>& layer = network.layers[l];
      if (first == batch.first) dW = Mat(layer.W.n_rows, layer.W.n_cols), db = Mat(layer.b.n_rows, 1);
      dW += Scalar<Mat>(share) * layer.dW;
      db += Scalar<Mat>(share) * layer.db;
    }
  }
  for (std::size_t l = 0; l < gradients.size(); ++l)
    std::tie(network.layers[l].dW, network.layers[l].db) = std::move(gradients[l]);
  return sum;
}

}  // namespace nn
