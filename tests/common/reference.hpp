#pragma once

#include <armadillo>
#include <nlohmann/json.hpp>

// PyTorch's numbers, which the scripts in tests/reference have computed, and what is compared with them.

// A list of rows as a matrix.
inline arma::mat matrix(const nlohmann::json& rows)
{
  arma::mat A(rows.size(), rows[0].size());
  for (arma::uword i = 0; i < A.n_rows; ++i) {
    for (arma::uword j = 0; j < A.n_cols; ++j) A(i, j) = rows[i][j];
  }
  return A;
}

inline bool same(const arma::mat& A, const nlohmann::json& rows)
{
  return arma::approx_equal(A, matrix(rows), "absdiff", 1e-9);
}

// Numbers that look like none in particular, row by row, as the function wave of the scripts makes them.
inline arma::mat wave(arma::uword rows, arma::uword columns, double start)
{
  return arma::reshape(arma::sin(1.3 * arma::regspace(0, double(rows * columns) - 1) + start), columns, rows)
      .t();
}
