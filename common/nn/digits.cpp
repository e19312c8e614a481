#include "nn/digits.hpp"

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <vector>

#include "nn/error.hpp"

namespace nn {

Digits digits(const Table& table)
{
  std::vector<std::string> pixels;
  for (int i = 0; i < 64; ++i) pixels.push_back(fmt::format("p{}{}", i / 8, i % 8));
  const arma::mat labels = table.numbers({"digit"});
  for (arma::uword i = 0; i < labels.n_elem; ++i) {
    if (!(labels(i) >= 0 && labels(i) <= 9 && labels(i) == std::floor(labels(i)))) {
      throw Error(fmt::format("the label of digit {} is {}, expected 0 to 9", i + 1, labels(i)));
    }
  }
  return {arma::conv_to<arma::fmat>::from(table.numbers(pixels) / 16),
          arma::conv_to<arma::urowvec>::from(labels)};
}

}  // namespace nn
