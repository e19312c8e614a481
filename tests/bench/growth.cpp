// How time and memory of ours grow with a network's sizes and with the data.

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "nn/chapter.hpp"
#include "nn/figure.hpp"
#include "side.hpp"

namespace bench {
namespace {

using arma::uword;
namespace fs = std::filesystem;

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
  Worker worker(our_side(), folder, 1);
  double least = arma::datum::inf;
  for (int round = 0; round <= rounds; ++round) least = std::min(least, worker.ask("time").seconds);
  return {least, worker.peak_memory()};
}

}  // namespace

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
  chapter.say("{:<28} {:>5} {:>9} {:>19} {:>6} {:>14}", "what grows", "times", "seconds",
              "ns a multiplication", "MB", "bytes a number");
  double most_time = 0, most_memory = 0;
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
      chapter.say("{:<28} {:>5} {:>9.3g} {:>19.4f} {:>6.1f} {:>14.1f}", i == 0 ? growth.title : "", times(i),
                  taken.seconds, each(i), megabytes, bytes(i));
      chapter.result(fmt::format("{}.ns_{}", growth.name, times(i)), each(i));
      chapter.result(fmt::format("{}.bytes_{}", growth.name, times(i)), bytes(i));
    }
    time.path(times, each, growth.name);
    memory.path(times, bytes, growth.name);
    most_time = std::max(most_time, each.max());
    most_memory = std::max(most_memory, bytes.max());
  }
  time.range_y(0, 1.2 * most_time);  // from zero, so that flat looks flat
  memory.range_y(0, 1.2 * most_memory);
  fs::remove_all(folder);
  chapter.draw(time, "growth-time");
  chapter.draw(memory, "growth-memory");
  chapter.finish();
}

}  // namespace bench
