// `./course bench`: trains the same networks on the same data with ours and with each peer that is installed,
// in turns, and says how long each takes. Here the command line is read; the workloads are a table in
// works.cpp.

#include "bench.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

#include "nn/command_line.hpp"
#include "nn/error.hpp"

namespace {

using bench::Arguments;
namespace fs = std::filesystem;

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
  for (const bench::Work& work : bench::works()) list += fmt::format("  {:<10}{}\n", work.name, work.title);
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

}  // namespace

int main(int argc, char** argv)
try {
  if (const auto given = arguments(argc, argv)) (given->growth ? bench::grow : bench::compare)(*given);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
