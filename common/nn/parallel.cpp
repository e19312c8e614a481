#include "nn/parallel.hpp"

#include <malloc.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

extern "C" void openblas_set_num_threads(int);

namespace nn {
namespace {

using Work = std::function<void(arma::uword first, arma::uword last, int piece)>;

constexpr double worth_it = 4e5;  // multiplications: some microseconds, about what waking a thread takes
constexpr int patience =
    4000;  // looks at a variable, about 50 microseconds: a training step comes back sooner
constexpr std::uint64_t one = 1ULL << 32;

thread_local bool within_a_piece = false;

void breathe()
{
#if defined __x86_64__
  __builtin_ia32_pause();
#endif
}

// Threads that wait for pieces of work. Whoever is free takes the next piece, the caller too, so that a
// thread to which the machine gives no time keeps nobody waiting unless it has begun one.
class Team {
 public:
  explicit Team(int count)
  {
    for (int i = 1; i < count; ++i) helpers_.emplace_back([this] { help(); });
  }
  ~Team()
  {
    state_ = stop;
    state_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return static_cast<int>(helpers_.size()) + 1; }

  void share(arma::uword n, int pieces, const Work& work)
  {
    work_ = &work;
    n_ = n;
    pieces_ = pieces;
    unfinished_ = pieces;
    state_ = (state_ / one + 1) % (stop / one) * one + static_cast<std::uint64_t>(pieces);
    state_.notify_all();
    while (take_one()) continue;
    for (int i = 0; unfinished_ > 0; ++i) i < patience ? breathe() : void(sched_yield());
    if (failed_.exchange(false)) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  // Takes a piece, if there is one left, and does it.
  bool take_one()
  {
    std::uint64_t seen = state_;
    do {
      if (seen == stop || seen % one == 0) return false;
    } while (!state_.compare_exchange_weak(seen, seen - 1));
    // From here on the caller waits for us, so what belongs to this work stays as it is.
    const auto i = static_cast<arma::uword>(seen % one) - 1, all = static_cast<arma::uword>(pieces_);
    within_a_piece = true;
    try {
      (*work_)(n_ * i / all, n_ * (i + 1) / all, static_cast<int>(i));
    } catch (...) {
      if (!failed_.exchange(true)) error_ = std::current_exception();
    }
    within_a_piece = false;
    --unfinished_;
    return true;
  }

  void help()
  {
    while (true) {
      std::uint64_t seen = state_;
      for (int i = 0; i < patience && seen % one == 0; ++i, seen = state_) breathe();
      if (seen == stop) return;
      if (seen % one == 0) {
        state_.wait(seen);
      } else {
        take_one();
      }
    }
  }

  static constexpr std::uint64_t stop = (one - 1) * one + 1;
  std::atomic<std::uint64_t> state_ =
      0;  // the number of this work, then how many of its pieces nobody has taken
  std::atomic<int> unfinished_ = 0;
  std::atomic<bool> failed_ = false;
  std::exception_ptr error_;  // of the first piece that failed
  const Work* work_ = nullptr;
  arma::uword n_ = 0;
  int pieces_ = 1;
  std::vector<std::thread> helpers_;
};

std::unique_ptr<Team> team;

}  // namespace

void use_threads(int count)
{
  if (count != threads()) {
    team.reset();
    if (count > 1) team = std::make_unique<Team>(count);
  }
  openblas_set_num_threads(1);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

int threads() { return team ? team->size() : 1; }

void share_out(arma::uword n, double operations, const Work& work)
{
  const auto pieces = static_cast<int>(std::min<arma::uword>(n, threads()));
  if (pieces <= 1 || within_a_piece || operations < worth_it) return work(0, n, 0);
  team->share(n, pieces, work);
}

}  // namespace nn
