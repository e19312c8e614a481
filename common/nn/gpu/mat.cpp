#include "nn/gpu/mat.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/error.hpp"

namespace nn::gpu {
namespace {

constexpr arma::uword most_partial_sums = 256;

// How a kernel starts from nothing and takes one more value.
struct Step {
  const char* name;
  const char* start;
  const char* combine;
};
constexpr Step steps[] = {{"sum", "0", "a + b"},
                          {"mean", "0", "a + b"},
                          {"max", "-INFINITY", "b > a ? b : a"},
                          {"min", "INFINITY", "b < a ? b : a"},
                          {"index_max", "-INFINITY", "b > a ? b : a"}};

const Step& step_of(Reduction reduction) { return steps[static_cast<int>(reduction)]; }

constexpr const char* square_function = "float square(float x) { return x * x; }\n";

std::string combine_function(Reduction reduction)
{
  return fmt::format("float combine(float a, float b) {{ return {}; }}\n", step_of(reduction).combine);
}

}  // namespace

std::uint32_t count(arma::uword number) { return static_cast<std::uint32_t>(number); }

std::size_t groups(const Mat& out) { return (out.n_elem + group - 1) / group; }

Buffer to_device(const arma::Col<std::uint32_t>& list)
{
  const Buffer moved = allocate(list.n_elem * sizeof(std::uint32_t), "a list");
  upload(moved, list.memptr(), list.n_elem * sizeof(std::uint32_t));
  return moved;
}

void require_same_shape(Operation operation, arma::uword rows, arma::uword cols, arma::uword other_rows,
                        arma::uword other_cols)
{
  if (rows != other_rows || cols != other_cols) {
    throw Error(fmt::format("{}: incompatible matrix dimensions: {}x{} and {}x{}",
                            operators[static_cast<int>(operation)].name, rows, cols, other_rows, other_cols));
  }
}

std::string elementwise_source(const Parameters& parameters, const std::string& text)
{
  return fmt::format(R"({}kernel void run(global float* out, uint n, uint rows{})
{{
  uint k = get_global_id(0);
  if (k >= n) return;
  uint j = k / rows, i = k - j * rows;
  out[k] = {};
}})",
                     square_function, parameters.list, text);
}

// A work-group makes `wide` results, with group / wide work-items for each. Down the columns they read
// neighbours; along the rows the neighbours belong to eight results.
std::string reduction_source(Reduction reduction, arma::uword dim, const Parameters& parameters,
                             const std::string& text)
{
  const bool place = reduction == Reduction::index_max;
  return fmt::format(
      R"({square}{combine}
kernel void run(global float* out, uint results, uint length, uint rows{parameters})
{{
  local float part[{group}];
  local uint place[{group}];
  uint me = get_local_id(0), result = get_group_id(0) * {wide} + me % {wide};
  float a = {start};
  uint best = 0;
  if (result < results) {{
    for (uint t = me / {wide}; t < length; t += {group} / {wide}) {{
      uint i = {i}, j = {j}, k = i + j * rows;
      float b = {text};
      {take}
      a = combine(a, b);
    }}
  }}
  part[me] = a;
  place[me] = best;
  for (uint s = {group} / 2; s >= {wide}; s /= 2) {{
    barrier(CLK_LOCAL_MEM_FENCE);
    if (me < s) {{
      {merge}
      part[me] = combine(part[me], part[me + s]);
    }}
  }}
  if (me < {wide} && result < results) out[result] = {out};
}})",
      fmt::arg("square", square_function), fmt::arg("combine", combine_function(reduction)),
      fmt::arg("parameters", parameters.list), fmt::arg("group", group), fmt::arg("wide", dim == 0 ? 1 : 8),
      fmt::arg("start", step_of(reduction).start), fmt::arg("i", dim == 0 ? "t" : "result"),
      fmt::arg("j", dim == 0 ? "result" : "t"), fmt::arg("text", text),
      fmt::arg("take", place ? "if (b > a) best = t;" : ""),
      fmt::arg("merge", place ? "if (part[me + s] > part[me] || (part[me + s] == part[me] && place[me + "
                                "s] < place[me])) place[me] = place[me + s];"
                              : ""),
      fmt::arg("out", place                          ? "place[me]"
                      : reduction == Reduction::mean ? "part[me] / length"
                                                     : "part[me]"));
}

std::string total_source(Reduction reduction, const Parameters& parameters, const std::string& text)
{
  return fmt::format(R"({square}{combine}
kernel void run(global float* out, uint n, uint length, uint rows{parameters})
{{
  local float part[{group}];
  uint me = get_local_id(0), from = get_group_id(0) * length;
  uint to = min(from + length, n);
  float a = {start};
  for (uint k = from + me; k < to; k += {group}) {{
    uint j = k / rows, i = k - j * rows;
    a = combine(a, {text});
  }}
  part[me] = a;
  for (uint s = {group} / 2; s > 0; s /= 2) {{
    barrier(CLK_LOCAL_MEM_FENCE);
    if (me < s) part[me] = combine(part[me], part[me + s]);
  }}
  if (me == 0) out[get_group_id(0)] = part[0];
}})",
                     fmt::arg("square", square_function), fmt::arg("combine", combine_function(reduction)),
                     fmt::arg("parameters", parameters.list), fmt::arg("group", group),
                     fmt::arg("start", step_of(reduction).start), fmt::arg("text", text));
}

void require_dim(Reduction reduction, arma::uword dim)
{
  if (dim > 1) throw Error(fmt::format("{}(): parameter 'dim' must be 0 or 1", step_of(reduction).name));
}

Mat reduce(Reduction reduction, arma::uword dim, arma::uword rows, arma::uword cols,
           const std::string& source, const std::vector<Argument>& of_expression)
{
  const arma::uword length = dim == 0 ? rows : cols;
  const arma::uword one = length > 0 || reduction == Reduction::sum ? 1 : 0;  // as in Armadillo
  if (length == 0) return dim == 0 ? Mat(one, cols) : Mat(rows, one);
  Mat out = dim == 0 ? Mat::unfilled(1, cols) : Mat::unfilled(rows, 1);
  if (out.n_elem == 0) return out;
  std::vector<Argument> arguments = {out.place().buffer, count(out.n_elem), count(length), count(rows)};
  arguments.insert(arguments.end(), of_expression.begin(), of_expression.end());
  launch(source, dim == 0 ? out.n_elem : (out.n_elem + 7) / 8, arguments);
  return out;
}

double total(Reduction reduction, arma::uword n, arma::uword rows, const std::string& source,
             const std::vector<Argument>& of_expression)
{
  if (n == 0) return 0;
  const arma::uword groups = std::min(most_partial_sums, (n + group - 1) / group);
  const arma::uword length = (n + groups - 1) / groups;
  Mat out = Mat::unfilled(groups, 1);
  std::vector<Argument> arguments = {out.place().buffer, count(n), count(length), count(rows)};
  arguments.insert(arguments.end(), of_expression.begin(), of_expression.end());
  launch(source, groups, arguments);
  const auto parts = arma::conv_to<arma::vec>::from(arma::fmat(out));
  if (reduction == Reduction::sum) return arma::accu(parts);
  return reduction == Reduction::max ? parts.max() : parts.min();
}

Mat product(const Scaled& A, const Scaled& B)
{
  const auto shape = [](const Factor& factor) {
    return factor.transposed ? std::pair(factor.columns, factor.rows)
                             : std::pair(factor.rows, factor.columns);
  };
  const auto [m, k] = shape(A.factor);
  const auto [k_of_B, n] = shape(B.factor);
  if (k != k_of_B) {
    throw Error(fmt::format("matrix multiplication: incompatible matrix dimensions: {}x{} and {}x{}", m, k,
                            k_of_B, n));
  }
  if (k == 0) return Mat(m, n);
  Mat C = Mat::unfilled(m, n);
  if (C.n_elem > 0) multiply(A.number * B.number, A.factor, B.factor, C.place().buffer);
  return C;
}

Mat Mat::unfilled(arma::uword rows, arma::uword cols)
{
  Mat A;
  A.n_rows = rows, A.n_cols = cols, A.n_elem = rows * cols;
  const std::string what = fmt::format("a matrix of {}×{}", rows, cols);
  if (rows > 0 && cols > std::numeric_limits<std::uint32_t>::max() / rows) {
    throw Error(fmt::format("{} has more elements than a device counts, 2^32 - 1", what));
  }
  if (A.n_elem > 0) A.buffer_ = allocate(A.n_elem * sizeof(float), what);
  return A;
}

Mat::Mat(arma::uword rows, arma::uword cols) : Mat(unfilled(rows, cols)) { fill(0); }

Mat::Mat(const arma::fmat& A) : Mat(unfilled(A.n_rows, A.n_cols))
{
  if (n_elem > 0) upload(buffer_, A.memptr(), n_elem * sizeof(float));
}

Mat::operator arma::fmat() const
{
  arma::fmat A(n_rows, n_cols, arma::fill::none);
  if (n_elem > 0) download(buffer_, offset_ * sizeof(float), A.memptr(), n_elem * sizeof(float));
  return A;
}

Mat& Mat::fill(float value)
{
  static const std::string source = [] {
    Parameters parameters;
    const std::string number = Number::text(parameters, {});
    return elementwise_source(parameters, number);
  }();
  *this = unfilled(n_rows, n_cols);
  if (n_elem > 0) launch(source, groups(*this), {buffer_, count(n_elem), count(n_rows), value});
  return *this;
}

Mat Mat::range(arma::uword first, arma::uword columns) const
{
  Mat A = *this;
  A.offset_ += first * n_rows;
  A.n_cols = columns;
  A.n_elem = n_rows * columns;
  return A;
}

Mat Mat::cols(arma::uword first, arma::uword last) const
{
  if (first > last || last >= n_cols) throw Error("Mat::cols(): indices out of bounds or incorrectly used");
  return range(first, last - first + 1);
}

Mat Mat::cols(const arma::uvec& order) const
{
  static const std::string source = R"(
kernel void run(global float* out, uint n, uint rows, global const float* in, uint offset, global const uint* order)
{
  uint k = get_global_id(0);
  if (k >= n) return;
  uint j = k / rows, i = k - j * rows;
  out[k] = in[offset + i + order[j] * rows];
})";
  if (!order.is_empty() && order.max() >= n_cols) throw Error("Mat::elem(): index out of bounds");
  Mat A = unfilled(n_rows, order.n_elem);
  if (A.n_elem == 0) return A;
  launch(source, groups(A),
         {A.buffer_, count(A.n_elem), count(n_rows), buffer_, count(offset_),
          to_device(arma::conv_to<arma::Col<std::uint32_t>>::from(order))});
  return A;
}

Mat Mat::rows(arma::uword first, arma::uword last) const
{
  static const std::string source = R"(
kernel void run(global float* out, uint n, uint rows, global const float* in, uint offset, uint stride)
{
  uint k = get_global_id(0);
  if (k >= n) return;
  uint j = k / rows, i = k - j * rows;
  out[k] = in[offset + i + j * stride];
})";
  if (first > last || last >= n_rows) throw Error("Mat::rows(): indices out of bounds or incorrectly used");
  Mat A = unfilled(last - first + 1, n_cols);
  if (A.n_elem == 0) return A;
  launch(source, groups(A),
         {A.buffer_, count(A.n_elem), count(A.n_rows), buffer_, count(offset_ + first), count(n_rows)});
  return A;
}

Mat Mat::col(arma::uword i) const
{
  if (i >= n_cols) throw Error("Mat::col(): index out of bounds");
  return range(i, 1);
}

Mat Mat::head_cols(arma::uword columns) const
{
  if (columns > n_cols) throw Error("Mat::head_cols(): size out of bounds");
  return range(0, columns);
}

Mat Mat::tail_cols(arma::uword columns) const
{
  if (columns > n_cols) throw Error("Mat::tail_cols(): size out of bounds");
  return range(n_cols - columns, columns);
}

Mat join_cols(const Mat& top, const Mat& bottom)
{
  static const std::string source = R"(
kernel void run(global float* out, uint n, uint above, global const float* top, uint top_offset,
                uint below, global const float* bottom, uint bottom_offset)
{
  uint k = get_global_id(0);
  if (k >= n) return;
  uint j = k / (above + below), i = k - j * (above + below);
  out[k] = i < above ? top[top_offset + i + j * above] : bottom[bottom_offset + i - above + j * below];
})";
  if (top.n_cols != bottom.n_cols && top.n_rows + top.n_cols > 0 && bottom.n_rows + bottom.n_cols > 0)
    throw Error("join_cols() / join_vert(): number of columns must be the same");
  Mat A = Mat::unfilled(top.n_rows + bottom.n_rows, std::max(top.n_cols, bottom.n_cols));
  if (A.n_elem == 0) return A;
  if (top.n_elem == 0) return bottom;
  if (bottom.n_elem == 0) return top;
  launch(source, groups(A),
         {A.place().buffer, count(A.n_elem), count(top.n_rows), top.place().buffer, count(top.place().offset),
          count(bottom.n_rows), bottom.place().buffer, count(bottom.place().offset)});
  return A;
}

float Mat::min() const
{
  if (n_elem == 0) throw Error("Mat::min(): object has no elements");
  return static_cast<float>(total<Reduction::min>(*this));
}

float Mat::max() const
{
  if (n_elem == 0) throw Error("Mat::max(): object has no elements");
  return static_cast<float>(total<Reduction::max>(*this));
}

bool Mat::is_finite() const
{
  return total<Reduction::sum>(Unary<Function::is_finite, Mat>(*this)) == static_cast<double>(n_elem);
}

}  // namespace nn::gpu
