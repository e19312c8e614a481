#include "nn/conv1d.hpp"
#include "nn/convolution.hpp"
#include "nn/on_device.hpp"
#include "nn/training.hpp"
#include "support.hpp"

using arma::fmat;
using arma::uword;
using nn::Activation;
using nn::gpu::Mat;

namespace {

bool same(const Mat& found, const fmat& expected, float tolerance = 1e-4f)
{
  return arma::approx_equal(fmat(found), expected, "both", tolerance, tolerance);
}

// Strides, padding, windows that overlap, and a bit of each image that no window sees.
nn::ConvNet<fmat> for_images()
{
  const nn::Conv2d<fmat> first({9, 8, 2}, 5, {3, 1, 1}, Activation::relu);
  const nn::MaxPool<fmat> overlapping(first.output, {3, 2});
  const nn::Conv2d<fmat> second(overlapping.output, 4, {2, 2, 1}, Activation::tanh);
  const nn::MaxPool<fmat> last(second.output, {2, 1});
  return nn::ConvNet<fmat>({first, overlapping, second, last,
                            nn::Dense<fmat>(last.outputs(), 7, Activation::leaky_relu),
                            nn::Dense<fmat>(7, 3, Activation::identity)});
}

nn::TextNet<fmat> for_texts(bool frozen)
{
  nn::Embedding<fmat> words(9, fmat(4, 30, arma::fill::randn));
  words.frozen = frozen;
  const nn::Branches<fmat> branches(9, 4, 3, {1, 2, 5}, Activation::relu);
  return nn::TextNet<fmat>({words, branches, nn::Dense<fmat>(9, 3, Activation::identity)});
}

fmat random_texts(uword texts)  // shorter than nine words, so that they end with zeros
{
  fmat X = arma::conv_to<fmat>::from(arma::randi<arma::umat>(9, texts, arma::distr_param(1, 29)));
  X.tail_rows(2).zeros();
  return X;
}

fmat random_labels(uword samples)
{
  return nn::one_hot<fmat>(arma::randi<arma::urowvec>(samples, arma::distr_param(0, 2)), 3);
}

template <class Network>
using OnDevice = nn::Network<Mat, typename nn::Converted<typename Network::Kind, Mat>::type>;

fmat whole(const fmat& gradient, const fmat&) { return gradient; }
fmat whole(const Mat& gradient, const Mat&) { return fmat(gradient); }
template <class M>
fmat whole(const nn::ColumnGradient<M>& gradient, const M& theta)
{
  fmat all(theta.n_rows, theta.n_cols);
  all.cols(gradient.columns) = fmat(gradient.values);
  return all;
}

// Names, values and gradients of the parameters.
struct Parameter {
  std::string name;
  fmat theta, gradient;
};
std::vector<Parameter> parameters(auto& network)
{
  std::vector<Parameter> all;
  network.each_parameter([&](const std::string& name, const auto& theta, const auto& gradient) {
    all.push_back({name, fmat(theta), whole(gradient, theta)});
  });
  return all;
}

// A network on the device answers, sends the error back and learns as the same one on the processor does.
void compare(auto network, const fmat& X, double momentum)
{
  OnDevice<decltype(network)> there(network);
  const fmat Y = random_labels(X.n_cols);
  CHECK(there.parameters() == network.parameters());
  const fmat Z = network.forward(X);
  CHECK(same(there.forward(Mat(X)), Z));
  network.backward(X, nn::softmax_cross_entropy(Z, Y).dA);
  there.backward(Mat(X), nn::softmax_cross_entropy(Mat(Z), Mat(Y)).dA);
  const auto agree = [&] {
    const auto expected = parameters(network), found = parameters(there);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      INFO(expected[i].name);
      CHECK(found[i].name == expected[i].name);
      CHECK(arma::approx_equal(found[i].theta, expected[i].theta, "both", 1e-3, 1e-3));
      CHECK(arma::approx_equal(found[i].gradient, expected[i].gradient, "both", 1e-3, 1e-3));
    }
  };
  agree();
  const nn::Training how{.epochs = 3, .batch = 16, .alpha = 0.05, .momentum = momentum};
  arma::arma_rng::set_seed(9);
  const arma::vec J = nn::train(network, X, Y, nn::softmax_cross_entropy<fmat>, how);
  arma::arma_rng::set_seed(9);
  const arma::vec J_there = nn::train(there, Mat(X), Mat(Y), nn::softmax_cross_entropy<Mat>, how);
  CHECK(arma::approx_equal(J_there, J, "reldiff", 1e-4));
  agree();
}

}  // namespace

TEST_CASE("gpu: a network for images does the same as on the processor")
{
  arma::arma_rng::set_seed(21);
  compare(for_images(), fmat(144, 40, arma::fill::randn), 0.9);
}

TEST_CASE("gpu: a network for texts does the same as on the processor, frozen words too")
{
  arma::arma_rng::set_seed(22);
  compare(for_texts(false), random_texts(40), 0);
  compare(for_texts(true), random_texts(40), 0.9);
}

TEST_CASE("gpu: errors go all the way back to the images")
{
  arma::arma_rng::set_seed(23);
  auto network = for_images();
  OnDevice<decltype(network)> there(network);
  const fmat X(144, 6, arma::fill::randn), dA(3, 6, arma::fill::randn);
  network.forward(X);
  there.forward(Mat(X));
  CHECK(same(there.input_gradient(there.backward(Mat(X), Mat(dA))),
             network.input_gradient(network.backward(X, dA))));
}

TEST_CASE("gpu: images stay on the device while a network learns from them")
{
  auto network = for_images();
  OnDevice<decltype(network)> there(network);
  const Mat X(144, 20, arma::fill::randn), Y(random_labels(20));
  nn::Sgd<Mat> sgd(0.1, 0.9);
  const nn::gpu::Counters before = nn::gpu::counters();
  for (int step = 0; step < 3; ++step) {
    there.backward(X, there.forward(X) - Y);
    sgd.step(there);
  }
  CHECK(nn::gpu::counters().uploads == before.uploads);
  CHECK(nn::gpu::counters().downloads == before.downloads);
}

TEST_CASE("gpu: a network goes to the device and comes back")
{
  arma::arma_rng::set_seed(24);
  const fmat X(144, 10, arma::fill::randn), texts = random_texts(10), Y = random_labels(10);
  const auto step = [](auto& network, const auto& samples, const auto& targets) {
    auto [J, dA] = nn::softmax_cross_entropy(network.forward(samples), targets);
    network.descend(samples, std::move(dA), 0.1F);
    return J;
  };
  const auto check = [&](const auto& network, const fmat& samples) {
    auto here = network, there = network;
    nn::Options options;
    const std::size_t before = nn::gpu::counters().kernels;
    const double J = nn::on_device(options, step, here, samples, Y);
    CHECK(nn::gpu::counters().kernels == before);
    options.device = "gpu:0";
    CHECK(nn::on_device(options, step, there, samples, Y) == Approx(J));
    CHECK(same(Mat(there.forward(samples)), here.forward(samples)));
    CHECK_FALSE(same(Mat(here.forward(samples)), nn::Network(network).forward(samples)));
  };
  check(for_images(), X);
  check(for_texts(false), texts);
  check(nn::Network<fmat>({144, 8, 3}, Activation::sigmoid), X);
}

TEST_CASE("gpu: layers say what doesn't fit as on the processor")
{
  nn::Embedding<Mat> words(6, Mat(3, 7, arma::fill::ones));
  CHECK(arma::accu(fmat(words.W)) == 18);  // number 0 is no word
  CHECK_ERROR(words.forward(Mat(fmat(6, 1, arma::fill::value(7)))), "word 7, expected 0 to 6");
  CHECK_ERROR(words.forward(Mat(5, 1)), "X is 5×1, expected 6×1");
  words.forward(Mat(6, 2));
  Mat narrow(18, 1);
  CHECK_ERROR(words.backward(Mat(6, 2), narrow), "dA is 18×1, expected 18×2");
  nn::Conv1d<Mat> filters(6, 3, 4, 2, Activation::relu);
  CHECK_ERROR(filters.forward(Mat(17, 2)), "X is 17×2, expected 18 rows: 1×6 pixels of 3 channels");
  filters.forward(Mat(18, 2));
  CHECK_ERROR(filters.backward(Mat(18, 2), narrow), "dA is 18×1, expected 20×2");
  nn::GlobalMaxPool<Mat> pool(4, 5);
  CHECK_ERROR(pool.forward(Mat(3, 2)), "X is 3×2, expected 20 rows: 1×5 pixels of 4 channels");
  pool.forward(Mat(20, 2));
  CHECK_ERROR(pool.input_gradient(narrow), "dA is 18×1, expected 4×2");
}
