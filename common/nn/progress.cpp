#include "nn/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nn {
using namespace std::chrono_literals;

Progress::Progress(std::string_view what, std::size_t total)
    : what_{what},
      total_{total},
      next_draw_{start_ + 500ms},
      visible_{alive_++ == 0 && isatty(STDERR_FILENO) == 1}
{
}

Progress::~Progress()
{
  --alive_;
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

void Progress::tick()
{
  ++done_;
  if (!visible_) return;
  const auto now = Clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + 100ms;
  drawn_ = true;
  const std::chrono::duration<double> seconds = now - start_;
  fmt::print(stderr, "\r{}\033[K", bar(what_, done_, total_, seconds.count()));
  std::fflush(stderr);
}

std::string Progress::bar(std::string_view what, std::size_t done, std::size_t total, double seconds)
{
  constexpr std::size_t width = 20;
  done = std::max<std::size_t>(done, 1);
  total = std::max(total, done);  // whoever does more than was planned is at the end
  const std::size_t filled = width * done / total;
  std::string line;
  for (std::size_t i = 0; i < width; ++i) line += i < filled ? "━" : "─";
  const double left = seconds * static_cast<double>(total - done) / static_cast<double>(done);
  return fmt::format("{} {} {:3} %  {:.0f} s left", what, line, 100 * done / total, std::ceil(left));
}

}  // namespace nn
