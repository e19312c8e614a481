#include "nn/gpu/windows.hpp"

#include <fmt/core.h>

#include <string>
#include <vector>

#include "nn/error.hpp"
#include "nn/matrix.hpp"

namespace nn::gpu {
namespace {

constexpr arma::uword most_places = 1 << 24;  // which a float counts

// Windows as the parameters of a kernel: the image, the window, and the rows and columns of its places.
constexpr const char* geometry =
    "uint height, uint width, uint c, uint kh, uint kw, uint s, uint p, uint rows, uint columns";

// Has a kernel make every element of a matrix, in so many work-groups. Its parameters are the matrix, the
// number of its elements, the geometry, and what it reads.
void make(const Mat& out, std::size_t work_groups, const std::string& source, const Windows& windows,
          const std::vector<Argument>& reads)
{
  if (out.n_elem == 0) return;
  std::vector<Argument> arguments = {out.place().buffer, count(out.n_elem)};
  for (const arma::uword number : {windows.input.height, windows.input.width, windows.input.channels,
                                   windows.window.height, windows.window.size, windows.window.stride,
                                   windows.window.padding, windows.output.height, windows.output.width})
    arguments.emplace_back(count(number));
  arguments.insert(arguments.end(), reads.begin(), reads.end());
  launch(source, work_groups, arguments);
}

// A kernel in which every element of the images adds up a value for each window that showed it. The text of
// the value knows the window's number, `window`, and the element's: i of the image, and `shown` of the
// window.
std::string gather_source(const char* parameters, const char* value)
{
  return fmt::format(R"(
kernel void run(global float* out, uint n, {geometry}, {parameters})
{{
  uint k = get_global_id(0);
  if (k >= n) return;
  uint size = height * width * c, sample = k / size, i = k % size, channel = i % c;
  uint y = i / c / width + p, x = i / c % width + p;
  float sum = 0;
  for (uint row = y < kh ? 0 : (y - kh) / s + 1; row < rows && row * s <= y; ++row) {{
    for (uint column = x < kw ? 0 : (x - kw) / s + 1; column < columns && column * s <= x; ++column) {{
      uint window = (sample * rows + row) * columns + column;
      uint shown = ((y - row * s) * kw + x - column * s) * c + channel;
      sum += {value};
    }}
  }}
  out[k] = sum;
}})",
                     fmt::arg("geometry", geometry), fmt::arg("parameters", parameters),
                     fmt::arg("value", value));
}

// Feature maps with a row for each filter, f×(places·m).
Mat by_filter(const Windows& windows, const Mat& maps)
{
  return reshape(maps, windows.output.channels, windows.output.pixels() * maps.n_cols);
}

}  // namespace

Mat reshape(const Mat& A, arma::uword rows, arma::uword cols)
{
  if (rows * cols != A.n_elem) {
    throw Error(fmt::format("reshape(): A is {}×{}, expected {} elements for {}×{}", A.n_rows, A.n_cols,
                            rows * cols, rows, cols));
  }
  Mat B = A;
  B.n_rows = rows;
  B.n_cols = cols;
  return B;
}

Mat unfold(const Windows& windows, const Mat& X)
{
  static const std::string source = fmt::format(R"(
kernel void run(global float* out, uint n, {}, global const float* in, uint offset)
{{
  uint window = get_group_id(0), row = window / columns, sample = row / rows;
  uint top = (row - sample * rows) * s - p, left = ((window - row * columns) * s - p) * c;
  uint run = kw * c, line = width * c;  // a row of the window, and of the image
  for (uint shown = get_local_id(0); shown < kh * run; shown += {}) {{
    uint t = shown / run, y = top + t, x = left + shown - t * run;
    bool padding = y >= height || x >= line;  // below 0 is a very large number
    out[window * (kh * run) + shown] = padding ? 0 : in[offset + (sample * height + y) * line + x];
  }}
}})",
                                                geometry, group);
  require_images(X, windows.input);
  Mat P = Mat::unfilled(windows.elements(), windows.output.pixels() * X.n_cols);
  make(P, P.n_cols, source, windows, {X.place().buffer, count(X.place().offset)});
  return P;
}

Mat fold(const Windows& windows, const Mat& P)
{
  static const std::string source =
      gather_source("global const float* in, uint offset", "in[offset + window * (kh * kw * c) + shown]");
  const arma::uword places = windows.output.pixels();
  require_shape("P", P, windows.elements(), P.n_cols);
  if (P.n_cols % places != 0) {
    throw Error(fmt::format("P has {} columns, expected a multiple of {}, the places of the window", P.n_cols,
                            places));
  }
  Mat X = Mat::unfilled(windows.input.elements(), P.n_cols / places);
  make(X, groups(X), source, windows, {P.place().buffer, count(P.place().offset)});
  return X;
}

void convolve(const Windows& windows, const Mat& W, const Mat& b, const Mat& X, Mat& A)
{
  const Mat Z = W * unfold(windows, X);  // f×(places·m)
  A = reshape(Z.each_col() + b, windows.output.elements(), X.n_cols);
}

void filter_gradients(const Windows& windows, const Mat& X, const Mat& dZ, Mat& dW, Mat& db)
{
  const Mat errors = by_filter(windows, dZ);
  dW = errors * unfold(windows, X).t();
  db = sum(errors, 1);
}

Mat image_gradient(const Windows& windows, const Mat& W, const Mat& dZ)
{
  return fold(windows, W.t() * by_filter(windows, dZ));
}

void max_pool(const Windows& windows, const Mat& X, Mat& A, Mat& largest)
{
  static const std::string source = fmt::format(R"(
kernel void run(global float* values, uint n, {}, global float* places, global const float* in, uint offset)
{{
  uint k = get_global_id(0);
  if (k >= n) return;
  uint channel = k % c, window = k / c, sample = window / (rows * columns), place = window % (rows * columns);
  uint corner = (place / columns * width + place % columns) * s * c + channel, best = corner;
  global const float* image = in + offset + sample * (height * width * c);
  for (uint y = 0; y < kh; ++y) {{
    for (uint x = 0; x < kw; ++x) {{
      uint here = corner + (y * width + x) * c;
      if (image[here] > image[best]) best = here;
    }}
  }}
  values[k] = image[best];
  places[k] = best;
}})",
                                                geometry);
  require_images(X, windows.input);
  if (windows.input.elements() > most_places) {
    throw Error(fmt::format("max-pooling of images of {} numbers, expected at most {}",
                            windows.input.elements(), most_places));
  }
  if (windows.window.padding != 0)
    throw Error(fmt::format("max-pooling with padding {}, expected 0", windows.window.padding));
  const Mat values = Mat::unfilled(windows.output.pixels() * windows.input.channels, X.n_cols);
  const Mat places = Mat::unfilled(values.n_rows, values.n_cols);
  make(values, groups(values), source, windows,
       {places.place().buffer, X.place().buffer, count(X.place().offset)});
  A = values;
  largest = places;
}

Mat unpool(const Windows& windows, const Mat& largest, const Mat& dA)
{
  static const std::string source = gather_source(
      "global const float* in, uint offset, global const float* places, uint places_offset",
      "places[places_offset + window * c + channel] == i ? in[offset + window * c + channel] : 0");
  require_shape("dA", dA, windows.output.pixels() * windows.input.channels, dA.n_cols);
  require_shape("largest", largest, dA.n_rows, dA.n_cols);
  Mat dX = Mat::unfilled(windows.input.elements(), dA.n_cols);
  make(dX, groups(dX), source, windows,
       {dA.place().buffer, count(dA.place().offset), largest.place().buffer, count(largest.place().offset)});
  return dX;
}

}  // namespace nn::gpu
