// `bench-steps W4 | W5 STEPS`: so many steps of training on one batch, and nothing else that takes long. The
// test counts the instructions of one step as the difference between two and three.

#include <fmt/core.h>

#include <armadillo>
#include <cstdlib>
#include <string_view>

#include "nn/error.hpp"
#include "nn/parallel.hpp"
#include "work.hpp"

namespace {

using arma::fmat;

void train(auto network, double momentum, int steps)
{
  fmat X(784, 64, arma::fill::randu);
  X.transform([](float pixel) { return pixel > 0.8F ? pixel : 0; });  // a fifth is ink, as in MNIST
  const fmat Y = nn::one_hot<fmat>(arma::randi<arma::urowvec>(64, arma::distr_param(0, 9)), 10);
  nn::Sgd<fmat> sgd(0.01, momentum);
  for (int i = 0; i < steps; ++i)
    nn::train_epoch(network, sgd, X, Y, nn::softmax_cross_entropy<fmat>, X.n_cols);
}

}  // namespace

int main(int argc, char** argv)
try {
  const std::string_view work = argc == 3 ? argv[1] : "";
  if (work != "W4" && work != "W5") throw nn::Error("expected bench-steps W4 | W5 STEPS");
  nn::use_threads(1);
  arma::arma_rng::set_seed(1);
  if (work == "W4") {
    train(nn::Network<fmat>({784, 100, 10}, nn::Activation::sigmoid), 0, std::atoi(argv[2]));
  } else {
    train(bench::lenet<fmat>(), 0.9, std::atoi(argv[2]));
  }
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
