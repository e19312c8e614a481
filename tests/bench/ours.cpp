// Our side of the benchmark: `bench-ours FOLDER THREADS` trains what FOLDER describes, once for each line on
// standard input, and answers each with seconds, cost and share right. The peers do the same; see bench.cpp.

#include <fmt/core.h>

#include <armadillo>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "nn/error.hpp"
#include "nn/file.hpp"
#include "work.hpp"

extern "C" void openblas_set_num_threads(int);

namespace {

using arma::uword;
using Json = nlohmann::json;

struct Folder {
  std::filesystem::path path;
  Json work;

  explicit Folder(const std::filesystem::path& where)
      : path{where}, work(Json::parse(nn::read_file(where / "work.json")))  // braces would make an array
  {
  }

  // A column of the matrix for each row of the array.
  template <class Mat>
  Mat array(const std::string& name) const
  {
    const auto shape = work.at("arrays").at(name).get<std::vector<uword>>();
    Mat read(shape.at(1), shape.at(0), arma::fill::none);
    const std::filesystem::path file = path / (name + ".bin");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "rb"), std::fclose);
    if (!stream ||
        std::fread(read.memptr(), sizeof(typename Mat::elem_type), read.n_elem, stream.get()) != read.n_elem)
      throw nn::Error(fmt::format("{}: not there or cut, expected {} numbers", file.string(), read.n_elem));
    return read;
  }
};

struct Outcome {
  double seconds, cost, right;
};

template <nn::Matrix Mat>
Outcome judge(const std::string& cost, double seconds, const Mat& A, const Mat& Y)
{
  double right = 0;
  if (cost == "softmax")
    right = arma::mean(arma::conv_to<arma::rowvec>::from(index_max(A, 0) == index_max(Y, 0)));
  if (cost == "sigmoid") right = arma::mean(arma::conv_to<arma::rowvec>::from((A > 0) == (Y > 0.5F)));
  return {seconds, bench::cost<Mat>(cost, A, Y).J, right};
}

double seconds(const auto& work)
{
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void answer(const auto& run)
{
  fmt::print("ready Armadillo {}\n",
             arma::arma_version::as_string().substr(0, arma::arma_version::as_string().find(' ')));
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const Outcome outcome = run(line != "check");
    fmt::print("{:.6f} {:.8g} {:.5f}\n", outcome.seconds, outcome.cost, outcome.right);
    std::fflush(stdout);
  }
}

template <nn::Matrix Mat>
void load(const Folder& folder, auto& network)
{
  int k = 0;
  network.each_parameter([&](auto&&... arguments) {
    auto& theta = std::get<sizeof...(arguments) - 2>(std::forward_as_tuple(arguments...));
    theta = folder.array<Mat>(fmt::format("theta{}", k++));
  });
}

// Networks of layers.
template <nn::Matrix Mat>
void serve(const Folder& folder, auto network)
{
  const std::string cost = folder.work.at("cost");
  const Mat X = folder.array<Mat>("X"), Y = folder.array<Mat>("Y");
  const Mat X_test = folder.array<Mat>("X_test"), Y_test = folder.array<Mat>("Y_test");
  load<Mat>(folder, network);
  const auto start = network;
  const auto cut = nn::batches(X.n_cols, folder.work.at("batch"));
  if (folder.work.at("task") == "predict") {
    Mat A(Y.n_rows, Y.n_cols);
    answer([&](bool) {
      const double taken = seconds([&] {
        for (const auto& [first, last] : cut) A.cols(first, last) = network.forward(X.cols(first, last));
      });
      return judge(cost, taken, A, Y);
    });
    return;
  }
  answer([&](bool) {
    network = start;
    nn::Sgd<Mat> sgd(folder.work.at("alpha"), folder.work.at("momentum"));
    const int epochs = folder.work.at("epochs");
    const double taken = seconds([&] {
      for (int epoch = 0; epoch < epochs; ++epoch) {
        for (const auto& [first, last] : cut)
          bench::step(network, sgd, cost, X.cols(first, last), Y.cols(first, last));
      }
    });
    return judge(cost, taken, Mat(network.forward(X_test)), Y_test);
  });
}

// The network for sentences, whose inputs are numbers of words.
void serve_text(const Folder& folder)
{
  const auto words = arma::conv_to<arma::umat>::from(folder.array<arma::Mat<std::int32_t>>("X"));
  const auto Y = folder.array<arma::fmat>("Y");
  bench::TextNet start(folder.array<arma::fmat>("vectors"), words.n_rows);
  load<arma::fmat>(folder, start);
  const auto cut = nn::batches(words.n_cols, folder.work.at("batch"));
  const auto alpha = folder.work.at("alpha").get<float>();
  answer([&](bool dropout) {
    bench::TextNet network = start;
    const double taken = seconds([&] {
      for (const auto& [first, last] : cut) {
        auto [J, dA] = nn::softmax_cross_entropy<arma::fmat>(
            network.forward(words.cols(first, last), dropout), Y.cols(first, last));
        network.backward(std::move(dA));
        network.each_parameter(
            [&](arma::fmat& theta, const arma::fmat& gradient) { theta -= alpha * gradient; });
      }
    });
    arma::fmat A(2, words.n_cols);
    for (const auto& [first, last] : cut)
      A.cols(first, last) = network.forward(words.cols(first, last), false);
    return judge("softmax", taken, A, Y);
  });
}

template <nn::Matrix Mat>
void serve_mlp(const Folder& folder)
{
  serve<Mat>(folder,
             nn::Network<Mat>(folder.work.at("sizes").get<std::vector<uword>>(), nn::Activation::sigmoid));
}

}  // namespace

int main(int argc, char** argv)
try {
  if (argc != 3) throw nn::Error("expected bench-ours FOLDER THREADS");
  const Folder folder(argv[1]);
  openblas_set_num_threads(std::atoi(argv[2]));
  const std::string network = folder.work.at("network");
  if (network == "text") {
    serve_text(folder);
  } else if (network == "lenet") {
    serve<arma::fmat>(folder, bench::lenet<arma::fmat>());
  } else if (folder.work.at("number") == "float64") {
    serve_mlp<arma::mat>(folder);
  } else {
    serve_mlp<arma::fmat>(folder);
  }
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
