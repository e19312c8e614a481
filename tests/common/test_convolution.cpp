#include <fstream>
#include <nlohmann/json.hpp>

#include "nn/convolution.hpp"
#include "nn/gradient_check.hpp"
#include "nn/training.hpp"
#include "reference.hpp"
#include "support.hpp"

using arma::fmat;
using arma::mat;
using arma::uword;
using nn::Activation;

namespace {

// PyTorch's numbers: tests/reference/convolution.py.
const nlohmann::json reference = nlohmann::json::parse(std::ifstream(NN_REFERENCE "/convolution.json"));

nn::ImageSize size(const nlohmann::json& image) { return {image[0], image[1], image[2]}; }

nn::Window window(const nlohmann::json& w) { return {w[0], w[1], w[2]}; }

}  // namespace

TEST_CASE("a window finds as many places as fit")
{
  CHECK(nn::output_size(5, {3}) == 3);
  CHECK(nn::output_size(5, {3, 1, 1}) == 5);
  CHECK(nn::output_size(5, {3, 2}) == 2);
  CHECK(nn::output_size(6, {3, 2}) == 2);
  CHECK(nn::output_size(28, {5}) == 24);
  CHECK(nn::output_size(3, {3}) == 1);
}

TEST_CASE("a window that can't be, and images of another size, are named")
{
  CHECK_ERROR(nn::output_size(5, {0}), "a window of size 0, expected at least 1");
  CHECK_ERROR(nn::output_size(5, {3, 0}), "a stride of 0, expected at least 1");
  CHECK_ERROR(nn::output_size(5, {7}),
              "a window of size 7 on an image with a side of 5 and padding 0, expected at most 5");
  CHECK_ERROR(nn::output_size(5, {8, 1, 1}), "and padding 1, expected at most 7");
  CHECK_ERROR(nn::Conv2d<mat>({5, 4}, 2, {5}, Activation::relu),
              "a window of size 5 on an image with a side of 4");
  CHECK_ERROR(nn::Conv2d<mat>({5, 5}, 0, {3}, Activation::relu),
              "1 channels in and 0 out, expected at least 1 of each");
  CHECK_ERROR(nn::Conv2d<mat>({5, 5, 0}, 1, {3}, Activation::relu), "0 channels in");
  CHECK_ERROR(nn::MaxPool<mat>({4, 4}, {2, 2, 1}), "max-pooling with padding 1, expected 0");
  nn::Conv2d<mat> conv({5, 5, 3}, 2, {3}, Activation::relu);
  CHECK_ERROR(conv.forward(mat(25, 4)), "X is 25×4, expected 75 rows: 5×5 pixels of 3 channels");
  conv.forward(mat(75, 4));
  mat dA(5, 4);
  CHECK_ERROR(conv.backward(mat(75, 4), dA), "dA is 5×4, expected 18×4");
  mat fits(18, 4);
  CHECK_ERROR(conv.backward(mat(75, 3), fits), "X has 3 samples, expected 4");
  nn::MaxPool<mat> pool({4, 4}, {2, 2});
  CHECK_ERROR(pool.forward(mat(15, 4)), "X is 15×4, expected 16 rows: 4×4 pixels of 1 channels");
  pool.forward(mat(16, 4));
  CHECK_ERROR(pool.backward(mat(16, 4), dA), "dA is 5×4, expected 4×4");
}

TEST_CASE("a convolution gives PyTorch's maps and gradients")
{
  for (const auto& torch : reference["conv"]) {
    INFO(torch["image"] << torch["window"]);
    nn::Conv2d<mat> conv(size(torch["image"]), torch["filters"], window(torch["window"]), Activation::tanh);
    conv.W = wave(conv.W.n_rows, conv.W.n_cols, 2);
    conv.b = wave(conv.b.n_rows, 1, 3);
    const mat X = wave(conv.inputs(), 4, 1);
    for (int time = 0; time < 2; ++time) {  // the second time on used memory
      mat A = conv.forward(X);
      CHECK(same(A, torch["A"]));
      auto [J, dA] = nn::mean_squared_error(A, wave(A.n_rows, 4, 9));
      CHECK(J == Approx(torch["J"].get<double>()).epsilon(1e-9));
      conv.backward(X, dA);
      CHECK(same(conv.dW, torch["dW"]));
      CHECK(same(conv.db, torch["db"]));
      CHECK(same(conv.input_gradient(dA), torch["dX"]));
    }
  }
}

TEST_CASE("max-pooling gives PyTorch's values and gradients")
{
  for (const auto& torch : reference["pool"]) {
    INFO(torch["image"] << torch["window"]);
    nn::MaxPool<mat> pool(size(torch["image"]), window(torch["window"]));
    const mat X = wave(pool.inputs(), 4, 1);
    CHECK(same(pool.forward(X), torch["A"]));
    CHECK(pool.parameters() == 0);
    mat dA = nn::mean_squared_error(pool.A, wave(pool.A.n_rows, 4, 9)).dA;
    pool.backward(X, dA);
    CHECK(same(pool.input_gradient(dA), torch["dX"]));
  }
}

TEST_CASE("of equal values the first takes the error back")
{
  nn::MaxPool<mat> pool({2, 2}, {2, 2});
  mat dA = pool.forward(mat(4, 1, arma::fill::ones));
  pool.backward(mat(4, 1), dA);
  CHECK(arma::approx_equal(pool.input_gradient(dA), mat(arma::vec{1, 0, 0, 0}), "absdiff", 0));
}

TEST_CASE("a convolution's gradients agree with differences, whatever the stride and the padding")
{
  arma::arma_rng::set_seed(1);
  for (const nn::Window& place : {nn::Window{3}, nn::Window{3, 2, 1}, nn::Window{2, 2, 2}}) {
    nn::Conv2d<mat> conv({6, 5, 2}, 3, place, Activation::sigmoid);
    const mat X(60, 4, arma::fill::randn), Y(conv.outputs(), 4, arma::fill::randu);
    const auto J = [&] { return nn::mean_squared_error(conv.forward(X), Y).J; };
    mat dA = nn::mean_squared_error(conv.forward(X), Y).dA;
    conv.backward(X, dA);
    const mat W = conv.W, dW = conv.dW, dX = conv.input_gradient(dA);
    const auto of_W = [&](const mat& V) { return conv.W = V, J(); };
    CHECK(nn::relative_error(dW, nn::numerical_gradient(of_W, W)) < 1e-7);
    conv.W = W;
    const auto of_X = [&](const mat& V) { return nn::mean_squared_error(conv.forward(V), Y).J; };
    CHECK(nn::relative_error(dX, nn::numerical_gradient(of_X, X)) < 1e-7);
  }
}

TEST_CASE("blocks of samples give what single samples give")
{
  arma::arma_rng::set_seed(2);
  nn::Conv2d<mat> conv({20, 20, 2}, 4, {5},
                       Activation::relu);  // 50×256 numbers a sample: 20 samples in a block
  const mat X(800, 47, arma::fill::randn);
  const mat together = conv.forward(X);
  mat dA(conv.outputs(), 47, arma::fill::randn);
  mat dZ = dA;
  conv.backward(X, dZ);
  const mat dW = conv.dW, dX = conv.input_gradient(dZ);
  mat sum(arma::size(dW));
  for (uword i = 0; i < 47; ++i) {
    CHECK(nn::relative_error(conv.forward(X.cols(i, i)), together.col(i)) < 1e-12);
    mat one = dA.col(i);
    conv.backward(X.cols(i, i), one);
    sum += conv.dW;
    CHECK(nn::relative_error(conv.input_gradient(one), dX.col(i)) < 1e-12);
  }
  CHECK(nn::relative_error(sum, dW) < 1e-12);
}

TEST_CASE("a network of different layers gives PyTorch's answers and gradients")
{
  nn::Conv2d<mat> first({8, 8}, 3, {3, 1, 1}, Activation::relu);
  nn::MaxPool<mat> half(first.output, {2, 2});
  nn::Conv2d<mat> second(half.output, 4, {3}, Activation::relu);
  nn::MaxPool<mat> whole(second.output, {2, 2});
  first.W = wave(3, 9, 2);
  first.b = wave(3, 1, 3);
  second.W = 0.5 * wave(4, 27, 4);
  second.b = wave(4, 1, 5);
  nn::Dense<mat> last(4, 3, Activation::identity);
  last.W = wave(3, 4, 6);
  last.b = wave(3, 1, 7);
  nn::ConvNet<mat> network({first, half, second, whole, last});
  const mat X = wave(64, 5, 1);
  const auto [J, dA] = nn::softmax_cross_entropy(network.forward(X), nn::one_hot<mat>({2, 0, 1, 1, 2}, 3));
  network.backward(X, dA);
  const auto& torch = reference["network"];
  CHECK(same(network.forward(X), torch["Z"]));
  CHECK(J == Approx(torch["J"].get<double>()).epsilon(1e-9));
  int k = 0;
  network.each_parameter([&](const std::string& name, const mat&, const mat& gradient) {
    INFO(name);
    CHECK(same(gradient, torch["gradients"][k++]));
  });
  CHECK(k == 6);
  CHECK(network.parameters() == 3 * 9 + 3 + 4 * 27 + 4 + 3 * 4 + 3);
}

TEST_CASE("layers that don't fit each other don't make a network")
{
  const nn::Conv2d<mat> conv({8, 8}, 3, {3}, Activation::relu);
  const nn::Dense<mat> dense(100, 10, Activation::identity);
  CHECK_ERROR(nn::ConvNet<mat>({conv, dense}),
              "layer 2 takes 100 inputs, expected 108, the outputs of layer 1");
  CHECK_ERROR(nn::ConvNet<mat>(std::vector<nn::ImageLayer<mat>>{}),
              "a network without layers, expected at least 1");
}

TEST_CASE("filters start with the spread that their inputs call for")
{
  arma::arma_rng::set_seed(2);
  const nn::Conv2d<mat> conv({20, 20, 4}, 100, {10}, Activation::relu);
  CHECK(arma::var(arma::vectorise(conv.W)) * 400 == Approx(2).epsilon(0.05));
  CHECK(arma::all(arma::vectorise(conv.b) == 0));
}

TEST_CASE("a convolutional network learns where a stroke runs, wherever it lies")
{
  arma::arma_rng::set_seed(3);
  fmat X(64, 200), Y(2, 200);
  for (uword i = 0; i < 200; ++i) {  // lying or upright strokes of three pixels
    const uword a = arma::randi<uword>(arma::distr_param(0, 7)),
                b = arma::randi<uword>(arma::distr_param(0, 5));
    for (uword j = 0; j < 3; ++j) X(i % 2 == 0 ? a * 8 + b + j : (b + j) * 8 + a, i) = 1;
    Y(i % 2, i) = 1;
  }
  const nn::Conv2d<fmat> conv({8, 8}, 2, {3, 1, 1}, Activation::relu);
  nn::ConvNet<fmat> network(
      {conv, nn::MaxPool<fmat>(conv.output, {8, 8}), nn::Dense<fmat>(2, 2, Activation::identity)});
  const arma::vec J = nn::train(network, X, Y, nn::softmax_cross_entropy<fmat>, {40, 10, 0.1, 0.9});
  CHECK(J.back() < 0.05);
  CHECK(arma::accu(arma::index_max(network.forward(X), 0) != arma::index_max(Y, 0)) == 0);
}
