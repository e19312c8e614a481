#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace nn {

/// A progress bar with the time left, on the terminal's error channel. It draws nothing when that isn't a terminal,
/// nor within the first half second, and erases itself at the end. One that lives inside another leaves the line to that.
class Progress {
 public:
  /// @param what the work, in a word or two
  /// @param total the number of steps
  Progress(std::string_view what, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One step is done.
  void tick();

  /// What the bar looks like.
  /// @param what the work
  /// @param done, total steps
  /// @param seconds since the start
  /// @return for example `epochs ━━━━━━━━────────────  40 %  3 s left`
  static std::string bar(std::string_view what, std::size_t done, std::size_t total, double seconds);

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::size_t total_;
  std::size_t done_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_draw_;
  bool visible_;
  bool drawn_ = false;
  static inline int alive_ = 0;
};

}  // namespace nn
