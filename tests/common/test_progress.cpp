#include "nn/progress.hpp"
#include "support.hpp"

#include <pty.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

using namespace std::chrono_literals;

TEST_CASE("a progress bar shows the part done and the time left")
{
  CHECK(nn::Progress::bar("epochs", 5, 20, 3) == "epochs ━━━━━───────────────  25 %  9 s left");
  CHECK(nn::Progress::bar("epochs", 20, 20, 3) == "epochs ━━━━━━━━━━━━━━━━━━━━ 100 %  0 s left");
  CHECK(nn::Progress::bar("", 0, 0, 1).ends_with("100 %  0 s left"));
  CHECK(nn::Progress::bar("", 30, 20, 1).ends_with("100 %  0 s left"));
}

TEST_CASE("on a terminal the outer one of two progress bars is drawn")
{
  int terminal = -1;
  int channel = -1;
  REQUIRE(openpty(&terminal, &channel, nullptr, nullptr, nullptr) == 0);
  const int saved = dup(STDERR_FILENO);
  dup2(channel, STDERR_FILENO);
  {
    nn::Progress outer{"outer", 2};
    nn::Progress inner{"inner", 2};
    std::this_thread::sleep_for(600ms);  // none is drawn earlier
    inner.tick();
    outer.tick();
  }
  dup2(saved, STDERR_FILENO);
  std::array<char, 1000> seen{};
  const auto read_bytes = read(terminal, seen.data(), seen.size());
  for (const int file : {terminal, channel, saved}) close(file);
  REQUIRE(read_bytes > 0);
  const std::string text(seen.data(), static_cast<std::size_t>(read_bytes));
  CHECK(text.find("outer ━━━━━━━━━━──────────  50 %") != std::string::npos);
  CHECK(text.find("inner") == std::string::npos);
}
