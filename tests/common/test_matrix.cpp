#include "nn/matrix.hpp"
#include "support.hpp"

static_assert(nn::Matrix<arma::mat>);
static_assert(nn::Matrix<arma::fmat>);
static_assert(!nn::Matrix<double>);
static_assert(!nn::Matrix<std::string>);

TEMPLATE_TEST_CASE("where chooses element by element", "", arma::mat, arma::fmat)
{
  const TestType Z = {{-1, 0}, {2, -3}};
  const TestType expected = {{-5, 7}, {7, -5}};
  CHECK(arma::approx_equal(nn::where<TestType>(Z >= 0, 7, -5), expected, "absdiff", 0));
}

TEST_CASE("where chooses, it does not compute")
{
  const arma::mat Z = {{1, -1}};
  const arma::mat chosen = nn::where<arma::mat>(Z >= 0, arma::datum::inf, 1e-20);
  CHECK(chosen(0) == arma::datum::inf);
  CHECK(chosen(1) == 1e-20);
}

TEST_CASE("a wrong shape names the argument, what was found and what was expected")
{
  const arma::mat X(2, 3);
  CHECK_NOTHROW(nn::require_shape("X", X, 2, 3));
  CHECK_ERROR(nn::require_shape("X", X, 3, 2), "X is 2×3, expected 3×2");
}
