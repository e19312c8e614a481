#pragma once

#include <fmt/core.h>

#include "nn/error.hpp"

namespace nn {

/// Stops a descent that diverges, so that it says so and doesn't go on to infinity.
/// Source: "Descenso de gradiente, ANN", slide *Escogencia de la taza de aprendizaje*: if the cost doesn't fall, α must.
/// @param J the cost now
/// @param limit what no cost of a descent that works exceeds, for example the cost at its start
/// @param alpha the learning rate, for the message
/// @throws Error when J is above the limit or no number
inline void stop_if_diverging(double J, double limit, double alpha)
{
  if (J <= limit) return;
  throw Error(fmt::format(
      "the cost is {:.3g}, expected {:.3g} or less: the descent diverges, lower alpha, which is {}", J, limit,
      alpha));
}

}  // namespace nn
