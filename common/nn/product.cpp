#include "nn/product.hpp"

#include <cblas.h>

#include <algorithm>
#include <vector>

#include "nn/parallel.hpp"

namespace nn {
namespace {

using arma::uword;

// A matrix in a product, or its transpose: where it is, and how many elements from one of its columns to the
// next.
template <class T>
struct Operand {
  const T* memory;
  uword leading;
  bool transposed;

  // From this row of the (transposed) matrix on.
  Operand from_row(uword i) const { return {memory + i * (transposed ? leading : 1), leading, transposed}; }
  Operand from_column(uword j) const
  {
    return {memory + j * (transposed ? 1 : leading), leading, transposed};
  }
};

void blas(CBLAS_TRANSPOSE a, CBLAS_TRANSPOSE b, int m, int n, int k, float times, const float* A, int lda,
          const float* B, int ldb, float add, float* C, int ldc)
{
  cblas_sgemm(CblasColMajor, a, b, m, n, k, times, A, lda, B, ldb, add, C, ldc);
}

void blas(CBLAS_TRANSPOSE a, CBLAS_TRANSPOSE b, int m, int n, int k, double times, const double* A, int lda,
          const double* B, int ldb, double add, double* C, int ldc)
{
  cblas_dgemm(CblasColMajor, a, b, m, n, k, times, A, lda, B, ldb, add, C, ldc);
}

// C ← s·A·B, or what C holds and s·A·B, in plain loops.
template <class T>
void loops(uword m, uword n, uword k, const Operand<T>& A, const Operand<T>& B, bool add, T* C, T s = 1)
{
  const uword next_row = A.transposed ? A.leading : 1, next_column = A.transposed ? 1 : A.leading;
  for (uword j = 0; j < n; ++j, C += m) {
    const T* const b = B.from_column(j).memory;
    for (uword i = 0; i < m; ++i) {
      T sum = 0;
      for (uword p = 0; p < k; ++p)
        sum += A.memory[i * next_row + p * next_column] * b[p * (B.transposed ? B.leading : 1)];
      C[i] = (add ? C[i] : 0) + s * sum;
    }
  }
}

// The same for large ones, by BLAS on one thread. From one column of C to the next there are `leading`
// elements.
template <class T>
void multiply_here(uword m, uword n, uword k, const Operand<T>& A, const Operand<T>& B, bool add, T* C,
                   uword leading, T s = 1)
{
  const auto size = [](uword count) { return static_cast<int>(count); };
  const auto form = [](const Operand<T>& operand) { return operand.transposed ? CblasTrans : CblasNoTrans; };
  blas(form(A), form(B), size(m), size(n), size(k), s, A.memory, size(A.leading), B.memory, size(B.leading),
       add ? T(1) : T(0), C, size(leading));
}

// C being m×n with its columns one after the other. The larger side of C is shared out.
template <class T>
void multiply(uword m, uword n, uword k, const Operand<T>& A, const Operand<T>& B, bool add, T* C, T s = 1)
{
  if (m == 0 || n == 0) return;
  if (m * n * k < 1000) return loops(m, n, k, A, B, add, C, s);
  share_out(std::max(m, n), static_cast<double>(m * n * k), [&](uword first, uword last, int) {
    if (n >= m) {
      multiply_here(m, last - first, k, A, B.from_column(first), add, C + first * m, m, s);
    } else {
      multiply_here(last - first, n, k, A.from_row(first), B, add, C + first, m, s);
    }
  });
}

// C + A·B for a large A and a small C. The columns of A are shared out as `descend` shares them out, so that
// each stays in the cache of the thread that changes it.
template <class T>
void add_product_of_columns(uword m, uword n, uword k, const Operand<T>& A, const Operand<T>& B,
                            arma::Mat<T>& C)
{
  std::vector<arma::Mat<T>> partial(threads());
  share_out(k, static_cast<double>(m * n * k), [&](uword first, uword last, int piece) {
    arma::Mat<T>& sum = piece == 0 ? C : partial[piece];
    if (piece > 0) sum.set_size(m, n);
    multiply_here(m, n, last - first, A.from_column(first), B.from_row(first), piece == 0, sum.memptr(), m);
  });
  for (const arma::Mat<T>& sum : partial)
    if (!sum.is_empty()) C += sum;
}

template <class T>
Operand<T> plain(const arma::Mat<T>& A)
{
  return {A.memptr(), A.n_rows, false};
}

// A layer of few units is done sample by sample: BLAS would copy all of X for the little that there is to
// compute.
constexpr uword few = 4;

template <class T>
void few_units(const arma::Mat<T>& W, const arma::Mat<T>& b, const Columns<T>& X, arma::Mat<T>& Z)
{
  const arma::Mat<T> rows = W.t();  // a unit a column
  share_out(X.n_cols, static_cast<double>(W.n_elem * X.n_cols), [&](uword first, uword last, int) {
    for (uword i = first; i < last; ++i) {
      const T* const x = X.colptr(i);
      for (uword u = 0; u < W.n_rows; ++u) {
        const T* const w = rows.colptr(u);
        T sum = 0;
        for (uword j = 0; j < X.n_rows; ++j) sum += w[j] * x[j];
        Z(u, i) = sum + b(u);
      }
    }
  });
}

template <class T>
void few_gradients(const Columns<T>& X, const arma::Mat<T>& dZ, arma::Mat<T>& dW)
{
  std::vector<arma::Mat<T>> partial(threads());
  share_out(X.n_cols, static_cast<double>(dZ.n_elem * X.n_rows), [&](uword first, uword last, int piece) {
    arma::Mat<T>& sums = partial[piece];
    sums.zeros(X.n_rows, dZ.n_rows);
    for (uword i = first; i < last; i += 4) {  // four samples for each pass over the sums
      const T* x[4];
      for (uword k = 0; k < 4; ++k) x[k] = X.colptr(std::min(i + k, last - 1));
      for (uword u = 0; u < dZ.n_rows; ++u) {
        T d[4];
        for (uword k = 0; k < 4; ++k) d[k] = i + k < last ? dZ(u, i + k) : 0;
        T* const sum = sums.colptr(u);
        for (uword j = 0; j < X.n_rows; ++j)
          sum[j] += d[0] * x[0][j] + d[1] * x[1][j] + d[2] * x[2][j] + d[3] * x[3][j];
      }
    }
  });
  dW.zeros(dZ.n_rows, X.n_rows);
  for (const arma::Mat<T>& sums : partial)
    if (!sums.is_empty()) dW += sums.t();
}

}  // namespace

template <class T>
void affine(const arma::Mat<T>& W, const arma::Mat<T>& b, const std::type_identity_t<Columns<T>>& X,
            arma::Mat<T>& Z)
{
  Z.set_size(W.n_rows, X.n_cols);
  if (W.n_rows <= few && W.n_elem >= 32) return few_units<T>(W, b, X, Z);
  for (uword i = 0; i < X.n_cols; ++i) std::copy_n(b.memptr(), W.n_rows, Z.colptr(i));
  const Operand<T> samples{X.memory, X.n_rows, false};
  // A small batch, and weights that are many enough to be worth staying where they are.
  if (W.n_elem >= 10000 && X.n_cols > 0 && X.n_cols < W.n_rows && 4 * X.n_cols < W.n_cols)
    return add_product_of_columns<T>(W.n_rows, X.n_cols, W.n_cols, plain(W), samples, Z);
  multiply<T>(W.n_rows, X.n_cols, W.n_cols, plain(W), samples, true, Z.memptr());
}

template <class T>
void weight_gradients(const std::type_identity_t<Columns<T>>& X, const arma::Mat<T>& dZ, arma::Mat<T>& dW,
                      arma::Mat<T>& db)
{
  dW.set_size(dZ.n_rows, X.n_rows);
  if (dZ.n_rows <= few && dW.n_elem >= 32) {
    few_gradients<T>(X, dZ, dW);
  } else {
    multiply<T>(dZ.n_rows, X.n_rows, X.n_cols, plain(dZ), {X.memory, X.n_rows, true}, false, dW.memptr());
  }
  db = arma::sum(dZ, 1);
}

template <class T>
void descend(std::type_identity_t<T> alpha, const std::type_identity_t<Columns<T>>& X, const arma::Mat<T>& dZ,
             arma::Mat<T>& W, arma::Mat<T>& b)
{
  multiply<T>(dZ.n_rows, X.n_rows, X.n_cols, plain(dZ), {X.memory, X.n_rows, true}, true, W.memptr(), -alpha);
  for (uword i = 0; i < dZ.n_cols; ++i)
    for (uword j = 0; j < dZ.n_rows; ++j) b(j) -= alpha * dZ(j, i);
}

template <class T>
arma::Mat<T> input_gradient(const arma::Mat<T>& W, const arma::Mat<T>& dZ)
{
  arma::Mat<T> dX(W.n_cols, dZ.n_cols, arma::fill::none);
  multiply<T>(W.n_cols, dZ.n_cols, W.n_rows, {W.memptr(), W.n_rows, true}, plain(dZ), false, dX.memptr());
  return dX;
}

#define NN_FOR(T)                                                                                       \
  template void affine(const arma::Mat<T>&, const arma::Mat<T>&, const Columns<T>&, arma::Mat<T>&);     \
  template void weight_gradients(const Columns<T>&, const arma::Mat<T>&, arma::Mat<T>&, arma::Mat<T>&); \
  template void descend(T, const Columns<T>&, const arma::Mat<T>&, arma::Mat<T>&, arma::Mat<T>&);       \
  template arma::Mat<T> input_gradient(const arma::Mat<T>&, const arma::Mat<T>&);
NN_FOR(float)
NN_FOR(double)
#undef NN_FOR

}  // namespace nn
