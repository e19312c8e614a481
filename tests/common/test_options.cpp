#include "nn/options.hpp"
#include "support.hpp"

namespace {

std::optional<nn::Options> parse(std::vector<std::string> arguments,
                                 const std::vector<nn::OwnOption>& own = {})
{
  arguments.insert(arguments.begin(), "chapter");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return nn::parse_options(static_cast<int>(argv.size()), argv.data(), "about", "default-out", own);
}

}  // namespace

TEST_CASE("options have defaults and take values")
{
  const auto defaults = parse({});
  CHECK_FALSE(defaults->quick);
  CHECK(defaults->seed == 1);
  CHECK(defaults->threads >= 1);
  CHECK(defaults->out == "default-out");
  const auto given = parse({"--quick", "--seed", "42", "--threads=3", "--device", "cpu", "--out", "there"});
  CHECK(given->quick);
  CHECK(given->seed == 42);
  CHECK(given->threads == 3);
  CHECK(given->out == "there");
}

TEST_CASE("an option that can't be is refused and named")
{
  CHECK_ERROR(parse({"--sed", "1"}), "unknown argument '--sed' (see --help)");
  CHECK_ERROR(parse({"extra"}), "extra");
  CHECK_ERROR(parse({"--seed", "x"}), "--seed");
  CHECK_ERROR(parse({"--seed", "-1"}), "--seed: found '-1', expected a whole number, 0 to 2^63 - 1");
  CHECK_ERROR(parse({"--seed", "18446744073709551616"}), "--seed");
  CHECK_ERROR(parse({"--seed"}), "--seed");
  CHECK_ERROR(parse({"--threads", "0"}), "--threads");
  for (const char* device : {"gpu:", "gpu:x", "gpu:-1", "gpu:1x", "gpus", "CPU"}) {
    CHECK_ERROR(parse({"--device", device}), "expected cpu, gpu or gpu:N");
  }
}

TEST_CASE("a chapter can have options of its own")
{
  bool flag = false;
  std::optional<std::string> text;
  const std::vector<nn::OwnOption> own = {{"--fashion", "clothes", &flag}, {"--predict", "a file", &text}};
  CHECK(parse({"--quick"}, own)->quick);
  CHECK_FALSE(flag);
  CHECK_FALSE(text);
  parse({"--fashion", "--predict", "a b.png"}, own);
  CHECK(flag);
  CHECK(text == "a b.png");
  parse({"--predict", ""}, own);
  CHECK(text == "");
  CHECK_ERROR(parse({"--predict"}, own), "--predict");
  CHECK_ERROR(parse({"--fashion"}), "unknown argument '--fashion'");
}
