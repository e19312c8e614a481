// libtorch's side of the benchmark: `libtorch-peer FOLDER THREADS` trains what FOLDER describes, once for
// each line on standard input; see folder.cpp. It is torch_peer.py without Python in between.

#include <torch/torch.h>
#include <torch/version.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

using torch::Tensor;
using Tensors = std::vector<Tensor>;
namespace F = torch::nn::functional;

nlohmann::json work;
std::string folder;
Tensor vectors;  // of the words

double seconds(const auto& what)
{
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Tensor array(const std::string& name, torch::Dtype type)
{
  const auto shape = work["arrays"][name].get<std::vector<std::int64_t>>();
  const Tensor read = torch::empty(shape, type);
  std::ifstream file(folder + "/" + name + ".bin", std::ios::binary);
  file.read(static_cast<char*>(read.data_ptr()), static_cast<std::streamsize>(read.nbytes()));
  if (!file) throw std::runtime_error(folder + "/" + name + ".bin: not there or cut");
  return read;
}

Tensor array(const std::string& name)
{
  return array(name, work["number"] == "float64" ? torch::kDouble : torch::kFloat);
}

Tensors parameters()
{
  Tensors thetas;
  for (int i = 0; work["arrays"].contains("theta" + std::to_string(i)); i += 2) {
    Tensor W = array("theta" + std::to_string(i));  // inputs × units
    if (work["network"] == "lenet" && i < 4) {
      W = W.reshape({5, 5, -1, W.size(1)})
              .permute({3, 2, 0, 1})
              .contiguous(torch::MemoryFormat::ChannelsLast);
    } else if (work["network"] == "text" && i < 6) {
      W = W.reshape({i / 2 + 3, -1, W.size(1)}).permute({2, 1, 0}).contiguous();
    } else {
      W = W.t().contiguous();
    }
    thetas.push_back(W);
    thetas.push_back(array("theta" + std::to_string(i + 1)).flatten());
  }
  return thetas;
}

Tensor mlp(const Tensors& theta, Tensor x, bool)
{
  for (std::size_t i = 0; i + 2 < theta.size(); i += 2)
    x = torch::sigmoid(torch::linear(x, theta[i], theta[i + 1]));
  return torch::linear(x, theta.end()[-2], theta.end()[-1]);
}

Tensor lenet(const Tensors& theta, Tensor x, bool)
{
  x = x.view({-1, 1, 28, 28});
  x = torch::relu(torch::max_pool2d(torch::conv2d(x, theta[0], theta[1]), 2));
  x = torch::relu(torch::max_pool2d(torch::conv2d(x, theta[2], theta[3]), 2));
  x = x.permute({0, 2, 3, 1}).reshape({x.size(0), -1});
  x = torch::relu(torch::linear(x, theta[4], theta[5]));
  x = torch::relu(torch::linear(x, theta[6], theta[7]));
  return torch::linear(x, theta[8], theta[9]);
}

Tensor text(const Tensors& theta, Tensor words, bool training)
{
  const Tensor x = torch::embedding(vectors, words).transpose(1, 2);
  Tensors features;
  for (std::size_t i = 0; i < 6; i += 2) features.push_back(torch::conv1d(x, theta[i], theta[i + 1]).amax(2));
  return torch::linear(torch::dropout(torch::relu(torch::cat(features, 1)), 0.5, training), theta[6],
                       theta[7]);
}

Tensor cost(const Tensor& Z, const Tensor& Y)
{
  if (work["cost"] == "squares") return torch::mse_loss(Z, Y);
  return work["cost"] == "softmax" ? torch::cross_entropy_loss(Z, Y)
                                   : torch::binary_cross_entropy_with_logits(Z, Y);
}

double right(const Tensor& Z, const Tensor& Y)
{
  if (work["cost"] == "squares") return 0;
  const Tensor hits = work["cost"] == "softmax" ? Z.argmax(1) == Y : (Z > 0) == (Y > 0.5);
  return hits.to(torch::kDouble).mean().item<double>();
}

using Network = Tensor (*)(const Tensors&, Tensor, bool);
using Batches = std::vector<std::pair<Tensor, Tensor>>;

double train(Network network, Tensors& theta, const Batches& batches, bool dropout)
{
  Tensors velocities;
  for (Tensor& t : theta) {
    t = t.clone().requires_grad_();
    velocities.push_back(torch::zeros_like(t));
  }
  const double alpha = work["alpha"], momentum = work["momentum"];
  const int epochs = work["epochs"];
  return seconds([&] {
    for (int epoch = 0; epoch < epochs; ++epoch) {
      for (const auto& [x, y] : batches) {
        const Tensors gradients = torch::autograd::grad({cost(network(theta, x, dropout), y)}, theta);
        const torch::NoGradGuard no_gradients;
        for (std::size_t i = 0; i < theta.size(); ++i) {
          if (momentum == 0) {
            theta[i].sub_(gradients[i], alpha);
          } else {
            velocities[i].mul_(momentum).sub_(gradients[i], alpha);
            theta[i].add_(velocities[i]);
          }
        }
      }
    }
  });
}

// Linear regression by hand, block after block: what one product has brought into the cache, the next finds
// there.
double line(Tensors& theta, const Tensor& X, const Tensor& Y)
{
  const torch::InferenceMode guard;
  Tensor w = theta[0][0].clone(), b = theta[1].clone();
  const Tensors xs = X.split(1000), ys = Y.flatten().split(1000);
  const double alpha = work["alpha"], scale = 2 * alpha / static_cast<double>(X.size(0));
  const int epochs = work["epochs"];
  Tensor sum = torch::empty_like(w), sum_b = torch::empty_like(b);
  const double taken = seconds([&] {
    for (int epoch = 0; epoch < epochs; ++epoch) {
      sum.zero_();
      sum_b.zero_();
      for (std::size_t i = 0; i < xs.size(); ++i) {
        const Tensor error = torch::mv(xs[i], w).add_(b).sub_(ys[i]);
        sum.addmv_(xs[i].t(), error);
        sum_b.add_(error.sum());
      }
      w.sub_(sum, scale);
      b.sub_(sum_b, scale);
    }
  });
  theta = {w.unsqueeze(0), b};
  return taken;
}

void serve()
{
  const Network network = work["network"] == "mlp" ? mlp : work["network"] == "lenet" ? lenet : text;
  const bool words = work["network"] == "text", classes = work["cost"] == "softmax";
  const Tensor X = words ? array("X", torch::kInt) : array("X");
  Tensor Y = array("Y");
  if (words) vectors = array("vectors");
  const Tensor X_test = words ? X : array("X_test");
  Tensor Y_test = words ? Y : array("Y_test");
  if (classes) {
    Y = Y.argmax(1);
    Y_test = Y_test.argmax(1);
  }
  const Tensors start = parameters();
  Batches batches;
  const Tensors xs = X.split(work["batch"].get<std::int64_t>()),
                ys = Y.split(work["batch"].get<std::int64_t>());
  for (std::size_t i = 0; i < xs.size(); ++i) batches.emplace_back(xs[i], ys[i]);
  std::printf("ready libtorch %s\n", TORCH_VERSION);
  std::fflush(stdout);
  for (std::string request; std::getline(std::cin, request);) {
    Tensors theta = start, answers;
    double taken = 0;
    if (work["task"] == "predict") {
      const torch::InferenceMode guard;
      taken = seconds([&] {
        for (const auto& batch : batches) answers.push_back(network(theta, batch.first, false));
      });
    } else {
      taken =
          work["cost"] == "squares" ? line(theta, X, Y) : train(network, theta, batches, request != "check");
      const torch::NoGradGuard no_gradients;
      for (const Tensor& x : X_test.split(1000)) answers.push_back(network(theta, x, false));
    }
    const torch::NoGradGuard no_gradients;
    const Tensor Z = torch::cat(answers);
    std::printf("%.6f %.8g %.5f\n", taken, cost(Z, Y_test).item<double>(), right(Z, Y_test));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv)
try {
  if (argc == 2 && std::string_view(argv[1]) == "--here") return 0;  // its libraries have been found
  if (argc != 3) throw std::runtime_error("expected libtorch-peer FOLDER THREADS");
  folder = argv[1];
  std::ifstream(folder + "/work.json") >> work;
  torch::set_num_threads(std::stoi(argv[2]));
  at::globalContext().setFlushDenormal(true);
  serve();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return 1;
}
