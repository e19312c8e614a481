#include "nn/checkpoint.hpp"

#include <csignal>
#include <cstdint>

namespace nn {
namespace {

volatile std::sig_atomic_t caught_signal = 0;

void note(int signal) { caught_signal = signal; }

// Takes a signal over, unless it is ignored: that stays so.
auto take(int signal)
{
  const auto before = std::signal(signal, note);
  if (before == SIG_IGN) std::signal(signal, SIG_IGN);
  return before;
}

}  // namespace

Signals::Signals()
{
  caught_signal = 0;
  interrupt_ = take(SIGINT);
  terminate_ = take(SIGTERM);
}

Signals::~Signals()
{
  std::signal(SIGINT, interrupt_);
  std::signal(SIGTERM, terminate_);
}

int Signals::caught() { return caught_signal; }

// Neighbouring seeds give related numbers in some generators, so the bits are mixed first (SplitMix64).
void seed_step(arma::uword base, arma::uword step)
{
  std::uint64_t z = (base << 32) + step;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  arma::arma_rng::set_seed(static_cast<arma::arma_rng::seed_type>(z ^ (z >> 31)));
}

Checkpoint::Checkpoint(std::filesystem::path path, bool resume) : path_{std::move(path)}
{
  if (!resume) return;
  if (!std::filesystem::exists(path_))
    throw Error(fmt::format("{}: no such file, so there is no interrupted training to go on with", name()));
  kept_ = read_hdf5<double>(path_);
  if (!kept_.contains("training1.epochs"))
    throw Error(fmt::format("{}: holds no training, expected one that was interrupted", name()));
}

void Checkpoint::done() { std::filesystem::remove(path_); }

bool Checkpoint::next(const Making& making)
{
  prefix_ = fmt::format("training{}.", ++training_);
  written_ = {};  // the state is due at once: if the file can't be written, it is said before the work
  const bool found = kept_.contains(prefix_ + "epochs");
  for (const auto& [what, expected] : making) {
    if (!found) {
      set(what, arma::mat{expected});
    } else if (const double is = value(what, 1, 1)(0); is != expected) {
      throw Error(
          fmt::format("{}: holds another training: {} is {}, expected {}", name(), what, is, expected));
    }
  }
  return found;
}

const arma::mat& Checkpoint::value(const std::string& what, arma::uword rows, arma::uword cols) const
{
  const auto found = kept_.find(prefix_ + what);
  if (found == kept_.end())
    throw Error(fmt::format("{}: holds another training: {} is missing", name(), what));
  try {
    require_shape(what, found->second, rows, cols);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: holds another training: {}", name(), error.what()));
  }
  return found->second;
}

void Checkpoint::write()
{
  write_hdf5(path_, kept_);
  written_ = std::chrono::steady_clock::now();
}

}  // namespace nn
