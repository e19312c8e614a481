#include <thread>

#include "nn/stopwatch.hpp"
#include "support.hpp"

namespace {

void sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

}  // namespace

TEST_CASE("a stopwatch measures seconds, and calls the work once")
{
  int calls = 0;
  const double taken = nn::seconds([&] {
    ++calls;
    sleep(0.02);
  });
  CHECK(taken >= 0.02);
  CHECK(taken < 10);
  CHECK(calls == 1);
}

TEST_CASE("of several times the fastest counts")
{
  int calls = 0;
  const double taken = nn::fastest([&] { sleep(++calls == 2 ? 0.001 : 0.2); }, 3);
  CHECK(calls == 3);
  CHECK(taken >= 0.001);
  CHECK(taken < 0.2);
  CHECK_ERROR(nn::fastest([] {}, 0), "times is 0, expected at least 1");
}

TEST_CASE("a stopwatch stops when it has spent enough time")
{
  int calls = 0;
  const double taken = nn::fastest([&] { ++calls, sleep(0.01); }, 1000, 0.05);
  CHECK(taken >= 0.01);
  CHECK(calls >= 1);
  CHECK(calls <= 5);
}
