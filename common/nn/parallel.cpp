#include "nn/parallel.hpp"

#include <malloc.h>
#include <omp.h>

#include <algorithm>

extern "C" void openblas_set_num_threads(int);

namespace nn {
namespace {

int team = 1;
constexpr double worth_it = 4e5;  // multiplications: some microseconds, about what waking a thread takes

}  // namespace

void use_threads(int count)
{
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  team = count;
  openblas_set_num_threads(1);
}

int threads() { return team; }

void share_out(arma::uword n, double operations,
               const std::function<void(arma::uword first, arma::uword last, int thread)>& work)
{
  const auto count = static_cast<int>(std::min<arma::uword>(n, team));
  if (count <= 1 || operations < worth_it) return work(0, n, 0);
#pragma omp parallel num_threads(count)
  {
    const auto i = static_cast<arma::uword>(omp_get_thread_num());
    const auto all = static_cast<arma::uword>(omp_get_num_threads());
    work(n * i / all, n * (i + 1) / all, static_cast<int>(i));
  }
}

}  // namespace nn
