#pragma once

#include <fmt/core.h>

#include <armadillo>
#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

#include "nn/error.hpp"
#include "nn/gpu/device.hpp"

/// @cond
// How an element-wise expression becomes a kernel. The operators and functions of mat.hpp build a tree of the
// nodes below; its type says everything but the sizes, numbers and places in memory. So the kernel is
// generated once for each type: `text` writes the expression for one element in OpenCL C, and `bind`
// collects, in the same order, what is passed anew at every launch.
namespace nn::gpu {

class Mat;

// The names by which a kernel knows the row, the column and the place (column by column) of its element.
struct Index {
  std::string i, j, k;
};

// The parameters that a kernel's text needs, as it is written.
class Parameters {
 public:
  std::string add(const char* type)
  {
    const std::string name = fmt::format("p{}", count_++);
    list += fmt::format(", {} {}", type, name);
    return name;
  }

  std::string list;

 private:
  int count_ = 0;
};

// What every expression can do.
template <class E>
struct Node {
  template <class M = Mat>
  M eval() const
  {
    return M(static_cast<const E&>(*this));
  }
  template <class M = Mat>
  auto t() const
  {
    return eval<M>().t();
  }
};

template <class E>
concept Expression = std::derived_from<E, Node<E>>;

// A number in an expression.
struct Number {
  float value;

  static std::string text(Parameters& parameters, const Index&) { return parameters.add("float"); }
  void bind(std::vector<Argument>& arguments) const { arguments.emplace_back(value); }
};

template <class T>
concept Operand = Expression<T> || std::is_arithmetic_v<T>;

template <Operand T>
auto node(const T& operand)
{
  if constexpr (Expression<T>) {
    return operand;
  } else {
    return Number{static_cast<float>(operand)};
  }
}

enum class Operation {
  plus,
  minus,
  times,
  divide,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  both,
  either
};

struct Operator {
  const char* name;  // in Armadillo's messages
  const char* symbol;
};
constexpr Operator operators[] = {{"addition", "+"},
                                  {"subtraction", "-"},
                                  {"element-wise multiplication", "*"},
                                  {"element-wise division", "/"},
                                  {"operator<", "<"},
                                  {"operator<=", "<="},
                                  {"operator>", ">"},
                                  {"operator>=", ">="},
                                  {"operator==", "=="},
                                  {"operator!=", "!="},
                                  {"operator&&", "&&"},
                                  {"operator||", "||"}};

void require_same_shape(Operation operation, arma::uword rows, arma::uword cols, arma::uword other_rows,
                        arma::uword other_cols);

template <Operation operation, class L, class R>
struct Binary : Node<Binary<operation, L, R>> {
  Binary(L l, R r) : left{std::move(l)}, right{std::move(r)}
  {
    if constexpr (std::is_same_v<L, Number>) {
      n_rows = right.n_rows, n_cols = right.n_cols;
    } else {
      n_rows = left.n_rows, n_cols = left.n_cols;
      if constexpr (!std::is_same_v<R, Number>) {
        require_same_shape(operation, n_rows, n_cols, right.n_rows, right.n_cols);
      }
    }
    n_elem = n_rows * n_cols;
  }

  static constexpr bool is_mask = operation >= Operation::less;  // of 0 and 1

  static std::string text(Parameters& parameters, const Index& index)
  {
    const std::string l = L::text(parameters, index), r = R::text(parameters, index);
    const char* symbol = operators[static_cast<int>(operation)].symbol;
    return fmt::format("{}({} {} {})", is_mask ? "(float)" : "", l, symbol, r);
  }
  void bind(std::vector<Argument>& arguments) const
  {
    left.bind(arguments);
    right.bind(arguments);
  }

  L left;
  R right;
  arma::uword n_rows, n_cols, n_elem;
};

template <Operation operation, Operand L, Operand R>
auto binary(const L& left, const R& right)
{
  using LeftNode = decltype(node(left));
  using RightNode = decltype(node(right));
  return Binary<operation, LeftNode, RightNode>(node(left), node(right));
}

// A node of the shape of another one.
template <class Self, class E>
struct Shaped : Node<Self> {
  explicit Shaped(E e) : inner{std::move(e)}, n_rows{inner.n_rows}, n_cols{inner.n_cols}, n_elem{inner.n_elem}
  {
  }
  void bind(std::vector<Argument>& arguments) const { inner.bind(arguments); }

  E inner;
  arma::uword n_rows, n_cols, n_elem;
};

enum class Function { negative, exp, log, tanh, abs, square, sqrt, is_finite };
constexpr const char* functions[] = {"-", "exp", "log", "tanh", "fabs", "square", "sqrt", "(float)isfinite"};

template <Function function, class E>
struct Unary : Shaped<Unary<function, E>, E> {
  using Shaped<Unary<function, E>, E>::Shaped;
  static std::string text(Parameters& parameters, const Index& index)
  {
    return fmt::format("({}({}))", functions[static_cast<int>(function)], E::text(parameters, index));
  }
};

// What nn::where asks for.
template <class E>
struct Where : Shaped<Where<E>, E> {
  Where(E condition, float if_so, float if_not)
      : Shaped<Where<E>, E>(std::move(condition)), yes{if_so}, no{if_not}
  {
  }
  static std::string text(Parameters& parameters, const Index& index)
  {
    const std::string condition = E::text(parameters, index);
    const std::string if_so = parameters.add("float"), if_not = parameters.add("float");
    return fmt::format("({} != 0 ? {} : {})", condition, if_so, if_not);
  }
  void bind(std::vector<Argument>& arguments) const
  {
    this->inner.bind(arguments);
    arguments.emplace_back(yes);
    arguments.emplace_back(no);
  }

  float yes, no;
};

// A column in place of every column, or a row in place of every row.
template <bool column, class E>
struct Stretched : Node<Stretched<column, E>> {
  Stretched(E e, arma::uword rows, arma::uword cols)
      : inner{std::move(e)}, n_rows{rows}, n_cols{cols}, n_elem{rows * cols}
  {
    const arma::uword expected_rows = column ? rows : 1, expected_cols = column ? 1 : cols;
    if (inner.n_rows != expected_rows || inner.n_cols != expected_cols) {
      throw Error(fmt::format("{}: incompatible size; expected {}x{}, got {}x{}",
                              column ? "each_col()" : "each_row()", expected_rows, expected_cols,
                              inner.n_rows, inner.n_cols));
    }
  }
  static std::string text(Parameters& parameters, const Index& index)
  {
    return E::text(parameters, column ? Index{index.i, "0", index.i} : Index{"0", index.j, index.j});
  }
  void bind(std::vector<Argument>& arguments) const { inner.bind(arguments); }

  E inner;
  arma::uword n_rows, n_cols, n_elem;
};

// A.each_col() or A.each_row(), and what stands on the other side of its operator.
template <class M, bool column>
struct Each {
  M A;

  template <Operation operation, Expression E>
  auto with(const E& other) const
  {
    return binary<operation>(A, Stretched<column, E>(other, A.n_rows, A.n_cols));
  }
};

template <class M, bool column>
struct EachInPlace : Each<M, column> {
  explicit EachInPlace(M& target) : Each<M, column>{target}, to{target} {}
  void operator+=(const Expression auto& other) { to = *this + other; }
  void operator-=(const Expression auto& other) { to = *this - other; }
  void operator%=(const Expression auto& other) { to = *this % other; }
  void operator/=(const Expression auto& other) { to = *this / other; }

  M& to;
};

// Ways to make one number of many.
enum class Reduction { sum, mean, max, min, index_max };

// The sources of kernels around the text of an expression.
std::string elementwise_source(const Parameters& parameters, const std::string& text);
std::string reduction_source(Reduction reduction, arma::uword dim, const Parameters& parameters,
                             const std::string& text);
std::string total_source(Reduction reduction, const Parameters& parameters, const std::string& text);

}  // namespace nn::gpu
/// @endcond
