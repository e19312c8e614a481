#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <armadillo>
#include <chrono>

#include "nn/error.hpp"

namespace nn {

/// How long some work takes.
/// @param work a function without arguments; it is called once. On a device it should end with `wait_for`
/// @return seconds
double seconds(auto&& work)
{
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// How long some work takes when nothing else holds it up: the fastest of several times, since a computer always has
/// something else to do as well.
/// @param work a function without arguments
/// @param times how often to call it
/// @param enough stop before that, once this many seconds have been spent
/// @return seconds
/// @throws Error when times isn't at least 1
double fastest(auto&& work, int times, double enough = arma::datum::inf)
{
  if (times < 1) throw Error(fmt::format("times is {}, expected at least 1", times));
  double best = arma::datum::inf, spent = 0;
  for (int i = 0; i < times && spent < enough; ++i) {
    const double taken = seconds(work);
    best = std::min(best, taken);
    spent += taken;
  }
  return best;
}

}  // namespace nn
