// Writes a workload into a folder: `work.json` (struct Work, and the shape of every array) and the arrays as
// they lie in memory, `X.bin`, `Y.bin`, the initial weights `theta0.bin`, `theta1.bin` and so on. An array's
// last index moves first, so that its rows are the columns of Armadillo's matrices: samples. Each side
// (side.hpp) reads that folder.

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <armadillo>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "bench.hpp"
#include "nn/error.hpp"
#include "nn/file.hpp"
#include "nn/idx.hpp"

namespace bench {
namespace {

using arma::fmat;
using arma::uword;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// The folder that describes a workload to the sides.
class Folder {
 public:
  Folder(const fs::path& path, const Work& work) : path_{path}
  {
    fs::remove_all(path);
    fs::create_directories(path);
    json_ = {{"network", work.network}, {"sizes", work.sizes},      {"cost", work.cost},
             {"task", work.task},       {"number", work.number},    {"epochs", work.epochs},
             {"alpha", work.alpha},     {"momentum", work.momentum}};
  }

  template <class Number>
  void add(const std::string& name, const arma::Mat<Number>& array)
  {
    std::ofstream file(path_ / (name + ".bin"), std::ios::binary);
    file.write(reinterpret_cast<const char*>(array.memptr()),
               static_cast<std::streamsize>(array.n_elem * sizeof(Number)));
    if (!file) throw nn::Error(fmt::format("{}: can't be written", (path_ / (name + ".bin")).string()));
    json_["arrays"][name] = {array.n_cols, array.n_rows};
  }

  template <class Mat>
  void add_weights(auto&& network)
  {
    int k = 0;
    network.each_parameter(
        [&](const auto&, const Mat& theta, const auto&) { add(fmt::format("theta{}", k++), theta); });
  }

  void finish(uword batch)
  {
    json_["batch"] = batch > 0 ? Json(batch) : json_["arrays"]["X"][0];
    nn::write_file(path_ / "work.json", json_.dump(1) + "\n");
  }

 private:
  fs::path path_;
  Json json_;
};

struct Digits {
  fmat X, Y, X_test, Y_test;
};

// Ten patterns with noise, in the shape of MNIST, where that hasn't been fetched.
Digits pretended_digits(uword train, uword test)
{
  const fmat patterns(784, 10, arma::fill::randu);
  const auto make = [&](uword m, fmat& X, fmat& Y) {
    const auto labels = arma::randi<arma::urowvec>(m, arma::distr_param(0, 9));
    X = 0.2F * patterns.cols(labels) + 0.8F * fmat(784, m, arma::fill::randu);
    Y = nn::one_hot<fmat>(labels, 10);
  };
  Digits digits;
  make(train, digits.X, digits.Y);
  make(test, digits.X_test, digits.Y_test);
  return digits;
}

Digits digits(const std::optional<fs::path>& mnist, bool quick)
{
  const uword train = quick ? 2000 : 60000, test = quick ? 1000 : 10000;
  if (!mnist) return pretended_digits(train, test);
  const auto read = [&](const std::string& part, uword m, fmat& X, fmat& Y) {
    const nn::LabelledImages all = nn::read_labelled_images(*mnist, part);
    X = all.images.pixels.head_cols(m);
    Y = nn::one_hot<fmat>(all.labels.head_cols(m), 10);
  };
  Digits digits;
  read("train", train, digits.X, digits.Y);
  read("t10k", test, digits.X_test, digits.Y_test);
  return digits;
}

// Sentences of random words; in those of class 1 three words are from the first two hundred.
void add_sentences(Folder& folder, uword m, uword length)
{
  fmat vectors = 0.3F * fmat(100, 20000, arma::fill::randn);
  vectors.col(0).zeros();
  auto words = arma::randi<arma::Mat<std::int32_t>>(length, m, arma::distr_param(201, 19999));
  const auto labels = arma::randi<arma::urowvec>(m, arma::distr_param(0, 1));
  const auto places = arma::randi<arma::umat>(3, m, arma::distr_param(0, static_cast<int>(length) - 1));
  const auto telling = arma::randi<arma::Mat<std::int32_t>>(3, m, arma::distr_param(1, 200));
  for (uword i = 0; i < m; ++i)
    for (uword k = 0; k < 3 * labels(i); ++k) words(places(k, i), i) = telling(k, i);
  folder.add("X", words);
  folder.add("Y", nn::one_hot<fmat>(labels, 2));
  folder.add("vectors", vectors);
  folder.add_weights<fmat>(text_net(vectors, length));
}

void add_samples(Folder& folder, const auto& X, const auto& Y, const auto& X_test, const auto& Y_test)
{
  folder.add("X", X);
  folder.add("Y", Y);
  folder.add("X_test", X_test);
  folder.add("Y_test", Y_test);
}

void add_data(Folder& folder, const Work& work, const std::optional<fs::path>& mnist, bool quick)
{
  if (work.data == "sentences") {
    add_sentences(folder, quick ? work.samples / 20 : work.samples, work.length);
  } else if (work.data == "mnist") {
    const Digits data = digits(mnist, quick);
    if (work.task == "predict") {
      add_samples(folder, data.X_test, data.Y_test, data.X_test, data.Y_test);
    } else {
      add_samples(folder, data.X, data.Y, data.X_test, data.Y_test);
    }
  } else if (work.data == "random") {
    const fmat X(work.sizes.front(), work.samples, arma::fill::randu);
    const auto labels = arma::randi<arma::urowvec>(
        work.samples, arma::distr_param(0, static_cast<int>(work.sizes.back()) - 1));
    const fmat Y = nn::one_hot<fmat>(labels, work.sizes.back());
    add_samples(folder, X, Y, fmat(X.head_cols(1)), fmat(Y.head_cols(1)));
  } else if (work.data == "xor") {
    const arma::mat X{{0, 1, 0, 1}, {0, 0, 1, 1}, {1, 1, 1, 1}}, Y{{0, 1, 1, 0}};
    add_samples(folder, X, Y, X, Y);
  } else {
    const arma::mat X(100, quick ? 5000 : 100000, arma::fill::randn);
    const arma::mat Y = arma::rowvec(100, arma::fill::randn) * X + arma::rowvec(X.n_cols, arma::fill::randn);
    add_samples(folder, X, Y, X, Y);
  }
}

// The initial weights; those of sentences come with their data.
void add_initial_weights(Folder& folder, const Work& work)
{
  if (work.network == "lenet") {
    folder.add_weights<fmat>(lenet<fmat>());
  } else if (work.network == "mlp" && work.number == "float64") {
    folder.add_weights<arma::mat>(nn::Network<arma::mat>(work.sizes, nn::Activation::sigmoid));
  } else if (work.network == "mlp") {
    folder.add_weights<fmat>(nn::Network<fmat>(work.sizes, nn::Activation::sigmoid));
  }
}

}  // namespace

fs::path own_folder()
{
  fs::create_directories(BENCH_FOLDER);
  for (const auto& entry : fs::directory_iterator(BENCH_FOLDER)) {
    if (!fs::exists("/proc" / entry.path().filename())) fs::remove_all(entry.path());
  }
  return fs::path(BENCH_FOLDER) / std::to_string(getpid());
}

void prepare(const fs::path& path, Work work, const std::optional<fs::path>& mnist, bool quick)
{
  arma::arma_rng::set_seed(1);
  if (quick) work.epochs = std::max(1, work.epochs / 100);
  Folder folder(path, work);
  add_data(folder, work, mnist, quick);
  add_initial_weights(folder, work);
  folder.finish(work.batch);
}

}  // namespace bench
