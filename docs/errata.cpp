// What each slip of the errata page amounts to, in numbers: one function for each, which computes what is
// printed and what holds, on the smallest example that tells them apart. The page quotes the numbers by the
// names that they are given here.

#include <armadillo>
#include <cmath>
#include <utility>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/gradient_check.hpp"
#include "nn/matrix.hpp"
#include "nn/sampling.hpp"
#include "nn/training.hpp"

namespace {

using arma::mat;
using arma::rowvec;
using arma::vec;

const mat two_inputs = {{0, 0, 1, 1}, {0, 1, 0, 1}};                                // 2×4
const mat three_inputs = arma::join_cols(two_inputs, mat(1, 4, arma::fill::ones));  // 3×4, the last always 1
const mat xor_y = {{0, 1, 1, 0}}, and_y = {{0, 0, 0, 1}};                           // 1×4

mat sigmoid(const mat& Z) { return 1 / (1 + exp(-Z)); }

mat relu(const mat& Z) { return (Z + abs(Z)) / 2; }

double slope(double z)  // of the sigmoid
{
  return 1 / (1 + std::exp(-z)) / (1 + std::exp(z));
}

vec softmax(const vec& z) { return exp(z) / arma::accu(exp(z)); }

// XOR learnt by a network with these sizes: the cost of the last epoch.
double xor_cost(const std::vector<arma::uword>& sizes, nn::Activation hidden)
{
  nn::Network<mat> network(sizes, hidden);
  return nn::train(network, two_inputs, xor_y, nn::sigmoid_cross_entropy<mat>,
                   {.epochs = 2000, .batch = 4, .alpha = 0.3, .momentum = 0.9})
      .back();
}

// --- D0 ------------------------------------------------------------------------------------------

vec mistakes_by_epoch(const mat& y)
{
  vec theta(3), mistakes(1000);
  for (double& count : mistakes) {
    for (arma::uword i = 0; i < 4; ++i) {
      const double error = y(i) - (arma::dot(theta, three_inputs.col(i)) >= 0 ? 1 : 0);
      theta += error * three_inputs.col(i);
      count += std::abs(error);
    }
  }
  return mistakes;
}

void d0_perceptron(nn::Chapter& chapter)
{
  const arma::uvec no_mistake = arma::find(mistakes_by_epoch(and_y) == 0, 1);
  chapter.result("d0_perceptron.and_epoch", static_cast<double>(no_mistake.at(0) + 1));
  chapter.result("d0_perceptron.xor_epochs", static_cast<double>(mistakes_by_epoch(xor_y).n_elem));
  chapter.result("d0_perceptron.xor_fewest", mistakes_by_epoch(xor_y).min());
}

// One weight, four samples: the probability of the labels and the cost, over a range of weights.
void d0_likelihood(nn::Chapter& chapter)
{
  const rowvec x = {-2, -1, 1, 2}, y = {0, 1, 0, 1};
  const vec theta = arma::linspace(-2, 2, 401);
  vec likelihood(401), J(401);
  for (arma::uword k = 0; k < 401; ++k) {
    const mat h = sigmoid(theta(k) * x);
    likelihood(k) = arma::prod(vectorise(y % h + (1 - y) % (1 - h)));
    J(k) = -arma::accu(y % log(h) + (1 - y) % log(1 - h));
  }
  chapter.result("d0_likelihood.theta_of_least_cost", theta(J.index_min()));
  chapter.result("d0_likelihood.theta_of_most_likelihood", theta(likelihood.index_max()));
  chapter.result("d0_likelihood.cost", J.min());
  chapter.result("d0_likelihood.log_likelihood", std::log(likelihood.max()));
}

void d0_softmax_probability(nn::Chapter& chapter)
{
  const mat Theta = {{0, 1, 2}, {1, 0, -1}};  // N×K
  const mat X = {{1, 2, 3, 4}, {1, 0, 1, 0}};
  mat P(3, 4);
  for (arma::uword i = 0; i < 4; ++i) P.col(i) = softmax(Theta.t() * X.col(i));
  chapter.result("d0_softmax_probability.over_classes", arma::accu(P.col(0)));
  chapter.result("d0_softmax_probability.over_samples", arma::accu(P.row(2)));
}

// With N = K both products exist; the logistic neuron with the difference of the two columns tells which is
// right.
void d0_softmax_transpose(nn::Chapter& chapter)
{
  const mat Theta = {{2, 1}, {0, 1}};
  const vec x = {1, 3};
  chapter.result("d0_softmax_transpose.printed", softmax(Theta * x)(0));
  chapter.result("d0_softmax_transpose.right", softmax(Theta.t() * x)(0));
  chapter.result("d0_softmax_transpose.logistic", sigmoid((Theta.col(0) - Theta.col(1)).t() * x)(0));
}

void d0_softmax_cost(nn::Chapter& chapter)
{
  const mat z = {{-2, 1, 0.5, 3}}, y = {{0, 1, 0, 1}};                     // θᵗx of each sample
  const mat Z = arma::join_cols(z, 0 * z), Y = arma::join_cols(y, 1 - y);  // class 2 has θ = 0
  const mat P = exp(Z).eval().each_row() / arma::sum(exp(Z), 0);
  chapter.result("d0_softmax_cost.printed", -arma::accu(Y % P));
  chapter.result("d0_softmax_cost.right", -arma::accu(Y % log(P)));
  chapter.result("d0_softmax_cost.logistic", 4 * nn::sigmoid_cross_entropy(z, y).J);
}

void d0_neuron(nn::Chapter& chapter)
{
  const vec theta = {-1, 2, 0.5};
  const mat weights = arma::repmat(theta, 1, 4);
  chapter.result("d0_neuron.printed_range", arma::range(vectorise(sigmoid(theta.t() * weights))));
  chapter.result("d0_neuron.right_range", arma::range(vectorise(sigmoid(theta.t() * three_inputs))));
}

void d0_hidden_layers(nn::Chapter& chapter)
{
  chapter.result("d0_hidden_layers.none", xor_cost({2, 1}, nn::Activation::tanh));
  chapter.result("d0_hidden_layers.one", xor_cost({2, 4, 1}, nn::Activation::tanh));
}

// A step at 0 by two ReLU units: a ramp that gets steeper.
void d0_approximation(nn::Chapter& chapter)
{
  const vec x = arma::linspace(-1, 1, 200001), step = nn::where<mat>(x >= 0, 1, 0);
  for (const int k : {10, 1000}) {
    const vec error = abs(relu(k * x + 0.5) - relu(k * x - 0.5) - step);
    chapter.result(fmt::format("d0_approximation.largest_{}", k), error.max());
    chapter.result(fmt::format("d0_approximation.mean_{}", k), arma::mean(error));
  }
}

// --- D1 ------------------------------------------------------------------------------------------

void d1_linear(nn::Chapter& chapter)
{
  const mat W1(4, 2, arma::fill::randn), b1(4, 1, arma::fill::randn), W2(1, 4, arma::fill::randn);
  const mat b2(1, 1, arma::fill::randn), Z1 = W1 * two_inputs;
  const mat two_layers = W2 * (Z1.each_col() + b1.col(0)) + b2(0);
  const mat one_layer = W2 * W1 * two_inputs + arma::as_scalar(W2 * b1 + b2);
  chapter.result("d1_linear.apart", arma::abs(two_layers - one_layer).max());
  chapter.result("d1_linear.none", xor_cost({2, 4, 1}, nn::Activation::identity));
  chapter.result("d1_linear.sigmoid", xor_cost({2, 4, 1}, nn::Activation::sigmoid));
}

// |x| with one layer of two units, and a thousand random networks that are ten layers deep and one unit wide.
void d1_depth(nn::Chapter& chapter)
{
  const rowvec x = arma::linspace<rowvec>(-1, 1, 101);
  chapter.result("d1_depth.wide_error", arma::abs(relu(x) + relu(-x) - abs(x)).max());
  double moving = 0, turning = 0;
  for (int network = 0; network < 1000; ++network) {
    mat a = x;
    for (int l = 0; l < 10; ++l) a = relu(arma::randn() * a + arma::randu());
    const vec steps = arma::diff(vectorise(a));
    moving += steps.min() < 0 || steps.max() > 0;
    turning += steps.min() < 0 && steps.max() > 0;
  }
  chapter.result("d1_depth.deep_moving", moving);
  chapter.result("d1_depth.deep_turning", turning);
}

// How the second layer's output moves with the first layer's weights.
void d1_second_layer(nn::Chapter& chapter)
{
  const mat W1(3, 3, arma::fill::randn), W2(3, 3, arma::fill::randn);
  const vec x = {1, -1, 2};
  const auto printed = [&](const mat&) { return arma::accu(sigmoid(W2 * x)); };
  const auto right = [&](const mat& W) { return arma::accu(sigmoid(W2 * sigmoid(W * x))); };
  chapter.result("d1_second_layer.printed", arma::norm(nn::numerical_gradient(printed, W1), "fro"));
  chapter.result("d1_second_layer.right", arma::norm(nn::numerical_gradient(right, W1), "fro"));
}

void d1_bias(nn::Chapter& chapter)
{
  const nn::Network<mat> network({6, 4, 1}, nn::Activation::sigmoid);
  double weights = 0;
  for (const auto& layer : network.layers) weights += static_cast<double>(layer.W.n_elem);
  chapter.result("d1_bias.printed", weights);
  chapter.result("d1_bias.right", static_cast<double>(network.parameters()));
}

void d1_epoch(nn::Chapter& chapter)
{
  for (const arma::uword size : {1, 32, 333}) {
    chapter.result(fmt::format("d1_epoch.batch_{}", size),
                   static_cast<double>(nn::batches(333, size).size()));
  }
}

// One step of descent on the L1 penalty alone, λ/2m = 0.1, against the printed sum.
void d1_penalty(nn::Chapter& chapter)
{
  const vec w = {2, -1, 0};
  const vec printed = w + 0.1 * arma::accu(abs(w)), right = w - 0.1 * sign(w);
  chapter.result("d1_penalty.before", arma::accu(abs(w)));
  chapter.result("d1_penalty.printed", arma::accu(abs(printed)));
  chapter.result("d1_penalty.right", arma::accu(abs(right)));
  chapter.result("d1_penalty.printed_zero", printed(2));
  chapter.result("d1_penalty.right_zero", right(2));
}

// How many of 16 units remain, the mean over ten thousand masks.
double remaining(double p) { return arma::accu(mat(16, 10000, arma::fill::randu) >= p) / 10000.0; }

void d1_quarter(nn::Chapter& chapter)
{
  chapter.result("d1_quarter.half", remaining(0.5));
  chapter.result("d1_quarter.quarter", remaining(0.25));
}

// Ten batches, p = 0.5, on weights and on activations that are all 1.
void d1_mask(nn::Chapter& chapter)
{
  vec printed(16, arma::fill::ones), weights(16, arma::fill::ones);
  double active = 0;
  for (int batch = 0; batch < 10; ++batch) {
    const vec r = nn::where<mat>(vec(16, arma::fill::randu) >= 0.5, 1, 0);
    printed %= r;
    active += arma::accu(r % weights) / 10;
  }
  chapter.result("d1_mask.printed_weights", arma::accu(printed));
  chapter.result("d1_mask.right_weights", arma::accu(weights));
  chapter.result("d1_mask.right_active", active);
}

// --- D2 ------------------------------------------------------------------------------------------

void d2_argmin(nn::Chapter& chapter)
{
  const auto L = [](const vec& w) { return vec(square(w - 3) + 2); };
  const vec w = arma::linspace(0, 5, 501), printed = {L(w).min()}, right = {w(L(w).index_min())};
  chapter.result("d2_argmin.printed", printed(0));
  chapter.result("d2_argmin.right", right(0));
  chapter.result("d2_argmin.cost_of_printed", L(printed)(0));
  chapter.result("d2_argmin.cost_of_right", L(right)(0));
}

void d2_bias(nn::Chapter& chapter)
{
  nn::Network<mat> network({3, 4, 1}, nn::Activation::sigmoid);
  const mat x = three_inputs.col(1), y = xor_y.col(1);
  const mat delta = nn::sigmoid_cross_entropy(network.forward(x), y).dA;
  const auto loss = [&](const mat& b) {
    network.layers[1].b = b;
    return nn::sigmoid_cross_entropy(network.forward(x), y).J;
  };
  const mat numerical = nn::numerical_gradient(loss, network.layers[1].b);
  chapter.result("d2_bias.numerical", numerical(0));
  chapter.result("d2_bias.delta", delta(0));
}

// --- D3 ------------------------------------------------------------------------------------------

// The neuron of AND, fed with two ones.
void d3_neuron(nn::Chapter& chapter)
{
  const vec x = {1, 1}, w = {1, 1};
  const double b = -1.5;
  const auto f = [](const mat& a) { return nn::where<mat>(a >= 0, 1, -1); };
  chapter.result("d3_neuron.printed", arma::accu(f(x % w + b)));
  chapter.result("d3_neuron.right", f(x.t() * w + b)(0));
}

// How many of the four records a neuron answers when its weights are zero.
void d3_step(nn::Chapter& chapter)
{
  const mat a = mat(1, 3) * three_inputs;
  chapter.result("d3_step.net_input", arma::abs(a).max());
  chapter.result("d3_step.printed", static_cast<double>(arma::accu(a > 0) + arma::accu(a < 0)));
  chapter.result("d3_step.right", static_cast<double>(arma::accu(a >= 0) + arma::accu(a < 0)));
}

// One output k of three hidden units; what is printed sums over another letter, so the same term is added h
// times.
void d3_indices(nn::Chapter& chapter)
{
  const vec h = {0.2, 0.5, 0.9}, omega = {1, -2, 3};  // ω_jk for this k
  for (arma::uword j = 0; j < 3; ++j) {
    double sum = 0;
    for (int i = 0; i < 3; ++i) sum += omega(j) * h(j);
    chapter.result(fmt::format("d3_indices.printed_{}", j + 1), sigmoid(vec{sum})(0));
  }
  chapter.result("d3_indices.right", sigmoid(omega.t() * h)(0));
}

// Three inputs, four hidden units, two outputs, η = 1. Row k of W2 holds ω_jk, row j of W1 holds ω_ij.
void d3_step6(nn::Chapter& chapter)
{
  const mat W1(4, 3, arma::fill::randn), W2(2, 4, arma::fill::randn);
  const vec x = {1, 0.5, -1}, d = {0, 1};
  const auto E = [&](const mat& W) { return arma::accu(square(d - sigmoid(W2 * sigmoid(W * x)))) / 2; };
  const vec h = sigmoid(W1 * x), y = sigmoid(W2 * h), delta = (d - y) % y % (1 - y);
  const auto increment = [&](const mat& back) { return mat((h % (1 - h) * x.t()) % back); };
  const mat printed = increment(arma::repmat(delta.t() * W1.rows(0, 1), 4, 1));  // Σ_j δ_j ω_ij, j to m = 2
  const mat after = increment(arma::repmat((W2 + delta * h.t()).t() * delta, 1, 3));
  const mat before = increment(arma::repmat(W2.t() * delta, 1, 3));
  const mat downhill = -nn::numerical_gradient(E, W1);
  chapter.result("d3_step6.printed", nn::relative_error(printed, downhill));
  chapter.result("d3_step6.after", nn::relative_error(after, downhill));
  chapter.result("d3_step6.before", nn::relative_error(before, downhill));
}

// A neuron sin(ωx), all samples in every step, from two starts.
void d3_convex(nn::Chapter& chapter)
{
  const rowvec x = arma::linspace<rowvec>(0.1, 3, 30), y = arma::sin(x);
  for (const auto& [key, start] : {std::pair{"one", 0.5}, {"other", 4.5}}) {
    double w = start;
    const auto gradient = [&] { return arma::mean((arma::sin(w * x) - y) % arma::cos(w * x) % x); };
    for (int k = 0; k < 5000; ++k) w -= 0.1 * gradient();
    chapter.result(fmt::format("d3_convex.{}", key), w);
    chapter.result(fmt::format("d3_convex.{}_gradient", key), std::abs(gradient()));
    chapter.result(fmt::format("d3_convex.{}_cost", key), arma::mean(square(arma::sin(w * x) - y)) / 2);
  }
}

void d3_loss(nn::Chapter& chapter)
{
  const mat Z = {{-2, 1, 0.5, 3}};
  vec each(4);
  for (arma::uword i = 0; i < 4; ++i) each(i) = nn::sigmoid_cross_entropy<mat>(Z.col(i), xor_y.col(i)).J;
  chapter.result("d3_loss.smallest", each.min());
  chapter.result("d3_loss.largest", each.max());
  chapter.result("d3_loss.mean", arma::mean(each));
  chapter.result("d3_loss.returned", nn::sigmoid_cross_entropy(Z, xor_y).J);
}

// --- D4 ------------------------------------------------------------------------------------------

// The example of D4, the points (1, 1), (2, 2) and (3, 3), from ten random starts.
void d4_global(nn::Chapter& chapter)
{
  const mat X = {{1, 1, 1}, {1, 2, 3}}, y = {{1, 2, 3}};
  mat ends(2, 10);
  for (arma::uword start = 0; start < 10; ++start) {
    vec theta(2, arma::fill::randn);
    for (int k = 0; k < 5000; ++k) theta -= 0.1 * X * (theta.t() * X - y).t() / 3;
    ends.col(start) = theta;
  }
  chapter.result("d4_global.farthest", arma::abs(ends.each_col() - vec{0, 1}).max());
  chapter.result("d4_global.eigenvalue", arma::eig_sym(X * X.t() / 3).min());
}

// f(θ) = θ² − θ³ at 0; and how many of ten thousand random curvatures point up in every direction.
void d4_local(nn::Chapter& chapter)
{
  const auto df = [](double theta) { return 2 * theta - 3 * theta * theta; };
  const double h = 1e-3;
  chapter.result("d4_local.slope", df(0));
  chapter.result("d4_local.curvature", (df(h) - df(-h)) / (2 * h));
  chapter.result("d4_local.curvature_of_derivative", (df(h) - 2 * df(0) + df(-h)) / (h * h));
  for (const arma::uword n : {2, 5}) {
    double minima = 0;
    for (int k = 0; k < 10000; ++k) {
      const mat A(n, n, arma::fill::randn);
      minima += arma::eig_sym(A + A.t()).min() > 0;
    }
    chapter.result(fmt::format("d4_local.minima_{}", n), minima);
  }
}

void d4_small(nn::Chapter& chapter)
{
  chapter.result("d4_small.far_below", slope(-10));
  chapter.result("d4_small.near", slope(0.001));
  chapter.result("d4_small.far_above", slope(10));
}

// What is left of a signal after layers of 100 tanh units, with weights of this scale.
double spread(int layers, double scale)
{
  mat A(100, 50, arma::fill::randn);
  for (int l = 0; l < layers; ++l) A = tanh(scale * mat(100, 100, arma::fill::randn) * A);
  return arma::stddev(vectorise(A));
}

void d4_scale(nn::Chapter& chapter)
{
  chapter.result("d4_scale.printed", spread(20, 1.0 / 20));
  chapter.result("d4_scale.right", spread(20, 1 / std::sqrt(100)));
}

void d4_bce(nn::Chapter& chapter)
{
  const vec y = {1, 0, 1, 1}, y_hat = {0.9, 0.2, 0.7, 0.6};
  const vec each = -y % log(y_hat) - (1 - y) % log(1 - y_hat);
  chapter.result("d4_bce.right", arma::mean(each));
  chapter.result("d4_bce.twice", arma::accu(each / 4) / 4);
  chapter.result("d4_bce.ratio", arma::mean(each) / (arma::accu(each / 4) / 4));
}

// Three inputs, four hidden sigmoids, one output, one record. The slope of the loss at the hidden net inputs.
void d4_transpose(nn::Chapter& chapter)
{
  const mat W2 = {{1, -2, 0.5, 1.5}}, y(1, 1, arma::fill::ones);
  const vec z1 = {0.5, -1, 2, 0}, a1 = sigmoid(z1);
  const auto loss = [&](const mat& z) { return nn::sigmoid_cross_entropy<mat>(W2 * sigmoid(z), y).J; };
  const mat delta2 = sigmoid(W2 * a1) - y;
  const mat printed = delta2 * W2 * (a1 % (1 - a1)), right = (W2.t() * delta2) % a1 % (1 - a1);
  chapter.result("d4_transpose.printed", arma::as_scalar(printed));
  for (arma::uword j = 0; j < 4; ++j) chapter.result(fmt::format("d4_transpose.right_{}", j + 1), right(j));
  chapter.result("d4_transpose.error", nn::relative_error(right, nn::numerical_gradient(loss, z1)));
}

// ∂L/∂z at z = 2 for the target 0, of the cross-entropy and of the squared error ½(ŷ − y)².
void d4_matching(nn::Chapter& chapter)
{
  const auto cross_entropy = [](const mat& z) { return -log(1 - sigmoid(z)).eval()(0); };
  const auto squared = [](const mat& z) { return square(sigmoid(z)).eval()(0) / 2; };
  chapter.result("d4_matching.printed", sigmoid(mat{2.0})(0));
  chapter.result("d4_matching.cross_entropy", nn::numerical_gradient(cross_entropy, mat{2.0})(0));
  chapter.result("d4_matching.squared", nn::numerical_gradient(squared, mat{2.0})(0));
}

void d4_backprop(nn::Chapter& chapter)
{
  nn::Network<mat> network({3, 4, 1}, nn::Activation::sigmoid);
  const auto cost = [&] { return nn::sigmoid_cross_entropy(network.forward(three_inputs), xor_y); };
  const nn::Cost<mat> before = cost();
  network.backward(three_inputs, before.dA);
  const nn::Dense<mat>& first = network.layers[0];
  chapter.result("d4_backprop.activations", static_cast<double>(first.A.n_elem));
  chapter.result("d4_backprop.weights", static_cast<double>(first.W.n_elem));
  chapter.result("d4_backprop.gradient", static_cast<double>(first.dW.n_elem));
  nn::Sgd<mat>(1).step(network);
  chapter.result("d4_backprop.before", before.J);
  chapter.result("d4_backprop.after", cost().J);
}

}  // namespace

int main(int argc, char** argv)
{
  const auto story = [](nn::Chapter& chapter) {
    for (const auto slip : {d0_perceptron,
                            d0_likelihood,
                            d0_softmax_probability,
                            d0_softmax_transpose,
                            d0_softmax_cost,
                            d0_neuron,
                            d0_hidden_layers,
                            d0_approximation,
                            d1_linear,
                            d1_depth,
                            d1_second_layer,
                            d1_bias,
                            d1_epoch,
                            d1_penalty,
                            d1_quarter,
                            d1_mask,
                            d2_argmin,
                            d2_bias,
                            d3_neuron,
                            d3_step,
                            d3_indices,
                            d3_step6,
                            d3_convex,
                            d3_loss,
                            d4_global,
                            d4_local,
                            d4_small,
                            d4_scale,
                            d4_bce,
                            d4_transpose,
                            d4_matching,
                            d4_backprop}) {
      slip(chapter);
    }
  };
  return nn::run_chapter("errata", "The numbers of the errata page", argc, argv, story);
}
