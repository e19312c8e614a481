#include "nn/chapter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <armadillo>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "nn/error.hpp"
#include "nn/file.hpp"
#include "nn/gpu/device.hpp"
#include "nn/parallel.hpp"

namespace nn {
namespace {

// Writes to the terminal, or wherever standard output goes.
void print(const std::string& text)
{
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    throw Error(fmt::format("standard output can't be written: {}", std::strerror(errno)));
  }
}

void complain(const std::exception& error)
{
  std::fputs(fmt::format("error: {}\n", error.what()).c_str(),
             stderr);  // fmt::print would throw if this fails
}

}  // namespace

Chapter::Chapter(std::string_view name, Options options)
    : options_{std::move(options)}, results_{name, options_}
{
  std::error_code error;
  std::filesystem::create_directories(options_.out, error);
  if (error) throw Error(fmt::format("--out {}: {}", options_.out.string(), error.message()));
}

void Chapter::experiment(std::string_view id, std::string_view title)
{
  keep_text();
  begin();
  experiment_ = id;
  results_.append("experiments", id);
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  print(fmt::format("\n{}{}{}\n\n", terminal ? "\033[1m" : "", title, terminal ? "\033[0m" : ""));
}

void Chapter::result(std::string_view key, double value)
{
  begin();
  results_.number(key, value);
}

void Chapter::result(std::string_view key, const arma::mat& values)
{
  if (values.n_rows > 10 || values.n_cols > 10) {  // of a key such as 111 nobody could tell the row
    throw Error(
        fmt::format("result '{}' is {}×{}, expected at most 10×10", key, values.n_rows, values.n_cols));
  }
  for (arma::uword i = 0; i < values.n_rows; ++i) {
    for (arma::uword j = 0; j < values.n_cols; ++j) result(fmt::format("{}_{}{}", key, i, j), values(i, j));
  }
}

void Chapter::begin()
{
  // An earlier run's results must not pass for those of this one, which hasn't ended yet.
  std::error_code error;
  if (results_.empty()) std::filesystem::remove(options_.out / "results.json", error);
}

void Chapter::tell(const std::string& line)
{
  print(fmt::format("  {}\n", line));
  text_ += line + "\n";
}

void Chapter::draw(const Figure& figure, std::string_view id)
{
  const std::filesystem::path path = options_.out / fmt::format("{}.svg", id);
  write_file(path, figure.svg());
  results_.append("figures", path.filename().string());
  print(fmt::format("  figure: {}\n", std::filesystem::proximate(path).string()));
}

Table Chapter::data(std::string_view file, const std::vector<std::string>& columns)
{
  const Table all = Table::read(std::filesystem::path(NN_DATASETS) / file);
  Table table = all.complete(columns);
  std::string used = fmt::format("{}: {} rows", file, table.rows());
  if (table.rows() < all.rows()) used += fmt::format(" of {}, the others lack a value", all.rows());
  results_.append("data", used);
  say("data  {}", used);
  return table;
}

std::optional<std::filesystem::path> Chapter::fetched(std::string_view set)
{
  const auto variable = [](const char* name) {
    return std::string(std::getenv(name) ? std::getenv(name) : "");
  };
  std::filesystem::path cache = variable("COURSE_CACHE");
  if (cache.empty() && !variable("XDG_CACHE_HOME").empty()) cache = variable("XDG_CACHE_HOME") + "/nn-course";
  if (cache.empty()) cache = variable("HOME") + "/.cache/nn-course";
  if (!std::filesystem::exists(cache / set / ".recipe")) {
    say("data  {0} isn't here: ./course data {0} fetches it", set);
    return std::nullopt;
  }
  results_.append("data", set);
  say("data  {}", set);
  return cache / set;
}

void Chapter::keep_text()
{
  if (!experiment_.empty()) write_file(options_.out / (experiment_ + ".txt"), text_);
  text_.clear();
}

void Chapter::finish()
{
  if (results_.empty()) return;
  keep_text();
  const std::filesystem::path path = options_.out / "results.json";
  write_file(path, results_.json());
  print(fmt::format("\n  numbers: {}\n", std::filesystem::proximate(path).string()));
  if (options_.device != "cpu") {
    const gpu::Counters done = gpu::counters();
    print(fmt::format("  device: {} has run {} kernels and {} products\n", options_.device, done.kernels,
                      done.products));
  }
}

int run_chapter(std::string_view name, std::string_view about, int argc, char** argv,
                const std::function<void(Chapter&)>& story, const std::vector<OwnOption>& own)
{
  try {
    const auto options = parse_options(argc, argv, about, std::filesystem::path(NN_OUTPUT) / name, own);
    if (!options) return 0;
    use_threads(options->threads);
    arma::arma_rng::set_seed(static_cast<arma::arma_rng::seed_type>(options->seed));
    Chapter chapter(name, *options);
    story(chapter);
    chapter.finish();
    return 0;
  } catch (const Interrupted& error) {
    complain(error);
    return 128 + error.signal;  // as a shell has it
  } catch (const std::exception& error) {
    complain(error);
    return 1;
  }
}

}  // namespace nn
