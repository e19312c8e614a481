#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "work.hpp"

namespace bench {

/// What the command line asks for.
struct Arguments {
  std::vector<std::string> works;  ///< by name; none means all
  int rounds = 7;                  ///< how often each side trains
  bool quick = false;              ///< less data
  bool growth = false;             ///< `grow` instead of `compare`
  std::string json;                ///< file for everything measured, or empty
  std::filesystem::path out;       ///< folder for what is printed
};

/// @return all workloads of the table, in its order
const std::vector<Work>& works();

/// @param names of workloads; none means all
/// @return those workloads
/// @throws nn::Error for a name that isn't in the table, with the nearest that is
std::vector<Work> chosen(const std::vector<std::string>& names);

/// @return a folder for this process's workloads; those of runs that were interrupted go
std::filesystem::path own_folder();

/// Writes the folder of a workload. The same call writes the same folder.
/// @param path the folder; what is in it goes
/// @param work the workload
/// @param mnist where MNIST is; random patterns stand for it where it isn't
/// @param quick less data and fewer epochs
/// @throws nn::Error when it can't be written, or MNIST can't be read
void prepare(const std::filesystem::path& path, Work work, const std::optional<std::filesystem::path>& mnist,
             bool quick);

/// Trains with all sides that are installed, and reports.
/// @param given the workloads, the rounds and where the report goes
/// @throws nn::Error for an unknown workload, or when a side fails or didn't do the same as ours
void compare(const Arguments& given);

/// Trains what grows with ours alone, and reports time and memory for each unit of work.
/// @param given the rounds and where the report goes
/// @throws nn::Error when ours fails
void grow(const Arguments& given);

}  // namespace bench
