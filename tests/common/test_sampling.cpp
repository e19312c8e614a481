#include <numeric>

#include "nn/sampling.hpp"
#include "nn/standardizer.hpp"
#include "support.hpp"

using arma::mat;

namespace {

// Samples whose target can be told from their features, so that a pair torn apart shows.
const mat X =
    arma::join_cols(arma::regspace<arma::rowvec>(0, 9), arma::regspace<arma::rowvec>(100, 109));  // 2×10
const mat y = X.row(0) * 7;                                                                       // 1×10

bool together(const mat& A, const mat& b)
{
  return arma::all(A.row(0) * 7 == b.row(0)) && arma::all(A.row(1) - A.row(0) == 100.0);
}

}  // namespace

TEST_CASE("a shuffle keeps every sample with its target and changes the order")
{
  arma::arma_rng::set_seed(3);
  mat A = X, b = y;
  nn::shuffle(A, b);
  CHECK(together(A, b));
  CHECK(arma::all(arma::sort(arma::vectorise(A.row(0))) == X.row(0).t()));
  CHECK(arma::any(A.row(0) != X.row(0)));
  arma::arma_rng::set_seed(3);
  mat A2 = X, b2 = y;
  nn::shuffle(A2, b2);
  CHECK(arma::all(A2.row(0) == A.row(0)));  // same seed, same order
  mat short_y(1, 9);
  CHECK_ERROR(nn::shuffle(A, short_y), "y is 1×9, expected 1×10");
}

TEST_CASE("a split gives every sample to exactly one part")
{
  const nn::Split<double> parts = nn::split(X, y, 0.3);
  CHECK(parts.X_train.n_cols == 7);
  CHECK(parts.X_test.n_cols == 3);
  CHECK(together(parts.X_train, parts.y_train));
  CHECK(together(parts.X_test, parts.y_test));
  const mat both = arma::join_rows(parts.X_train.row(0), parts.X_test.row(0));
  CHECK(arma::all(arma::sort(arma::vectorise(both)) == X.row(0).t()));
}

TEST_CASE("a split without samples on both sides is refused")
{
  for (const double fraction : {0.0, 1.0, -0.5, 0.01, 0.99}) {
    CHECK_ERROR(nn::split(X, y, fraction), "of 10 samples, expected at least one sample on each side");
  }
}

TEST_CASE("mini-batches cover all samples once, the last one smaller")
{
  const auto cut = nn::batches(10, 4);
  REQUIRE(cut.size() == 3);
  CHECK((cut[0].first == 0 && cut[0].last == 3));
  CHECK((cut[1].first == 4 && cut[1].last == 7));
  CHECK((cut[2].first == 8 && cut[2].last == 9));
  CHECK(nn::batches(10, 10).size() == 1);
  CHECK(nn::batches(10, 64).front().last == 9);
  CHECK_ERROR(nn::batches(0, 4), "batches of 4 from 0 samples");
  CHECK_ERROR(nn::batches(4, 0), "batches of 0 from 4 samples");
}

TEMPLATE_TEST_CASE("the constant feature stands on top", "", arma::mat, arma::fmat)
{
  const TestType features = {{5, 6, 7}, {8, 9, 10}};
  const TestType expected = {{1, 1, 1}, {5, 6, 7}, {8, 9, 10}};
  CHECK(arma::approx_equal(nn::with_intercept(features), expected, "absdiff", 0));
}

TEMPLATE_TEST_CASE("standardised features have mean 0 and deviation 1, and come back", "", arma::mat,
                   arma::fmat)
{
  const TestType A = {{1, 2, 3, 6}, {100, 100, 300, 300}};  // deviations √3.5 and 100
  const nn::Standardizer scale(A);
  CHECK(scale.mean()(0) == Approx(3));
  CHECK(scale.deviation()(0) == Approx(std::sqrt(3.5)));
  const TestType Z = scale.apply(A);
  CHECK(Z(0, 3) == Approx(3 / std::sqrt(3.5)));
  CHECK(arma::approx_equal(Z.row(1), TestType{{-1, -1, 1, 1}}, "absdiff", 1e-6));
  CHECK(arma::approx_equal(scale.inverse(Z), A, "absdiff", 1e-4));
  CHECK(scale.apply(TestType{{5, 5}, {400, 400}})(1, 0) ==
        Approx(2));  // another sample, the first ones' scale
}

TEST_CASE("a constant feature becomes 0, not 0/0")
{
  const mat A = {{5, 5, 5}, {1, 2, 3}};
  const nn::Standardizer<double> scale(A);
  CHECK(arma::all(scale.apply(A).row(0) == 0.0));
  CHECK(arma::approx_equal(scale.inverse(scale.apply(A)), A, "absdiff", 1e-12));
}

TEST_CASE("a constant feature is seen in float too, where its mean is rounded")
{
  for (const float value : {0.1f, 2000.1f}) {
    arma::fmat A(1, 1000);
    A.fill(value);
    CHECK(arma::all(nn::Standardizer(A).apply(A).row(0) == 0.0f));
  }
}

TEST_CASE("a standardizer refuses no samples, NaN and other features")
{
  CHECK_ERROR(nn::Standardizer(mat{{1, arma::datum::nan}}), "X holds NaN or infinity");
  CHECK_ERROR(nn::Standardizer(mat(2, 0)), "X has no samples");
  const nn::Standardizer<double> scale(X);
  CHECK_ERROR(scale.apply(mat(3, 4)), "X is 3×4, expected 2×4");
  CHECK_ERROR(scale.inverse(mat(1, 4)), "Z is 1×4, expected 2×4");
}
