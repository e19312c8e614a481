#include "nn/gradient_check.hpp"
#include "support.hpp"

using arma::mat;

TEST_CASE("central differences find the gradient of a function worked by hand")
{
  const auto f = [](const mat& t) { return t(0, 0) * t(0, 0) * t(1, 0) + std::exp(t(0, 1)) - 3 * t(1, 1); };
  const mat theta = {{2, 0.5}, {-1, 4}};
  const mat by_hand = {{-4, std::exp(0.5)}, {4, -3}};  // 2·t₀₀·t₁₀, exp(t₀₁); t₀₀², −3
  CHECK(nn::relative_error(nn::numerical_gradient(f, theta), by_hand) < 1e-9);
}

TEST_CASE("central differences tell a wrong gradient from a right one")
{
  const auto f = [](const mat& t) { return arma::accu(arma::square(t)); };
  const mat theta = {{1, 2, 3}};
  CHECK(nn::relative_error(nn::numerical_gradient(f, theta), theta) > 0.4);  // the 2 forgotten
}

TEST_CASE("a relative error is the distance for the size")
{
  CHECK(nn::relative_error({{3, 4}}, {{3, 4}}) == 0);
  CHECK(nn::relative_error({{3, 4}}, {{-3, -4}}) == Approx(2));
  CHECK(nn::relative_error({{3e9, 4e9}}, {{3e9, 4e9 + 5}}) == Approx(1e-9));
  CHECK(nn::relative_error({{0, 0}}, {{0, 0}}) == 0);
  CHECK(nn::relative_error({{0, 0}}, {{1, 1}}) ==
        Approx(1));  // a gradient that is all zero is wrong, not right
  CHECK_ERROR(nn::relative_error(mat(2, 3), mat(3, 2)), "B is 3×2, expected 2×3");
}

TEST_CASE("a gradient is held against the differences, and the parameter stays where it was")
{
  mat theta = {{1, -2}, {3, 0.5}};
  const mat here = theta;
  const auto J = [&] { return arma::accu(theta % theta % theta); };
  CHECK(nn::gradient_error(theta, 3 * here % here, J) < 1e-8);
  CHECK(nn::gradient_error(theta, 2 * here % here, J) == Approx(1.0 / 3));
  CHECK(arma::approx_equal(theta, here, "absdiff", 0));
}
