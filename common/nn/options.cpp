#include "nn/options.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <thread>

#include "nn/command_line.hpp"
#include "nn/error.hpp"
#include "nn/gpu/device.hpp"

namespace nn {
namespace {

// What is wrong with a seed; nothing when it is one. CLI11 itself would take a number that is too large for
// the largest.
std::string whole(const std::string& value)
{
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc{} && end == value.data() + value.size() && number >= 0) return "";
  return fmt::format("found '{}', expected a whole number, 0 to 2^63 - 1", value);
}

// N of gpu:N; gpu alone is gpu:0.
std::size_t gpu_number(const std::string& device)
{
  if (device == "gpu") return 0;
  std::size_t number = 0;
  const char* const last = device.data() + device.size();
  if (device.starts_with("gpu:")) {
    const auto [end, error] = std::from_chars(device.data() + 4, last, number);
    if (error == std::errc{} && end == last) return number;
  }
  throw Error(fmt::format("--device {}: expected cpu, gpu or gpu:N", device));
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, std::string_view about,
                                     const std::filesystem::path& out, const std::vector<OwnOption>& own)
{
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Options options{.threads = cores, .out = out};

  CLI::App app{std::string(about)};
  app.option_defaults()->always_capture_default();
  app.add_flag("--quick", options.quick, "a shorter run of a few seconds, for tests");
  app.add_option("--seed", options.seed, "seed of the random numbers: same seed, same numbers")
      ->check(whole, "");
  app.add_option("--threads", options.threads, "threads of the library")->check(CLI::Range(1, 1024));
  app.add_option("--device", options.device,
                 "where the matrices of the larger trainings live: cpu, gpu or gpu:N");
  app.add_option("--out", options.out, "folder for figures, output and results.json");
  for (const OwnOption& option : own) {
    if (const auto* flag = std::get_if<bool*>(&option.value)) {
      app.add_flag(option.name, **flag, option.help);
    } else {
      const auto take = [&](const std::string& text) { *std::get<1>(option.value) = text; };
      app.add_option_function<std::string>(option.name, take, option.help)->option_text("TEXT");
    }
  }
  if (!parse_command_line(app, argc, argv)) return std::nullopt;
  if (options.device != "cpu") gpu::choose(gpu_number(options.device));
  return options;
}

}  // namespace nn
