#include "nn/training.hpp"

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <variant>

#include "nn/dropout.hpp"
#include "nn/gradient_check.hpp"
#include "reference.hpp"
#include "support.hpp"

using arma::fmat;
using arma::mat;
using nn::Activation;

namespace {

// PyTorch's numbers: tests/reference/training.py.
const nlohmann::json reference = nlohmann::json::parse(std::ifstream(NN_REFERENCE "/training.json"));

template <class Mat>
using Layers = nn::Network<Mat, std::variant<nn::Dense<Mat>, nn::Dropout<Mat>>>;

Layers<mat> with_dropout(double p)
{
  nn::Dense<mat> hidden(3, 4, Activation::tanh), output(4, 2, Activation::identity);
  hidden.W = wave(4, 3, 2);
  hidden.b = wave(4, 1, 5);
  output.W = wave(2, 4, 3);
  output.b = wave(2, 1, 6);
  return Layers<mat>({hidden, nn::Dropout<mat>(4, p), output});
}

const mat X = wave(3, 5, 1), Y = wave(2, 5, 9);

}  // namespace

TEST_CASE("dropout leaves its share, and the mean of each unit is what it was")
{
  arma::arma_rng::set_seed(1);
  for (const double p : {0.0, 0.25, 0.5, 0.9}) {
    INFO(p);
    nn::Dropout<fmat> dropout(16, p);
    dropout.training = true;
    const fmat A(16, 100000, arma::fill::ones), dropped = dropout.forward(A);
    CHECK(arma::accu(dropped > 0) / 1.6e6 == Approx(1 - p).epsilon(0.01));
    CHECK(arma::abs(arma::mean(dropped, 1) - 1).max() < 0.05);
    CHECK(arma::all(arma::vectorise(dropped == 0 || dropped == float(1 / (1 - p)))));
    const fmat again = dropout.forward(A);
    CHECK((arma::accu(dropped != again) > 0) == (p > 0));  // a new mask each time
  }
}

TEST_CASE("dropout gives PyTorch's activations and gradients with PyTorch's mask")
{
  const nlohmann::json& torch = reference["dropout"];
  // Our generator would draw another mask: PyTorch's is put in after a forward pass.
  Layers<mat> network = with_dropout(0.4);
  auto& hidden = std::get<nn::Dense<mat>>(network.layers[0]);
  auto& dropout = std::get<nn::Dropout<mat>>(network.layers[1]);
  auto& output = std::get<nn::Dense<mat>>(network.layers[2]);
  network.training(true);
  network.forward(X);
  dropout.mask = matrix(torch["kept"]) / 0.6;
  dropout.A = hidden.A % dropout.mask;
  CHECK(same(dropout.A, torch["A"]));
  const auto [J, dA] = nn::mean_squared_error(output.forward(dropout.A), Y);
  CHECK(J == Approx(torch["J"].get<double>()).epsilon(1e-9));
  network.backward(X, dA);
  int k = 0;
  network.each_parameter([&](const std::string& name, const mat&, const mat& gradient) {
    INFO(name);
    CHECK(same(gradient, torch["gradients"][k++]));
  });
  CHECK(k == 4);
}

TEST_CASE("the gradient through dropout agrees with central differences, with the same mask each time")
{
  Layers<mat> network = with_dropout(0.5);
  network.training(true);
  const auto cost = [&](const mat& samples) {
    arma::arma_rng::set_seed(6);
    return nn::mean_squared_error(network.forward(samples), Y);
  };
  network.backward(X, cost(X).dA);
  auto& hidden = std::get<nn::Dense<mat>>(network.layers[0]);
  auto& dropout = std::get<nn::Dropout<mat>>(network.layers[1]);
  const mat W = hidden.W, dW = hidden.dW;
  CHECK(arma::accu(dropout.mask == 0) > 3);
  CHECK(arma::accu(dropout.mask == 2) > 3);
  const mat numerical = nn::numerical_gradient(
      [&](const mat& V) {
        hidden.W = V;
        return cost(X).J;
      },
      W);
  CHECK(nn::relative_error(dW, numerical) < 1e-8);
}

TEST_CASE("dropout acts while a network trains, and never when it predicts")
{
  arma::arma_rng::set_seed(2);
  Layers<mat> network = with_dropout(0.5);
  const auto silent = [&] { return arma::accu(std::get<nn::Dropout<mat>>(network.layers[1]).A == 0); };
  network.forward(X);
  CHECK(silent() == 0);
  nn::train(network, X, Y, nn::mean_squared_error<mat>, {1, 5, 0.01});
  CHECK(silent() > 0);
  const mat once = network.forward(X);
  CHECK(silent() == 0);
  CHECK(arma::approx_equal(network.forward(X), once, "absdiff", 0));
  network.training(true);
  network.forward(X);
  CHECK(silent() > 0);
  CHECK_ERROR(nn::train(network, X, mat(3, 5), nn::mean_squared_error<mat>, {1, 5, 0.01}), "Y is 3×5");
  network.forward(X);
  CHECK(silent() == 0);
  const mat dA(4, 5, arma::fill::ones);
  CHECK(
      arma::approx_equal(std::get<nn::Dropout<mat>>(network.layers[1]).input_gradient(dA), dA, "absdiff", 0));
}

TEST_CASE("dropout that makes no sense is refused")
{
  CHECK_ERROR(nn::Dropout<mat>(4, 1), "dropout p is 1, expected 0 or more, less than 1");
  CHECK_ERROR(nn::Dropout<mat>(4, -0.1), "dropout p is -0.1");
  CHECK_ERROR(nn::Dropout<mat>(4, arma::datum::nan), "dropout p is nan");
  CHECK_ERROR(nn::Dropout<mat>(0, 0.5), "dropout of 0 units, expected at least 1");
  nn::Dropout<mat> dropout(4, 0.5);
  CHECK_ERROR(dropout.forward(mat(3, 2)), "X is 3×2, expected 4 rows, the units of the dropout");
  dropout.forward(mat(4, 2));
  mat dA(4, 3);
  CHECK_ERROR(dropout.backward(mat(4, 2), dA), "dA is 4×3, expected 4×2");
}

TEST_CASE("L2 is PyTorch's weight decay of the weights, and leaves the biases alone")
{
  for (const auto& [key, torch] : reference["decay"].items()) {
    INFO("momentum " << key);
    nn::Network<mat> network({3, 4, 2}, Activation::tanh);
    network.layers[0].W = wave(4, 3, 2);
    network.layers[0].b = wave(4, 1, 5);
    network.layers[1].W = wave(2, 4, 3);
    network.layers[1].b = wave(2, 1, 6);
    nn::Sgd<mat> sgd(0.1, std::stod(key), {.l2 = 0.3});
    for (int step = 0; step < 3; ++step) nn::train_epoch(network, sgd, X, Y, nn::mean_squared_error<mat>, 5);
    CHECK(same(network.layers[0].W, torch[0]));
    CHECK(same(network.layers[0].b, torch[1]));
    CHECK(same(network.layers[1].W, torch[2]));
    CHECK(same(network.layers[1].b, torch[3]));
  }
}

TEMPLATE_TEST_CASE("L1 moves weights towards zero, never across, and leaves the biases alone", "", mat, fmat)
{
  using Number = typename TestType::elem_type;
  nn::Network<TestType> network({5, 1}, Activation::identity);
  auto& layer = network.layers[0];
  layer.W = TestType{{1, Number(-0.5), Number(0.0625), Number(-0.125), 0}};
  layer.b(0) = Number(0.0625);
  layer.dW = TestType(1, 5);
  layer.db = TestType(1, 1);
  nn::Sgd<TestType>(0.25, 0, {.l1 = 0.5}).step(network);  // by 0.125
  CHECK(arma::approx_equal(layer.W, TestType{{Number(0.875), Number(-0.375), 0, 0, 0}}, "absdiff", 0));
  CHECK(layer.b(0) == Number(0.0625));
  layer.dW = TestType{{1, -1, 1, -1, Number(0.25)}};  // first the step by 0.25·∇, then the push
  nn::Sgd<TestType>(0.25, 0, {.l1 = 0.5, .l2 = 2}).step(network);  // ∇ + 2w: 2.75, −1.75, 1, −1, 0.25
  CHECK(arma::approx_equal(layer.W, TestType{{Number(0.0625), 0, Number(-0.125), Number(0.125), 0}},
                           "absdiff", 0));
}

TEST_CASE("a training with L1 leaves zeros that are zero; a penalty that is none is refused")
{
  arma::arma_rng::set_seed(4);
  const fmat samples(20, 100, arma::fill::randn);
  const fmat targets = 3 * samples.row(2) - samples.row(7);
  nn::Network<fmat> plain({20, 1}, Activation::identity), sparse = plain;
  nn::train(plain, samples, targets, nn::mean_squared_error<fmat>, {60, 10, 0.02});
  nn::train(sparse, samples, targets, nn::mean_squared_error<fmat>,
            {.epochs = 60, .batch = 10, .alpha = 0.02, .penalty = {.l1 = 0.1}});
  CHECK(arma::accu(plain.layers[0].W == 0) == 0);
  CHECK(arma::accu(sparse.layers[0].W == 0) >= 15);
  CHECK(sparse.layers[0].W(2) > 2.5f);
  CHECK(sparse.layers[0].W(7) < -0.5f);
  CHECK_ERROR(nn::Sgd<mat>(1, 0, {.l1 = -1}), "l1 is -1, expected 0 or more");
  CHECK_ERROR(nn::Sgd<mat>(1, 0, {.l2 = arma::datum::nan}), "l2 is nan, expected 0 or more");
}

TEST_CASE("the learning rate falls evenly to that of the last epoch")
{
  nn::Network<mat> falling({3, 2}, Activation::identity), by_hand = falling;
  arma::arma_rng::set_seed(5);
  nn::train(falling, X, Y, nn::mean_squared_error<mat>,
            {.epochs = 3, .batch = 2, .alpha = 0.3, .momentum = 0.5, .last_alpha = 0.1});
  arma::arma_rng::set_seed(5);
  nn::Sgd<mat> sgd(1, 0.5);
  mat samples = X, targets = Y;
  for (const double alpha : {0.3, 0.2, 0.1}) {
    sgd.set_alpha(alpha);
    nn::shuffle(samples, targets);
    nn::train_epoch(by_hand, sgd, samples, targets, nn::mean_squared_error<mat>, 2);
  }
  CHECK(nn::relative_error(falling.layers[0].W, by_hand.layers[0].W) < 1e-14);
  CHECK_ERROR(nn::train(falling, X, Y, nn::mean_squared_error<mat>,
                        {.epochs = 1, .batch = 2, .alpha = 1, .last_alpha = -1}),
              "alpha is -1, expected more than 0");
}

TEST_CASE("early stopping waits for its patience and gives back the network of the lowest word")
{
  const auto run = [&](std::vector<double> words, int patience) {
    arma::arma_rng::set_seed(1);
    nn::Network<mat> network({3, 2}, Activation::identity);
    std::vector<mat> seen;
    const auto judge = [&] {
      seen.push_back(network.layers[0].W);
      return words[seen.size() - 1];
    };
    const nn::Trained trained =
        nn::train(network, X, Y, nn::mean_squared_error<mat>, {int(words.size()), 2, 0.1},
                  {.judge = judge, .patience = patience});
    CHECK(seen.size() == trained.costs.n_elem);
    CHECK(trained.judged.n_elem == trained.costs.n_elem);
    const auto is =
        std::ranges::find_if(seen, [&](const mat& W) { return arma::accu(W != network.layers[0].W) == 0; });
    return std::tuple{trained.costs.n_elem, trained.best, is - seen.begin()};
  };
  CHECK(run({5, 3, 4, 2, 3, 2, 4, 1}, 3) == std::tuple{7, 3, 3});  // an equal one is no new lowest
  CHECK(run({5, 3, 4, 2, 3, 2, 4, 1}, 4) == std::tuple{8, 7, 7});
  CHECK(run({5, 3, 4, 4, 4}, 9) == std::tuple{5, 1, 1});  // the best, without having stopped
  CHECK(run({5, 3, 4, 4, 4}, 0) == std::tuple{5, 1, 4});  // only looked at
  CHECK_ERROR(run({1}, -1), "patience is -1, expected 0 or more");
  nn::Network<mat> network({3, 2}, Activation::identity);
  CHECK_ERROR(nn::train(network, X, Y, nn::mean_squared_error<mat>, {1, 2, 0.1}, {.patience = 2}),
              "patience without a judge, expected both");
}

TEST_CASE("the judge sees a network that predicts")
{
  Layers<mat> network = with_dropout(0.5);
  nn::train(network, X, Y, nn::mean_squared_error<mat>, {3, 2, 0.01},
            {.judge =
                 [&] {
                   network.forward(X);
                   return double(arma::accu(std::get<nn::Dropout<mat>>(network.layers[1]).A == 0));
                 }})
      .judged.for_each([](double silent) { CHECK(silent == 0); });
}

TEST_CASE("a batch too large for the cache gives the same gradients in slices, and the same training")
{
  arma::arma_rng::set_seed(1);
  const mat samples(700, 1000, arma::fill::randn), targets(2, 1000, arma::fill::randn);
  nn::Network<mat> whole({700, 2}, Activation::identity);
  auto sliced = whole;
  const auto [J, dA] =
      nn::mean_squared_error<mat>(whole.forward(samples.cols(10, 999)), targets.cols(10, 999));
  whole.backward(samples.cols(10, 999), dA);
  for (const auto& [threads, slice] :
       {std::pair{1, 64}, {1, 99}, {1, 990}, {1, 5000}, {2, 64}, {3, 99}, {3, 500}}) {
    nn::use_threads(threads);  // the last slice may be smaller, and there may be fewer slices than threads
    CHECK(nn::backward_in_slices(sliced, samples, targets, nn::mean_squared_error<mat>, {10, 999}, slice) ==
          Approx(J).epsilon(1e-12));
    CHECK(arma::approx_equal(sliced.layers[0].dW, whole.layers[0].dW, "absdiff", 1e-12));
    CHECK(arma::approx_equal(sliced.layers[0].db, whole.layers[0].db, "absdiff", 1e-12));
  }
  CHECK_THROWS_AS(
      nn::backward_in_slices(sliced, samples, mat(3, 1000), nn::mean_squared_error<mat>, {10, 999}, 99),
      nn::Error);
  nn::use_threads(1);
  CHECK(nn::samples_in_cache(samples) == 93);  // so that a step on 1000 samples is taken in slices
  nn::Sgd<mat> sgd(0.1), same(0.1);
  nn::train_batch(sliced, sgd, samples, targets, nn::mean_squared_error<mat>, {10, 999});
  same.step(whole);
  CHECK(arma::approx_equal(sliced.layers[0].W, whole.layers[0].W, "absdiff", 1e-12));
}
