#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// Somebody who trains: ours, or a peer. It is a program that gets a folder and a number of threads, says `ready`
/// with its version, and then answers each line on its standard input with one training: seconds, cost and share
/// right.
struct Side {
  std::string name;                  ///< as in the table
  std::string key;                   ///< as in the results
  std::string package;               ///< of Debian, for those who don't have it
  std::vector<std::string> command;  ///< without folder and threads
  bool one_thread_of_blas;           ///< brings threads of its own, beside which OpenBLAS shall have one
};

/// @return ours, whose program lies beside this one
Side our_side();

/// What a side answers to one line.
struct Answer {
  double seconds;  ///< of the training alone
  double cost;     ///< of the trained network, without dropout
  double right;    ///< share of samples whose class is right, 0 where there are no classes
};

/// A side's process at one workload.
class Worker {
 public:
  /// Starts it and waits until it is ready.
  /// @param side whose
  /// @param folder with the workload
  /// @param threads how many it may use
  /// @throws nn::Error when it can't be started or ends
  Worker(const Side& side, const std::filesystem::path& folder, int threads);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Has it train once from the initial weights.
  /// @param line `time`, or `check`: without dropout, so that all sides must agree
  /// @return its answer
  /// @throws nn::Error when it ends or says something else
  Answer ask(const std::string& line);

  /// Ends it, and waits for that.
  /// @throws nn::Error when its exit status isn't 0
  void end();

  /// @return the largest memory it has had, in MB
  double peak_memory() const;

  /// @return how many threads it was given
  int threads() const { return threads_; }

  /// @return its name and version, such as `NumPy 1.24.2`
  const std::string& version() const { return version_; }

 private:
  std::string read_line();

  std::string name_, version_;
  int threads_;
  pid_t pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

/// @param command a program and its arguments
/// @return whether it can be started and ends with status 0; what it says is dropped
bool succeeds(const std::vector<std::string>& command);

}  // namespace bench
