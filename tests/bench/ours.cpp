// Our side of the benchmark: `bench-ours FOLDER THREADS` trains what FOLDER describes, once for each line on
// standard input, and answers each with seconds, cost and share right. The peers do the same; see folder.cpp.

#include <fmt/core.h>

#include <armadillo>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "nn/error.hpp"
#include "nn/file.hpp"
#include "nn/parallel.hpp"
#include "nn/stopwatch.hpp"
#include "work.hpp"

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

  // How many numbers a sample has.
  uword length() const { return work.at("arrays").at("X").at(1); }

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
  if (cost == "softmax") right = nn::accuracy(A, Y);
  if (cost == "sigmoid") right = arma::mean(arma::conv_to<arma::rowvec>::from((A > 0) == (Y > 0.5F)));
  return {seconds, bench::cost<Mat>(cost)(A, Y).J, right};
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

// A network begins with the weights of the folder, and without dropout where all sides must agree.
template <nn::Matrix Mat>
void load(const Folder& folder, auto& network)
{
  int k = 0;
  network.each_parameter(
      [&](const auto&, Mat& theta, const auto&) { theta = folder.array<Mat>(fmt::format("theta{}", k++)); });
}

void silence_nothing(auto& network)
{
  for (auto& any : network.layers) {
    nn::with_layer(any, [](auto& layer) {
      if constexpr (requires { layer.p; }) layer.p = 0;
    });
  }
}

template <nn::Matrix Mat>
void serve(const Folder& folder, auto network)
{
  const std::string cost = folder.work.at("cost");
  const bool text = folder.work.at("network") == "text";  // its inputs are numbers of words
  const Mat X =
      text ? arma::conv_to<Mat>::from(folder.array<arma::Mat<std::int32_t>>("X")) : folder.array<Mat>("X");
  const Mat Y = folder.array<Mat>("Y");
  const Mat X_test = text ? X : folder.array<Mat>("X_test"), Y_test = text ? Y : folder.array<Mat>("Y_test");
  load<Mat>(folder, network);
  const auto start = network;
  const uword batch = folder.work.at("batch");
  const auto predict = [&](const Mat& samples, Mat& A) {
    for (const auto& [first, last] : nn::batches(samples.n_cols, batch))
      A.cols(first, last) = network.forward(samples.cols(first, last));
  };
  answer([&](bool dropout) {
    Mat A(Y_test.n_rows, Y_test.n_cols);
    double taken = 0;
    if (folder.work.at("task") == "predict") {
      taken = nn::seconds([&] { predict(X_test, A); });
    } else {
      network = start;
      if (!dropout) silence_nothing(network);
      nn::Sgd<Mat> sgd(folder.work.at("alpha"), folder.work.at("momentum"));
      taken = nn::seconds([&] {
        for (int epoch = 0; epoch < folder.work.at("epochs"); ++epoch)
          nn::train_epoch(network, sgd, X, Y, bench::cost<Mat>(cost), batch);
      });
      predict(X_test, A);
    }
    return judge(cost, taken, A, Y_test);
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
  nn::use_threads(std::atoi(argv[2]));
  const std::string network = folder.work.at("network");
  if (network == "text") {
    serve<arma::fmat>(folder, bench::text_net(folder.array<arma::fmat>("vectors"), folder.length()));
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
