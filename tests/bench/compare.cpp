// Measures ours and the peers in turns, and says how long each took.

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "bench.hpp"
#include "nn/chapter.hpp"
#include "nn/error.hpp"
#include "nn/file.hpp"
#include "nn/progress.hpp"
#include "nn/stopwatch.hpp"
#include "side.hpp"

extern "C" char* openblas_get_config();
extern "C" char* openblas_get_corename();

namespace bench {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// --- Who trains

// Ours first, then the peers that are installed; the others are named.
std::vector<Side> sides(nn::Chapter& chapter)
{
  const std::string python = "/usr/bin/python3", here = BENCH_SOURCE;
  const fs::path built = fs::read_symlink("/proc/self/exe").parent_path();
  std::vector<Side> found{our_side()};
  const auto peer = [&](const Side& side, const std::vector<std::string>& test) {
    if (succeeds(test)) {
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
  Answer checked, last;
  double memory = 0;  // MB; 0 where it isn't measured
};

using Tick = std::function<void()>;

// Who is measured, with one thread or two, whichever was faster when tried.
std::unique_ptr<Worker> faster(const Side& side, const fs::path& folder, Answer& checked)
{
  std::unique_ptr<Worker> best;
  double least = arma::datum::inf;
  const int most = std::min(2, static_cast<int>(std::thread::hardware_concurrency()));
  for (int threads = 1; threads <= most; ++threads) {
    auto worker = std::make_unique<Worker>(side, folder, threads);
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
std::vector<Measured> race(const fs::path& folder, const std::vector<Side>& sides, int rounds,
                           const Tick& tick)
{
  std::vector<Measured> measured;
  std::vector<std::unique_ptr<Worker>> workers;
  for (const Side& side : sides) {
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
std::vector<Measured> race_processes(const fs::path& folder, const std::vector<Side>& sides, int rounds,
                                     const Tick& tick)
{
  std::vector<Measured> measured;
  for (const Side& side : sides) measured.push_back({.side = side.name, .key = side.key, .threads = 1});
  for (int round = -1; round < rounds; ++round) {  // the first one brings the programs into memory
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const double taken = nn::seconds([&] {
        Worker worker(sides[i], folder, 1);
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
  std::string openblas = openblas_get_config();  // name, version, then how it was built
  openblas = openblas.substr(0, openblas.find(' ', openblas.find(' ') + 1));
  return {{"date", fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)))},
          {"processor", trimmed(field("/proc/cpuinfo", "model name"))},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_gb", std::lround(std::stod(field("/proc/meminfo", "MemTotal")) * 1024e-9)},
          {"load", trimmed(nn::read_file("/proc/loadavg")).substr(0, 4)},
          {"system", trimmed(field("/etc/os-release", "PRETTY_NAME"))},
          {"compiler", fmt::format("g++ {}", __VERSION__)},
          {"openblas", fmt::format("{}, kernels for {}", openblas, openblas_get_corename())}};
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

}  // namespace

void compare(const Arguments& given)
{
  const std::vector<Work> wanted = chosen(given.works);
  nn::Chapter chapter("bench", {.quick = given.quick, .out = given.out});
  chapter.experiment("machine", "The machine");
  Json all{
      {"machine", machine()}, {"quick", given.quick}, {"rounds", given.rounds}, {"works", Json::array()}};
  for (const auto& [name, value] : all["machine"].items())
    chapter.say("{:<10} {}", name, value.is_string() ? value.get<std::string>() : value.dump());
  const std::vector<Side> all_sides = sides(chapter);
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

}  // namespace bench
