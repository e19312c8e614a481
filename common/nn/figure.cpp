#include "nn/figure.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "nn/error.hpp"
#include "nn/matrix.hpp"

namespace nn {
namespace {

// A colour on a light page and its counterpart on a dark one.
struct Colour {
  unsigned light;
  unsigned dark;
};
constexpr Colour page{0xfffefb, 0x16191e};
constexpr Colour ink{0x24292f, 0xe3e6ea};
constexpr Colour axis{0x6e7781, 0x8b949e};
constexpr Colour grid{0xe1e5ea, 0x33373d};
constexpr Colour level{0xa9b4c0, 0x5c6773};
constexpr std::array palette{Colour{0x0072b2, 0x58b1ee}, Colour{0xd55e00, 0xff9248},
                             Colour{0x00855f, 0x3fc79a}, Colour{0xb0508c, 0xe79ac4},
                             Colour{0x9a6b00, 0xe3b341}, Colour{0x5a54a8, 0xa9a3f5}};

// gnuplot writes a colour into SVG in three ways.
std::array<std::string, 3> spellings(unsigned rgb)
{
  const unsigned r = rgb >> 16, g = rgb >> 8 & 0xff, b = rgb & 0xff;
  return {fmt::format("#{:06x}", rgb), fmt::format("rgb({:3}, {:3}, {:3})", r, g, b),
          fmt::format("rgb({},{},{})", r, g, b)};
}

// The style sheet that turns the light colours into the dark ones for readers who ask for a dark page.
std::string dark_style()
{
  std::string rules;
  std::vector<Colour> colours{page, ink, axis, grid, level};
  colours.insert(colours.end(), palette.begin(), palette.end());
  for (const Colour& colour : colours) {
    for (const std::string& light : spellings(colour.light)) {
      for (const char* property : {"fill", "stroke", "color"}) {
        rules += fmt::format("[{0}=\"{1}\"]{{{0}:#{2:06x}}}", property, light, colour.dark);
      }
    }
  }
  return fmt::format(
      "<style>image{{image-rendering:pixelated}}@media (prefers-color-scheme:dark){{{}}}</style>\n", rules);
}

std::string quoted(std::string_view text)
{
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : c == '\n' ? " " : std::string(1, c);
  return out + "'";
}

std::string colour(const Colour& c) { return fmt::format("rgb '#{:06x}'", c.light); }

std::string titled(std::string_view label) { return label.empty() ? "notitle" : "title " + quoted(label); }

// A file in memory that a child process sees under a name.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : descriptor_{memfd_create(name, 0)}
  {
    if (descriptor_ < 0) throw Error(fmt::format("cannot make a file in memory: {}", std::strerror(errno)));
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string name() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

  void write(std::string_view content) const
  {
    if (::write(descriptor_, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
      throw Error(fmt::format("cannot fill a file in memory: {}", std::strerror(errno)));
    }
  }

  std::string read() const
  {
    std::string content(static_cast<std::size_t>(lseek(descriptor_, 0, SEEK_END)), '\0');
    const ssize_t n = pread(descriptor_, content.data(), content.size(), 0);
    content.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return content;
  }

 private:
  int descriptor_;
};

// With the defaults (-d): what a user has in a file of settings must not change the course's figures.
std::string run_gnuplot(const std::string& script)
{
  const MemoryFile input("script"), output("svg"), messages("messages");
  input.write(script);
  const std::string command =
      fmt::format("gnuplot -d {} >{} 2>{}", input.name(), output.name(), messages.name());
  const int status = std::system(command.c_str());
  if (WIFSIGNALED(status)) std::raise(WTERMSIG(status));  // Ctrl-C went to gnuplot, and is meant for us too
  if (WEXITSTATUS(status) == 127) throw Error("gnuplot isn't installed, and figures need it: ./course setup");
  const std::string svg = output.read();
  if (status != 0 || !svg.ends_with("</svg>\n\n")) {
    std::string said = messages.read();
    said.erase(said.find_last_not_of(" \n") + 1);
    throw Error(fmt::format("gnuplot failed, it said: {}", said.substr(said.rfind('\n') + 1)));
  }
  return svg;
}

void require_range(const char* name, double from, double to)
{
  if (!(std::isfinite(from) && std::isfinite(to) && from < to)) {
    throw Error(fmt::format("{} is {} to {}, expected a first number below the second", name, from, to));
  }
}

}  // namespace

Figure::Figure(std::string_view title, std::string_view x, std::string_view y) { panel(title, x, y); }

void Figure::panel(std::string_view title, std::string_view x, std::string_view y)
{
  panels_.emplace_back();
  panels_.back().settings =
      fmt::format("set title {}\nset xlabel {}\nset ylabel {}\n", quoted(title), quoted(x), quoted(y));
}

void Figure::log_x() { panels_.back().settings += "set logscale x\n"; }

void Figure::log_y() { panels_.back().settings += "set logscale y\n"; }

void Figure::equal_axes() { panels_.back().settings += "set size ratio -1\nset xtics font ',11'\n"; }

void Figure::range_x(double from, double to)
{
  require_range("range_x", from, to);
  panels_.back().x = {from, to};
  panels_.back().settings += fmt::format("set xrange [{}:{}]\n", from, to);
}

void Figure::range_y(double from, double to)
{
  require_range("range_y", from, to);
  panels_.back().y = {from, to};
  panels_.back().settings += fmt::format("set yrange [{}:{}]\n", from, to);
}

// The panel's next colour and mark; every line but the first is dashed, for readers in black and white.
std::string Figure::style(std::string_view with)
{
  Panel& panel = panels_.back();
  constexpr std::array marks{7, 5, 9, 11, 13, 15};
  const std::size_t n = panel.series++ % palette.size();
  const int dash = with.starts_with("line") ? panel.lines++ % 4 + 1 : 1;
  return fmt::format("lc {} dt {} pt {}", colour(palette[n]), dash, marks[n]);
}

// A named block of data in the script.
std::string Figure::block(const arma::mat& columns)
{
  const std::string name = fmt::format("$data{}", ++blocks_);
  std::string& data = panels_.back().data;
  data += name + " << end\n";
  for (arma::uword i = 0; i < columns.n_rows; ++i) {
    for (arma::uword j = 0; j < columns.n_cols; ++j) {
      data += std::isfinite(columns(i, j)) ? fmt::format("{:.7g} ", columns(i, j)) : "NaN ";
    }
    data += "\n";
  }
  data += "end\n";
  return name;
}

void Figure::series(const arma::vec& x, const arma::vec& y, std::string_view with, std::string_view label)
{
  require_shape("y", y, x.n_rows, 1);
  if (arma::find_finite(x + y).is_empty()) throw Error(fmt::format("series '{}' has no finite point", label));
  const std::string name = block(arma::join_rows(x, y));
  panels_.back().plots.push_back(fmt::format("{} with {} {} {}", name, with, style(with), titled(label)));
}

void Figure::line(const arma::vec& x, const arma::vec& y, std::string_view label)
{
  series(x, y, "lines lw 2.2", label);
}

void Figure::history(const arma::vec& y, std::string_view label)
{
  line(arma::regspace(0, static_cast<double>(y.n_elem) - 1), y, label);
}

void Figure::points(const arma::vec& x, const arma::vec& y, std::string_view label)
{
  series(x, y, x.n_elem < 20 ? "points ps 1.1" : "points ps 0.55", label);
}

void Figure::words(const arma::vec& x, const arma::vec& y, const std::vector<std::string>& texts)
{
  require_shape("y", y, x.n_rows, 1);
  if (texts.size() != x.n_elem) {
    throw Error(fmt::format("{} words at {} points, expected as many", texts.size(), x.n_elem));
  }
  if (arma::find_finite(x + y).is_empty()) throw Error("words without a finite point");
  Panel& panel = panels_.back();
  const std::string name = fmt::format("$data{}", ++blocks_);
  panel.data += name + " << end\n";
  for (arma::uword i = 0; i < x.n_elem; ++i) {
    std::string text = texts[i];
    std::ranges::replace_if(
        text, [](unsigned char c) { return c <= ' ' || c == '"' || c == '\\'; }, '_');
    if (std::isfinite(x(i) + y(i))) panel.data += fmt::format("{:.7g} {:.7g} \"{}\"\n", x(i), y(i), text);
  }
  panel.data += "end\n";
  const std::size_t n = panel.series++ % palette.size();
  panel.plots.push_back(
      fmt::format("{} using 1:2:3 with labels font ',13' textcolor {} notitle", name, colour(palette[n])));
}

void Figure::path(const arma::vec& x, const arma::vec& y, std::string_view label)
{
  series(x, y, "linespoints lw 1.3 ps 0.45", label);
}

// Lets gnuplot trace level curves into a table that a plot can use.
std::string Figure::curves(const Surface& f, const arma::vec& levels)
{
  Panel& panel = panels_.back();
  if (panel.x.empty() || panel.y.empty()) throw Error("curves of a function need range_x and range_y before");
  const arma::vec x = arma::linspace(panel.x(0), panel.x(1), 121);
  const arma::vec y = arma::linspace(panel.y(0), panel.y(1), 121);
  const std::string table = fmt::format("$curves{}", ++blocks_);
  panel.data += fmt::format("$grid{} << end\n", blocks_);
  for (const double u : x) {
    for (const double v : y) panel.data += fmt::format("{:.7g} {:.7g} {:.7g}\n", u, v, f({u, v}));
    panel.data += "\n";
  }
  panel.data += fmt::format(
      "end\nset contour base\nunset surface\nset cntrparam levels discrete {:.7g}\nset table {}\n",
      fmt::join(levels, ","), table);
  panel.data += fmt::format("splot $grid{} with lines\nunset table\n", blocks_);
  return table;
}

void Figure::contour(const Surface& f, const arma::vec& levels)
{
  const std::string table = curves(f, levels);
  panels_.back().plots.push_back(
      fmt::format("{} using 1:2 with lines lw 1 lc {} notitle", table, colour(level)));
}

void Figure::boundary(const Surface& f, std::string_view label)
{
  const std::string table = curves(f, arma::vec{0});
  panels_.back().plots.push_back(
      fmt::format("{} using 1:2 with lines lw 2.2 lc {} {}", table, colour(ink), titled(label)));
}

void Figure::images(const arma::mat& pixels, arma::uword rows, arma::uword cols, arma::uword across)
{
  if (pixels.n_cols == 0 || across == 0) throw Error("no picture to draw, expected at least 1");
  require_shape("pixels", pixels, rows * cols, pixels.n_cols);
  Panel& panel = panels_.back();
  panel.settings +=
      "set size ratio -1\nset yrange [:] reverse\nunset border\nunset tics\nunset colorbox\n"
      "set palette gray negative\n";
  arma::mat sheet((pixels.n_cols + across - 1) / across * (rows + 1), across * (cols + 1));
  sheet.fill(arma::datum::nan);  // the gaps between pictures stay paper
  for (arma::uword i = 0; i < pixels.n_cols; ++i) {
    const arma::mat picture = arma::reshape(pixels.col(i), cols, rows).t();  // pixels come row by row
    const arma::uword top = i / across * (rows + 1), left = i % across * (cols + 1);
    sheet.submat(top, left, arma::size(picture)) = picture;
    panel.settings += fmt::format(
        "set object rectangle from {}-0.5,{}-0.5 to {}-0.5,{}-0.5 front fillstyle empty border lc {} lw "
        "0.8\n",
        left, top, left + cols, top + rows, colour(grid));
  }
  panel.plots.push_back(fmt::format("{} matrix with image notitle", block(sheet)));
}

std::string Figure::script() const
{
  const std::size_t n = panels_.size();
  // The more panels, the narrower each, so that a page which shrinks the figure leaves its words readable.
  const int width = n == 1 ? 720 : static_cast<int>(n) * (n == 2 ? 480 : 360);
  std::string script = fmt::format(
      "set terminal svg size {},440 noenhanced font 'sans-serif,15' background '#{:06x}'\n"
      "set encoding utf8\nset multiplot layout 1,{}\nset style data lines\n",
      width, page.light, n);
  for (const Panel& panel : panels_) {
    if (panel.plots.empty()) throw Error("a figure has a panel with nothing in it");
    script += "reset\n" + panel.data + "reset\n";
    // The small empty title of the legend keeps it at a distance from the axis.
    script += fmt::format(
        "set border 3 lw 0.8 lc {0}\nset tics nomirror scale 0.5 textcolor {1}\nset grid lt 1 lw 0.8 lc {2}\n"
        "set clip two\nset format '%g'\nset key outside bottom center horizontal reverse Left samplen 2.5\n"
        "set key textcolor {1} title ' ' font ',5' textcolor {1}\nset title textcolor {1}\n"
        "set xlabel offset 0,0.4 textcolor {1}\nset ylabel textcolor {1}\n",
        colour(axis), colour(ink), colour(grid));
    script += panel.settings;
    script += fmt::format("plot {}\n", fmt::join(panel.plots, ", "));
  }
  return script + "unset multiplot\n";
}

std::string Figure::svg() const
{
  std::string svg = run_gnuplot(script());
  const std::size_t body = svg.find("<g id=\"gnuplot_canvas\">");
  return svg.insert(body, dark_style());
}

}  // namespace nn
