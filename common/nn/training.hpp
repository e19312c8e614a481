#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <concepts>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/cost.hpp"
#include "nn/divergence.hpp"
#include "nn/error.hpp"
#include "nn/network.hpp"
#include "nn/progress.hpp"
#include "nn/sampling.hpp"
#include "nn/slices.hpp"

namespace nn {

/// A price for large weights, which keeps a network from memorising (chapter 06): λ₁ Σ|w| + λ₂/2 Σw². Biases are free.
struct Penalty {
  double l1 = 0;  ///< λ₁, which makes weights exactly zero
  double l2 = 0;  ///< λ₂, the weight decay; both together are the elastic net
};

/// Stochastic gradient descent with momentum: v ← βv − α∇J, then θ ← θ + v (chapter 01). L2 is part of the gradient. L1
/// moves each weight towards zero after the step, by αλ₁ and never across: w ← sign(w)·max(|w| − αλ₁, 0) (chapter 06).
template <Matrix Mat>
class Sgd {
 public:
  /// @param alpha the learning rate, above 0
  /// @param momentum β, from 0 (none) to less than 1
  /// @param penalty λ₁ and λ₂, 0 or more
  /// @throws Error when one is outside its range
  explicit Sgd(double alpha, double momentum = 0, const Penalty& penalty = {})
      : momentum_{static_cast<Scalar<Mat>>(momentum)}, penalty_{penalty}
  {
    set_alpha(alpha);
    if (!(momentum >= 0 && momentum < 1)) {
      throw Error(fmt::format("momentum is {}, expected 0 or more, less than 1", momentum));
    }
    for (const auto& [name, lambda] : {std::pair{"l1", penalty.l1}, {"l2", penalty.l2}}) {
      if (!(lambda >= 0 && std::isfinite(lambda)))
        throw Error(fmt::format("{} is {}, expected 0 or more", name, lambda));
    }
  }

  /// Changes the learning rate.
  /// @param alpha above 0
  /// @throws Error when it isn't
  void set_alpha(double alpha)
  {
    if (!(alpha > 0)) throw Error(fmt::format("alpha is {}, expected more than 0", alpha));
    alpha_ = static_cast<Scalar<Mat>>(alpha);
  }

  /// Takes the error backward through a network, and every weight and bias one step. A plain descent, without momentum and
  /// penalty, does both in one go.
  /// @param network after a forward pass; always the same network
  /// @param X what its `forward` was given
  /// @param dA the gradient of the cost with respect to its output
  /// @throws Error as `backward`
  template <class Layer>
  void learn(Network<Mat, Layer>& network, const auto& X, Mat dA)
  {
    if (momentum_ == 0 && penalty_.l1 == 0 && penalty_.l2 == 0) {
      network.descend(X, std::move(dA), alpha_);
    } else {
      network.backward(X, std::move(dA));
      step(network);
    }
  }

  /// Moves every weight and bias one step.
  /// @param network after a backward pass; always the same network
  template <class Layer>
  void step(Network<Mat, Layer>& network)
  {
    std::size_t k = 0;
    network.each_parameter([&](std::string_view name, Mat& theta, const auto& gradient) {
      move(theta, gradient, k++, !name.ends_with(".b"));
    });
  }

  /// @param network the one that is trained
  /// @param f called with the name of each parameter and its velocity v, which it may change; not without momentum
  template <class Layer>
  void each_velocity(Network<Mat, Layer>& network, auto&& f)
  {
    if (momentum_ == 0) return;
    std::size_t k = 0;
    network.each_parameter(
        [&](const auto& name, const Mat& theta, const auto&) { f(name, velocity(theta, k++)); });
  }

 private:
  Mat& velocity(const Mat& theta, std::size_t k)
  {
    if (k == velocities_.size()) velocities_.emplace_back(theta.n_rows, theta.n_cols);
    return velocities_[k];
  }

  void move(Mat& theta, const Mat& gradient, std::size_t k, bool weight)
  {
    if (weight && penalty_.l2 != 0) {
      descend(theta, gradient + Scalar<Mat>(penalty_.l2) * theta, k);
    } else {
      descend(theta, gradient, k);
    }
    if (weight && penalty_.l1 != 0) {
      const auto t = static_cast<Scalar<Mat>>(alpha_ * penalty_.l1);
      theta = (((theta - t) + abs(theta - t)) + ((theta + t) - abs(theta + t))) /
              2;  // max(w − t, 0) + min(w + t, 0)
    }
  }

  void descend(Mat& theta, const auto& gradient, std::size_t k)
  {
    if (momentum_ == 0) {
      theta -= alpha_ * gradient;
      return;
    }
    Mat& v = velocity(theta, k);
    v = momentum_ * v - alpha_ * gradient;
    theta += v;
  }

  // A table's gradient: only the columns that it names move.
  void move(Mat& theta, const ColumnGradient<Mat>& gradient, std::size_t, bool)
  {
    if (momentum_ != 0) throw Error(fmt::format("momentum is {}, expected 0 with an embedding", momentum_));
    if (penalty_.l1 != 0 || penalty_.l2 != 0) {
      throw Error(fmt::format("l1 is {} and l2 is {}, expected 0 with an embedding that learns", penalty_.l1,
                              penalty_.l2));
    }
    subtract_columns(theta, alpha_, gradient);
  }

  Scalar<Mat> alpha_, momentum_;
  Penalty penalty_;
  std::vector<Mat> velocities_;  // of W, b, W, b, … from the first layer on
};

/// How long and in which steps to train.
struct Training {
  int epochs;             ///< passes through the data
  arma::uword batch;      ///< samples in a mini-batch
  double alpha;           ///< learning rate
  double momentum = 0;    ///< β
  Penalty penalty = {};   ///< L1 and L2
  double last_alpha = 0;  ///< learning rate of the last epoch, to which it falls evenly; 0: it stays the same
};

/// A look at the network after each epoch, and when to stop early (chapter 06).
struct Watch {
  std::function<double()>
      judge;         ///< says how the network does, which predicts now: its cost on the validation part
  int patience = 0;  ///< so many epochs without a new lowest word of the judge end the training, and the
                     ///< network becomes that of the lowest, at the end of all epochs too; 0: neither
};

/// What a training has been like.
struct Trained {
  arma::vec costs;       ///< of each epoch, the mean over its mini-batches while the network was learning
  arma::vec judged;      ///< what the judge said after each epoch; nothing without one
  arma::uword best = 0;  ///< after which epoch, from 0, that was lowest
};

/// One step of descent on one mini-batch.
/// @param network what to train
/// @param sgd takes the step; always the same one for a network
/// @param X n×m, one sample a column
/// @param Y k×m, the targets
/// @param cost one of cost.hpp: from outputs and targets to the cost and its gradient
/// @param batch the samples to learn from
/// @return the cost on them, before the step; the network predicts again, after an error too
/// @throws Error when shapes or targets don't fit
template <Matrix Mat, class Layer>
double train_batch(Network<Mat, Layer>& network, Sgd<Mat>& sgd, const Mat& X, const Mat& Y,
                   CostFunction<Mat> cost, const Batch& batch)
{
  struct Switch {
    explicit Switch(Network<Mat, Layer>& n) : trained{n} { trained.training(true); }
    ~Switch() { trained.training(false); }
    Network<Mat, Layer>& trained;
  };
  const Switch on(network);
  if constexpr (arma::is_Mat<Mat>::value && std::same_as<Layer, Dense<Mat>>) {
    if (slices_pay(network, X, batch)) {
      const double J = backward_in_slices(network, X, Y, cost, batch, samples_in_cache(X));
      sgd.step(network);
      return J;
    }
  }
  const auto samples = X.cols(batch.first, batch.last);
  auto [J, dA] = cost(network.forward(samples), Y.cols(batch.first, batch.last));
  sgd.learn(network, samples, std::move(dA));
  return J;
}

/// One pass through the data in mini-batches, in the order in which the samples stand: no shuffle, no progress bar.
/// @param network, sgd, X, Y, cost as `train_batch` takes them
/// @param batch samples in a mini-batch
/// @return the mean cost over the samples, while the network was learning
/// @throws Error as `train_batch`, and when there is no sample
template <Matrix Mat, class Layer>
double train_epoch(Network<Mat, Layer>& network, Sgd<Mat>& sgd, const Mat& X, const Mat& Y,
                   CostFunction<Mat> cost, arma::uword batch)
{
  double sum = 0;
  for (const Batch& part : batches(X.n_cols, batch)) {
    sum += train_batch(network, sgd, X, Y, cost, part) * static_cast<double>(part.last - part.first + 1);
  }
  return sum / static_cast<double>(X.n_cols);
}

/// A training under way, one mini-batch after the other. `train` goes through it; whoever wants to stop in between and go on
/// another day takes it step by step.
template <Matrix Mat, class Layer>
class Descent {
 public:
  /// @param network, X, Y, cost, how, watch as `train` takes them
  /// @throws Error as `train`
  Descent(Network<Mat, Layer>& network, Mat X, Mat Y, CostFunction<Mat> cost, const Training& how,
          Watch watch)
      : network_{network},
        X_{std::move(X)},
        Y_{std::move(Y)},
        cost_{cost},
        how_{how},
        watch_{std::move(watch)},
        sgd_(how.alpha, how.momentum, how.penalty),
        batches_{batches(X_.n_cols, how.batch)},
        order_{arma::regspace<arma::uvec>(0, X_.n_cols - 1)},
        costs_(how.epochs),
        judged_(watch_.judge ? how.epochs : 0)
  {
    if (watch_.patience < 0) throw Error(fmt::format("patience is {}, expected 0 or more", watch_.patience));
    if (watch_.patience > 0 && !watch_.judge) throw Error("patience without a judge, expected both");
    if (how_.last_alpha != 0) Sgd<Mat>(how_.last_alpha);  // refuses what is none
  }

  /// @return the epochs that are done
  arma::uword epochs() const { return epoch_; }

  /// @return the mini-batches that are done
  arma::uword steps() const { return epoch_ * batches_.size() + batch_; }

  /// @return the mini-batches that are left; the judge may stop earlier
  arma::uword left() const { return stopped_ ? 0 : costs_.n_elem * batches_.size() - steps(); }

  /// Learns from the next mini-batch, after a shuffle where an epoch begins. Where one ends, the judge speaks.
  /// @throws Error as `train`
  void advance()
  {
    if (batch_ == 0) begin_epoch();
    sgd_.set_alpha(alpha());
    const Batch& batch = batches_[batch_];
    const double J = train_batch(network_, sgd_, X_, Y_, cost_, batch);
    if (limit_ == 0) limit_ = 10 * std::max(J, 1.0);
    stop_if_diverging(J, limit_, alpha());
    costs_(epoch_) += J * static_cast<double>(batch.last - batch.first + 1) / static_cast<double>(X_.n_cols);
    if (++batch_ == batches_.size()) end_epoch();
  }

  /// @return what it has been like so far
  Trained result() const
  {
    if (judged_.is_empty()) return {costs_.head(epoch_), {}};
    return {costs_.head(epoch_), judged_.head(epoch_), best_epoch_};
  }

  /// Hands out all that changes on the way.
  /// @param f called with a name and a reference: to a number, a column of numbers or a Mat
  void each_state(auto&& f)
  {
    f("next_epoch", epoch_);
    f("next_batch", batch_);
    f("stopped", stopped_);
    f("limit", limit_);
    f("order", order_);
    f("costs", costs_);
    network_.each_parameter([&](const auto& name, Mat& theta, const auto&) { f(name, theta); });
    sgd_.each_velocity(network_, [&](const auto& name, Mat& v) { f(fmt::format("velocity.{}", name), v); });
    if (!judged_.is_empty()) {
      f("judged", judged_);
      f("best_epoch", best_epoch_);
      f("lowest", lowest_);
    }
    if (watch_.patience > 0)
      each_best([&](const auto& name, Mat& best, Mat&) { f(fmt::format("best.{}", name), best); });
  }

  /// Goes on where another Descent of the same making was.
  /// @param f gives everything that `each_state` hands out the value that it had there
  void restore(auto&& f)
  {
    each_state(f);
    X_ = X_.cols(order_).eval();
    Y_ = Y_.cols(order_).eval();
  }

 private:
  double alpha() const
  {
    if (how_.last_alpha == 0 || how_.epochs == 1) return how_.alpha;
    return how_.alpha + (how_.last_alpha - how_.alpha) * static_cast<double>(epoch_) / (how_.epochs - 1);
  }

  void begin_epoch()
  {
    const arma::uvec drawn = shuffle(X_, Y_);
    order_ = order_.elem(drawn).eval();
  }

  void end_epoch()
  {
    batch_ = 0;
    ++epoch_;
    if (!watch_.judge) return;
    judged_(epoch_ - 1) = watch_.judge();
    if (judged_(epoch_ - 1) < lowest_) {
      lowest_ = judged_(epoch_ - 1);
      best_epoch_ = epoch_ - 1;
      if (watch_.patience > 0) each_best([](const auto&, Mat& best, const Mat& theta) { best = theta; });
    }
    if (watch_.patience == 0) return;
    stopped_ = epoch_ - 1 - best_epoch_ == static_cast<arma::uword>(watch_.patience);
    if (left() == 0) each_best([](const auto&, const Mat& best, Mat& theta) { theta = best; });
  }

  // Calls f with the name of each parameter, its value in the best network, and its value now.
  void each_best(auto&& f)
  {
    std::size_t k = 0;
    network_.each_parameter([&](const auto& name, Mat& theta, const auto&) {
      if (k == best_.size()) best_.push_back(theta);
      f(name, best_[k++], theta);
    });
  }

  Network<Mat, Layer>& network_;
  Mat X_, Y_;
  CostFunction<Mat> cost_;
  Training how_;
  Watch watch_;
  Sgd<Mat> sgd_;
  std::vector<Batch> batches_;
  arma::uword epoch_ = 0, batch_ = 0;  // the next one
  bool stopped_ = false;               // by the judge
  double limit_ = 0;                   // of the cost; 0 before the first batch
  arma::uvec order_;                   // which of the samples given each of X_ is
  arma::vec costs_, judged_;
  arma::uword best_epoch_ = 0;
  double lowest_ = arma::datum::inf;
  std::vector<Mat> best_;  // the parameters of the best network
};

/// Trains a network with mini-batches that are drawn anew in each epoch.
/// @param network what to train; while it trains, its `training` is on
/// @param X n×m, one sample a column
/// @param Y k×m, the targets
/// @param cost one of cost.hpp
/// @param how epochs, batch, learning rate, momentum and penalty
/// @param watch a look at it after each epoch, and when to stop early
/// @return the costs, and what the judge said
/// @throws Error when shapes or targets don't fit, there is no sample, or the learning rate makes the cost diverge:
/// infinite, no number, or more than ten times that of the first mini-batch (ten, where that was below one)
template <Matrix Mat, class Layer>
Trained train(Network<Mat, Layer>& network, Mat X, Mat Y, CostFunction<Mat> cost, const Training& how,
              Watch watch)
{
  Descent<Mat, Layer> descent(network, std::move(X), std::move(Y), cost, how, std::move(watch));
  Progress progress("batches", descent.left());
  while (descent.left() > 0) {
    descent.advance();
    progress.tick();
  }
  return descent.result();
}

/// Trains a network and looks at nothing but the cost.
/// @param network, X, Y, cost, how as above
/// @return the cost of each epoch, the mean over its mini-batches while the network was learning
/// @throws Error as above
template <Matrix Mat, class Layer>
arma::vec train(Network<Mat, Layer>& network, Mat X, Mat Y, CostFunction<Mat> cost, const Training& how)
{
  return train(network, std::move(X), std::move(Y), cost, how, Watch{}).costs;
}

}  // namespace nn
