#include <catch2/catch.hpp>
#include <vector>

#include "nn/parallel.hpp"
#include "nn/windows.hpp"

using arma::uword;

namespace {

// For every weight that meets a pixel: f(place, filter, number in the window, element of the image).
void each_meeting(const nn::Windows& w, auto&& f)
{
  const auto& [input, window, output] = w;
  for (uword place = 0; place < output.pixels(); ++place) {
    for (uword q = 0; q < w.elements(); ++q) {
      const uword y = place / output.width * window.stride + q / input.channels / window.size,
                  x = place % output.width * window.stride + q / input.channels % window.size;
      if (y < window.padding || y >= input.height + window.padding) continue;
      if (x < window.padding || x >= input.width + window.padding) continue;
      const uword pixel = (y - window.padding) * input.width + x - window.padding;
      for (uword filter = 0; filter < output.channels; ++filter)
        f(place, filter, q, pixel * input.channels + q % input.channels);
    }
  }
}

template <class T>
struct Plain {
  arma::Mat<T> A, dW, db, dX;

  Plain(const nn::Windows& w, const arma::Mat<T>& W, const arma::Mat<T>& b, const arma::Mat<T>& X,
        const arma::Mat<T>& dZ)
      : A(w.output.elements(), X.n_cols), dW(W.n_rows, W.n_cols), db(W.n_rows, 1), dX(X.n_rows, X.n_cols)
  {
    const uword filters = w.output.channels;
    for (uword i = 0; i < X.n_cols; ++i) {
      for (uword r = 0; r < A.n_rows; ++r) A(r, i) = b(r % filters), db(r % filters) += dZ(r, i);
      each_meeting(w, [&](uword place, uword f, uword q, uword element) {
        A(place * filters + f, i) += W(f, q) * X(element, i);
        dW(f, q) += dZ(place * filters + f, i) * X(element, i);
        dX(element, i) += dZ(place * filters + f, i) * W(f, q);
      });
    }
  }
};

template <class T>
bool close(const arma::Mat<T>& A, const arma::Mat<T>& B)
{
  return arma::approx_equal(A, B, "absdiff", sizeof(T) == 4 ? 1e-3 : 1e-10);
}

}  // namespace

TEMPLATE_TEST_CASE("a convolution and its gradients are those of plain loops, whatever the shape", "", float,
                   double)
{
  using Mat = arma::Mat<TestType>;
  const std::vector<nn::Windows> shapes = {{{6, 6, 1}, 1, {3}},        {{6, 6, 1}, 2, {3}},
                                           {{7, 5, 2}, 3, {3, 1, 1}},  {{28, 28, 1}, 6, {5}},
                                           {{12, 12, 6}, 16, {5}},     {{9, 8, 3}, 17, {3, 2, 1}},
                                           {{8, 8, 5}, 33, {2, 3}},    {{5, 5, 4}, 8, {5, 1, 3}},
                                           {{6, 7, 9}, 40, {3, 2, 2}}, {{1, 20, 10}, 5, {3, 1, 0, 1}},
                                           {{4, 4, 2}, 100, {1}},      {{3, 3, 1}, 4, {1, 1, 2}}};
  arma::arma_rng::set_seed(1);
  for (const nn::Windows& w : shapes) {
    for (const bool sparse : {false, true}) {
      for (const int threads : {1, 2}) {
        INFO(w.input.height << "×" << w.input.width << "×" << w.input.channels << ", " << w.output.channels
                            << " filters of " << w.window.height << "×" << w.window.size << ", stride "
                            << w.window.stride << ", padding " << w.window.padding
                            << (sparse ? ", few errors" : "") << ", " << threads << " threads");
        nn::use_threads(threads);
        const Mat W(w.output.channels, w.elements(), arma::fill::randn), b(W.n_rows, 1, arma::fill::randn);
        const Mat X(w.input.elements(), 5, arma::fill::randn);
        Mat dZ(w.output.elements(), 5, arma::fill::randn);
        if (sparse) dZ.elem(arma::find(Mat(dZ.n_rows, 5, arma::fill::randu) < TestType(0.97))).zeros();
        const Plain<TestType> plain(w, W, b, X, dZ);
        Mat A, dW, db;
        nn::convolve(w, W, b, X, A);
        CHECK(close(A, plain.A));
        nn::filter_gradients(w, X, dZ, dW, db);
        CHECK(close(dW, plain.dW));
        CHECK(close(db, plain.db));
        CHECK(close(nn::image_gradient(w, W, dZ), plain.dX));
      }
    }
  }
  nn::use_threads(1);
}

TEMPLATE_TEST_CASE("pooling keeps the largest of each window, and where it was", "", float, double)
{
  using Mat = arma::Mat<TestType>;
  const std::vector<nn::ImageSize> sizes = {{4, 4, 1}, {5, 6, 2}, {6, 5, 7}, {4, 4, 16}, {4, 6, 21}};
  for (const nn::ImageSize& size : sizes) {
    for (const nn::Window& window : {nn::Window{2, 2}, nn::Window{3, 1}, nn::Window{2, 1, 0, 4}}) {
      INFO(size.height << "×" << size.width << "×" << size.channels << ", window " << window.height << "×"
                       << window.size);
      const nn::Windows w(size, size.channels, window);
      const Mat X(size.elements(), 3, arma::fill::randn), dA(w.output.elements(), 3, arma::fill::randn);
      Mat A, expected(dA.n_rows, 3), dX(X.n_rows, 3);
      expected.fill(-100);
      arma::Mat<std::uint32_t> largest;
      nn::max_pool(w, X, A, largest);
      for (uword i = 0; i < 3; ++i) {
        arma::uvec place(dA.n_rows);
        each_meeting(w, [&](uword p, uword filter, uword q, uword element) {
          const uword out = p * size.channels + filter;
          if (q % size.channels != filter || X(element, i) <= expected(out, i)) return;
          expected(out, i) = X(element, i);
          place(out) = element;
        });
        for (uword out = 0; out < place.n_elem; ++out) dX(place(out), i) += dA(out, i);
        CHECK(arma::all(place == arma::conv_to<arma::uvec>::from(largest.col(i))));
      }
      CHECK(close(A, expected));
      CHECK(close(nn::unpool(w, largest, dA), dX));
    }
  }
}
