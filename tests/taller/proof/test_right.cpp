#include "support.hpp"

using proof::compiled;
using proof::graded;
using taller::Outcome;

// The stub earns nothing, and all of it is to do.
static void stub_is_to_do(const std::string& id)
{
  taller::Student stub = compiled(id, nn::read_file(proof::solutions() / ".." / "stubs" / (id + ".hpp")));
  const taller::Grade grade = graded(id, stub, 1);
  CHECK(grade.errors.empty());
  CHECK(grade.score() == 0);
  CHECK(proof::checks(grade, [](const auto& r) { return r.outcome != Outcome::not_implemented; }).empty());
}

static void reference_is_right(const std::string& id)
{
  taller::Student student = compiled(id, proof::reference(id));
  for (std::int64_t seed = 1; seed <= 50; ++seed) {
    const taller::Grade grade = graded(id, student, seed);
    INFO("seed " << seed << taller::card(grade, false));
    REQUIRE(grade.points() == 100);
    REQUIRE(grade.score() == 100);
  }
}

static void styles_are_right(const std::string& id)
{
  std::size_t styles = 0;
  for (const auto& file : std::filesystem::directory_iterator{proof::solutions() / id / "right"}) {
    ++styles;
    taller::Student student = compiled(id, nn::read_file(file.path()));
    for (const std::int64_t seed : {1, 2, 3}) {
      const taller::Grade grade = graded(id, student, seed);
      INFO(file.path().filename() << taller::card(grade, false));
      CHECK(grade.score() == 100);
    }
  }
  CHECK(styles >= 6);
}

TEST_CASE("01: the stub is to do, the reference has 100 points on 50 seeds")
{
  stub_is_to_do("01");
  reference_is_right("01");
}

TEST_CASE("05a: the stub is to do, the reference has 100 points on 50 seeds")
{
  stub_is_to_do("05a");
  reference_is_right("05a");
}

TEST_CASE("05b: the stub is to do, the reference has 100 points on 50 seeds")
{
  stub_is_to_do("05b");
  reference_is_right("05b");
}

TEST_CASE("01: other right styles have 100 points") { styles_are_right("01"); }
TEST_CASE("05a: other right styles have 100 points") { styles_are_right("05a"); }
TEST_CASE("05b: other right styles have 100 points") { styles_are_right("05b"); }
