#pragma once

#include <armadillo>

#include "nn/table.hpp"

namespace nn {

/// Pictures of written digits, and which digit each shows.
struct Digits {
  arma::fmat X;     ///< pixels, 64×m, row by row, from 0 (paper) to 1 (ink)
  arma::urowvec y;  ///< labels, m of them, 0…9
};

/// Digits of 8×8 pixels from a table like `datasets/digits.csv`.
/// @param table with the columns p00 to p77, greys from 0 to 16, and digit
/// @return the digits in the order of the rows
/// @throws Error when a column is missing or not numeric, or a label isn't a digit
Digits digits(const Table& table);

}  // namespace nn
