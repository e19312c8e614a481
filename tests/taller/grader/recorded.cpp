#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "exercise.hpp"
#include "nn/error.hpp"
#include "nn/file.hpp"

// Exercises from the recorded cases: ID-SEED.json.gz, for a copy of the course that has no reference
// solutions.
namespace taller {
namespace {

// Every recorded case as its exercise and seed.
std::map<std::string, std::vector<std::int64_t>> recorded()
{
  std::map<std::string, std::vector<std::int64_t>> found;
  for (const auto& file : std::filesystem::directory_iterator{TALLER_CASES}) {
    const std::string name = file.path().filename().string();
    const std::size_t dash = name.find('-');
    std::int64_t seed = 0;
    if (dash == std::string::npos) continue;
    if (std::from_chars(name.data() + dash + 1, name.data() + name.size(), seed).ec == std::errc{})
      found[name.substr(0, dash)].push_back(seed);
  }
  for (auto& [id, seeds] : found) std::ranges::sort(seeds);
  return found;
}

}  // namespace

std::vector<std::string> exercise_ids()
{
  std::vector<std::string> ids;
  for (const auto& [id, seeds] : recorded()) ids.push_back(id);
  return ids;
}

std::optional<std::vector<std::int64_t>> recorded_seeds(const std::string& id) { return recorded()[id]; }

Exercise exercise(const std::string& id, std::int64_t seed)
{
  const auto seeds = recorded()[id];
  if (seeds.empty())
    throw nn::Error(fmt::format("no exercise '{}', expected one of {}", id, fmt::join(exercise_ids(), ", ")));
  if (std::ranges::find(seeds, seed) == seeds.end()) {
    throw nn::Error(fmt::format("--seed {}: this copy of the course grades with the seeds {}", seed,
                                fmt::join(seeds, ", ")));
  }
  return read_exercise(
      nlohmann::json::parse(nn::read_file(fmt::format("{}/{}-{}.json.gz", TALLER_CASES, id, seed))));
}

}  // namespace taller
