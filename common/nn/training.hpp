#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <utility>
#include <vector>

#include "nn/cost.hpp"
#include "nn/divergence.hpp"
#include "nn/error.hpp"
#include "nn/network.hpp"
#include "nn/progress.hpp"
#include "nn/sampling.hpp"

namespace nn {

/// Stochastic gradient descent with momentum: v ← βv − α∇J, then θ ← θ + v (chapter 01).
template <Matrix Mat>
class Sgd {
 public:
  /// @param alpha the learning rate, above 0
  /// @param momentum β, from 0 (none) to less than 1
  /// @throws Error when one is outside its range
  explicit Sgd(double alpha, double momentum = 0)
      : alpha_{static_cast<Scalar<Mat>>(alpha)}, momentum_{static_cast<Scalar<Mat>>(momentum)}
  {
    if (!(alpha > 0)) throw Error(fmt::format("alpha is {}, expected more than 0", alpha));
    if (!(momentum >= 0 && momentum < 1)) {
      throw Error(fmt::format("momentum is {}, expected 0 or more, less than 1", momentum));
    }
  }

  /// Moves every weight and bias one step.
  /// @param network after a backward pass; always the same network
  template <class Layer>
  void step(Network<Mat, Layer>& network)
  {
    std::size_t k = 0;
    network.each_parameter(
        [&](const auto&, Mat& theta, const auto& gradient) { move(theta, gradient, k++); });
  }

 private:
  void move(Mat& theta, const Mat& gradient, std::size_t k)
  {
    if (momentum_ == 0) {
      theta -= alpha_ * gradient;
      return;
    }
    if (k == velocities_.size()) velocities_.emplace_back(theta.n_rows, theta.n_cols);
    velocities_[k] = momentum_ * velocities_[k] - alpha_ * gradient;
    theta += velocities_[k];
  }

  // A table's gradient: only the columns that it names move.
  void move(Mat& theta, const ColumnGradient<Mat>& gradient, std::size_t)
  {
    if (momentum_ != 0) throw Error(fmt::format("momentum is {}, expected 0 with an embedding", momentum_));
    subtract_columns(theta, alpha_, gradient);
  }

  Scalar<Mat> alpha_, momentum_;
  std::vector<Mat> velocities_;  // of W, b, W, b, … from the first layer on
};

/// How long and in which steps to train.
struct Training {
  int epochs;           ///< passes through the data
  arma::uword batch;    ///< samples in a mini-batch
  double alpha;         ///< learning rate
  double momentum = 0;  ///< β
};

/// One step of descent on one mini-batch.
/// @param network what to train
/// @param sgd takes the step; always the same one for a network
/// @param X n×m, one sample a column
/// @param Y k×m, the targets
/// @param cost one of cost.hpp: from outputs and targets to the cost and its gradient
/// @param batch the samples to learn from
/// @return the cost on them, before the step
/// @throws Error when shapes or targets don't fit
template <Matrix Mat, class Layer>
double train_batch(Network<Mat, Layer>& network, Sgd<Mat>& sgd, const Mat& X, const Mat& Y,
                   Cost<Mat> (*cost)(const Mat&, const Mat&), const Batch& batch)
{
  const auto samples = X.cols(batch.first, batch.last);
  auto [J, dA] = cost(network.forward(samples), Y.cols(batch.first, batch.last));
  network.backward(samples, std::move(dA));
  sgd.step(network);
  return J;
}

/// One pass through the data in mini-batches, in the order in which the samples stand: no shuffle, no progress bar.
/// @param network, sgd, X, Y, cost as `train_batch` takes them
/// @param batch samples in a mini-batch
/// @return the mean cost over the samples, while the network was learning
/// @throws Error as `train_batch`, and when there is no sample
template <Matrix Mat, class Layer>
double train_epoch(Network<Mat, Layer>& network, Sgd<Mat>& sgd, const Mat& X, const Mat& Y,
                   Cost<Mat> (*cost)(const Mat&, const Mat&), arma::uword batch)
{
  double sum = 0;
  for (const Batch& part : batches(X.n_cols, batch)) {
    sum += train_batch(network, sgd, X, Y, cost, part) * static_cast<double>(part.last - part.first + 1);
  }
  return sum / static_cast<double>(X.n_cols);
}

/// Trains a network with mini-batches that are drawn anew in each epoch.
/// @param network what to train
/// @param X n×m, one sample a column
/// @param Y k×m, the targets
/// @param cost one of cost.hpp: from outputs and targets to the cost and its gradient
/// @param how epochs, batch, learning rate and momentum
/// @return the cost of each epoch, the mean over its mini-batches while the network was learning
/// @throws Error when shapes or targets don't fit, there is no sample, or the learning rate makes the cost diverge:
/// infinite, no number, or more than ten times that of the first mini-batch (ten, where that was below one)
template <Matrix Mat, class Layer>
arma::vec train(Network<Mat, Layer>& network, Mat X, Mat Y, Cost<Mat> (*cost)(const Mat&, const Mat&),
                const Training& how)
{
  const auto cut = batches(X.n_cols, how.batch);
  Sgd<Mat> sgd(how.alpha, how.momentum);
  arma::vec history(how.epochs);
  double limit = 0;
  Progress progress("batches", cut.size() * static_cast<std::size_t>(how.epochs));
  for (arma::uword epoch = 0; epoch < history.n_elem; ++epoch) {
    shuffle(X, Y);
    for (const Batch& batch : cut) {
      const double J = train_batch(network, sgd, X, Y, cost, batch);
      if (limit == 0) limit = 10 * std::max(J, 1.0);
      stop_if_diverging(J, limit, how.alpha);
      history(epoch) += J * static_cast<double>(batch.last - batch.first + 1) / static_cast<double>(X.n_cols);
      progress.tick();
    }
  }
  return history;
}

}  // namespace nn
