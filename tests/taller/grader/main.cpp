#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>

#include "grade.hpp"
#include "nn/error.hpp"
#include "nn/file.hpp"
#include "nn/progress.hpp"
#include "submissions.hpp"

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string exercise, check, seed = "1";
  fs::path file, out, folder;
};

// --seed: a whole number, or `random` for another one each time.
std::int64_t seed_of(const Options& options)
{
  if (options.seed != "random") {
    try {
      std::size_t end = 0;
      const std::int64_t seed = std::stoll(options.seed, &end);
      if (end == options.seed.size()) return seed;
    } catch (const std::exception&) {
    }
    throw nn::Error(fmt::format("--seed {}: expected a whole number, or random", options.seed));
  }
  std::random_device device;
  const auto recorded = taller::recorded_seeds(options.exercise);
  return recorded ? recorded->at(device() % recorded->size()) : static_cast<std::int64_t>(device() % 1000000);
}

void require_check(const taller::Exercise& exercise, const std::string& check)
{
  std::vector<std::string> names;
  for (const taller::Check& one : exercise.checks) names.push_back(one.name);
  if (check.empty() || std::ranges::find(names, check) != names.end()) return;
  throw nn::Error(fmt::format("--check {}: TALLER {} has {}", check, exercise.id, fmt::join(names, ", ")));
}

// Grades one file and prints its card; results.json and junit.xml are whole at any time, and so is the
// compiler's log.
bool grade_one(const Options& options)
{
  const std::int64_t seed = seed_of(options);
  taller::Grade grade{taller::exercise(options.exercise, seed), seed, options.file.string()};
  require_check(grade.exercise, options.check);
  const auto write = [&](const taller::Grade& now) {
    if (!options.check.empty()) return;  // a replay is no grade
    nn::write_file(options.out / "results.json", taller::gradescope(now));
    nn::write_file(options.out / "junit.xml", taller::junit(now));
  };
  fs::create_directories(options.out);
  write(grade);
  const bool terminal = isatty(STDERR_FILENO) == 1;
  if (terminal) fmt::print(stderr, "compiling {} …", options.file.string());
  {
    nn::Progress progress{"checks", grade.results.size()};
    taller::Student student{options.exercise, options.file};
    taller::grade(grade, student, options.check, [&](const taller::Grade& now) {
      progress.tick();
      write(now);
    });
  }
  if (terminal) fmt::print(stderr, "\r\033[K");
  const bool colours = isatty(STDOUT_FILENO) == 1 && !std::getenv("NO_COLOR");
  fmt::print("{}", taller::card(grade, colours, options.check));
  if (grade.errors.empty()) return true;
  nn::write_file(options.out / "compiler.txt", grade.log + "\n");
  fmt::print("  all that the compiler said: {}\n", (options.out / "compiler.txt").string());
  return false;
}

void record(const Options& options)
{
  for (const std::string& id : taller::exercise_ids()) {
    for (std::int64_t seed = 1; seed <= std::stoll(options.seed); ++seed) {
      nn::write_file(options.out / fmt::format("{}-{}.json", id, seed),
                     taller::as_json(taller::exercise(id, seed)).dump());
    }
  }
}

}  // namespace

int main(int argc, char** argv)
{
  CLI::App app{"The grader of the TALLER exercises; ./course taller and ./course grade call it"};
  app.require_subcommand(1);
  Options options;
  bool good = true;
  auto* const one = app.add_subcommand("one", "grade one file and print its card");
  one->add_option("exercise", options.exercise)->required();
  one->add_option("file", options.file)->required();
  one->add_option("--seed", options.seed, "of the inputs: a whole number, or random")->capture_default_str();
  one->add_option("--check", options.check, "run this one check alone");
  one->add_option("--out", options.out, "folder for results.json and junit.xml")->required();
  one->callback([&] { good = grade_one(options); });
  auto* const many = app.add_subcommand("grade", "grade a folder with a sub-folder for each student");
  many->add_option("folder", options.folder)->required();
  many->add_option("--exercise", options.exercise, "01, 05a or 05b; seen from the files when it isn't given");
  many->add_option("--seed", options.seed, "of the inputs; choose one that the students don't know")
      ->capture_default_str();
  many->add_option("--out", options.out, "folder for grades.csv and what is written for each student")
      ->required();
  many->callback(
      [&] { taller::grade_submissions(options.folder, options.exercise, seed_of(options), options.out); });
  auto* const recorder = app.add_subcommand("record", "write the cases of the seeds 1 to N");
  recorder->add_option("seeds", options.seed)->required();
  recorder->add_option("out", options.out)->required();
  recorder->callback([&] { record(options); });
  try {
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0) throw nn::Error("standard output can't be written");
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
  return good ? 0 : 1;
}
