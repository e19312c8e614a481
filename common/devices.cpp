// ./course devices: what --device can choose, with memory and speed.

#include <fmt/core.h>
#include <unistd.h>

#include <armadillo>

#include "nn/on_device.hpp"
#include "nn/stopwatch.hpp"

namespace {

// Billions of additions and multiplications in a second, in products of 1024×1024, the fastest of three after
// one that compiles and warms up.
template <nn::Matrix Mat>
double product_rate()
{
  const arma::uword n = 1024;
  const Mat A(n, n, arma::fill::randn), B(n, n, arma::fill::randn);
  const auto product = [&] {
    const Mat C = A * B;
    nn::wait_for(C);
  };
  product();
  return 2e-9 * static_cast<double>(n * n * n) / nn::fastest(product, 3);
}

void row(std::string_view option, std::string_view name, double bytes, double rate)
{
  fmt::print("  {:<6} {:<64} {:7.1f} GiB {:9.0f} GFLOP/s\n", option, name, bytes / (1 << 30), rate);
}

void list_devices()
{
  const auto bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  fmt::print("\n  --device, name, memory, speed of a product of 1024×1024 in float:\n\n");
  row("cpu", "the processor, by OpenBLAS", bytes, product_rate<arma::fmat>());
  const std::vector<nn::gpu::Device> devices = nn::gpu::devices();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    nn::gpu::choose(i);
    row(fmt::format("gpu:{}", i), devices[i].name, static_cast<double>(devices[i].memory),
        product_rate<nn::gpu::Mat>());
  }
  if (devices.empty()) nn::gpu::choose(0);  // says what is missing
  fmt::print("\n");
}

}  // namespace

int main()
{
  try {
    list_devices();
    return 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
