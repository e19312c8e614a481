#include <functional>
#include <map>

#include "../grader/judge.hpp"
#include "support.hpp"

namespace solution_01 {
#include "../solutions/01/reference.hpp"
}
namespace solution_05b {
#include "../solutions/05b/reference.hpp"
}

// A diagnosis is worth something only when no two misconceptions give the same numbers, on any seed.

namespace {

using taller::Answer;
using Arguments = std::vector<arma::mat>;

// The reference solutions, in this process.
class Reference : public taller::Callee {
 public:
  Answer call(const std::string& function, const Arguments& a) override
  {
    if (function == "gradiente") return {.results = {solution_01::gradiente(a[0], a[1], a[2])}};
    if (function == "feedForward") {
      const auto [a1, a2] = solution_05b::feedForward(a[0], a[1], a[2], a[3], a[4]);
      return {.results = {a1, a2}};
    }
    REQUIRE(function == "backProp");
    const auto [dw1, db1, dw2, db2] = solution_05b::backProp(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    return {.results = {dw1, db1, dw2, db2}};
  }
};

bool alike(const taller::Matrices& a, const taller::Matrices& b, taller::Check check)
{
  check.relative *= 10;  // far enough apart that a student's rounding makes no difference
  check.absolute *= 10;
  return std::ranges::all_of(
      a, [&](const auto& entry) { return taller::agrees(b.at(entry.first), entry.second, check); });
}

// The names of the misconceptions of a check, which must all differ from the right answer and from each
// other.
std::string separated(const taller::Check& check)
{
  Reference reference;
  std::vector<std::pair<std::string, taller::Matrices>> all;
  for (const taller::Candidate& right : check.right) {
    all.emplace_back("right", *taller::values(right, check, reference));
    CHECK(alike(all.back().second, all.front().second, check));
  }
  std::string names;
  for (const taller::Candidate& wrong : check.wrong) {
    names += wrong.misconception + ", ";
    if (wrong.not_finite || !wrong.throws.empty()) continue;
    const taller::Matrices values = *taller::values(wrong, check, reference);
    for (const auto& [name, others] : all) {
      INFO(check.name << ": '" << wrong.misconception << "' and '" << name << "'");
      CHECK_FALSE(alike(values, others, check));
    }
    all.emplace_back(wrong.misconception, values);
  }
  return names;
}

void separate(const std::string& id)
{
  std::map<std::string, std::string> names;  // check → its misconceptions, the same ones on every seed
  for (std::int64_t seed = 1; seed <= 50; ++seed) {
    for (const taller::Check& check : taller::exercise(id, seed).checks) {
      INFO("seed " << seed << ", " << check.name);
      const std::string now = separated(check);
      CHECK(names.emplace(check.name, now).first->second == now);
    }
  }
}

}  // namespace

TEST_CASE("01: no two misconceptions give the same, on 50 seeds") { separate("01"); }
TEST_CASE("05a: no two misconceptions give the same, on 50 seeds") { separate("05a"); }
TEST_CASE("05b: no two misconceptions give the same, on 50 seeds") { separate("05b"); }

TEST_CASE("every exercise has 100 points, in sizes that differ and are above one")
{
  for (const std::string& id : taller::exercise_ids()) {
    const taller::Exercise exercise = taller::exercise(id, 1);
    CHECK(taller::Grade(exercise, 1, "").points() == 100);
    std::set<std::string> names;
    for (const taller::Check& check : exercise.checks) {
      INFO(check.name);
      CHECK(names.insert(check.name).second);
      if (check.name.find("hand") != std::string::npos || check.name.find("one-record") != std::string::npos)
        continue;
      if (check.name == "entrenarRed.learns") continue;  // XOR
      std::set<arma::uword> sizes;
      for (const auto& [letter, size] : check.sizes) {
        CHECK(size > 1);
        CHECK(sizes.insert(size).second);
      }
    }
  }
}
