#include <vector>

#include "nn/gpu/windows.hpp"
#include "support.hpp"

using arma::fmat;
using arma::uword;
using nn::Windows;
using nn::gpu::Mat;

namespace {

// What nn::gpu::windows.hpp does, in plain loops. f is called with every pixel that a window shows: its row
// of P, its column there, and its row in X, or -1 in the padding.
void each_shown(const Windows& w, const auto& f)
{
  const auto [k, s, p, height] = w.window;
  const uword c = w.input.channels;
  for (uword row = 0; row < w.output.height; ++row) {
    for (uword column = 0; column < w.output.width; ++column) {
      for (uword i = 0; i < height; ++i) {
        for (uword j = 0; j < k; ++j) {
          for (uword channel = 0; channel < c; ++channel) {
            const int y = int(row * s + i) - int(p), x = int(column * s + j) - int(p);
            const bool inside = y >= 0 && y < int(w.input.height) && x >= 0 && x < int(w.input.width);
            f((i * k + j) * c + channel, row * w.output.width + column,
              inside ? (y * int(w.input.width) + x) * int(c) + int(channel) : -1);
          }
        }
      }
    }
  }
}

fmat unfold(const fmat& X, const Windows& w)
{
  fmat P(w.elements(), w.output.pixels() * X.n_cols);
  for (uword i = 0; i < X.n_cols; ++i) {
    each_shown(w, [&](uword shown, uword place, int pixel) {
      if (pixel >= 0) P(shown, i * w.output.pixels() + place) = X(pixel, i);
    });
  }
  return P;
}

fmat fold(const fmat& P, const Windows& w)
{
  fmat X(w.input.elements(), P.n_cols / w.output.pixels());
  for (uword i = 0; i < X.n_cols; ++i) {
    each_shown(w, [&](uword shown, uword place, int pixel) {
      if (pixel >= 0) X(pixel, i) += P(shown, i * w.output.pixels() + place);
    });
  }
  return X;
}

struct Pooled {
  fmat values;
  fmat places;
};

Pooled max_pool(const fmat& X, const Windows& w)
{
  const uword c = w.input.channels;
  Pooled pooled = {fmat(w.output.elements(), X.n_cols), fmat(w.output.elements(), X.n_cols)};
  pooled.values.fill(-arma::datum::inf);
  for (uword i = 0; i < X.n_cols; ++i) {
    each_shown(w, [&](uword shown, uword place, int pixel) {
      const uword row = place * c + shown % c;
      if (X(pixel, i) <= pooled.values(row, i)) return;
      pooled.values(row, i) = X(pixel, i);
      pooled.places(row, i) = static_cast<float>(pixel);
    });
  }
  return pooled;
}

fmat max_pool_gradient(const fmat& dA, const fmat& places, const Windows& w)
{
  fmat dX(w.input.elements(), dA.n_cols);
  for (uword i = 0; i < dA.n_cols; ++i) {
    for (uword j = 0; j < dA.n_rows; ++j) dX(static_cast<uword>(places(j, i)), i) += dA(j, i);
  }
  return dX;
}

std::string about(const Windows& w)
{
  const auto [k, s, p, height] = w.window;
  return fmt::format("{}×{}×{}, window {}×{}, stride {}, padding {}", w.input.height, w.input.width,
                     w.input.channels, height, k, s, p);
}

bool same(const Mat& found, const fmat& expected, float tolerance = 0)
{
  return arma::approx_equal(fmat(found), expected, "absdiff", tolerance);
}

// Of filters: several channels, strides, gaps between windows, padding in which a whole window lies, lines.
const std::vector<Windows> filters = {{{5, 4, 3}, 2, {3}},          {{6, 5, 2}, 4, {3, 2, 1}},
                                      {{7, 8, 1}, 1, {2, 3}},       {{6, 5, 2}, 3, {2, 2, 2}},
                                      {{1, 9, 4}, 5, {3, 1, 0, 1}}, {{7, 6, 2}, 1, {1, 2, 0, 4}},
                                      {{8, 8, 1}, 1, {8}},          {{1, 1, 1}, 1, {1}}};

// Of pooling: side by side, overlapping, with gaps, what doesn't fill a window left out, max over time.
const std::vector<Windows> pools = {{{6, 4, 3}, 3, {2, 2}},       {{6, 5, 2}, 2, {3, 1}},
                                    {{7, 7, 1}, 1, {3, 2}},       {{8, 7, 2}, 2, {2, 3}},
                                    {{1, 9, 4}, 4, {9, 1, 0, 1}}, {{5, 5, 2}, 2, {1, 2, 0, 3}}};

}  // namespace

TEST_CASE("gpu: other shapes of the same elements, without a copy")
{
  const fmat a(6, 10, arma::fill::randn);
  const Mat A(a);
  const nn::gpu::Counters before = nn::gpu::counters();
  const Mat B = reshape(A, 4, 15), C = reshape(A.cols(2, 5), 3, 8);
  CHECK(nn::gpu::counters().kernels == before.kernels);
  CHECK(nn::gpu::counters().buffers == before.buffers);
  CHECK(same(B, arma::reshape(a, 4, 15)));
  CHECK(same(C, arma::reshape(a.cols(2, 5), 3, 8)));
  CHECK(same(C * Mat(C.t()), fmat(C) * fmat(C).t(), 1e-4f));
  CHECK(same(reshape(Mat(), 0, 7), fmat(0, 7)));
  CHECK_ERROR(reshape(A, 4, 14), "reshape(): A is 6×10, expected 56 elements for 4×14");
}

TEST_CASE("gpu: what windows show, and the way back")
{
  arma::arma_rng::set_seed(11);
  for (const Windows& w : filters) {
    INFO(about(w));
    for (const uword m : {0, 1, 7}) {
      const fmat X(w.input.elements(), m, arma::fill::randn);
      const fmat P(w.elements(), w.output.pixels() * m, arma::fill::randn);
      CHECK(same(nn::gpu::unfold(Mat(X), w), unfold(X, w)));
      CHECK(same(nn::gpu::fold(Mat(P), w), fold(P, w), 1e-5f));
      if (m < 7) continue;
      CHECK(same(nn::gpu::unfold(Mat(X).cols(2, 4), w), unfold(X.cols(2, 4), w)));
      const uword places = w.output.pixels();
      CHECK(same(nn::gpu::fold(Mat(P).tail_cols(2 * places), w), fold(P.tail_cols(2 * places), w), 1e-5f));
    }
  }
}

TEST_CASE("gpu: max-pooling, and the way back")
{
  arma::arma_rng::set_seed(12);
  for (const Windows& w : pools) {
    INFO(about(w));
    for (const uword m : {0, 1, 7}) {
      const fmat X = arma::round(2 * fmat(w.input.elements(), m, arma::fill::randn));  // with equal elements
      const auto [values, places] = max_pool(X, w);
      const nn::gpu::Pooled found = nn::gpu::max_pool(Mat(X), w);
      CHECK(same(found.values, values));
      CHECK(same(found.places, places));
      const fmat dA(w.output.elements(), m, arma::fill::randn);
      const Mat dX = nn::gpu::max_pool_gradient(Mat(dA), found.places, w);
      CHECK(same(dX, max_pool_gradient(dA, places, w), 1e-5f));
      if (m < 7) continue;
      const nn::gpu::Pooled some = nn::gpu::max_pool(Mat(X).cols(3, 5), w);
      CHECK(same(some.values, values.cols(3, 5)));
      CHECK(same(some.places, places.cols(3, 5)));
      CHECK(same(nn::gpu::max_pool_gradient(Mat(dA).cols(3, 5), found.places.cols(3, 5), w),
                 max_pool_gradient(dA.cols(3, 5), places.cols(3, 5), w), 1e-5f));
    }
  }
}

TEST_CASE("gpu: words get their vectors, and the vectors their errors")
{
  arma::arma_rng::set_seed(13);
  const fmat E(7, 20, arma::fill::randn);
  const arma::umat words = arma::randi<arma::umat>(6, 9, arma::distr_param(0, 11));
  CHECK(same(nn::gpu::lookup(Mat(E), words), arma::reshape(fmat(E.cols(arma::vectorise(words))), 42, 9)));
  const fmat dX(42, 9, arma::fill::randn);
  const arma::uvec used = {3, 19, 0, 11};  // number 19 is in no text
  fmat expected(7, 4);
  for (uword j = 0; j < used.n_elem; ++j) {
    for (uword i = 0; i < words.n_elem; ++i)
      if (words(i) == used(j)) expected.col(j) += arma::reshape(dX, 7, 54).eval().col(i);
  }
  CHECK(same(nn::gpu::lookup_gradient(Mat(dX), words, used), expected, 1e-5f));
  const fmat more = arma::join_rows(fmat(42, 2), dX);
  CHECK(same(nn::gpu::lookup_gradient(Mat(more).tail_cols(9), words, used), expected, 1e-5f));
  CHECK(nn::gpu::lookup(Mat(E), arma::umat(0, 5)).n_cols == 5);
  CHECK(nn::gpu::lookup_gradient(Mat(dX), words, {}).n_elem == 0);
  CHECK(nn::gpu::lookup_gradient(Mat(0, 5), arma::umat(0, 5), used).n_elem == 0);
}

TEST_CASE("gpu: images, windows and words that don't fit are named")
{
  const Windows filter({6, 5, 2}, 3, {3}), pool({6, 4, 3}, 3, {2, 2});
  CHECK_ERROR(nn::gpu::unfold(Mat(59, 2), filter), "X is 59×2, expected 60 rows: 6×5 pixels of 2 channels");
  CHECK_ERROR(nn::gpu::fold(Mat(17, 12), filter), "P is 17×12, expected 18×12");
  CHECK_ERROR(nn::gpu::fold(Mat(18, 13), filter),
              "P has 13 columns, expected a multiple of 12, the places of the window");
  CHECK_ERROR(nn::gpu::max_pool(Mat(71, 2), pool), "X is 71×2, expected 72 rows: 6×4 pixels of 3 channels");
  CHECK_ERROR(nn::gpu::max_pool(Mat(72, 2), Windows({6, 4, 3}, 3, {2, 2, 1})),
              "max-pooling with padding 1, expected 0");
  CHECK_ERROR(nn::gpu::max_pool(Mat(72, 2), Windows({6, 4, 3}, 4, {2, 2})),
              "max-pooling with 3 channels in and 4 out, expected as many");
  CHECK_ERROR(nn::gpu::max_pool(Mat(), Windows({1 << 12, 1 << 12, 2}, 2, {2, 2})),
              "max-pooling of images of 33554432 numbers, expected at most 16777216");
  CHECK_ERROR(nn::gpu::max_pool_gradient(Mat(17, 2), Mat(17, 2), pool), "dA is 17×2, expected 18×2");
  CHECK_ERROR(nn::gpu::max_pool_gradient(Mat(18, 2), Mat(18, 1), pool), "places is 18×1, expected 18×2");
  CHECK_ERROR(nn::gpu::lookup(Mat(3, 4), arma::umat{{1, 4}}),
              "word 4, expected numbers below 4, the words of the table");
  CHECK_ERROR(nn::gpu::lookup_gradient(Mat(7, 2), arma::umat(2, 2), {1}), "dX is 7×2, expected 6×2");
  CHECK_ERROR(nn::gpu::lookup_gradient(Mat(6, 3), arma::umat(2, 2), {1}), "dX is 6×3, expected 6×2");
}
