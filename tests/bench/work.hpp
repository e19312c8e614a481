#pragma once

#include <algorithm>
#include <armadillo>
#include <string>
#include <utility>
#include <vector>

#include "nn/conv1d.hpp"
#include "nn/convolution.hpp"
#include "nn/cost.hpp"
#include "nn/network.hpp"
#include "nn/sampling.hpp"
#include "nn/training.hpp"

/// What the benchmark trains, and the networks that only it needs. `bench` describes each workload to every side by a
/// folder with `work.json` and its arrays; see bench.cpp.
namespace bench {

/// One workload.
struct Work {
  std::string name;                ///< as on the command line
  std::string title;               ///< one line for people
  std::string network;             ///< mlp, lenet or text
  std::vector<arma::uword> sizes;  ///< of an mlp: inputs, then the units of each layer
  std::string cost;                ///< softmax, sigmoid or squares
  std::string data;                ///< mnist, xor, line or sentences
  std::string task = "train";      ///< train; predict: only forward; start: train, timed as a whole process
  std::string number = "float32";  ///< or float64
  arma::uword batch = 0;           ///< samples in a mini-batch; 0 means all
  int epochs = 1;
  double alpha = 0.1;
  double momentum = 0;
  arma::uword samples = 10000;  ///< of random data and sentences
  arma::uword length = 64;      ///< words in a sentence
};

/// The network of W5, LeCun's of 1998 with ReLU and max-pooling.
template <nn::Matrix Mat>
nn::ConvNet<Mat> lenet()
{
  const nn::Conv2d<Mat> conv1({28, 28}, 6, {5}, nn::Activation::relu);
  const nn::MaxPool<Mat> pool1(conv1.output, {2, 2});
  const nn::Conv2d<Mat> conv2(pool1.output, 16, {5}, nn::Activation::relu);
  const nn::MaxPool<Mat> pool2(conv2.output, {2, 2});
  const nn::Dense<Mat> dense1(pool2.outputs(), 120, nn::Activation::relu);
  const nn::Dense<Mat> dense2(120, 84, nn::Activation::relu);
  return nn::ConvNet<Mat>(
      {conv1, pool1, conv2, pool2, dense1, dense2, nn::Dense<Mat>(84, 10, nn::Activation::identity)});
}

/// The network of W6, Kim's of 2014 with frozen vectors: filters of several widths side by side, the largest answer of
/// each, dropout, softmax.
class TextNet {
 public:
  /// @param vectors d×V, the words' vectors; word 0 is nothing
  /// @param length T, words in a sentence
  TextNet(arma::fmat vectors, arma::uword length)
      : embedding_{std::move(vectors)}, output_(3 * filters, 2, nn::Activation::identity)
  {
    for (const arma::uword width : {3, 4, 5}) {
      convolutions_.emplace_back(length, embedding_.W.n_rows, filters, width, nn::Activation::relu);
      pools_.emplace_back(filters, convolutions_.back().places());
    }
  }

  /// @param words T×m
  /// @param dropout whether to drop half of the features
  /// @return net inputs of the softmax, 2×m
  const arma::fmat& forward(const arma::umat& words, bool dropout)
  {
    const arma::fmat& X = embedding_.forward(words);
    features_.set_size(output_.inputs(), words.n_cols);
    for (std::size_t i = 0; i < convolutions_.size(); ++i)
      features_.rows(i * filters, (i + 1) * filters - 1) = pools_[i].forward(convolutions_[i].forward(X));
    mask_.ones(features_.n_rows, features_.n_cols);
    if (dropout) {
      mask_.randu();
      mask_.transform([](float u) { return u < 0.5F ? 2.0F : 0.0F; });
      features_ %= mask_;
    }
    return output_.forward(features_);
  }

  /// Takes the error backward after a training pass forward.
  /// @param dA ∂J/∂Z of the softmax, 2×m
  void backward(arma::fmat dA)
  {
    output_.backward(features_, dA);
    const arma::fmat dfeatures = output_.input_gradient(dA) % mask_;
    for (std::size_t i = 0; i < convolutions_.size(); ++i) {
      arma::fmat dmaps = pools_[i].input_gradient(dfeatures.rows(i * filters, (i + 1) * filters - 1));
      convolutions_[i].backward(embedding_.A, dmaps);
    }
  }

  /// @param f called with each parameter that learns, and its gradient
  void each_parameter(auto&& f)
  {
    for (auto& convolution : convolutions_) convolution.each_parameter(both(f));
    output_.each_parameter(both(f));
  }

 private:
  static constexpr arma::uword filters = 100;

  // Some layers give a name too, which isn't needed here.
  static auto both(auto& f)
  {
    return [&f](auto&&... arguments) {
      auto all = std::forward_as_tuple(arguments...);
      constexpr std::size_t n = sizeof...(arguments);
      f(std::get<n - 2>(all), std::get<n - 1>(all));
    };
  }

  nn::Embedding<arma::fmat> embedding_;
  std::vector<nn::Conv1d<arma::fmat>> convolutions_;
  std::vector<nn::GlobalMaxPool<arma::fmat>> pools_;
  nn::Dense<arma::fmat> output_;
  arma::fmat features_, mask_;
};

/// A cost by its name in a workload.
template <nn::Matrix Mat>
nn::Cost<Mat> cost(const std::string& name, const Mat& A, const Mat& Y)
{
  if (name == "squares") return nn::mean_squared_error(A, Y);
  return name == "sigmoid" ? nn::sigmoid_cross_entropy(A, Y) : nn::softmax_cross_entropy(A, Y);
}

/// One step of training, on one mini-batch.
template <nn::Matrix Mat, class Layer>
void step(nn::Network<Mat, Layer>& network, nn::Sgd<Mat>& sgd, const std::string& cost_name, const auto& X,
          const auto& Y)
{
  auto [J, dA] = cost<Mat>(cost_name, network.forward(X), Y);
  network.backward(X, std::move(dA));
  sgd.step(network);
}

}  // namespace bench
