#pragma once

#include <fmt/core.h>

#include <armadillo>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/figure.hpp"
#include "nn/options.hpp"
#include "nn/results.hpp"
#include "nn/table.hpp"

namespace nn {

/// A chapter while it runs: it tells its story on the terminal and keeps it, with figures and numbers, in the folder
/// that `--out` names. The notes are made from what is kept.
class Chapter {
 public:
  /// @param name the chapter's folder, such as `01-linear-regression`
  /// @param options the options of this run
  /// @throws Error when the output folder can't be made
  Chapter(std::string_view name, Options options);

  /// @return the options of this run
  const Options& options() const { return options_; }

  /// Begins an experiment: a heading on the terminal; what `say` tells from here on is kept as `id.txt`.
  /// @param id a short name, such as `cost-curve`
  /// @param title the heading
  void experiment(std::string_view id, std::string_view title);

  /// Tells one line.
  /// @param format, arguments as `fmt::format` takes them
  template <class... Arguments>
  void say(fmt::format_string<Arguments...> format, Arguments&&... arguments)
  {
    tell(fmt::vformat(format, fmt::make_format_args(arguments...)));
  }

  /// Records a number for `results.json`: the tests check it, the notes quote it.
  /// @param key `group.name`
  /// @param value a finite number
  /// @throws Error when the value is not finite, or the key is malformed or taken
  void result(std::string_view key, double value);

  /// Records the numbers of a small matrix, row by row, as `key_ij` with row i and column j from 0.
  /// @param key `group.name`
  /// @param values finite numbers, at most 10×10
  /// @throws Error when there are more of them, a value is not finite, or a key is malformed or taken
  void result(std::string_view key, const arma::mat& values);

  /// Draws a figure as `id.svg`.
  /// @param figure what to draw
  /// @param id a short name
  /// @throws Error when a panel has nothing in it, gnuplot isn't there or the file can't be written
  void draw(const Figure& figure, std::string_view id);

  /// Reads a committed data set, prints one line about it and records that line.
  /// @param file its name in the folder `datasets/`
  /// @param columns keep only the rows in which none of these is missing; none means all columns
  /// @return the rows kept, with all columns
  /// @throws Error as `Table::read` and `Table::complete`
  Table data(std::string_view file, const std::vector<std::string>& columns = {});

  /// A data set that the command `course data` fetches, looked for where that puts it: in the folder that the
  /// environment variable COURSE_CACHE names, else in nn-course in the cache folder of the user. Whether it is there is
  /// said on the terminal and, if it is, recorded.
  /// @param set its name, such as `mnist`
  /// @return its folder, or nothing when it has not been fetched
  std::optional<std::filesystem::path> fetched(std::string_view set);

  /// Keeps what is left to keep; `results.json` is written last, so that its presence means a whole run. Where
  /// nothing was recorded, the results of an earlier run stay.
  /// @throws Error when a file can't be written
  void finish();

 private:
  void begin();
  void tell(const std::string& line);
  void keep_text();

  Options options_;
  Results results_;
  std::string experiment_;
  std::string text_;
};

/// The `main` of every chapter: reads the options, seeds the random numbers, runs the story and keeps its results. An error
/// is said in one line, `error: …`.
/// @param name the chapter's folder, such as `01-linear-regression`
/// @param about one line for `--help`
/// @param argc, argv as `main` gets them
/// @param story the experiments; if it records nothing, the results of an earlier run stay as they are
/// @param own options that only this chapter has
/// @return the exit status: 0, 1 after an error, or 128 and the number of the signal when a training was interrupted
int run_chapter(std::string_view name, std::string_view about, int argc, char** argv,
                const std::function<void(Chapter&)>& story, const std::vector<OwnOption>& own = {});

}  // namespace nn
