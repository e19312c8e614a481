#pragma once

#include <armadillo>
#include <string>
#include <utility>
#include <vector>

#include "nn/gpu/device.hpp"
#include "nn/gpu/expression.hpp"

namespace nn::gpu {

class Transposed;

/// A matrix of floats on the chosen device, in the language of `arma::fmat`: what nn::Matrix lists, same names, same
/// meaning, same messages. A formula written as a template over nn::Matrix runs on it unchanged.
///
/// - An element-wise expression is **one** kernel, generated from the type of the expression; so is a sum or a maximum of
///   one. Products (`*`, with `.t()` on either side) are computed where they are met, before the rest of an expression.
/// - Work is queued. Only what asks for a number waits: `accu`, `min()`, `max()`, `is_finite()`, the way to Armadillo.
/// - Elements can't be read or written one by one: each would be a transfer.
/// - Memory is never changed once it is filled: an assignment takes other memory, from the pool. So a copy or a range of
///   columns costs nothing and keeps what it has, whatever happens to the original, and `A = A.t()` needs no care.
///
/// `n_rows`, `n_cols` and `n_elem` are for reading.
class Mat : public Node<Mat> {
 public:
  using elem_type = float;  ///< as in Armadillo

  arma::uword n_rows = 0;  ///< rows
  arma::uword n_cols = 0;  ///< columns
  arma::uword n_elem = 0;  ///< elements

  /// A matrix without elements.
  Mat() = default;

  /// Zeros.
  /// @param rows, cols the shape
  /// @throws Error when the device has too little memory
  Mat(arma::uword rows, arma::uword cols);

  /// Filled by Armadillo and moved, so that the same seed gives the same numbers on every device.
  /// @param rows, cols the shape
  /// @param fill arma::fill::randn, randu, zeros, ones or eye
  /// @throws Error when the device has too little memory
  template <class Fill>
  Mat(arma::uword rows, arma::uword cols, const arma::fill::fill_class<Fill>& fill)
      : Mat(arma::fmat(rows, cols, fill))
  {
  }

  /// From Armadillo: a transfer to the device.
  /// @param A any shape
  /// @throws Error when the device has too little memory
  explicit Mat(const arma::fmat& A);

  /// The value of an expression.
  /// @param expression such as `1 / (1 + exp(-Z))`
  /// @throws Error when the device has too little memory
  template <Expression E>
  requires(!std::same_as<E, Mat>) Mat(const E& expression);

  /// Memory to be filled by a kernel.
  /// @param rows, cols the shape
  /// @return a matrix whose elements aren't defined
  /// @throws Error when the device has too little memory
  static Mat unfilled(arma::uword rows, arma::uword cols);

  /// @return where the elements are, for a kernel or a product
  Factor place() const { return {buffer_, offset_, n_rows, n_cols, false}; }

  /// To Armadillo: a transfer from the device, after all that was queued before.
  explicit operator arma::fmat() const;

  /// @return the same
  const Mat& eval() const { return *this; }

  /// @return the transpose: a product takes it as it is, anything else moves the elements
  Transposed t() const;

  /// @param first, last columns, the last one included
  /// @return these columns, without a copy
  /// @throws Error when they are out of bounds
  Mat cols(arma::uword first, arma::uword last) const;

  /// @param order columns, in any order, as `arma::randperm` draws it; it is moved to the device
  /// @return these columns in that order
  /// @throws Error when one is out of bounds
  Mat cols(const arma::uvec& order) const;

  /// @param first, last rows, the last one included
  /// @return these rows
  /// @throws Error when they are out of bounds
  Mat rows(arma::uword first, arma::uword last) const;

  /// @param i a column
  /// @return it, n×1, without a copy
  /// @throws Error when it is out of bounds
  Mat col(arma::uword i) const;

  /// @param count how many
  /// @return the first columns, without a copy
  /// @throws Error when there are fewer
  Mat head_cols(arma::uword count) const;

  /// @param count how many
  /// @return the last columns, without a copy
  /// @throws Error when there are fewer
  Mat tail_cols(arma::uword count) const;

  /// @param value for all elements
  /// @return this
  Mat& fill(float value);

  /// @return this, all 0
  Mat& zeros() { return fill(0); }

  /// @return this, all 1
  Mat& ones() { return fill(1); }

  /// @return what combines every column by + − % / with an n×1 matrix
  Each<Mat, true> each_col() const { return {*this}; }

  /// @return the same, which += −= %= /= can change
  EachInPlace<Mat, true> each_col() { return EachInPlace<Mat, true>(*this); }

  /// @return what combines every row by + − % / with a 1×m matrix
  Each<Mat, false> each_row() const { return {*this}; }

  /// @return the same, which += −= %= /= can change
  EachInPlace<Mat, false> each_row() { return EachInPlace<Mat, false>(*this); }

  /// @return the smallest element; waits for it
  /// @throws Error when there is none
  float min() const;

  /// @return the largest element; waits for it
  /// @throws Error when there is none
  float max() const;

  /// @return whether all elements are finite; waits for the answer
  bool is_finite() const;

  /// @cond
  Mat& operator+=(const auto& other) { return *this = *this + other; }
  Mat& operator-=(const auto& other) { return *this = *this - other; }
  Mat& operator%=(const auto& other) { return *this = *this % other; }
  Mat& operator/=(const auto& other) { return *this = *this / other; }
  Mat& operator*=(const auto& other) { return *this = *this * other; }

  static std::string text(Parameters& parameters, const Index& index)
  {
    const std::string pointer = parameters.add("global const float*"), offset = parameters.add("uint");
    return fmt::format("{}[{} + {}]", pointer, offset, index.k);
  }
  void bind(std::vector<Argument>& arguments) const
  {
    arguments.emplace_back(buffer_);
    arguments.emplace_back(static_cast<std::uint32_t>(offset_));
  }
  /// @endcond

 private:
  Mat range(arma::uword first, arma::uword count) const;

  Buffer buffer_;           // nothing when there are no elements
  std::size_t offset_ = 0;  // floats
};

/// @cond
// A transpose: a product takes it as it is; elsewhere it is read row by row.
class Transposed : public Node<Transposed> {
 public:
  explicit Transposed(Mat A)
      : inner{std::move(A)}, n_rows{inner.n_cols}, n_cols{inner.n_rows}, n_elem{inner.n_elem}
  {
  }

  const Mat& t() const { return inner; }

  static std::string text(Parameters& parameters, const Index& index)
  {
    const std::string stride = parameters.add("uint");
    return Mat::text(parameters, {index.j, index.i, fmt::format("({} + {} * {})", index.j, index.i, stride)});
  }
  void bind(std::vector<Argument>& arguments) const
  {
    arguments.emplace_back(static_cast<std::uint32_t>(inner.n_rows));
    inner.bind(arguments);
  }

  Mat inner;
  arma::uword n_rows, n_cols, n_elem;
};

inline Transposed Mat::t() const { return Transposed(*this); }

template <Expression E>
requires(!std::same_as<E, Mat>) Mat::Mat(const E& expression)
    : Mat(unfilled(expression.n_rows, expression.n_cols))
{
  static const std::string source = [] {
    Parameters parameters;
    const std::string text = E::text(parameters, {"i", "j", "k"});
    return elementwise_source(parameters, text);
  }();
  if (n_elem == 0) return;
  std::vector<Argument> arguments = {buffer_, static_cast<std::uint32_t>(n_elem),
                                     static_cast<std::uint32_t>(n_rows)};
  expression.bind(arguments);
  launch(source, (n_elem + group - 1) / group, arguments);
}

template <class... T>
concept SomeExpression = (Operand<T> && ...) && (Expression<T> || ...);

template <class L, class R>
requires SomeExpression<L, R>
auto operator+(const L& left, const R& right) { return binary<Operation::plus>(left, right); }
template <class L, class R>
requires SomeExpression<L, R>
auto operator-(const L& left, const R& right) { return binary<Operation::minus>(left, right); }
template <class L, class R>
requires(Expression<L>&& Expression<R>) auto operator%(const L& left, const R& right)
{
  return binary<Operation::times>(left, right);
}
template <class L, class R>
requires SomeExpression<L, R>
auto operator/(const L& left, const R& right) { return binary<Operation::divide>(left, right); }
template <class L, class R>
requires SomeExpression<L, R>
auto operator<(const L& left, const R& right) { return binary<Operation::less>(left, right); }
template <class L, class R>
requires SomeExpression<L, R>
auto operator<=(const L& left, const R& right) { return binary<Operation::less_equal>(left, right); }
template <class L, class R>
requires SomeExpression<L, R>
auto operator>(const L& left, const R& right) { return binary<Operation::greater>(left, right); }
template <class L, class R>
requires SomeExpression<L, R>
auto operator>=(const L& left, const R& right) { return binary<Operation::greater_equal>(left, right); }
template <class L, class R>
requires SomeExpression<L, R>
auto operator==(const L& left, const R& right) { return binary<Operation::equal>(left, right); }
template <class L, class R>
requires SomeExpression<L, R>
auto operator!=(const L& left, const R& right) { return binary<Operation::not_equal>(left, right); }
template <Expression L, Expression R>
auto operator&&(const L& left, const R& right)
{
  return binary<Operation::both>(left, right);
}
template <Expression L, Expression R>
auto operator||(const L& left, const R& right)
{
  return binary<Operation::either>(left, right);
}
template <class M, bool column, Expression E>
auto operator+(const Each<M, column>& each, const E& other)
{
  return each.template with<Operation::plus>(other);
}
template <class M, bool column, Expression E>
auto operator-(const Each<M, column>& each, const E& other)
{
  return each.template with<Operation::minus>(other);
}
template <class M, bool column, Expression E>
auto operator%(const Each<M, column>& each, const E& other)
{
  return each.template with<Operation::times>(other);
}
template <class M, bool column, Expression E>
auto operator/(const Each<M, column>& each, const E& other)
{
  return each.template with<Operation::divide>(other);
}

// What a product takes of an expression: a matrix, or its transpose, and a number.
struct Scaled {
  Factor factor;
  float number = 1;
};
Mat product(const Scaled& A, const Scaled& B);

inline Scaled scaled(const Mat& A) { return {A.place()}; }
inline Scaled scaled(const Transposed& A)
{
  Scaled transposed = scaled(A.inner);
  transposed.factor.transposed = true;
  return transposed;
}
template <Expression E>
Scaled scaled(const E& expression)
{
  return scaled(Mat(expression));
}
template <class E>
Scaled scaled(const Binary<Operation::times, Number, E>& multiple)
{
  Scaled of = scaled(multiple.right);
  of.number *= multiple.left.value;
  return of;
}
template <class E>
Scaled scaled(const Unary<Function::negative, E>& negative)
{
  Scaled of = scaled(negative.inner);
  of.number = -of.number;
  return of;
}

template <Expression L, Expression R>
Mat operator*(const L& left, const R& right)
{
  return product(scaled(left), scaled(right));
}
template <Expression E>
auto operator*(std::convertible_to<float> auto number, const E& expression)
{
  return binary<Operation::times>(number, expression);
}
template <Expression E>
auto operator*(const E& expression, std::convertible_to<float> auto number)
{
  return binary<Operation::times>(number, expression);
}

template <Expression E>
auto operator-(const E& expression)
{
  return Unary<Function::negative, E>(expression);
}
// Found by nn::where.
template <Expression E>
auto choose(const E& condition, float yes, float no)
{
  return Where<E>(condition, yes, no);
}

// For kernels: a count, the groups that make every element of a matrix, and a list of counts on the device.
std::uint32_t count(arma::uword number);
std::size_t groups(const Mat& out);
Buffer to_device(const arma::Col<std::uint32_t>& list);

void require_dim(Reduction reduction, arma::uword dim);
Mat reduce(Reduction reduction, arma::uword dim, arma::uword rows, arma::uword cols,
           const std::string& source, const std::vector<Argument>& of_expression);
double total(Reduction reduction, arma::uword count, arma::uword rows, const std::string& source,
             const std::vector<Argument>& of_expression);

template <Reduction reduction, Expression E>
Mat reduce(const E& expression, arma::uword dim)
{
  static const auto source = [](arma::uword along) {
    Parameters parameters;
    const std::string text = E::text(parameters, {"i", "j", "k"});
    return reduction_source(reduction, along, parameters, text);
  };
  static const std::string sources[] = {source(0), source(1)};
  require_dim(reduction, dim);
  std::vector<Argument> arguments;
  expression.bind(arguments);
  return reduce(reduction, dim, expression.n_rows, expression.n_cols, sources[dim], arguments);
}

template <Reduction reduction, Expression E>
double total(const E& expression)
{
  static const std::string source = [] {
    Parameters parameters;
    const std::string text = E::text(parameters, {"i", "j", "k"});
    return total_source(reduction, parameters, text);
  }();
  std::vector<Argument> arguments;
  expression.bind(arguments);
  return total(reduction, expression.n_elem, expression.n_rows, source, arguments);
}
/// @endcond

/// @param expression any shape
/// @return eˣ of every element
template <Expression E>
auto exp(const E& expression)
{
  return Unary<Function::exp, E>(expression);
}

/// @param expression any shape
/// @return the natural logarithm of every element
template <Expression E>
auto log(const E& expression)
{
  return Unary<Function::log, E>(expression);
}

/// @param expression any shape
/// @return the hyperbolic tangent of every element
template <Expression E>
auto tanh(const E& expression)
{
  return Unary<Function::tanh, E>(expression);
}

/// @param expression any shape
/// @return the absolute value of every element
template <Expression E>
auto abs(const E& expression)
{
  return Unary<Function::abs, E>(expression);
}

/// @param expression any shape
/// @return x² of every element
template <Expression E>
auto square(const E& expression)
{
  return Unary<Function::square, E>(expression);
}

/// @param expression any shape
/// @return the square root of every element
template <Expression E>
auto sqrt(const E& expression)
{
  return Unary<Function::sqrt, E>(expression);
}

/// @param expression r×c
/// @param dim 0 down the columns, 1 along the rows
/// @return the sums: 1×c or r×1
/// @throws Error when dim is something else
template <Expression E>
Mat sum(const E& expression, arma::uword dim = 0)
{
  return reduce<Reduction::sum>(expression, dim);
}

/// @param expression r×c
/// @param dim 0 down the columns, 1 along the rows
/// @return the means: 1×c or r×1
/// @throws Error when dim is something else
template <Expression E>
Mat mean(const E& expression, arma::uword dim = 0)
{
  return reduce<Reduction::mean>(expression, dim);
}

/// @param expression r×c
/// @param dim 0 down the columns, 1 along the rows
/// @return the largest elements: 1×c or r×1
/// @throws Error when dim is something else
template <Expression E>
Mat max(const E& expression, arma::uword dim = 0)
{
  return reduce<Reduction::max>(expression, dim);
}

/// @param expression r×c
/// @param dim 0 down the columns, 1 along the rows
/// @return the smallest elements: 1×c or r×1
/// @throws Error when dim is something else
template <Expression E>
Mat min(const E& expression, arma::uword dim = 0)
{
  return reduce<Reduction::min>(expression, dim);
}

/// @param expression r×c
/// @param dim 0 down the columns, 1 along the rows
/// @return where the largest elements are, counted from 0 as in Armadillo, but as floats: exact up to 2²⁴: 1×c or r×1
/// @throws Error when dim is something else
template <Expression E>
Mat index_max(const E& expression, arma::uword dim = 0)
{
  return reduce<Reduction::index_max>(expression, dim);
}

/// @param top, bottom matrices with the same number of columns; a matrix of 0×0 counts for nothing
/// @return one on top of the other
/// @throws Error when the numbers differ
Mat join_cols(const Mat& top, const Mat& bottom);

/// Waits for its result.
/// @param expression any shape
/// @return the sum of all elements; of a comparison such as `A > 0`, how often it holds
template <Expression E>
auto accu(const E& expression)
{
  const double sum = total<Reduction::sum>(expression);
  if constexpr (requires { requires E::is_mask; }) {
    return static_cast<arma::uword>(sum);
  } else {
    return static_cast<float>(sum);
  }
}

}  // namespace nn::gpu
