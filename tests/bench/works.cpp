// The table of the workloads, and how they are found in it.

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <string>
#include <vector>

#include "bench.hpp"
#include "nn/error.hpp"

namespace bench {
namespace {

const Work W1{.name = "W1",
              .title = "linear regression, 100 000×100, 200 full-batch iterations, double",
              .network = "mlp",
              .sizes = {100, 1},
              .cost = "squares",
              .data = "line",
              .number = "float64",
              .epochs = 200,
              .alpha = 0.1};
const Work W2{.name = "W2",
              .title = "XOR 3-4-1, 4 records, 100 000 epochs, full batch, double",
              .network = "mlp",
              .sizes = {3, 4, 1},
              .cost = "sigmoid",
              .data = "xor",
              .number = "float64",
              .epochs = 100000,
              .alpha = 0.5};
const Work W3{.name = "W3",
              .title = "softmax 784-10, an epoch of MNIST, batch 64",
              .network = "mlp",
              .sizes = {784, 10},
              .cost = "softmax",
              .data = "mnist",
              .batch = 64,
              .alpha = 0.1};
const Work W4{.name = "W4",
              .title = "MLP 784-100-10, sigmoid, an epoch of MNIST, batch 64",
              .network = "mlp",
              .sizes = {784, 100, 10},
              .cost = "softmax",
              .data = "mnist",
              .batch = 64,
              .alpha = 0.5};
const Work W4b = [] {
  Work work = W4;
  work.name = "W4b";
  work.title = "the same, batch 10";
  work.batch = 10;
  work.alpha = 0.1;
  return work;
}();
const Work W5{.name = "W5",
              .title = "LeNet, ReLU, an epoch of MNIST, batch 64, momentum 0.9",
              .network = "lenet",
              .cost = "softmax",
              .data = "mnist",
              .batch = 64,
              .alpha = 0.01,
              .momentum = 0.9};
const Work W6{.name = "W6",
              .title = "text CNN, 10 000 sentences of 64 words, 3×100 filters, dropout, batch 64",
              .network = "text",
              .cost = "softmax",
              .data = "sentences",
              .batch = 64,
              .alpha = 0.02};

const Work start = [] {
  Work work = W2;
  work.name = "start";
  work.title = "XOR 3-4-1, 1000 epochs, the whole process from start to finish";
  work.task = "start";
  work.epochs = 1000;
  return work;
}();

// The same network, only forward, with the weights it begins with.
Work prediction(const Work& work, arma::uword batch, const std::string& what)
{
  return {.name = fmt::format("P{}_{}", work.name.substr(1), batch),
          .title = fmt::format("{} predicts {}", work.name, what),
          .network = work.network,
          .sizes = work.sizes,
          .cost = work.cost,
          .data = work.data,
          .task = "predict",
          .batch = batch};
}

// The edits that make one word of another.
std::size_t edits(const std::string& a, const std::string& b)
{
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const std::vector<Work>& works()
{
  static const std::vector<Work> all{
      W1,
      W2,
      W3,
      W4,
      W4b,
      W5,
      W6,
      prediction(W4, 1, "10 000 images one by one"),
      prediction(W4, 64, "10 000 images, batch 64"),
      prediction(W4, 10000, "10 000 images at once"),
      prediction(W5, 1, "10 000 images one by one"),
      prediction(W5, 64, "10 000 images, batch 64"),
      prediction(W5, 10000, "10 000 images at once"),
      start,
  };
  return all;
}

std::vector<Work> chosen(const std::vector<std::string>& names)
{
  if (names.empty()) return works();
  std::vector<Work> found;
  for (const std::string& name : names) {
    const auto work = std::ranges::find(works(), name, &Work::name);
    if (work == works().end()) {
      const auto near =
          std::ranges::min_element(works(), {}, [&](const Work& w) { return edits(name, w.name); });
      throw nn::Error(
          fmt::format("no workload '{}', did you mean {}? (--help lists them)", name, near->name));
    }
    found.push_back(*work);
  }
  return found;
}

}  // namespace bench
