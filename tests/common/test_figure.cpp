#include <cstdlib>
#include <string_view>

#include "nn/figure.hpp"
#include "support.hpp"

namespace {

std::size_t count(std::string_view text, std::string_view part)
{
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// What stands between the first `from` and the next `to`; empty when it isn't there.
std::string between(const std::string& text, const std::string& from, const std::string& to)
{
  const auto start = text.find(from);
  if (start == std::string::npos) return "";
  return text.substr(start + from.size(), text.find(to, start + from.size()) - start - from.size());
}

bool contains(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a figure is an SVG with its titles, series and a dark style")
{
  nn::Figure figure("It's a title", "x₁", "J (g)");
  figure.line({0, 1, 2}, {0, 1, 4}, "a line");
  figure.points({0, 1, 2}, {4, 1, 0}, "some points");
  const std::string svg = figure.svg();
  CHECK(svg.starts_with("<?xml"));
  CHECK(count(svg, "fill=\"black\"") == 0);  // a word that would not turn light on a dark page
  for (const char* text :
       {"It's a title", "x₁", "J (g)", "a line", "some points", "prefers-color-scheme:dark"}) {
    INFO(text);
    CHECK(contains(svg, text));
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
  CHECK(count(svg, "left</text>") == 1);
  CHECK(count(svg, "right</text>") == 1);
}

TEST_CASE("a contour is a curve at each level, a boundary the curve at 0")
{
  const auto bowl = [](const arma::vec& p) { return arma::dot(p, p); };
  const auto curves = [&](const arma::vec& levels) {
    nn::Figure figure("", "", "");
    figure.range_x(-2, 2);
    figure.range_y(-2, 2);
    figure.contour(bowl, levels);
    // One path for all levels; each curve begins with an M, long ones more often.
    return count(between(figure.svg(), "<path stroke='rgb(169, 180, 192)'", "/>"), "M");
  };
  CHECK(curves({1}) >= 1);
  CHECK(curves({1, 2, 3}) >= curves({1}) + 2);

  nn::Figure figure("", "", "");
  figure.range_x(0, 10);
  figure.range_y(0, 1);
  figure.boundary([](const arma::vec& p) { return p(0) - 2.5; });
  CHECK(contains(figure.script(), "levels discrete 0\n"));
  // The boundary is the vertical line x = 2.5, a quarter of the way across.
  const std::string path = between(figure.svg(), "<path stroke='rgb( 36,  41,  47)'  d='M", "'");
  const double first = std::stod(path), second = std::stod(between(path, "L", ","));
  CHECK(first == second);
  CHECK(first == Approx(720 * 0.3).margin(30));
}

TEST_CASE("pictures stand in a grid, rows from the top, with gaps of paper")
{
  nn::Figure figure("digits", "", "");
  const arma::mat two = {{1, 7}, {2, 8}, {3, 9}, {4, 10}, {5, 11}, {6, 12}};  // of 2 rows and 3 columns
  figure.images(two, 2, 3, 1);
  CHECK(contains(figure.script(), "\n1 2 3 NaN \n4 5 6 NaN \nNaN NaN NaN NaN \n7 8 9 NaN \n10 11 12 NaN \n"));
  CHECK(contains(figure.script(), "set yrange [:] reverse"));
  CHECK(contains(figure.script(), "set palette gray negative"));
  CHECK(count(figure.svg(), "<image ") == 1);
}

TEST_CASE("a hundred pictures make a small file")
{
  nn::Figure figure("digits", "", "");
  figure.images(arma::randu(28 * 28, 100), 28, 28, 10);
  CHECK(figure.svg().size() < 500'000);
}

TEST_CASE("axes, ranges and breaks are passed on")
{
  nn::Figure figure("", "", "");
  figure.line({0, 1, 2, 3}, {0.5, 1, arma::datum::nan, 1});
  figure.line({0, 1}, {0, 1});
  figure.log_x();
  figure.equal_axes();
  figure.range_x(0.25, 4);
  figure.panel("", "", "");
  figure.points({1}, {2});
  figure.log_y();
  figure.range_y(-3, 5);
  const std::string script = figure.script();
  for (const char* text : {"\n2 NaN \n", "set logscale x\n", "set logscale y\n", "set size ratio -1\n",
                           "set xrange [0.25:4]\n", "set yrange [-3:5]\n", "dt 1 pt 7", "dt 2 pt 5"}) {
    INFO(text);
    CHECK(contains(script, text));
  }
}

TEST_CASE("a figure refuses data that don't fit")
{
  nn::Figure figure("", "", "");
  CHECK_ERROR(figure.line({1, 2, 3}, {1, 2}), "y is 2×1, expected 3×1");
  const auto one = [](const arma::vec&) { return 1.0; };
  CHECK_ERROR(figure.contour(one, {0}), "curves of a function need range_x and range_y before");
  CHECK_ERROR(figure.images(arma::mat(12, 3), 4, 4, 2), "pixels is 12×3, expected 16×3");
  CHECK_ERROR(figure.images(arma::mat(12, 0), 4, 3, 2), "no picture to draw");
  CHECK_ERROR(nn::Figure("", "", "").svg(), "a panel with nothing in it");
  CHECK_ERROR(figure.points({1}, {arma::datum::nan}, "p"), "series 'p' has no finite point");
  CHECK_ERROR(figure.line(arma::vec(), arma::vec(), "l"), "series 'l' has no finite point");
  CHECK_ERROR(figure.range_x(1, 1), "range_x is 1 to 1, expected a first number below the second");
  CHECK_ERROR(figure.range_y(0, arma::datum::nan), "range_y is 0 to nan");
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
  folder.file("gnuplot", "#!/bin/sh\necho '<svg> cut'\n");
  CHECK_ERROR(figure.svg(), "gnuplot failed");
  setenv("PATH", path.c_str(), 1);
}

TEST_CASE("words stand where their points would be")
{
  nn::Figure figure("Words", "x", "y");
  figure.words({1, 2}, {3, 4}, {"año", "a \"b\""});
  CHECK(figure.script().find("1 3 \"año\"\n2 4 \"a__b_\"\n") != std::string::npos);
  CHECK(figure.svg().find("año") != std::string::npos);
  CHECK_ERROR(figure.words({1, 2}, {3, 4}, {"one"}), "1 words at 2 points, expected as many");
  CHECK_ERROR(figure.words({1, 2}, {3}, {"one", "two"}), "y is 1×1, expected 2×1");
  CHECK_ERROR(figure.words({arma::datum::nan}, {3}, {"one"}), "words without a finite point");
}
