#include <cmath>
#include <cstddef>

#include "nn/activation.hpp"
#include "nn/cost.hpp"
#include "nn/parallel.hpp"

// Compiled so that a loop over exp becomes calls of the C library's vector functions, eight or sixteen numbers at a time.

namespace nn {
namespace {

using std::size_t;

// In pieces, where there are many numbers.
template <class Work>
void over(size_t n, double cost, const Work& work)
{
  share_out(n, cost * static_cast<double>(n), [&](arma::uword first, arma::uword last, int) {
    work(first, last);
  });
}

constexpr double simple = 0.3, with_exp = 2;  // the cost of a number, in multiplications

}  // namespace

template <class T>
void activate(Activation g, arma::Mat<T>& Z)
{
  T* const z = Z.memptr();
  const auto each = [&](double cost, auto f) {
    over(Z.n_elem, cost, [&](size_t first, size_t last) {
      for (size_t i = first; i < last; ++i) z[i] = f(z[i]);
    });
  };
  switch (g) {
    case Activation::identity:
      break;
    case Activation::sigmoid:
      each(with_exp, [](T x) { return 1 / (1 + std::exp(-x)); });
      break;  // where e⁻ᶻ overflows the quotient is 0, as it should
    case Activation::tanh:
      each(with_exp, [](T x) { return std::tanh(x); });
      break;
    case Activation::relu:
      each(simple, [](T x) { return (x + std::abs(x)) / 2; });  // max(0, x), and no number stays none
      break;
    case Activation::leaky_relu:
      each(simple, [](T x) { return x * (x < 0 ? T(0.01) : T(1)); });
      break;
  }
}

template <class T>
void through_activation(Activation g, const arma::Mat<T>& A, arma::Mat<T>& dA)
{
  const T* const a = A.memptr();
  T* const d = dA.memptr();
  const auto each = [&](auto slope) {
    over(A.n_elem, simple, [&](size_t first, size_t last) {
      for (size_t i = first; i < last; ++i) d[i] *= slope(a[i]);
    });
  };
  switch (g) {
    case Activation::identity:
      break;
    case Activation::sigmoid:
      each([](T y) { return y * (1 - y); });
      break;
    case Activation::tanh:
      each([](T y) { return 1 - y * y; });
      break;
    case Activation::relu:
      each([](T y) { return T(y > 0 ? 1 : 0); });
      break;
    case Activation::leaky_relu:
      each([](T y) { return y > 0 ? T(1) : T(0.01); });
      break;
  }
}

template <class T>
double fused_sigmoid_cross_entropy(const arma::Mat<T>& Z, const arma::Mat<T>& Y, arma::Mat<T>& dZ)
{
  const size_t n = Z.n_elem;
  dZ.set_size(Z.n_rows, Z.n_cols);
  const T *const z = Z.memptr(), *const y = Y.memptr();
  T* const d = dZ.memptr();
  double J = 0;
  for (size_t i = 0; i < n; ++i) {
    const T small = std::exp(-std::abs(z[i]));  // no overflow
    J += (std::abs(z[i]) + z[i]) / 2 - y[i] * z[i] + std::log1p(small);
    d[i] = ((z[i] < 0 ? small : T(1)) / (1 + small) - y[i]) / static_cast<T>(n);
  }
  return J / static_cast<double>(n);
}

template <class T>
double fused_softmax_cross_entropy(const arma::Mat<T>& Z, const arma::Mat<T>& Y, arma::Mat<T>& dZ)
{
  const size_t K = Z.n_rows, m = Z.n_cols;
  dZ.set_size(K, m);
  double J = 0;
  for (size_t j = 0; j < m; ++j) {
    const T *const z = Z.colptr(j), *const y = Y.colptr(j);
    T* const d = dZ.colptr(j);
    T largest = z[0];
    for (size_t k = 1; k < K; ++k) largest = z[k] > largest ? z[k] : largest;
    for (size_t k = 0; k < K; ++k) {
      d[k] = z[k] - largest;
      J -= y[k] * d[k];
    }
  }
  T* const all = dZ.memptr();
  for (size_t i = 0; i < K * m; ++i) all[i] = std::exp(all[i]);
  for (size_t j = 0; j < m; ++j) {
    const T* const y = Y.colptr(j);
    T* const d = dZ.colptr(j);
    T sum = 0, weight = 0;
    for (size_t k = 0; k < K; ++k) sum += d[k], weight += y[k];
    for (size_t k = 0; k < K; ++k) d[k] = (d[k] / sum - y[k]) / static_cast<T>(m);
    J += weight * std::log(sum);
  }
  return J / static_cast<double>(m);
}

#define NN_FOR(T)                                                                                        \
  template void activate(Activation, arma::Mat<T>&);                                                     \
  template void through_activation(Activation, const arma::Mat<T>&, arma::Mat<T>&);                      \
  template double fused_sigmoid_cross_entropy(const arma::Mat<T>&, const arma::Mat<T>&, arma::Mat<T>&);        \
  template double fused_softmax_cross_entropy(const arma::Mat<T>&, const arma::Mat<T>&, arma::Mat<T>&);
NN_FOR(float)
NN_FOR(double)
#undef NN_FOR

}  // namespace nn
