#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nn {

/// The options that every chapter takes.
struct Options {
  bool quick = false;          ///< a few seconds at most, for tests
  std::int64_t seed = 1;       ///< of Armadillo's random numbers
  int threads = 1;             ///< of the library; on the command line, by default, one a core
  std::string device = "cpu";  ///< cpu, gpu or gpu:N: where nn::on_device works
  std::filesystem::path out;   ///< folder for figures, output and results
};

/// An option that a single chapter has.
struct OwnOption {
  std::string name;  ///< such as `--predict`
  std::string help;  ///< one line for `--help`
  std::variant<bool*, std::optional<std::string>*>
      value;  ///< where it goes: a flag's is set to true, text, even none, is taken as it is
};

/// Reads a command line. `--help` prints itself.
/// @param argc, argv as `main` gets them
/// @param about one line on the program, for `--help`
/// @param out the default of `--out`
/// @param own options of the chapter's own
/// @return the options, or nothing after `--help`
/// @throws Error for an unknown option, a value out of range or a device that this build doesn't have
std::optional<Options> parse_options(int argc, char** argv, std::string_view about,
                                     const std::filesystem::path& out,
                                     const std::vector<OwnOption>& own = {});

}  // namespace nn
