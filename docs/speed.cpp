// What the page "Why is it fast?" measures for its section "Where the time goes": each thing that the library
// does for speed against the plain way, the two in turns and the fastest of several, and what no program can
// beat on this machine.

#include <cblas.h>
#include <malloc.h>

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <string_view>
#include <utility>

#include "nn/activation.hpp"
#include "nn/chapter.hpp"
#include "nn/cost.hpp"
#include "nn/error.hpp"
#include "nn/network.hpp"
#include "nn/parallel.hpp"
#include "nn/product.hpp"
#include "nn/slices.hpp"
#include "nn/stopwatch.hpp"
#include "nn/training.hpp"
#include "nn/windows.hpp"

namespace {

using arma::fmat;
using arma::mat;
using arma::uword;

// What this machine can do at best: floating-point operations and bytes read from memory, in a second.
struct Ceiling {
  double operations, bytes;
};

// Seconds of the plain way and of the library's.
struct Race {
  double plain, ours;
};

// The two in turns, so that what else the machine does hits both.
Race race(const nn::Chapter& chapter, const auto& plain, const auto& ours)
{
  const double enough = chapter.options().quick ? 0.02 : 1.5;
  plain();
  ours();
  Race best{arma::datum::inf, arma::datum::inf};
  double spent = 0;
  for (int round = 0; round < 2000 && (round < 3 || spent < enough); ++round) {
    const double first = nn::seconds(plain), second = nn::seconds(ours);
    best = {std::min(best.plain, first), std::min(best.ours, second)};
    spent += first + second;
  }
  return best;
}

// What takes a moment only is timed many times over.
auto repeated(int times, const auto& work)
{
  return [times, work] {
    for (int i = 0; i < times; ++i) work();
  };
}

void report(nn::Chapter& chapter, std::string_view key, std::string_view title, const Race& race,
            int times = 1)
{
  const double plain = 1e6 * race.plain / times, ours = 1e6 * race.ours / times;
  chapter.say("{:<42} {:>12.3f} {:>12.3f} {:>8.2f}", title, plain, ours, plain / ours);
  chapter.result(fmt::format("{}.plain", key), plain);
  chapter.result(fmt::format("{}.ours", key), ours);
  chapter.result(fmt::format("{}.gain", key), plain / ours);
}

// A gain counts only if both ways come to the same.
void require_same(std::string_view what, const auto& plain, const auto& ours)
{
  if (!arma::approx_equal(plain, ours, "both", 1e-4, 1e-4))
    throw nn::Error(fmt::format("{}: the two ways differ, expected the same", what));
}

mat samples(const nn::Chapter& chapter)
{
  return mat(100, chapter.options().quick ? 5000 : 100000, arma::fill::randn);
}

Ceiling ceiling(nn::Chapter& chapter, const mat& X)
{
  chapter.experiment("ceiling", "What no program can beat here, on one thread");
  const uword n = chapter.options().quick ? 256 : 512;
  const fmat A(n, n, arma::fill::randu), B(n, n, arma::fill::randu);
  fmat C(n, n);
  double sum = 0;
  const auto compute = [&] { C = A * B; };
  const auto read = [&] { sum += arma::dot(X, X); };
  const Race best = race(chapter, compute, read);
  const Ceiling found{2.0 * static_cast<double>(n * n * n) / best.plain,
                      static_cast<double>(X.n_elem * sizeof(double)) / best.ours};
  chapter.say("multiplications and additions of floats    {:7.1f} thousand million a second",
              1e-9 * found.operations);
  chapter.say("numbers read from memory                   {:7.1f} GB a second", 1e-9 * found.bytes);
  chapter.result("ceiling.gflops", 1e-9 * found.operations);
  chapter.result("ceiling.gbytes", 1e-9 * found.bytes);
  chapter.result("ceiling.product", n);
  return found;
}

// The hidden layer of W4, its 100 units for 64 samples.
void many_exp(nn::Chapter& chapter)
{
  const fmat Z(100, 64, arma::fill::randn);
  fmat A, B;
  const int times = 20;
  const auto plain = [&] {
    A = Z;
    for (float& z : A) z = 1 / (1 + std::exp(-z));
  };
  const auto ours = [&] {
    B = Z;
    nn::activate(nn::Activation::sigmoid, B);
  };
  report(chapter, "exp", "sigmoid of 6400 numbers",
         race(chapter, repeated(times, plain), repeated(times, ours)), times);
  require_same("exp", A, B);
}

// Backward and one step of W4b's network, batch of 10.
void fused_step(nn::Chapter& chapter)
{
  const float alpha = 1e-6F;
  nn::Network<fmat> one({784, 100, 10}, nn::Activation::sigmoid), other = one;
  nn::Sgd<fmat> sgd(alpha);
  const fmat X(784, 10, arma::fill::randu);
  const fmat Y = nn::one_hot<fmat>(arma::randi<arma::urowvec>(10, arma::distr_param(0, 9)), 10);
  const fmat dA = nn::softmax_cross_entropy(one.forward(X), Y).dA;
  other.forward(X);
  const int times = 20;
  const auto plain = [&] {
    one.backward(X, dA);
    sgd.step(one);
  };
  const auto ours = [&] { other.descend(X, dA, alpha); };
  report(chapter, "step", "backward and a step, batch of 10",
         race(chapter, repeated(times, plain), repeated(times, ours)), times);
  require_same("step", one.layers[0].W, other.layers[0].W);
}

// Chapter 07's way: each window as a column of P. One channel, no padding, stride 1.
void lay_out(const nn::Windows& windows, const fmat& X, fmat& P)
{
  const uword k = windows.window.size, rows = windows.output.height, columns = windows.output.width;
  float* to = P.memptr();
  for (uword i = 0; i < X.n_cols; ++i)
    for (uword y = 0; y < rows; ++y)
      for (uword x = 0; x < columns; ++x)
        for (uword line = 0; line < k; ++line, to += k)
          std::copy_n(X.colptr(i) + (y + line) * windows.input.width + x, k, to);
}

// W5's first layer: 6 filters of 5×5 on 64 images of 28×28.
void convolution(nn::Chapter& chapter, const Ceiling& most)
{
  const nn::Windows windows({28, 28}, 6, {5});
  const fmat W(6, 25, arma::fill::randn), b(6, 1, arma::fill::randn), X(784, 64, arma::fill::randu);
  fmat P(25, windows.output.pixels() * X.n_cols), Z, A;
  const auto plain = [&] {
    lay_out(windows, X, P);
    Z = W * P;
    Z.each_col() += b;
  };
  const auto ours = [&] { nn::convolve(windows, W, b, X, A); };
  const Race best = race(chapter, plain, ours);
  report(chapter, "convolution", "6 filters of 5×5 on 64 images", best);
  require_same("convolution", arma::vectorise(Z), arma::vectorise(A));
  const double operations = 2.0 * static_cast<double>(W.n_elem * P.n_cols);
  chapter.result("convolution.plain_share", 100 * operations / best.plain / most.operations);
  chapter.result("convolution.ours_share", 100 * operations / best.ours / most.operations);
}

// W6's filters of width 4 on 64 sentences of 64 words: of each filter's places the maximum over time kept
// one.
void few_errors(nn::Chapter& chapter)
{
  const nn::Windows windows({1, 64, 100}, 100, {.size = 4, .height = 1});
  const uword places = windows.output.pixels(), filters = windows.output.channels;
  const fmat X(6400, 64, arma::fill::randn), everywhere(places * filters, X.n_cols, arma::fill::randn);
  fmat kept(arma::size(everywhere)), dW, db;
  for (uword i = 0; i < X.n_cols; ++i)
    for (uword f = 0; f < filters; ++f) {
      const uword place = arma::randi<uword>(arma::distr_param(0, static_cast<int>(places) - 1));
      kept(place * filters + f, i) = everywhere(place * filters + f, i);
    }
  const auto plain = [&] { nn::filter_gradients(windows, X, everywhere, dW, db); };
  const auto ours = [&] { nn::filter_gradients(windows, X, kept, dW, db); };
  report(chapter, "sparse", "gradient of 100 filters over sentences", race(chapter, plain, ours));
  chapter.result("sparse.places", static_cast<double>(places));
}

// The way back through W5's second convolution: the pooling behind it kept one place in four.
void spread_errors(nn::Chapter& chapter)
{
  const nn::Windows windows({12, 12, 6}, 16, {5});
  const fmat W(16, windows.elements(), arma::fill::randn);
  const fmat everywhere(windows.output.elements(), 64, arma::fill::randn);
  fmat kept(arma::size(everywhere));
  for (uword i = 0; i < kept.n_cols; ++i)
    for (uword r = 0; r < kept.n_rows; ++r) {
      const uword place = r / 16, x = place % 8, y = place / 8;
      if (x % 2 == 0 && y % 2 == 0) kept(r, i) = everywhere(r, i);
    }
  fmat dX;
  const auto plain = [&] { dX = nn::image_gradient(windows, W, everywhere); };
  const auto ours = [&] { dX = nn::image_gradient(windows, W, kept); };
  report(chapter, "spread", "error of 64 images, of all places", race(chapter, plain, ours));
}

// The gradient of W1, 100 000 samples of 100 numbers.
void slices(nn::Chapter& chapter, const mat& X, const Ceiling& most)
{
  const mat Y(1, X.n_cols, arma::fill::randn);
  nn::Network<mat> whole({100, 1}, nn::Activation::identity), sliced = whole;
  const auto plain = [&] {
    auto [J, dA] = nn::mean_squared_error(whole.forward(X), Y);
    whole.backward(X, std::move(dA));
  };
  const uword slice = nn::samples_in_cache(X);
  const auto ours = [&] {
    nn::backward_in_slices(sliced, X, Y, nn::mean_squared_error<mat>, {0, X.n_cols - 1}, slice);
  };
  const Race best = race(chapter, plain, ours);
  report(chapter, "slices", fmt::format("gradient of {} samples", X.n_cols), best);
  require_same("slices", whole.layers[0].dW, sliced.layers[0].dW);
  const double floor = static_cast<double>(X.n_elem * sizeof(double)) / most.bytes;
  chapter.result("slices.samples", static_cast<double>(slice));
  chapter.result("slices.floor_ms", 1e3 * floor);
  chapter.result("slices.ours_ms", 1e3 * best.ours);
  chapter.result("slices.plain_ms", 1e3 * best.plain);
}

// The net inputs of W2's two layers, which have 64 multiplications between them.
void small_products(nn::Chapter& chapter)
{
  const mat X(3, 4, arma::fill::randn), H(4, 4, arma::fill::randn);
  const mat W(4, 3, arma::fill::randn), V(1, 4, arma::fill::randn), b(4, 1), c(1, 1);
  mat Z(4, 4), z(1, 4), A, a;
  const int times = 1000;
  const auto product = [](const mat& weights, const mat& biases, const mat& inputs, mat& sums) {
    const auto m = static_cast<int>(weights.n_rows), n = static_cast<int>(inputs.n_cols),
               k = static_cast<int>(weights.n_cols);
    for (int i = 0; i < n; ++i) std::copy_n(biases.memptr(), m, sums.colptr(i));
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, weights.memptr(), m, inputs.memptr(),
                k, 1, sums.memptr(), m);
  };
  const auto plain = [&] {
    product(W, b, X, Z);
    product(V, c, H, z);
  };
  const auto ours = [&] {
    nn::affine(W, b, X, A);
    nn::affine(V, c, H, a);
  };
  const Race best = race(chapter, repeated(times, plain), repeated(times, ours));
  report(chapter, "small", "4×3 times 3×4 and 1×4 times 4×4", best, times);
  require_same("small", Z, A);
  require_same("small", z, a);
  chapter.result("small.plain_ns", 1e9 * best.plain / times);
  chapter.result("small.ours_ns", 1e9 * best.ours / times);
}

// A matrix that is made and freed, many times. Nothing large may have been freed before: the C library would
// take that.
constexpr int matrices = 50;

Race memory(const nn::Chapter& chapter)
{
  const fmat* volatile made = nullptr;  // so that the compiler can't leave the matrix out
  float sum = 0;
  const auto fill = repeated(matrices, [&] {
    const fmat A(512, 512);
    made = &A;
    sum += (*made)(0);
  });
  const auto plain = [&] {
    mallopt(M_MMAP_THRESHOLD, 1 << 17);  // what is larger comes from the system and goes back to it
    malloc_trim(0);
    fill();
  };
  const auto ours = [&] {
    nn::use_threads(1);  // says that memory is kept
    fill();
  };
  return race(chapter, plain, ours);
}

// The product of W4's hidden layer, a batch of 64.
void two_threads(nn::Chapter& chapter)
{
  const fmat W(100, 784, arma::fill::randn), b(100, 1), X(784, 64, arma::fill::randu);
  fmat Z;
  const int times = 100;
  const auto with = [&](int threads) {
    return [&, threads] {
      nn::use_threads(threads);
      for (int i = 0; i < times; ++i) nn::affine(W, b, X, Z);
    };
  };
  report(chapter, "threads", "784-100 for 64 samples: one thread, two", race(chapter, with(1), with(2)),
         times);
}

// A step of W4b's hidden layer on two threads. The plain way shares the units out forward, so that each
// thread reads weights that the other one has changed.
void weights_stay(nn::Chapter& chapter)
{
  fmat W(100, 784, arma::fill::randn), b(100, 1), Z(100, 10);
  const fmat X(784, 10, arma::fill::randu), dZ(100, 10, arma::fill::randn);
  const int times = 100;
  const auto by_units = [&](uword first, uword last, int) {
    cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(last - first), 10, 784, 1,
                W.memptr() + first, 100, X.memptr(), 784, 0, Z.memptr() + first, 100);
  };
  const auto plain = [&] {
    nn::share_out(100, 1e6, by_units);
    nn::descend<float>(1e-9F, X, dZ, W, b);
  };
  const auto ours = [&] {
    nn::affine(W, b, X, Z);
    nn::descend<float>(1e-9F, X, dZ, W, b);
  };
  nn::use_threads(2);
  report(chapter, "stay", "784-100 for 10 samples, two threads",
         race(chapter, repeated(times, plain), repeated(times, ours)), times);
}

void measure(nn::Chapter& chapter)
{
  nn::use_threads(1);
  const Race kept = memory(chapter);
  const mat X = samples(chapter);
  const Ceiling most = ceiling(chapter, X);
  chapter.experiment("gains", "The plain way and the library's, microseconds");
  chapter.say("{:<42} {:>12} {:>12} {:>8}", "", "plain", "ours", "times");
  many_exp(chapter);
  fused_step(chapter);
  convolution(chapter, most);
  few_errors(chapter);
  spread_errors(chapter);
  slices(chapter, X, most);
  small_products(chapter);
  report(chapter, "memory", "a matrix of 1 MB, all zeros", kept, matrices);
  two_threads(chapter);
  weights_stay(chapter);
}

}  // namespace

int main(int argc, char** argv)
{
  return nn::run_chapter("speed", "Where the time goes", argc, argv, measure);
}
