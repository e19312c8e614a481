#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "nn/gradient_check.hpp"
#include "nn/training.hpp"
#include "reference.hpp"
#include "support.hpp"

using arma::fmat;
using arma::mat;
using nn::Activation;

namespace {

// PyTorch's numbers: tests/reference/network.py.
const nlohmann::json reference = nlohmann::json::parse(std::ifstream(NN_REFERENCE "/network.json"));

const std::map<std::string, Activation> activations = {{"identity", Activation::identity},
                                                       {"sigmoid", Activation::sigmoid},
                                                       {"tanh", Activation::tanh},
                                                       {"relu", Activation::relu},
                                                       {"leaky_relu", Activation::leaky_relu}};

const std::map<std::string, nn::Cost<mat> (*)(const mat&, const mat&)> costs = {
    {"sigmoid_cross_entropy", nn::sigmoid_cross_entropy<mat>},
    {"softmax_cross_entropy", nn::softmax_cross_entropy<mat>},
    {"mean_squared_error", nn::mean_squared_error<mat>},
    {"mean_squared_logarithmic_error", nn::mean_squared_logarithmic_error<mat>}};

// XOR, twice over.
const mat X = {{0, 0, 1, 1, 0, 0, 1, 1}, {0, 1, 0, 1, 0, 1, 0, 1}};  // 2×8
const mat Y = {{0, 1, 1, 0, 0, 1, 1, 0}};                            // 1×8

}  // namespace

TEST_CASE("a network gives PyTorch's outputs, cost and gradients with every activation")
{
  for (const auto& [name, g] : activations) {
    INFO(name);
    const nlohmann::json& torch = reference["networks"][name];
    nn::Network<mat> network({3, 4, 4, 3}, g);
    for (int l = 0; l < 3; ++l) {
      nn::Dense<mat>& layer = network.layers[l];
      layer.W = 2 * wave(layer.W.n_rows, layer.W.n_cols, 2 + l);
      layer.b = 0.5 * wave(layer.b.n_rows, 1, 5 + l);
    }
    const mat samples = wave(3, 5, 1);
    const auto [J, dA] =
        nn::softmax_cross_entropy(network.forward(samples), nn::one_hot<mat>({2, 0, 1, 1, 2}, 3));
    network.backward(samples, dA);
    CHECK(same(network.layers.back().A, torch["A"]));
    CHECK(J == Approx(torch["J"].get<double>()).epsilon(1e-9));
    for (int l = 0; l < 3; ++l) {
      CHECK(same(network.layers[l].dW, torch["dW"][l]));
      CHECK(same(network.layers[l].db, torch["db"][l]));
    }
  }
}

TEST_CASE("every cost and its gradient are PyTorch's, and agree with central differences")
{
  const mat A = 0.9 * wave(3, 5, 4);
  for (const auto& [name, cost] : costs) {
    INFO(name);
    const nlohmann::json& torch = reference["costs"][name];
    const mat targets = matrix(torch["Y"]);
    CHECK(cost(A, targets).J == Approx(torch["J"].get<double>()).epsilon(1e-9));
    CHECK(same(cost(A, targets).dA, torch["dA"]));
    const mat numerical = nn::numerical_gradient([&](const mat& B) { return cost(B, targets).J; }, A);
    CHECK(nn::relative_error(cost(A, targets).dA, numerical) < 1e-8);
  }
}

TEST_CASE("the cross-entropies stay finite at any net input")
{
  const mat Z = {{1000, -1000, 0}, {-1000, 1000, 1000}};
  const mat targets = {{0, 0, 1}, {1, 1, 0}};
  for (const char* name : {"sigmoid_cross_entropy", "softmax_cross_entropy"}) {
    const auto [J, dA] = costs.at(name)(Z, targets);
    CHECK(std::isfinite(J));
    CHECK(dA.is_finite());
  }
  CHECK(nn::softmax_cross_entropy(Z, targets).J == Approx((2000 + 0 + 1000) / 3.0));
}

TEST_CASE("targets that don't fit a cost are refused")
{
  const mat A(2, 3);
  for (const auto& [name, cost] : costs) {
    INFO(name);
    CHECK_ERROR(cost(A, mat(3, 2)), "Y is 3×2, expected 2×3");
    CHECK_ERROR(cost(mat(2, 0), mat(2, 0)), "the batch is empty, expected at least 1 sample");
    mat targets(2, 3);
    targets(4) = arma::datum::nan;
    CHECK_ERROR(cost(A, targets), "or NaN");
  }
  const mat outside = {{0, 1, 2}, {0, 0, 0}};
  CHECK_ERROR(nn::sigmoid_cross_entropy(A, outside), "Y holds values from 0 to 2 or NaN, expected 0 to 1");
  CHECK_ERROR(nn::softmax_cross_entropy(A, outside), "expected 0 to 1");
  CHECK_ERROR(nn::mean_squared_logarithmic_error<mat>(A, -outside), "or NaN, expected 0 to inf");
  CHECK(nn::mean_squared_error<mat>(A, -outside).J == Approx(5.0 / 6));
}

TEST_CASE("one-hot columns")
{
  const mat expected = {{0, 1, 0}, {0, 0, 0}, {1, 0, 1}};
  CHECK(arma::approx_equal(nn::one_hot<mat>({2, 0, 2}, 3), expected, "absdiff", 0));
  CHECK_ERROR(nn::one_hot<mat>({2, 3}, 3), "label 2 is 3, expected 0 to 2");
}

TEMPLATE_TEST_CASE("accuracy is the share of the columns whose largest output is that of the class", "", mat,
                   fmat)
{
  const TestType Z = {{-1, 5, 0.5, -3}, {-2, 6, 0.25, -2}, {-3, 4, 0.125, -9}};  // 3×4, says 0 1 0 1
  CHECK(nn::accuracy(Z, nn::one_hot<TestType>({0, 1, 0, 1}, 3)) == 1);
  CHECK(nn::accuracy(Z, nn::one_hot<TestType>({0, 1, 0, 2}, 3)) == 0.75);
  CHECK(nn::accuracy(Z, nn::one_hot<TestType>({1, 2, 2, 0}, 3)) == 0);
  CHECK_ERROR(nn::accuracy(Z, TestType(3, 3)), "Y is 3×3, expected 3×4");
  CHECK_ERROR(nn::accuracy(TestType(3, 0), TestType(3, 0)), "the batch is empty");
}

TEST_CASE("a layer starts with biases 0 and weights that keep the spread of its inputs")
{
  arma::arma_rng::set_seed(2);
  for (const auto& [name, g] : activations) {
    INFO(name);
    const nn::Dense<mat> layer(400, 100, g);
    const bool rectifier = name.find("relu") != std::string::npos;
    CHECK(arma::var(arma::vectorise(layer.W)) * 400 == Approx(rectifier ? 2 : 1).epsilon(0.05));
    CHECK(arma::all(arma::vectorise(layer.b) == 0));
  }
}

TEST_CASE("shapes that don't fit a network are named")
{
  nn::Network<mat> network({2, 4, 1}, Activation::tanh);
  CHECK(network.parameters() == 17);
  CHECK_ERROR(network.forward(mat(3, 8)), "X is 3×8, expected 2 rows, the inputs of the layer");
  network.forward(X);
  CHECK_ERROR(network.backward(X, mat(2, 8)), "dA is 2×8, expected 1×8");
  CHECK_ERROR(network.backward(mat(2, 7), mat(1, 8)), "X has 7 samples, expected 8");
  CHECK_ERROR(nn::Network<mat>({2}, Activation::tanh), "1 sizes for a network");
  CHECK_ERROR(nn::Network<mat>({2, 0, 1}, Activation::tanh), "a layer of 0 units with 2 inputs");
}

TEST_CASE("descent with momentum takes PyTorch's steps")
{
  nn::Network<mat> network({3, 4, 2}, Activation::tanh);
  network.layers[0].W = wave(4, 3, 2);
  network.layers[0].b = wave(4, 1, 5);
  network.layers[1].W = wave(2, 4, 3);
  network.layers[1].b = wave(2, 1, 6);
  const mat samples = wave(3, 5, 1);
  nn::Sgd<mat> sgd(0.1, 0.9);
  for (int step = 0; step < 3; ++step) {
    network.backward(samples, nn::mean_squared_error(network.forward(samples), wave(2, 5, 9)).dA);
    sgd.step(network);
  }
  CHECK(same(network.layers[0].W, reference["sgd"][0]));
  CHECK(same(network.layers[0].b, reference["sgd"][1]));
  CHECK(same(network.layers[1].W, reference["sgd"][2]));
  CHECK(same(network.layers[1].b, reference["sgd"][3]));
  CHECK_ERROR(nn::Sgd<mat>(0), "alpha is 0, expected more than 0");
  CHECK_ERROR(nn::Sgd<mat>(0.1, 1), "momentum is 1, expected 0 or more, less than 1");
}

TEMPLATE_TEST_CASE("training learns XOR from mini-batches", "", mat, fmat)
{
  arma::arma_rng::set_seed(1);
  nn::Network<TestType> network({2, 8, 1}, Activation::tanh);
  const TestType samples = arma::conv_to<TestType>::from(X), targets = arma::conv_to<TestType>::from(Y);
  const arma::vec J =
      nn::train(network, samples, targets, nn::sigmoid_cross_entropy<TestType>, {500, 3, 0.2, 0.9});
  CHECK(J.n_elem == 500);
  CHECK(J.back() < 0.01);
  CHECK(J.back() < J.front());
  CHECK(arma::accu((network.forward(samples) > 0) != (targets > 0.5)) == 0);
}

TEST_CASE("one epoch of one batch is one step of descent, and its cost the mean")
{
  nn::Network<mat> network({2, 3, 1}, Activation::sigmoid);
  const mat W = network.layers[0].W;
  const auto [J, dA] = nn::sigmoid_cross_entropy(network.forward(X), Y);
  network.backward(X, dA);
  const mat dW = network.layers[0].dW;
  nn::Network<mat> in_two =
      network;  // two mini-batches of different size, and a rate too small to change the cost
  CHECK(nn::train(network, X, Y, nn::sigmoid_cross_entropy<mat>, {1, 8, 0.5})(0) == Approx(J));
  CHECK(nn::relative_error(network.layers[0].W, W - 0.5 * dW) < 1e-12);
  CHECK(nn::train(in_two, X, Y, nn::sigmoid_cross_entropy<mat>, {1, 5, 1e-12})(0) == Approx(J));
}

TEST_CASE("a pass through the data is a step for each mini-batch, in the order of the samples")
{
  nn::Network<mat> network({2, 3, 1}, Activation::sigmoid), other = network;
  nn::Sgd<mat> sgd(0.5, 0.9), sgd_of_other(0.5, 0.9);
  double J = 0;
  for (const auto& [first, last] : {nn::Batch{0, 2}, nn::Batch{3, 5}, nn::Batch{6, 7}}) {
    const mat samples = X.cols(first, last), targets = Y.cols(first, last);
    const nn::Cost<mat> cost = nn::sigmoid_cross_entropy(network.forward(samples), targets);
    network.backward(samples, cost.dA);
    sgd.step(network);
    J += cost.J * samples.n_cols / 8;
  }
  CHECK(nn::train_epoch(other, sgd_of_other, X, Y, nn::sigmoid_cross_entropy<mat>, 3) == Approx(J));
  CHECK(arma::approx_equal(other.layers[0].W, network.layers[0].W, "absdiff", 1e-15));
  CHECK_ERROR(nn::train_epoch(other, sgd_of_other, X, Y, nn::sigmoid_cross_entropy<mat>, 0),
              "batches of 0 from 8 samples");
}

TEST_CASE("a cost above its limit, or none, stops a descent")
{
  CHECK_NOTHROW(nn::stop_if_diverging(0.69, 0.69, 1));
  CHECK_ERROR(nn::stop_if_diverging(0.7, 0.69, 5),
              "the cost is 0.7, expected 0.69 or less: the descent diverges");
  CHECK_ERROR(nn::stop_if_diverging(arma::datum::nan, 0.69, 5), "lower alpha, which is 5");
}

TEST_CASE("a learning rate that diverges is said, and bad data too")
{
  arma::arma_rng::set_seed(1);
  nn::Network<mat> network({2, 8, 1}, Activation::relu);
  CHECK_ERROR(nn::train(network, X, Y, nn::mean_squared_error<mat>, {100, 4, 50}),
              "expected 10 or less: the descent diverges, lower alpha, which is 50");
  CHECK_ERROR(nn::train(network, X, Y, nn::mean_squared_error<mat>, {1, 0, 0.1}),
              "batches of 0 from 8 samples");
  CHECK_ERROR(nn::train(network, mat(2, 0), mat(1, 0), nn::mean_squared_error<mat>, {1, 4, 0.1}),
              "from 0 samples");
  CHECK_ERROR(nn::train(network, X, mat(1, 7), nn::mean_squared_error<mat>, {1, 4, 0.1}),
              "y is 1×7, expected 1×8");
}
