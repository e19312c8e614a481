#pragma once

// The probe: one program that holds a student's taller.hpp and calls one of its functions. It reads the call
// on standard input and writes what came back to descriptor 3. It knows no answers. Everything here stands
// before the student's file in the translation unit (and is compiled ahead of it), so no macro of theirs can
// change it.

#include <unistd.h>

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace probe {

using Mat = arma::mat;
using Number = double;
using Count = int;
using Matrices = std::vector<Mat>;

// The first number of a reply. The grader has the same list (grader/student.cpp).
enum class Tag : std::uint64_t { returned, not_implemented, exception, out_of_memory, missing, bad_request };

template <class T>
T convert(Mat& given)
{
  return static_cast<T>(given(0));
}
template <>
inline Mat convert<Mat>(Mat& given)
{
  return given;
}

using Function = std::function<Matrices(Matrices& arguments)>;
inline std::map<std::string, Function>& functions()
{
  static std::map<std::string, Function> all;
  return all;
}

// Registers `call` under a name when it can be called with lvalues of these types, and `outputs` takes its
// result apart.
template <class... Arguments>
struct With {
  template <class Call, class Outputs>
  static bool add(const char* name, Call call, Outputs outputs)
  {
    if constexpr (std::is_invocable_v<Call, Arguments&...>) {
      if constexpr (std::is_invocable_v<Outputs, std::invoke_result_t<Call, Arguments&...>>) {
        functions()[name] = [=](Matrices& given) {
          return apply(call, outputs, given, std::index_sequence_for<Arguments...>{});
        };
        return true;
      }
    }
    return false;
  }

 private:
  template <class Call, class Outputs, std::size_t... I>
  static Matrices apply(Call call, Outputs outputs, Matrices& given, std::index_sequence<I...>)
  {
    std::tuple<Arguments...> arguments{convert<Arguments>(given.at(I))...};
    Matrices results = outputs(call(std::get<I>(arguments)...));
    const auto back = [](Mat& matrix, auto& argument) {
      if constexpr (std::is_same_v<std::decay_t<decltype(argument)>, Mat>) matrix = argument;
    };
    (back(given[I], std::get<I>(arguments)), ...);
    return results;
  }
};

class Message {
 public:
  void number(std::uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(const std::string& value)
  {
    number(value.size());
    bytes_ += value;
  }
  void matrix(const Mat& value)
  {
    number(value.n_rows);
    number(value.n_cols);
    bytes_.append(reinterpret_cast<const char*>(value.memptr()), value.n_elem * sizeof(double));
  }
  void send(int descriptor) const
  {
    const std::uint64_t size = bytes_.size();
    std::string all(reinterpret_cast<const char*>(&size), sizeof size);
    all += bytes_;
    for (std::size_t sent = 0; sent < all.size();) {
      const ssize_t n = ::write(descriptor, all.data() + sent, all.size() - sent);
      if (n <= 0) ::_exit(3);
      sent += static_cast<std::size_t>(n);
    }
  }

 private:
  std::string bytes_;
};

inline std::string read_all(int descriptor)
{
  std::string all;
  char buffer[1 << 16];
  for (ssize_t n; (n = ::read(descriptor, buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<std::size_t>(n));
  return all;
}

class Request {
 public:
  explicit Request(std::string bytes) : bytes_{std::move(bytes)} {}
  std::uint64_t number()
  {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  std::string text()
  {
    const std::uint64_t size = number();
    return std::string(take(size), size);
  }
  Mat matrix()
  {
    const std::uint64_t rows = number(), cols = number();
    Mat value(rows, cols);
    std::memcpy(value.memptr(), take(value.n_elem * sizeof(double)), value.n_elem * sizeof(double));
    return value;
  }

 private:
  const char* take(std::size_t size)
  {
    if (size > bytes_.size() - at_) throw std::out_of_range("the request is cut short");
    at_ += size;
    return bytes_.data() + at_ - size;
  }
  std::string bytes_;
  std::size_t at_ = 0;
};

inline bool same(const Mat& a, const Mat& b)
{
  return a.n_rows == b.n_rows && a.n_cols == b.n_cols &&
         std::memcmp(a.memptr(), b.memptr(), a.n_elem * sizeof(double)) == 0;
}

inline void failed(Message& reply, Tag tag, const std::string& text)
{
  reply.number(static_cast<std::uint64_t>(tag));
  reply.text(text);
}

inline Message answer(const std::string& name, Matrices& arguments)
{
  Message reply;
  const auto function = functions().find(name);
  if (function == functions().end()) return failed(reply, Tag::missing, name), reply;
  const Matrices before = arguments;
  try {
    const Matrices results = function->second(arguments);
    reply.number(static_cast<std::uint64_t>(Tag::returned));
    reply.number(!std::equal(before.begin(), before.end(), arguments.begin(), same));
    reply.number(results.size());
    for (const Mat& result : results) reply.matrix(result);
  } catch (const std::bad_alloc&) {
    failed(reply, Tag::out_of_memory, "");
  } catch (const std::exception& error) {
    const std::string what = error.what();
    failed(reply, what == "not implemented yet" ? Tag::not_implemented : Tag::exception, what);
  } catch (...) {
    failed(reply, Tag::exception, "something that is no std::exception");
  }
  return reply;
}

inline int serve()
{
  Request request{read_all(0)};
  const std::string name = request.text();
  Matrices arguments(request.number());
  for (Mat& argument : arguments) argument = request.matrix();
  answer(name, arguments).send(3);
  return 0;
}

// What a function may return: a matrix, or a number.
inline constexpr auto one_matrix = [](auto&& r) requires std::is_convertible_v<decltype(r), Mat>
{
  return Matrices{r};
};
inline constexpr auto one_number = [](auto&& r) requires std::is_arithmetic_v<std::decay_t<decltype(r)>>
{
  return Matrices{Mat(1, 1, arma::fill::value(static_cast<double>(r)))};
};

}  // namespace probe

// A function of the student, found by its name when it is called: one that isn't there, or takes other
// arguments, makes a lambda that can't be called, not an error of the compiler.
#define PROBE_CALL(name)                           \
  [](auto&... a) requires requires { name(a...); } \
  {                                                \
    return name(a...);                             \
  }

// A struct that holds several matrices.
#define PROBE_MEMBERS(...)                                       \
  [](const auto& r) requires requires { Matrices{__VA_ARGS__}; } \
  {                                                              \
    return Matrices{__VA_ARGS__};                                \
  }
