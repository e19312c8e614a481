#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <chrono>
#include <concepts>
#include <filesystem>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "nn/error.hpp"
#include "nn/matrix.hpp"
#include "nn/network.hpp"
#include "nn/progress.hpp"
#include "nn/saving.hpp"
#include "nn/training.hpp"

namespace nn {

/// What a training is of: names and numbers. Only a training of the same can go on.
using Making = std::vector<std::pair<std::string, double>>;

/// The file (HDF5) that keeps the trainings of a run, one after the other, while they are going on. An interrupted run starts
/// again with `resume`, does once more what comes before its first training, and `train` finds the trainings where they
/// were: the numbers are those of a run without interruption.
class Checkpoint {
 public:
  /// @param path the file; its folder must exist
  /// @param resume whether to go on with the trainings in the file; if not, the first training begins the file anew
  /// @throws Error when there is nothing to go on with, or the file is damaged or of another kind
  Checkpoint(std::filesystem::path path, bool resume);

  /// The run is over: removes the file.
  void done();

  /// For `train`: begins the next training.
  /// @param making what it is of
  /// @return whether the file has it
  /// @throws Error when the file has one of another making there
  bool next(const Making& making);

  /// For `train`: what the file has of this training.
  /// @param name of the value
  /// @param rows, cols the shape it must have
  /// @return the value
  /// @throws Error when it is missing or has another shape
  const arma::mat& value(const std::string& name, arma::uword rows, arma::uword cols) const;

  /// For `train`: takes a value of this training, for the next `write`.
  /// @param name, value what to keep
  void set(const std::string& name, arma::mat value) { kept_[prefix_ + name] = std::move(value); }

  /// For `train`: writes the file, whole or not at all.
  /// @throws Error when it can't be written
  void write();

  /// @return whether the last `write` was seconds ago, so that it is time for another
  bool due() const { return std::chrono::steady_clock::now() - written_ > std::chrono::seconds(5); }

  /// @return how to call the file in a message
  std::string name() const { return std::filesystem::proximate(path_).string(); }

 private:
  std::filesystem::path path_;
  MatricesOf<double> kept_;
  int training_ = 0;
  std::string prefix_;                             // of the names of this training's values
  std::chrono::steady_clock::time_point written_;  // of the last time
};

/// While it exists, Ctrl-C (SIGINT) and SIGTERM don't end the program but are noted.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// @return the signal that came, or 0
  static int caught();

 private:
  using Handler = void (*)(int);
  Handler interrupt_, terminate_;  // the handlers before
};

/// Sets Armadillo's generator, for one step of a training.
/// @param base what the training drew at its start
/// @param step which one; another step, other random numbers
void seed_step(arma::uword base, arma::uword step);

/// What a training is of, for a Checkpoint.
/// @param network, X, Y, how, watch as `train` takes them
/// @param base the seed of its random numbers
/// @return the settings, a sum of the data, and the layers
template <Matrix Mat, class Layer>
Making making(Network<Mat, Layer>& network, const Mat& X, const Mat& Y, const Training& how,
              const Watch& watch, arma::uword base)
{
  const auto number = [](auto n) { return static_cast<double>(n); };
  Making made = {{"epochs", how.epochs},         {"batch", number(how.batch)},
                 {"alpha", how.alpha},           {"momentum", how.momentum},
                 {"l1", how.penalty.l1},         {"l2", how.penalty.l2},
                 {"last_alpha", how.last_alpha}, {"judge", watch.judge ? 1 : 0},
                 {"patience", watch.patience},   {"inputs", number(X.n_rows)},
                 {"targets", number(Y.n_rows)},  {"samples", number(X.n_cols)},
                 {"seed", number(base)},         {"sum_of_X", number(accu(X))},
                 {"sum_of_Y", number(accu(Y))},  {"layers", number(network.layers.size())}};
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    with_layer(network.layers[l], [&](auto& layer) {
      const auto add = [&](const char* what, auto n) {
        made.emplace_back(fmt::format("layer{}.{}", l + 1, what), number(n));
      };
      add("inputs", layer.inputs());
      add("outputs", layer.outputs());
      add("parameters", layer.parameters());
      if constexpr (requires { layer.g; }) add("activation", layer.g);
      if constexpr (requires { layer.p; }) add("dropout", layer.p);
    });
  }
  return made;
}

/// Writes the state of a training.
/// @param descent the training
/// @param checkpoint where to
/// @throws Error when the file can't be written
template <Matrix Mat, class Layer>
void keep(Descent<Mat, Layer>& descent, Checkpoint& checkpoint)
{
  descent.each_state([&]<class Value>(const std::string& name, const Value& value) {
    if constexpr (std::is_arithmetic_v<Value>) {
      checkpoint.set(name, arma::mat{static_cast<double>(value)});
    } else if constexpr (std::same_as<Value, Mat>) {
      checkpoint.set(name, arma::conv_to<arma::mat>::from(arma::Mat<Scalar<Mat>>(value)));
    } else {
      checkpoint.set(name, arma::conv_to<arma::mat>::from(value));
    }
  });
  checkpoint.write();
}

/// Gives a training the state that was kept.
/// @param descent the training
/// @param checkpoint where from
/// @throws Error when the state there is of another training
template <Matrix Mat, class Layer>
void restore(Descent<Mat, Layer>& descent, const Checkpoint& checkpoint)
{
  descent.restore([&]<class Value>(const std::string& name, Value& value) {
    if constexpr (std::is_arithmetic_v<Value>) {
      value = static_cast<Value>(checkpoint.value(name, 1, 1)(0));
    } else {
      const arma::mat& kept = checkpoint.value(name, value.n_rows, value.n_cols);
      if constexpr (std::same_as<Value, Mat>) {
        value = Mat(arma::conv_to<arma::Mat<Scalar<Mat>>>::from(kept));
      } else {
        value = arma::conv_to<Value>::from(kept);
      }
    }
  });
}

/// Trains a network so that it can be interrupted and go on later. Every few seconds the state is kept, and when Ctrl-C or
/// SIGTERM comes, after which nothing more is done. The random numbers of each step are drawn from a seed of its own, so the
/// result is the same wherever it is interrupted (and another than without a checkpoint).
/// @param network, X, Y, cost, how, watch as `train` takes them without
/// @param checkpoint where to keep it; what it has of this training is gone on with
/// @return as `train` without
/// @throws Interrupted after a signal
/// @throws Error as `train` without, when what was kept is of another training, or the file can't be written
template <Matrix Mat, class Layer>
Trained train(Network<Mat, Layer>& network, Mat X, Mat Y, CostFunction<Mat> cost, const Training& how,
              Watch watch, Checkpoint& checkpoint)
{
  const auto base = arma::randi<arma::uword>(arma::distr_param(0, 1 << 30));
  const bool resumed = checkpoint.next(making(network, X, Y, how, watch, base));
  Descent<Mat, Layer> descent(network, std::move(X), std::move(Y), cost, how, std::move(watch));
  if (resumed) restore(descent, checkpoint);
  const Signals signals;
  Progress progress("batches", descent.left());
  while (descent.left() > 0 && signals.caught() == 0) {
    if (checkpoint.due()) keep(descent, checkpoint);
    seed_step(base, descent.steps());
    descent.advance();
    progress.tick();
  }
  keep(descent, checkpoint);
  if (const int signal = signals.caught()) {
    const auto epoch = std::min<arma::uword>(descent.epochs() + 1, how.epochs);
    throw Interrupted(
        signal,
        fmt::format("interrupted in epoch {} of {}, kept in {}; the same command with --resume goes on",
                    epoch, how.epochs, checkpoint.name()));
  }
  seed_step(base, static_cast<arma::uword>(-1));
  return descent.result();
}

}  // namespace nn
