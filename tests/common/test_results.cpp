#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "nn/options.hpp"
#include "nn/results.hpp"
#include "support.hpp"

TEST_CASE("results are JSON with the options, the numbers by group and the lists")
{
  nn::Results results("01-test", nn::Options{.quick = true, .seed = 7, .threads = 2});
  CHECK(results.empty());
  results.number("line.slope", 1.5);
  CHECK_FALSE(results.empty());
  results.number("line.offset", -1e-300);
  results.append("figures", "a.svg");
  results.append("figures", "a.svg");
  const auto json = nlohmann::json::parse(results.json());
  CHECK(json["chapter"] == "01-test");
  CHECK(json["options"] == nlohmann::json{{"quick", true}, {"seed", 7}, {"threads", 2}, {"device", "cpu"}});
  CHECK(json["numbers"] == nlohmann::json{{"line", {{"slope", 1.5}, {"offset", -1e-300}}}});
  CHECK(json["figures"] == nlohmann::json{"a.svg"});
}

TEST_CASE("a result that is no finite number, badly named or recorded twice is refused")
{
  nn::Results results("01-test", nn::Options{});
  results.number("a.b", 1);
  CHECK_ERROR(results.number("a.b", 1), "result 'a.b' is recorded twice");
  CHECK_ERROR(results.number("a", 1), "result 'a': expected a name of the form group.name");
  CHECK_ERROR(results.number("a.", 1), "result 'a.': expected a name of the form group.name");
  CHECK_ERROR(results.number("a.b c", 1), "result 'a.b c': expected a name of the form group.name");
  CHECK_ERROR(results.number("a.b.c", 1), "result 'a.b.c': expected a name of the form group.name");
  CHECK_ERROR(results.number("a.nan", NAN), "result 'a.nan' is nan, expected a finite number");
  CHECK_ERROR(results.number("a.inf", std::numeric_limits<double>::infinity()), "result 'a.inf' is inf");
}
