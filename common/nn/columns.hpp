#pragma once

#include <armadillo>

namespace nn {

/// Columns of a matrix that lie in memory one after the other: a whole matrix of Armadillo, or a range of its columns.
/// It points into that matrix and copies nothing.
template <class T>
struct Columns {
  const T* memory;     ///< the first element
  arma::uword n_rows;  ///< of the matrix
  arma::uword n_cols;  ///< as many as there are here

  /// @param A the matrix, which must outlive this
  Columns(const arma::Mat<T>& A) : memory{A.memptr()}, n_rows{A.n_rows}, n_cols{A.n_cols} {}

  /// @param A the range, whose matrix must outlive this
  Columns(const arma::subview_cols<T>& A) : memory{A.colptr(0)}, n_rows{A.n_rows}, n_cols{A.n_cols} {}

  /// @param i a column
  /// @return its first element
  const T* colptr(arma::uword i) const { return memory + i * n_rows; }
};

}  // namespace nn
