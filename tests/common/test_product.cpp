#include "nn/product.hpp"

#include <catch2/catch.hpp>

#include "nn/parallel.hpp"

using arma::uword;

TEMPLATE_TEST_CASE("the products of a layer are Armadillo's, whatever the shape and the number of threads",
                   "", float, double)
{
  using Mat = arma::Mat<TestType>;
  struct Shape {
    uword units, samples, inputs;
  };
  const auto close = [](const Mat& A, const Mat& B) {
    return arma::approx_equal(A, B, "absdiff", sizeof(TestType) == 4 ? 2e-3 : 1e-10);
  };
  arma::arma_rng::set_seed(1);
  for (const Shape& shape : {Shape{3, 4, 4},
                             {1, 2, 1},
                             {1, 5000, 100},
                             {4, 1301, 100},
                             {10, 64, 784},
                             {100, 64, 150},
                             {100, 10, 784},
                             {33, 1, 20001},
                             {70, 9, 785}}) {
    for (const int threads : {1, 2, 3}) {
      INFO(shape.units << " units, " << shape.samples << " samples, " << shape.inputs << " inputs, "
                       << threads << " threads");
      nn::use_threads(threads);
      const Mat all(shape.inputs, shape.samples + 2, arma::fill::randn);
      const auto X = all.cols(1, shape.samples);
      const Mat dZ(shape.units, shape.samples, arma::fill::randn);
      Mat W(shape.units, shape.inputs, arma::fill::randn), b(shape.units, 1, arma::fill::randn);
      Mat Z, dW, db;
      nn::affine<TestType>(W, b, X, Z);
      CHECK(close(Z, W * X + arma::repmat(b, 1, shape.samples)));
      const Mat gradient = dZ * X.t(), of_b = arma::sum(dZ, 1);
      nn::weight_gradients<TestType>(X, dZ, dW, db);
      CHECK(close(dW, gradient));
      CHECK(close(db, of_b));
      CHECK(close(nn::input_gradient(W, dZ), W.t() * dZ));
      const Mat expected_W = W - TestType(0.1) * gradient, expected_b = b - TestType(0.1) * of_b;
      nn::descend<TestType>(0.1, X, dZ, W, b);
      CHECK(close(W, expected_W));
      CHECK(close(b, expected_b));
    }
  }
  nn::use_threads(1);
}
