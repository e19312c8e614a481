#include <vector>

#include "nn/gpu/windows.hpp"
#include "nn/gpu/words.hpp"
#include "support.hpp"

using arma::fmat;
using arma::uword;
using nn::Windows;
using nn::gpu::Mat;

namespace {

// What gpu/windows.hpp does, in plain loops. f is called with every pixel that a window shows: its row
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

fmat unfold(const Windows& w, const fmat& X)
{
  fmat P(w.elements(), w.output.pixels() * X.n_cols);
  for (uword i = 0; i < X.n_cols; ++i) {
    each_shown(w, [&](uword shown, uword place, int pixel) {
      if (pixel >= 0) P(shown, i * w.output.pixels() + place) = X(pixel, i);
    });
  }
  return P;
}

fmat fold(const Windows& w, const fmat& P)
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
  fmat largest;
};

Pooled max_pool(const Windows& w, const fmat& X)
{
  const uword c = w.input.channels;
  Pooled pooled = {fmat(w.output.elements(), X.n_cols), fmat(w.output.elements(), X.n_cols)};
  pooled.values.fill(-arma::datum::inf);
  for (uword i = 0; i < X.n_cols; ++i) {
    each_shown(w, [&](uword shown, uword place, int pixel) {
      const uword row = place * c + shown % c;
      if (X(pixel, i) <= pooled.values(row, i)) return;
      pooled.values(row, i) = X(pixel, i);
      pooled.largest(row, i) = static_cast<float>(pixel);
    });
  }
  return pooled;
}

fmat unpool(const Windows& w, const fmat& largest, const fmat& dA)
{
  fmat dX(w.input.elements(), dA.n_cols);
  for (uword i = 0; i < dA.n_cols; ++i) {
    for (uword j = 0; j < dA.n_rows; ++j) dX(static_cast<uword>(largest(j, i)), i) += dA(j, i);
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
      CHECK(same(nn::gpu::unfold(w, Mat(X)), unfold(w, X)));
      CHECK(same(nn::gpu::fold(w, Mat(P)), fold(w, P), 1e-5f));
      if (m < 7) continue;
      CHECK(same(nn::gpu::unfold(w, Mat(X).cols(2, 4)), unfold(w, X.cols(2, 4))));
      const uword places = w.output.pixels();
      CHECK(same(nn::gpu::fold(w, Mat(P).tail_cols(2 * places)), fold(w, P.tail_cols(2 * places)), 1e-5f));
    }
  }
}

TEST_CASE("gpu: filters, and what the error says of them and of the images")
{
  arma::arma_rng::set_seed(12);
  for (const Windows& w : filters) {
    INFO(about(w));
    const uword f = w.output.channels, m = 5;
    const fmat X(w.input.elements(), m, arma::fill::randn), W(f, w.elements(), arma::fill::randn);
    const fmat b(f, 1, arma::fill::randn), dZ(w.output.elements(), m, arma::fill::randn);
    const fmat P = unfold(w, X), errors = arma::reshape(dZ, f, P.n_cols);
    Mat A, dW, db;
    nn::gpu::convolve(w, Mat(W), Mat(b), Mat(X), A);
    const fmat Z = fmat(W * P).each_col() + b.col(0);
    CHECK(same(A, arma::reshape(Z, w.output.elements(), m), 1e-4f));
    nn::gpu::filter_gradients(w, Mat(X), Mat(dZ), dW, db);
    CHECK(same(dW, errors * P.t(), 1e-3f));
    CHECK(same(db, arma::sum(errors, 1), 1e-3f));
    CHECK(same(nn::gpu::image_gradient(w, Mat(W), Mat(dZ)), fold(w, W.t() * errors), 1e-4f));
  }
}

TEST_CASE("gpu: max-pooling, and the way back")
{
  arma::arma_rng::set_seed(13);
  for (const Windows& w : pools) {
    INFO(about(w));
    for (const uword m : {0, 1, 7}) {
      const fmat X = arma::round(2 * fmat(w.input.elements(), m, arma::fill::randn));  // with equal elements
      const auto [values, largest] = max_pool(w, X);
      Mat A, which;
      nn::gpu::max_pool(w, Mat(X), A, which);
      CHECK(same(A, values));
      CHECK(same(which, largest));
      const fmat dA(w.output.elements(), m, arma::fill::randn);
      CHECK(same(nn::gpu::unpool(w, which, Mat(dA)), unpool(w, largest, dA), 1e-5f));
      if (m < 7) continue;
      CHECK(same(nn::gpu::unpool(w, which.cols(3, 5), Mat(dA).cols(3, 5)),
                 unpool(w, largest.cols(3, 5), dA.cols(3, 5)), 1e-5f));
      nn::gpu::max_pool(w, Mat(X).cols(3, 5), A, which);
      CHECK(same(A, values.cols(3, 5)));
      CHECK(same(which, largest.cols(3, 5)));
    }
  }
}

TEST_CASE("gpu: words get their vectors, and the vectors their errors")
{
  arma::arma_rng::set_seed(14);
  const fmat W(7, 20, arma::fill::randn);
  const arma::umat words = arma::randi<arma::umat>(6, 9, arma::distr_param(0, 11));
  CHECK(arma::all(arma::vectorise(nn::gpu::word_numbers(Mat(arma::conv_to<fmat>::from(words))) == words)));
  Mat A;
  nn::gpu::look_up(Mat(W), words, A);
  CHECK(same(A, arma::reshape(fmat(W.cols(arma::vectorise(words))), 42, 9)));
  nn::gpu::look_up(Mat(W), arma::umat(0, 5), A);
  CHECK(A.n_cols == 5);

  const fmat dA(42, 9, arma::fill::randn);
  const arma::uvec columns = {3, 19, 0, 11};  // number 19 is in no text
  fmat sums(7, 4);
  for (uword j = 0; j < columns.n_elem; ++j) {
    for (uword i = 0; i < words.n_elem; ++i)
      if (words(i) == columns(j)) sums.col(j) += arma::reshape(dA, 7, 54).eval().col(i);
  }
  nn::ColumnGradient<Mat> dW{columns, {}};
  nn::gpu::sum_by_word(words, Mat(dA), dW);
  CHECK(same(dW.values, sums, 1e-5f));
  nn::gpu::sum_by_word(words, Mat(arma::join_rows(fmat(42, 2), dA)).tail_cols(9), dW);
  CHECK(same(dW.values, sums, 1e-5f));

  Mat there(W), part = Mat(W).cols(5, 19);
  const Mat before = there;
  nn::gpu::subtract_columns(there, 0.5F, dW);
  fmat here = W;
  here.cols(columns) -= 0.5F * sums;
  CHECK(same(there, here, 1e-5f));
  CHECK(same(before, W));
  nn::gpu::subtract_columns(part, 1, {arma::uvec{2, 0}, Mat(W).cols(3, 4)});
  here = W.cols(5, 19);
  here.cols(arma::uvec{2, 0}) -= W.cols(3, 4);
  CHECK(same(part, here));

  dW.columns.reset();
  nn::gpu::sum_by_word(words, Mat(dA), dW);
  CHECK(dW.values.n_cols == 0);
  nn::gpu::subtract_columns(there, 1, dW);
  CHECK(there.n_cols == 20);
}

TEST_CASE("gpu: images, windows and words that don't fit are named")
{
  const Windows filter({6, 5, 2}, 3, {3}), pool({6, 4, 3}, 3, {2, 2});
  Mat A, B;
  CHECK_ERROR(nn::gpu::unfold(filter, Mat(59, 2)), "X is 59×2, expected 60 rows: 6×5 pixels of 2 channels");
  CHECK_ERROR(nn::gpu::fold(filter, Mat(17, 12)), "P is 17×12, expected 18×12");
  CHECK_ERROR(nn::gpu::fold(filter, Mat(18, 13)),
              "P has 13 columns, expected a multiple of 12, the places of the window");
  CHECK_ERROR(nn::gpu::image_gradient(filter, Mat(3, 18), Mat(35, 2)),
              "reshape(): A is 35×2, expected 72 elements for 3×24");
  CHECK_ERROR(nn::gpu::max_pool(pool, Mat(71, 2), A, B),
              "X is 71×2, expected 72 rows: 6×4 pixels of 3 channels");
  CHECK_ERROR(nn::gpu::max_pool(Windows({6, 4, 3}, 3, {2, 2, 1}), Mat(72, 2), A, B),
              "max-pooling with padding 1, expected 0");
  const nn::ImageSize large{1 << 12, 1 << 12, 2};
  CHECK_ERROR(nn::gpu::max_pool(Windows(large, 2, {2, 2}), Mat(large.elements(), 0), A, B),
              "max-pooling of images of 33554432 numbers, expected at most 16777216");
  CHECK_ERROR(nn::gpu::unpool(pool, Mat(17, 2), Mat(17, 2)), "dA is 17×2, expected 18×2");
  CHECK_ERROR(nn::gpu::unpool(pool, Mat(18, 1), Mat(18, 2)), "largest is 18×1, expected 18×2");
  CHECK_ERROR(nn::gpu::look_up(Mat(3, 4), arma::umat{{1, 4}}, A), "index out of bounds");
  nn::ColumnGradient<Mat> dW{{1}, {}};
  CHECK_ERROR(nn::gpu::sum_by_word(arma::umat(2, 2), Mat(7, 2), dW), "dA is 7×2, expected 6×2");
  CHECK_ERROR(nn::gpu::sum_by_word(arma::umat(2, 2), Mat(6, 3), dW), "dA is 6×3, expected 6×2");
  CHECK_ERROR(nn::gpu::subtract_columns(A, 1, {{1}, Mat(3, 1)}), "the gradient is 3×1, expected 0×1");
  A = Mat(3, 4);
  CHECK_ERROR(nn::gpu::subtract_columns(A, 1, {{4}, Mat(3, 1)}), "column 4, expected 0 to 3");
}
