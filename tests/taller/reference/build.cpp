#include "build.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "../grader/judge.hpp"
#include "nn/error.hpp"

namespace taller {
namespace {

// FNV-1a: the same for the same name everywhere, which std::hash does not promise.
std::uint32_t hash(std::string_view text)
{
  std::uint32_t value = 2166136261U;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 16777619U;
  return value;
}

}  // namespace

Random::Random(std::int64_t seed, std::string_view check)
{
  const auto bits = static_cast<std::uint64_t>(seed);
  std::seed_seq sequence{static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32),
                         hash(check)};
  engine_.seed(sequence);
}

double Random::number(double low, double high)
{
  return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
}

arma::mat Random::matrix(arma::uword rows, arma::uword cols, double low, double high)
{
  arma::mat filled(rows, cols);
  filled.imbue([&] { return number(low, high); });
  return filled;
}

arma::mat Random::labels(arma::uword rows, arma::uword cols)
{
  arma::mat y(rows, cols);
  for (arma::uword r = 0; r < rows; ++r) {
    const auto one = static_cast<arma::uword>(number(0, static_cast<double>(cols)));
    y(r, one) = 1;
    if (cols > 5) y(r, (one + 2) % cols) = number(0, 1) < 0.5 ? 0 : 1;
  }
  return y;
}

void right(Check& check, Matrices values) { check.right.push_back({.values = std::move(values)}); }

void wrong(Check& check, const Slip& slip, Matrices values)
{
  bool differs = false;
  for (const auto& [output, value] : values) {
    if (!value.is_finite()) return;
    differs = differs || !agrees(value, check.right.front().values.at(output), check);
  }
  if (differs)
    check.wrong.push_back({.misconception = slip.name, .says = slip.says, .values = std::move(values)});
}

void only_shape(Check& check)
{
  check.comparison = Comparison::shape;
  const Matrices& right = check.right.front().values;
  std::erase_if(check.wrong, [&](const Candidate& candidate) {
    return candidate.throws.empty() && std::ranges::all_of(candidate.values, [&](const auto& entry) {
             return arma::size(entry.second) == arma::size(right.at(entry.first));
           });
  });
}

std::vector<std::string> exercise_ids() { return {"01", "05a", "05b"}; }

std::optional<std::vector<std::int64_t>> recorded_seeds(const std::string&) { return std::nullopt; }

Exercise exercise(const std::string& id, std::int64_t seed)
{
  if (id == "01") return exercise_01(seed);
  if (id == "05a") return exercise_05a(seed);
  if (id == "05b") return exercise_05b(seed);
  throw nn::Error(fmt::format("no exercise '{}', expected 01, 05a or 05b", id));
}

}  // namespace taller
