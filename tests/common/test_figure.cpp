#include <cstdlib>
#include <regex>

#include "nn/figure.hpp"
#include "support.hpp"

namespace {

std::size_t count(const std::string& text, const std::string& pattern)
{
  const std::regex regex(pattern);
  return static_cast<std::size_t>(std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}));
}

}  // namespace

TEST_CASE("a figure is an SVG with its titles, series and a dark style")
{
  nn::Figure figure("It's a title", "x₁", "J (g)");
  figure.line({0, 1, 2}, {0, 1, 4}, "a line");
  figure.points({0, 1, 2}, {4, 1, 0}, "some points");
  const std::string svg = figure.svg();
  CHECK(svg.starts_with("<?xml"));
  for (const char* text :
       {"It's a title", "x₁", "J (g)", "a line", "some points", "prefers-color-scheme:dark"}) {
    INFO(text);
    CHECK(count(svg, std::regex_replace(std::string(text), std::regex(R"([()])"), "\\$&")) >= 1);
  }
  CHECK(count(svg, "xlink:href='#gpPt4'") == 4);  // three points and the legend's
}

TEST_CASE("panels stand side by side, each with its own scales")
{
  nn::Figure figure("left", "x", "y");
  figure.line({1, 10}, {1, 1000});
  figure.log_y();
  figure.panel("right", "x", "y");
  figure.path({0, 1}, {0, 1}, "path");
  const std::string svg = figure.svg();
  CHECK(count(svg, "viewBox=\"0 0 960 440\"") == 1);
  CHECK(count(svg, ">\\s*left<|left</text>") == 1);
  CHECK(count(svg, "right</text>") == 1);
}

TEST_CASE("a contour is a curve at each level, a boundary the curve at 0")
{
  const arma::vec grid = arma::linspace(-2, 2, 41);
  const arma::mat Z = arma::repmat(arma::square(grid), 1, 41) + arma::repmat(arma::square(grid).t(), 41, 1);
  const auto curves = [&](const arma::vec& levels) {
    nn::Figure figure("", "", "");
    figure.contour(grid, grid, Z, levels);
    const std::string svg = figure.svg();
    std::smatch path;  // one path for all levels; each curve begins with an M
    REQUIRE(std::regex_search(svg, path, std::regex("<path stroke='rgb\\(169, 180, 192\\)' *d='([^']*)'")));
    return count(path[1], "M");
  };
  CHECK(curves({1}) == 1);
  CHECK(curves({1, 2, 3}) == 3);
  nn::Figure figure("", "", "");
  figure.boundary(grid, grid, Z - 1, "edge");
  CHECK(count(figure.svg(), "edge") == 1);
}

TEST_CASE("pictures are drawn, whatever their number")
{
  nn::Figure figure("digits", "", "");
  figure.images(arma::randu(12, 7), 4, 3, 5);
  CHECK(count(figure.svg(), "<polygon") >= 7 * 12);
}

TEST_CASE("a line breaks where it isn't finite")
{
  nn::Figure figure("", "", "");
  figure.line({0, 1, 2, 3, 4}, {0, 1, arma::datum::nan, 1, 0});
  CHECK_NOTHROW(figure.svg());
}

TEST_CASE("a figure refuses data that don't fit")
{
  nn::Figure figure("", "", "");
  CHECK_ERROR(figure.line({1, 2, 3}, {1, 2}), "y is 2×1, expected 3×1");
  CHECK_ERROR(figure.contour({1, 2, 3}, {1, 2}, arma::mat(3, 2), {0}), "Z is 3×2, expected 2×3");
  CHECK_ERROR(figure.images(arma::mat(12, 3), 4, 4, 2), "pixels is 12×3, expected 16×3");
  CHECK_ERROR(figure.images(arma::mat(12, 0), 4, 3, 2), "no picture to draw");
  CHECK_ERROR(nn::Figure("", "", "").svg(), "a panel with nothing in it");
}

TEST_CASE("without gnuplot, or when it fails, a figure says so")
{
  nn::Figure figure("", "", "");
  figure.line({0, 1}, {0, 1});
  const Folder folder;
  const std::string path = std::getenv("PATH");
  setenv("PATH", (folder / "").c_str(), 1);
  CHECK_ERROR(figure.svg(), "gnuplot isn't installed, and figures need it: ./course setup");
  const auto fake = folder.file("gnuplot", "#!/bin/sh\necho 'line 3: no such thing' >&2\nexit 1\n");
  std::filesystem::permissions(fake, std::filesystem::perms::owner_all);
  CHECK_ERROR(figure.svg(), "gnuplot failed, it said: line 3: no such thing");
  setenv("PATH", path.c_str(), 1);
}
