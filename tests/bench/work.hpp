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
/// folder with `work.json` and its arrays; see folder.cpp.
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

/// The network of W6, Kim's of 2014 with frozen vectors: filters of several widths side by side, the largest answer
/// of each, dropout, softmax.
/// @param vectors d×V, the words' vectors; word 0 is nothing
/// @param length T, words in a sentence
inline nn::TextNet<arma::fmat> text_net(arma::fmat vectors, arma::uword length)
{
  using arma::fmat;
  nn::Embedding<fmat> embedding(length, std::move(vectors));
  embedding.frozen = true;
  nn::Branches<fmat> filters(length, embedding.W.n_rows, 100, {3, 4, 5}, nn::Activation::relu);
  std::vector<nn::TextLayer<fmat>> layers;  // a list in braces would copy the vectors, and so would growing
  layers.reserve(4);
  layers.emplace_back(std::move(embedding));
  layers.emplace_back(std::move(filters));
  layers.emplace_back(nn::Dropout<fmat>(300, 0.5));
  layers.emplace_back(nn::Dense<fmat>(300, 2, nn::Activation::identity));
  return nn::TextNet<fmat>(std::move(layers));
}

/// @param name squares, sigmoid or softmax
/// @return the cost of that name
template <nn::Matrix Mat>
nn::CostFunction<Mat> cost(const std::string& name)
{
  if (name == "squares") return nn::mean_squared_error<Mat>;
  return name == "sigmoid" ? nn::sigmoid_cross_entropy<Mat> : nn::softmax_cross_entropy<Mat>;
}

}  // namespace bench
