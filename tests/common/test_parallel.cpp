#include "nn/parallel.hpp"
#include "support.hpp"

#include <atomic>
#include <vector>

#include "nn/error.hpp"

namespace {

constexpr double much = 1e9;  // multiplications, so that the work is shared

}  // namespace

TEST_CASE("work is shared out in as many pieces as there are threads, always the same")
{
  nn::use_threads(3);
  for (int again = 0; again < 100; ++again) {
    std::vector<arma::uword> piece_of(10, 99);
    nn::share_out(10, much, [&](arma::uword first, arma::uword last, int piece) {
      for (; first < last; ++first) piece_of[first] = piece;
    });
    REQUIRE(piece_of == std::vector<arma::uword>{0, 0, 0, 1, 1, 1, 2, 2, 2, 2});
  }
  nn::use_threads(1);
}

TEST_CASE("a piece that shares out work does all of that itself")
{
  nn::use_threads(3);
  std::atomic<int> whole = 0;
  nn::share_out(3, much, [&](arma::uword, arma::uword, int) {
    nn::share_out(1000, much,
                  [&](arma::uword first, arma::uword last, int) { whole += first == 0 && last == 1000; });
  });
  CHECK(whole == 3);
  nn::use_threads(1);
}

TEST_CASE("what a piece throws reaches whoever shared out the work, and the threads go on working")
{
  nn::use_threads(3);
  for (int again = 0; again < 100; ++again) {
    std::atomic<int> done = 0;
    const auto work = [&](arma::uword first, arma::uword, int) {
      if (first == 1) throw nn::Error("one went wrong");
      ++done;
    };
    REQUIRE_THROWS_WITH(nn::share_out(3, much, work), "one went wrong");
    REQUIRE(done == 2);
  }
  std::atomic<int> done = 0;
  nn::share_out(3, much, [&](arma::uword, arma::uword, int) { ++done; });
  CHECK(done == 3);
  nn::use_threads(1);
}
