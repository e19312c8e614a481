// What the page "What a GPU is for" measures: what a call and a transfer cost, and the same network at
// growing width on the processor and on the first device. It says which device that was.

#include <algorithm>
#include <armadillo>
#include <utility>

#include "nn/chapter.hpp"
#include "nn/error.hpp"
#include "nn/on_device.hpp"
#include "nn/stopwatch.hpp"
#include "nn/training.hpp"

namespace {

using arma::fmat;
namespace gpu = nn::gpu;

// The fastest of several, after one that compiles kernels and warms up. It stops early when they take long.
double fastest(const auto& work)
{
  work();
  return nn::fastest(work, 20, 0.5);
}

void calls(nn::Chapter& chapter)
{
  chapter.experiment("calls", "What a call and a transfer cost");
  const arma::uword many = 1000, large = chapter.options().quick ? 1 << 20 : 1 << 24;
  const gpu::Mat one(1, 1), row(1, large);
  const fmat row_here(1, large);
  const double queued = fastest([&] {
    for (arma::uword i = 0; i < many; ++i) gpu::Mat two = one + one;
    gpu::finish();
  });
  const double waited = fastest([&] { accu(one); });
  const double up = fastest([&] { gpu::Mat there(row_here); });
  const double down = fastest([&] { fmat here(row); });
  const double add = fastest([&] {
    gpu::Mat two = row + row;
    gpu::finish();
  });
  const double megabytes = 4e-6 * static_cast<double>(large);
  chapter.say("1 + 1, one of a thousand calls      {:10.1f} microseconds", 1e6 * queued / many);
  chapter.say("a call whose answer is waited for   {:10.1f} microseconds", 1e6 * waited);
  chapter.say("{:3.0f} MB to the device               {:10.1f} microseconds", megabytes, 1e6 * up);
  chapter.say("{:3.0f} MB back                        {:10.1f} microseconds", megabytes, 1e6 * down);
  chapter.say("adding {:3.0f} MB and {:3.0f} MB there      {:10.1f} microseconds", megabytes, megabytes,
              1e6 * add);
}

// One step of a network 784-width-width-10 on a batch of 512.
template <nn::Matrix Mat>
double step_time(arma::uword width)
{
  nn::Network<Mat> network({784, width, width, 10}, nn::Activation::relu);
  nn::Sgd<Mat> sgd(1e-4, 0.9);
  const Mat X(784, 512, arma::fill::randu);
  const Mat Y = nn::one_hot<Mat>(arma::randi<arma::urowvec>(512, arma::distr_param(0, 9)), 10);
  return fastest([&] {
    auto [J, dA] = nn::softmax_cross_entropy(network.forward(X), Y);
    network.backward(X, std::move(dA));
    sgd.step(network);
    nn::wait_for(network.layers[0].W);
  });
}

// Wider until a step takes half a second on one of the two.
void widths(nn::Chapter& chapter)
{
  chapter.experiment("widths", "One step of a network 784-width-width-10, batch of 512, milliseconds");
  const arma::uword widest = chapter.options().quick ? 64 : 16384;
  chapter.say("{:>8} {:>12} {:>12} {:>16}", "width", "processor", "device", "device is");
  double faster_from = 0, slower = 0;
  for (arma::uword width = 16; width <= widest && slower < 0.5; width *= 2) {
    const double here = step_time<fmat>(width), there = step_time<gpu::Mat>(width);
    chapter.say("{:8} {:12.3f} {:12.3f} {:12.2f} × {}", width, 1e3 * here, 1e3 * there,
                std::max(here / there, there / here), there < here ? "faster" : "slower");
    if (there >= here) faster_from = 0;
    if (there < here && faster_from == 0) faster_from = static_cast<double>(width);
    slower = std::max(here, there);
  }
  if (faster_from > 0) {
    chapter.say("From width {:.0f} on the device is the faster one.", faster_from);
  } else {
    chapter.say("At none of these widths is the device faster to the end.");
  }
}

void measure(nn::Chapter& chapter)
{
  chapter.experiment("device", "The device measured");
  try {
    gpu::choose(0);
  } catch (const nn::Error& error) {
    chapter.say("Nothing was measured for this page: {}.", error.what());
    chapter.experiment("calls", "");
    chapter.say("not measured");
    chapter.experiment("widths", "");
    chapter.say("not measured");
    return;
  }
  chapter.say("processor: {} threads", chapter.options().threads);
  chapter.say("device:    {}", gpu::devices().front().name);
  calls(chapter);
  widths(chapter);
}

}  // namespace

int main(int argc, char** argv) { return nn::run_chapter("gpu", "What a GPU is for", argc, argv, measure); }
