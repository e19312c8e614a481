#pragma once

#include <armadillo>

struct Activaciones {
  arma::mat a1;
  arma::mat a2;
};
#include <vector>

using Table = std::vector<std::vector<double>>;

inline Table layer(const arma::mat& w, const Table& x, const arma::mat& b)
{
  Table a;
  for (const auto& record : x) {
    a.emplace_back();
    for (arma::uword i = 0; i < w.n_rows; ++i) {
      double z = b(i);
      for (std::size_t j = 0; j < record.size(); ++j) z += w(i, j) * record[j];
      a.back().push_back(1 / (1 + std::exp(-z)));
    }
  }
  return a;
}

inline arma::mat matrix(const Table& x)
{
  arma::mat all(x[0].size(), x.size());
  for (std::size_t c = 0; c < x.size(); ++c) all.col(c) = arma::vec(x[c]);
  return all;
}

inline Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2,
                                const arma::mat& b1, const arma::mat& b2)
{
  Table records;
  for (arma::uword c = 0; c < X.n_cols; ++c)
    records.push_back(arma::conv_to<std::vector<double>>::from(X.col(c)));
  const Table a1 = layer(w1, records, b1);
  return {matrix(a1), matrix(layer(w2, a1, b2))};
}

inline double costoGlobal(const arma::mat& y_est, const arma::mat& y)
{
  double sum = 0;
  for (arma::uword i = 0; i < y.n_elem; ++i) {
    if (y(i) > 0) sum += std::log(y_est(i));
    if (y(i) < 1) sum += std::log(1 - y_est(i));
  }
  return -1.0 / y.n_elem * sum;
}
