#pragma once

#include <armadillo>
#include <cstdint>

#include "build.hpp"

// The network of both ANN exercises: n inputs, h hidden units, o outputs, sigmoids; m records, one a column.
namespace taller {

struct Network {
  arma::mat X, y;            // n×m, o×m
  arma::mat w1, b1, w2, b2;  // h×n, h×1, o×h, o×1
};

struct Activations {
  arma::mat a1, a2;  // h×m, o×m
};

inline arma::mat sigmoid(const arma::mat& z) { return 1 / (1 + arma::exp(-z)); }

inline arma::mat net_input(const arma::mat& w, const arma::mat& a, const arma::mat& b)
{
  return w * a + arma::repmat(b, 1, a.n_cols);
}

inline Activations forward(const Network& net)
{
  const arma::mat a1 = sigmoid(net_input(net.w1, net.X, net.b1));
  return {a1, sigmoid(net_input(net.w2, a1, net.b2))};
}

// Binary cross-entropy, the mean over the records.
inline double cross_entropy(const arma::mat& p, const arma::mat& y)
{
  return -arma::accu(y % arma::log(p) + (1 - y) % arma::log(1 - p)) / static_cast<double>(y.n_cols);
}

Network random_network(Random& random, arma::uword n, arma::uword h, arma::uword o, arma::uword m);

// XOR with the third input always 1, weights so plain that the hidden layer needs σ at 0, 1 and 2 only, and an
// a1 that is not symmetric, though it is 4×4.
Network xor_by_hand();

// What every check of a function of this network says of it.
Check begin(const char* function, const char* what, int points, const std::string& about, const Network& net);

// feedForward, with the misconceptions that show in these outputs.
Check forward_check(const char* what, int points, const std::string& about, const Network& net,
                    const std::vector<std::string>& outputs);

}  // namespace taller
