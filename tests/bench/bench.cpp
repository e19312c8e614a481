// `./course bench`: trains the same networks on the same data with ours and with each peer that is installed,
// in turns, and says how long each takes. Every workload is written into a folder: `work.json` (struct Work,
// and the shape of every array) and the arrays as they lie in memory, `X.bin`, `Y.bin`, the initial weights
// `theta0.bin`, `theta1.bin` and so on. An array's last index moves first, so that its rows are the columns
// of Armadillo's matrices: samples. Each side (side.hpp) reads that folder.

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <armadillo>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/command_line.hpp"
#include "nn/error.hpp"
#include "nn/figure.hpp"
#include "nn/file.hpp"
#include "nn/idx.hpp"
#include "nn/progress.hpp"
#include "nn/stopwatch.hpp"
#include "side.hpp"
#include "work.hpp"

extern "C" char* openblas_get_config();
extern "C" char* openblas_get_corename();

namespace {

using arma::fmat;
using arma::uword;
using bench::Work;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// --- What is trained

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
Work prediction(const Work& work, uword batch, const std::string& what)
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
    network.each_parameter([&](auto&&... arguments) {
      const Mat& theta = std::get<sizeof...(arguments) - 2>(std::forward_as_tuple(arguments...));
      add(fmt::format("theta{}", k++), theta);
    });
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

// --- The data

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
  folder.add_weights<fmat>(bench::text_net(vectors, length));
}

void add_samples(Folder& folder, const auto& X, const auto& Y, const auto& X_test, const auto& Y_test)
{
  folder.add("X", X);
  folder.add("Y", Y);
  folder.add("X_test", X_test);
  folder.add("Y_test", Y_test);
}

// The folder for this process's workloads. Those of runs that were interrupted go.
fs::path own_folder()
{
  fs::create_directories(BENCH_FOLDER);
  for (const auto& entry : fs::directory_iterator(BENCH_FOLDER)) {
    if (!fs::exists("/proc" / entry.path().filename())) fs::remove_all(entry.path());
  }
  return fs::path(BENCH_FOLDER) / std::to_string(getpid());
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
    folder.add_weights<fmat>(bench::lenet<fmat>());
  } else if (work.network == "mlp" && work.number == "float64") {
    folder.add_weights<arma::mat>(nn::Network<arma::mat>(work.sizes, nn::Activation::sigmoid));
  } else if (work.network == "mlp") {
    folder.add_weights<fmat>(nn::Network<fmat>(work.sizes, nn::Activation::sigmoid));
  }
}

// Writes the folder of a workload. The same call writes the same folder.
void prepare(const fs::path& path, Work work, const std::optional<fs::path>& mnist, bool quick)
{
  arma::arma_rng::set_seed(1);
  if (quick) work.epochs = std::max(1, work.epochs / 100);
  Folder folder(path, work);
  add_data(folder, work, mnist, quick);
  add_initial_weights(folder, work);
  folder.finish(work.batch);
}

// --- Who trains

bench::Side our_side()
{
  return {"ours", "ours", "", {fs::read_symlink("/proc/self/exe").parent_path() / "bench-ours"}, false};
}

// Ours first, then the peers that are installed; the others are named.
std::vector<bench::Side> sides(nn::Chapter& chapter)
{
  const std::string python = "/usr/bin/python3", here = BENCH_SOURCE;
  const fs::path built = fs::read_symlink("/proc/self/exe").parent_path();
  std::vector<bench::Side> found{our_side()};
  const auto peer = [&](const bench::Side& side, const std::vector<std::string>& test) {
    if (bench::succeeds(test)) {
      found.push_back(side);
    } else {
      chapter.say("{} isn't here: apt-get install {}", side.name, side.package);
    }
  };
  peer({"NumPy", "numpy", "python3-numpy", {python, here + "/numpy_peer.py"}, false},
       {python, "-c", "import numpy"});
  peer({"PyTorch", "torch", "python3-torch python3-numpy", {python, here + "/torch_peer.py"}, true},
       {python, "-c", "import torch, numpy"});
  peer({"libtorch", "libtorch", "libtorch-dev", {built / "libtorch-peer"}, true},
       {built / "libtorch-peer", "--here"});
  return found;
}

// One side's measurements at one workload.
struct Measured {
  std::string side, key, version;
  int threads;
  std::vector<double> seconds;  // a round each
  bench::Answer checked, last;
  double memory = 0;  // MB; 0 where it isn't measured
};

using Tick = std::function<void()>;

// Who is measured, with one thread or two, whichever was faster when tried.
std::unique_ptr<bench::Worker> faster(const bench::Side& side, const fs::path& folder, bench::Answer& checked)
{
  std::unique_ptr<bench::Worker> best;
  double least = arma::datum::inf;
  const int most = std::min(2, static_cast<int>(std::thread::hardware_concurrency()));
  for (int threads = 1; threads <= most; ++threads) {
    auto worker = std::make_unique<bench::Worker>(side, folder, threads);
    checked = worker->ask("check");  // warms up, too
    if (checked.seconds > 2 * least) continue;
    const double taken = std::min(worker->ask("time").seconds, worker->ask("time").seconds);
    if (taken < least) {
      least = taken;
      best = std::move(worker);
    }
  }
  return best;
}

// All sides in turns, round after round, so that what else the machine does hits all alike.
std::vector<Measured> race(const fs::path& folder, const std::vector<bench::Side>& sides, int rounds,
                           const Tick& tick)
{
  std::vector<Measured> measured;
  std::vector<std::unique_ptr<bench::Worker>> workers;
  for (const bench::Side& side : sides) {
    Measured m{.side = side.name, .key = side.key};
    workers.push_back(faster(side, folder, m.checked));
    m.version = workers.back()->version();
    m.threads = workers.back()->threads();
    measured.push_back(m);
    tick();
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < workers.size(); ++i) {
      measured[i].last = workers[i]->ask("time");
      measured[i].seconds.push_back(measured[i].last.seconds);
      tick();
    }
  }
  for (std::size_t i = 0; i < workers.size(); ++i) {
    measured[i].memory = workers[i]->peak_memory();
    workers[i]->end();
  }
  return measured;
}

// The same for whole processes, each with one thread: it starts, reads the data, trains and ends.
std::vector<Measured> race_processes(const fs::path& folder, const std::vector<bench::Side>& sides,
                                     int rounds, const Tick& tick)
{
  std::vector<Measured> measured;
  for (const bench::Side& side : sides)
    measured.push_back({.side = side.name, .key = side.key, .threads = 1});
  for (int round = -1; round < rounds; ++round) {  // the first one brings the programs into memory
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const double taken = nn::seconds([&] {
        bench::Worker worker(sides[i], folder, 1);
        measured[i].last = measured[i].checked = worker.ask("time");
        measured[i].version = worker.version();
        worker.end();
      });
      if (round >= 0) measured[i].seconds.push_back(taken);
      tick();
    }
  }
  return measured;
}

// --- What is said

struct Ratio {
  double median, low, high;
};

// How many times as long as ours a side takes, round by round.
Ratio ratio(const Measured& side, const Measured& ours)
{
  const arma::vec each = arma::vec(side.seconds) / arma::vec(ours.seconds);
  return {arma::median(each), each.min(), each.max()};
}

void report(nn::Chapter& chapter, const Work& work, const std::vector<Measured>& measured)
{
  chapter.say("");
  chapter.say("{}  {}", work.name, work.title);
  chapter.say("    {:<9} {:>9}   {:<23} {:>7}   {:>11} {:>8} {:>8}", "", "seconds", "times ours (min…max)",
              "threads", "cost", "right", "peak");
  for (const Measured& m : measured) {
    const double median = arma::median(arma::vec(m.seconds));
    const Ratio r = ratio(m, measured[0]);
    chapter.say("    {:<9} {:>9.4g}   {:<23} {:>7}   {:>11.5g} {:>8} {:>8}", m.side, median,
                m.key == "ours" ? "" : fmt::format("{:.2f} ({:.2f}…{:.2f})", r.median, r.low, r.high),
                m.threads, m.checked.cost,
                work.cost == "squares" ? "" : fmt::format("{:.2f} %", 100 * m.last.right),
                m.memory > 0 ? fmt::format("{:.0f} MB", m.memory) : "");
    const auto keep = [&](const char* what, double value) {
      chapter.result(fmt::format("{}.{}_{}", work.name, m.key, what), value);
    };
    keep("seconds", median);
    keep("cost", m.checked.cost);
    keep("right", m.last.right);
    keep("threads", m.threads);
    if (m.memory > 0) keep("memory", m.memory);
    if (m.key == "ours") continue;
    keep("ratio", r.median);
    keep("ratio_low", r.low);
    keep("ratio_high", r.high);
  }
}

// Sides that didn't compute the same thing can't be compared. In a thousand steps with momentum roundings
// grow, so there the costs may lie further apart.
void require_agreement(const Work& work, const std::vector<Measured>& measured)
{
  for (const Measured& m : measured) {
    const double found = m.checked.cost, expected = measured[0].checked.cost;
    const double near = (work.momentum > 0 ? 1e-2 : 1e-3) * std::max(1.0, std::abs(expected));
    if (!(std::abs(found - expected) <= near)) {
      throw nn::Error(
          fmt::format("{}: {} ends at cost {:.6g}, expected {:.6g}, that of ours: they didn't do the same",
                      work.name, m.side, found, expected));
    }
  }
}

std::string field(const char* file, const std::string& name)
{
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(name)) return line.substr(std::min(line.size(), line.find_first_of(":=") + 1));
  }
  return " unknown";
}

// The machine, by name.
Json machine()
{
  const auto trimmed = [](std::string text) {
    std::erase(text, '"');
    return text.substr(std::min(text.size(), text.find_first_not_of(" \t")));
  };
  return {{"date", fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)))},
          {"processor", trimmed(field("/proc/cpuinfo", "model name"))},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_gb", std::lround(std::stod(field("/proc/meminfo", "MemTotal")) * 1024e-9)},
          {"load", trimmed(nn::read_file("/proc/loadavg")).substr(0, 4)},
          {"system", trimmed(field("/etc/os-release", "PRETTY_NAME"))},
          {"compiler", fmt::format("g++ {}", __VERSION__)},
          {"openblas", fmt::format("{}, kernels for {}", openblas_get_config(), openblas_get_corename())}};
}

// --- The run

struct Arguments {
  std::vector<std::string> works;
  int rounds = 7;
  bool quick = false;
  bool growth = false;
  std::string json;
  fs::path out;
};

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

// What can't be done is refused before anything is trained.
void require_sense(const Arguments& given)
{
  if (given.growth && (!given.works.empty() || !given.json.empty()))
    throw nn::Error(
        "--growth has workloads and results of its own, expected neither WORK nor --json beside it");
  if (!given.json.empty()) {
    const fs::path folder = fs::absolute(given.json).parent_path();
    if (fs::is_directory(given.json) || access(folder.c_str(), W_OK) != 0)
      throw nn::Error(
          fmt::format("--json {}: can't be written, expected a file in a folder that is there", given.json));
  }
}

std::optional<Arguments> arguments(int argc, char** argv)
{
  Arguments given;
  CLI::App app{
      "Trains the same networks with ours and with each peer that is installed, in turns, and compares",
      "course bench"};
  app.option_defaults()->always_capture_default();
  app.add_option("WORK", given.works, "what to train; all when none is named")->option_text(" ");
  app.add_option("--rounds", given.rounds, "how often each side trains")->check(CLI::Range(1, 1000));
  app.add_flag("--quick", given.quick, "less data: to see that all works, not to compare");
  app.add_flag("--growth", given.growth,
               "how time and memory of ours grow with width, depth, batch, samples and length, instead of a "
               "comparison");
  app.add_option("--json", given.json, "file for everything measured, with machine and versions")
      ->option_text("FILE");
  app.add_option(
         "--out", given.out,
         "folder for what is printed; without it, the notes show a run of everything that isn't quick")
      ->option_text("DIR")
      ->capture_default_str();
  std::string list = "Workloads:\n";
  for (const Work& work : works()) list += fmt::format("  {:<10}{}\n", work.name, work.title);
  app.footer(list);
  if (!nn::parse_command_line(app, argc, argv)) return std::nullopt;
  if (given.out.empty()) {
    const bool whole = given.works.empty() && !given.quick;  // only that is for the notes
    given.out = fs::path(BENCH_OUTPUT) / (given.growth ? "growth" : "bench");
    if (!whole) given.out += "-part";
  }
  require_sense(given);
  return given;
}

Json as_json(const Work& work, const std::vector<Measured>& measured)
{
  Json json{{"work", work.name}, {"title", work.title}, {"sides", Json::array()}};
  for (const Measured& m : measured) {
    const Ratio r = ratio(m, measured[0]);
    json["sides"].push_back({{"side", m.side},
                             {"version", m.version},
                             {"threads", m.threads},
                             {"seconds", m.seconds},
                             {"median", arma::median(arma::vec(m.seconds))},
                             {"ratio", {{"median", r.median}, {"min", r.low}, {"max", r.high}}},
                             {"cost", m.last.cost},
                             {"cost_without_dropout", m.checked.cost},
                             {"right", m.last.right},
                             {"peak_mb", m.memory > 0 ? Json(m.memory) : Json(nullptr)}});
  }
  return json;
}

void compare(const Arguments& given)
{
  const std::vector<Work> wanted = chosen(given.works);
  nn::Chapter chapter("bench", {.quick = given.quick, .out = given.out});
  chapter.experiment("machine", "The machine");
  Json all{
      {"machine", machine()}, {"quick", given.quick}, {"rounds", given.rounds}, {"works", Json::array()}};
  for (const auto& [name, value] : all["machine"].items())
    chapter.say("{:<10} {}", name, value.is_string() ? value.get<std::string>() : value.dump());
  const std::vector<bench::Side> all_sides = sides(chapter);
  const auto mnist = chapter.fetched("mnist");
  if (!mnist) chapter.say("so random patterns of the same shape stand for it");
  all["data"] = mnist ? "MNIST" : "random patterns of MNIST's shape";

  chapter.experiment("table", "Who takes how long");
  chapter.say("{}{} rounds", given.quick ? "a quick run, whose times say nothing · " : "", given.rounds);
  const fs::path folder = own_folder();
  std::vector<std::string> versions;
  nn::Progress progress("trainings",
                        wanted.size() * all_sides.size() * static_cast<std::size_t>(given.rounds + 1));
  for (const Work& work : wanted) {
    prepare(folder, work, mnist, given.quick);
    const auto how = work.task == "start" ? race_processes : race;
    const auto measured = how(folder, all_sides, given.rounds, [&] { progress.tick(); });
    report(chapter, work, measured);
    all["works"].push_back(as_json(work, measured));
    require_agreement(work, measured);
    versions.clear();
    for (const Measured& m : measured) versions.push_back(m.version);
  }
  chapter.say("");
  chapter.say("{}", fmt::join(versions, " · "));
  fs::remove_all(folder);
  chapter.finish();
  if (!given.json.empty()) nn::write_file(given.json, all.dump(1) + "\n");
}

// --- How cost grows

// What grows: the work at 1, 2, 4, … times the smallest size.
struct Growth {
  std::string name, title;
  std::function<Work(uword times)> work;
  int doublings;
};

Work random_mlp(std::vector<uword> sizes, uword batch, uword samples)
{
  return {.network = "mlp",
          .sizes = std::move(sizes),
          .cost = "softmax",
          .data = "random",
          .batch = batch,
          .alpha = 1e-3,
          .samples = samples};
}

std::vector<uword> layers(uword depth)
{
  std::vector<uword> sizes(depth + 1, 128);
  sizes.push_back(10);
  return sizes;
}

std::vector<Growth> growths()
{
  return {
      {"width", "width, 256-32-10",
       [](uword k) {
         return random_mlp({256, 32 * k, 10}, 64, 4096);
       },
       5},
      {"depth", "depth, 128-128-10", [](uword k) { return random_mlp(layers(k), 64, 4096); }, 4},
      {"batch", "batch, 8 of 256-256-10",
       [](uword k) {
         return random_mlp({256, 256, 10}, 8 * k, 4096);
       },
       6},
      {"samples", "samples, 1024 of 256-256-10",
       [](uword k) {
         return random_mlp({256, 256, 10}, 64, 1024 * k);
       },
       5},
      {"length", "words, 16 in a sentence",
       [](uword k) {
         return Work{.network = "text",
                     .cost = "softmax",
                     .data = "sentences",
                     .batch = 16,
                     .alpha = 1e-3,
                     .samples = 64,
                     .length = 16 * k};
       },
       4},
  };
}

// Multiplications of an epoch: each weight forward, for its gradient, and, but in the first layer, for the
// error below.
double multiplications(const Work& work)
{
  double each = 0;
  for (std::size_t l = 1; l < work.sizes.size(); ++l)
    each += static_cast<double>((l > 1 ? 3 : 2) * work.sizes[l - 1] * work.sizes[l]);
  if (work.network == "text")
    for (const uword k : {3, 4, 5}) each += static_cast<double>(2 * (work.length - k + 1) * k * 100 * 100);
  return each * static_cast<double>(work.samples);
}

// Numbers that are there at once: the data, the parameters as they began and as they are, and of a batch the
// activations and their errors.
double numbers(const Work& work)
{
  if (work.network == "text") {
    const double vectors = 100 * 20000, parameters = 100 * 100 * (3 + 4 + 5),
                 steps = static_cast<double>(work.length);  // the vectors are frozen, so they have no errors
    return 2 * (vectors + parameters) + steps * static_cast<double>(work.samples) +
           (100 + 2 * 300) * steps * static_cast<double>(work.batch);
  }
  double parameters = 0, units = 0;
  for (std::size_t l = 1; l < work.sizes.size(); ++l) {
    parameters += static_cast<double>(work.sizes[l - 1] * work.sizes[l]);
    units += static_cast<double>(work.sizes[l]);
  }
  const auto inputs = static_cast<double>(work.sizes.front() + work.sizes.back());
  return inputs * static_cast<double>(work.samples) +
         2 * (parameters + units * static_cast<double>(work.batch));
}

struct Taken {
  double seconds, megabytes;
};

// What ours takes with one thread: the time of the fastest of some rounds, and the memory.
Taken measure(const Work& work, const fs::path& folder, int rounds)
{
  prepare(folder, work, std::nullopt, false);
  bench::Worker worker(our_side(), folder, 1);
  double least = arma::datum::inf;
  for (int round = 0; round <= rounds; ++round) least = std::min(least, worker.ask("time").seconds);
  return {least, worker.peak_memory()};
}

// Time and memory of ours for each unit of work while one size grows.
void grow(const Arguments& given)
{
  nn::Chapter chapter("growth", {.quick = given.quick, .out = given.out});
  const fs::path folder = own_folder();
  // A process that has next to nothing to do has memory, too.
  const double nothing = measure(random_mlp({1, 1, 2}, 1, 1), folder, given.rounds).megabytes;
  nn::Figure time("Time of one multiplication", "times the smallest size", "nanoseconds"),
      memory("Memory of one number", "times the smallest size", "bytes");
  time.log_x();
  memory.log_x();
  chapter.experiment("growth", "How cost grows");
  chapter.say("{:<30} {:>6} {:>11} {:>22} {:>9} {:>17}", "what grows", "times", "seconds",
              "ns a multiplication", "MB", "bytes a number");
  for (const Growth& growth : growths()) {
    const int doublings = given.quick ? 1 : growth.doublings;
    const arma::vec times = arma::exp2(arma::regspace(0, doublings));
    arma::vec each(times.n_elem), bytes(times.n_elem);
    for (uword i = 0; i < times.n_elem; ++i) {
      const Work work = growth.work(static_cast<uword>(times(i)));
      const Taken taken = measure(work, folder, given.rounds);
      const double megabytes = taken.megabytes - nothing;
      each(i) = 1e9 * taken.seconds / multiplications(work);
      bytes(i) = 1e6 * megabytes / numbers(work);
      chapter.say("{:<30} {:>6} {:>11.4g} {:>22.4f} {:>9.1f} {:>17.1f}", i == 0 ? growth.title : "", times(i),
                  taken.seconds, each(i), megabytes, bytes(i));
      chapter.result(fmt::format("{}.ns_{}", growth.name, times(i)), each(i));
      chapter.result(fmt::format("{}.bytes_{}", growth.name, times(i)), bytes(i));
    }
    time.path(times, each, growth.name);
    memory.path(times, bytes, growth.name);
  }
  fs::remove_all(folder);
  chapter.draw(time, "growth-time");
  chapter.draw(memory, "growth-memory");
  chapter.finish();
}

}  // namespace

int main(int argc, char** argv)
try {
  if (const auto given = arguments(argc, argv)) (given->growth ? grow : compare)(*given);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
