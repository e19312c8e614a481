#pragma once

#include <algorithm>
#include <armadillo>
#include <utility>
#include <vector>

#include "nn/cost.hpp"
#include "nn/network.hpp"
#include "nn/parallel.hpp"
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
/// number comes from memory once, not once for either way. Each thread takes its own slices through a network of its own.
/// @param network fills its gradients; its activations stay as they are
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
  const std::size_t layers = network.layers.size();
  const auto add = [](Mat& sum, const Mat& gradient, double share) {
    if (sum.is_empty()) sum.zeros(gradient.n_rows, gradient.n_cols);
    sum += Scalar<Mat>(share) * gradient;
  };
  struct Sums {
    double J = 0;
    std::vector<Mat> dW, db;  // of each layer
  };
  std::vector<Sums> parts(threads());
  const arma::uword m = batch.last - batch.first + 1, inputs = network.inputs();
  share_out((m + slice - 1) / slice, static_cast<double>(m * inputs),
            [&](arma::uword i, arma::uword end, int piece) {
              Network<Mat, Dense<Mat>> here = network;
              Sums& sums = parts[piece];
              sums.dW.resize(layers), sums.db.resize(layers);
              for (; i < end; ++i) {
                const arma::uword first = batch.first + i * slice,
                                  last = std::min(first + slice - 1, batch.last);
                const auto samples = X.cols(first, last);
                auto [J, dA] = cost(here.forward(samples), Y.cols(first, last));
                here.backward(samples, std::move(dA));
                const double share = static_cast<double>(last - first + 1) / static_cast<double>(m);
                sums.J += share * J;
                for (std::size_t l = 0; l < layers; ++l) {
                  add(sums.dW[l], here.layers[l].dW, share);
                  add(sums.db[l], here.layers[l].db, share);
                }
              }
            });
  Sums& sum = parts.front();
  for (std::size_t p = 1; p < parts.size(); ++p) {
    sum.J += parts[p].J;
    for (std::size_t l = 0; l < parts[p].dW.size(); ++l)
      sum.dW[l] += parts[p].dW[l], sum.db[l] += parts[p].db[l];
  }
  for (std::size_t l = 0; l < layers; ++l)
    network.layers[l].dW = std::move(sum.dW[l]), network.layers[l].db = std::move(sum.db[l]);
  return sum.J;
}

}  // namespace nn
