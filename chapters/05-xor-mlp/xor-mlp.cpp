/// # XOR and the multilayer perceptron
///
/// A hidden layer moves the points until a line can part them, and backpropagation tells every weight its share of
/// the error.
///
/// At the end of this chapter you can feed one sample and a matrix of samples through a network, derive the gradient
/// of every weight with the chain rule, write backpropagation by hand and prove it right, say what it saves, and
/// train networks with any number of layers.
///
/// ## Builds on
///
/// Chapter 01: descent, momentum, and the numerical derivative. Chapter 02: XOR, and two lines combined. Chapter 03:
/// the sigmoid, its slope, and cross-entropy. Chapter 04: softmax and one-hot labels.

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/digits.hpp"
#include "nn/divergence.hpp"
#include "nn/gradient_check.hpp"
#include "nn/matrix.hpp"
#include "nn/on_device.hpp"
#include "nn/progress.hpp"
#include "nn/sampling.hpp"
#include "nn/stopwatch.hpp"
#include "nn/training.hpp"

namespace {

using arma::mat;
using arma::vec;

/// ## The question
///
/// *Either, but not both*: XOR is 1 when its two inputs differ. Here are its four samples (*registros*) as the
/// columns of a matrix. The documents give each sample a third input that is always 1, the constant of chapter 01.
const mat xor_X = {{0, 0, 1, 1},   // x₁
                   {0, 1, 0, 1},   // x₂
                   {1, 1, 1, 1}};  // 3×4, always 1
const mat xor_y = {{0, 1, 1, 0}};  // 1×4

/// The easy answer is the neuron of chapter 03, and no weights make it right. Suppose there were some. The two
/// samples with answer 1 need a positive net input, the other two a negative one. But \f$z\f$ is a sum, so
/// \f[ z(0, 1) + z(1, 0) = z(0, 0) + z(1, 1) \f]
/// because each side holds \f$\theta_1\f$ once, \f$\theta_2\f$ once and the constant's weight twice. The left side
/// would be positive and the right one negative. The cost of one neuron is a bowl (chapter 03), and at \f$\theta =
/// 0\f$ the errors cancel in every row of \f$X\f$. So the floor of the bowl is to answer ½ to everything, which costs
/// \f$\log 2 \approx 0.693\f$.
///
/// In the sigmoid we may write (3.1) as it stands. Where \f$e^{-z}\f$ overflows to infinity, 1 divided by infinity is
/// the right 0.
template <nn::Matrix Mat>
Mat sigmoid(const Mat& Z)  // any shape → same shape
{
  return 1 / (1 + exp(-Z));  // (3.1)
}

void one_neuron(nn::Chapter& chapter)
{
  chapter.experiment("one-neuron", "One neuron on XOR, 5000 steps");
  mat theta(3, 1, arma::fill::randn);
  for (int k = 0; k < 5000; ++k) {
    theta -= 0.5 * xor_X * (sigmoid<mat>(theta.t() * xor_X) - xor_y).t() / 4;  // (3.10)
  }
  const mat h = sigmoid<mat>(theta.t() * xor_X);
  chapter.say("answers {:.3f} {:.3f} {:.3f} {:.3f}, expected 0 1 1 0", h(0), h(1), h(2),
              h(3));
  chapter.result("one_neuron.farthest_from_half", arma::abs(h - 0.5).max());
}

/// ## The model: a layer that moves the points
///
/// If no line fits the points, move the points. Let \f$\varphi\f$ be a function that takes every \f$x\f$ somewhere
/// else, and give the neuron \f$\varphi(x)\f$ to look at. Chapter 02 did it by hand: it answered OR and NAND first,
/// and AND could read the result. Here \f$\varphi\f$ is a row of neurons whose weights are learnt. They stand between
/// input and answer, so they are called a **hidden layer** (*capa oculta*), and the whole a **multilayer perceptron**
/// (*perceptrón multicapa*, MLP). The documents' network for XOR has three inputs, four hidden sigmoids and one
/// sigmoid that answers.
///
/// ![The network for XOR: every hidden neuron sees every input, the last one sees the hidden ones. Each arrow is a
/// weight, each neuron has a bias.](network.svg)
///
/// The constant input and the biases of the hidden units do the same job, so one of them would do. The documents have
/// both, and we keep both: a column of the gradient will turn out twice.
///
/// Unit \f$j\f$ of a layer weighs what it is given, adds its **bias** (*sesgo*) \f$b_j\f$, and squashes the sum:
/// \f[ z_j = \sum_{i} w_{ji} \, x_i + b_j, \qquad a_j = \sigma(z_j) \tag{5.1} \f]
/// \f$z\f$ is its net input, \f$a\f$ its activation. To go from the inputs to the answer is called **feed-forward**
/// (*propagación hacia adelante*). For one sample, a layer is two loops:
vec layer_by_loops(const mat& W, const mat& b, const vec& x)  // h×n, h×1, n×1 → h×1
{
  vec a(W.n_rows);
  for (arma::uword j = 0; j < W.n_rows; ++j) {
    double z = b(j);
    for (arma::uword i = 0; i < W.n_cols; ++i) z += W(j, i) * x(i);
    a(j) = 1 / (1 + std::exp(-z));  // (5.1)
  }
  return a;
}

/// Row \f$j\f$ of \f$W\f$ holds the weights of unit \f$j\f$, so the inner loop is a row times a column, and the loops
/// over units, inputs and samples are one matrix product for each layer. The bias is added to every column:
/// \f[ \begin{aligned} Z_1 &= W_1 X + b_1, & A_1 &= \sigma(Z_1) \\ Z_2 &= W_2 A_1 + b_2, & \hat Y = A_2 &= \sigma(Z_2) \end{aligned} \tag{5.2} \f]
/// On the way we keep what the way back will need.
template <nn::Matrix Mat>
struct TwoLayers {
  Mat W1, b1;  // h×n, h×1
  Mat W2, b2;  // k×h, k×1
};

template <nn::Matrix Mat>
struct Passed {
  Mat A1, Z2, A2;  // h×m, k×m, k×m
};

template <nn::Matrix Mat>
Passed<Mat> feed_forward(const TwoLayers<Mat>& net, const Mat& X)  // n×m
{
  nn::require_shape("X", X, net.W1.n_cols, X.n_cols);
  const Mat Z1 = net.W1 * X;
  const Mat A1 = sigmoid<Mat>(Z1.each_col() + net.b1.col(0));
  const Mat sums = net.W2 * A1;
  const Mat Z2 = sums.each_col() + net.b2.col(0);
  return {A1, Z2, sigmoid(Z2)};  // (5.2)
}

/// The start is random, for a reason that gets its own experiment below. The scale is a normal distribution's
/// standard deviation.
TwoLayers<mat> random_network(arma::uword n, arma::uword h, arma::uword k, double scale = 1)
{
  const auto random = [&](arma::uword rows, arma::uword columns) {
    return mat(scale * mat(rows, columns, arma::fill::randn));
  };
  return {random(h, n), random(h, 1), random(k, h), random(k, 1)};
}

void loops_and_matrices(nn::Chapter& chapter)
{
  chapter.experiment("feed-forward",
                     "The four samples one by one in loops, and all at once");
  const TwoLayers<mat> net = random_network(3, 4, 1);
  const mat A2 = feed_forward(net, xor_X).A2;
  double apart = 0;
  for (arma::uword i = 0; i < 4; ++i) {
    const vec a1 = layer_by_loops(net.W1, net.b1, xor_X.col(i));
    const vec a2 = layer_by_loops(net.W2, net.b2, a1);
    chapter.say("sample ({:.0f}, {:.0f}, 1): {:.6f} in loops, {:.6f} in the matrix",
                xor_X(0, i), xor_X(1, i), a2(0), A2(i));
    apart = std::max(apart, std::abs(a2(0) - A2(i)));
  }
  chapter.result("feed_forward.apart", apart);
}

/// ### Other activation functions
///
/// The squashing matters. Without it two layers are one: \f$W_2 (W_1 x + b_1) + b_2\f$ is again a matrix times
/// \f$x\f$ plus a bias, and we are back at the line. (One of our slides forgets to say this; see the \ref
/// errata-d1-linear "errata".) But it need not be the sigmoid. The **ReLU** (*unidad lineal rectificada*), \f$\max(0,
/// z)\f$, is cheaper and keeps slope 1 however large \f$z\f$ gets; the **leaky** ReLU keeps a small slope on the
/// other side as well. All these slopes can be computed from the activation itself, so that the way back needs
/// nothing but what the way forward has left:
///
/// | function | \f$a = g(z)\f$ | slope \f$g'(z)\f$, from \f$a\f$ |
/// |:--|:--|:--|
/// | sigmoid | \f$1 / (1 + e^{-z})\f$ | \f$a (1 - a)\f$ |
/// | tanh | \f$(e^z - e^{-z}) / (e^z + e^{-z})\f$ | \f$1 - a^2\f$ |
/// | ReLU | \f$\max(0, z)\f$ | 1 if \f$a > 0\f$, else 0 |
/// | leaky ReLU | \f$\max(0.01 z, z)\f$ | 1 if \f$a > 0\f$, else 0.01 |
/// | step | 1 if \f$z \ge 0\f$, else 0 | 0 |
///
/// At \f$z = 0\f$ the two ReLUs have a corner and no slope. We take the one on the left; a net input meets that point
/// so seldom that it doesn't matter. The figure draws the five functions and, beside them, their slopes.
struct ActivationFunction {
  const char* name;
  mat (*g)(const mat& Z);
  mat (*slope)(const mat& A);
};

const std::vector<ActivationFunction> functions = {
    {"sigmoid", [](const mat& Z) { return sigmoid(Z); },
     [](const mat& A) { return mat(A % (1 - A)); }},
    {"tanh", [](const mat& Z) { return mat(tanh(Z)); },
     [](const mat& A) { return mat(1 - square(A)); }},
    {"ReLU", [](const mat& Z) { return mat(arma::clamp(Z, 0, arma::datum::inf)); },
     [](const mat& A) { return nn::where<mat>(A > 0, 1, 0); }},
    {"leaky ReLU", [](const mat& Z) { return mat(arma::max(0.01 * Z, Z)); },
     [](const mat& A) { return nn::where<mat>(A > 0, 1, 0.01); }},
    {"step", [](const mat& Z) { return nn::where<mat>(Z >= 0, 1, 0); },
     [](const mat& A) { return mat(0 * A); }}};

void draw_activations(nn::Chapter& chapter)
{
  chapter.experiment("activations", "Slopes from the activation, against differences");
  const mat Z = arma::regspace<arma::rowvec>(-3.99, 0.02, 4);  // no point on a corner
  nn::Figure figure("Activation functions", "z", "a = g(z)");
  for (const auto& [name, g, slope] : functions) figure.line(Z.t(), g(Z).t(), name);
  figure.range_y(-1.2, 2.2);
  figure.panel("Their slopes", "z", "g′(z)");
  double worst = 0;
  for (const auto& [name, g, slope] : functions) {
    figure.line(Z.t(), slope(g(Z)).t(), name);
    const mat numerical = (g(Z + 1e-5) - g(Z - 1e-5)) / 2e-5;
    worst = std::max(worst, arma::abs(slope(g(Z)) - numerical).max());
  }
  figure.range_y(-0.1, 1.2);
  chapter.say("largest difference of the five: {:.0e}", worst);
  chapter.result("activations.numerical_error", worst);
  chapter.draw(figure, "activations");
}

/// ![Sigmoid and tanh go flat on both sides, and the sigmoid's slope never exceeds a quarter. ReLU and leaky ReLU
/// differ by a slope of 0.01, too little to see here. The step is flat except where it jumps, so no error can be sent
/// back through it: chapter 02 had to set the weights of its first layer by hand.](activations.svg)
///
/// ### How many parameters?
///
/// A layer of \f$h\f$ units with \f$n\f$ inputs has \f$h n\f$ weights and \f$h\f$ biases. Over the layers with
/// \f$n_0\f$ inputs and then \f$n_1, n_2, \dots\f$ units:
/// \f[ D = \sum_{l=1}^{L} n_l \, (n_{l-1} + 1) \tag{5.3} \f]
int parameters(const std::vector<int>& sizes)  // inputs, then the units of each layer
{
  int D = 0;
  for (std::size_t l = 1; l < sizes.size(); ++l)
    D += sizes[l] * (sizes[l - 1] + 1);  // (5.3)
  return D;
}

void count_parameters(nn::Chapter& chapter)
{
  chapter.experiment("parameters",
                     "Six inputs, no to three hidden layers of four, one output");
  for (const std::vector<int>& sizes :
       {std::vector{6, 1}, {6, 4, 1}, {6, 4, 4, 1}, {6, 4, 4, 4, 1}}) {
    const auto hidden = sizes.size() - 2;
    chapter.say("{} hidden: {:2} parameters", hidden, parameters(sizes));
    chapter.result(fmt::format("parameters.hidden_{}", hidden), parameters(sizes));
  }
  chapter.say("XOR's network: {} parameters", parameters({3, 4, 1}));
  chapter.result("parameters.xor", parameters({3, 4, 1}));
}

/// ## The cost: four of them
///
/// What an answer costs depends on what it is. The documents name four costs. All of them take the mean over the
/// \f$m\f$ samples, and all but the second over the \f$k\f$ outputs as well.
///
/// - For yes or no: **binary cross-entropy** (*entropía cruzada binaria*, BCE), the cost (3.6).
/// - For one class of \f$K\f$: categorical cross-entropy (CCE), the cost (4.3). A column of \f$\hat Y\f$ is a
///   softmax.
/// - For a quantity: the **mean squared error** (*error cuadrático medio*, MSE), without the ½ of (1.2).
/// - For a quantity whose *ratio* to the truth counts: the **mean squared logarithmic error** (*error cuadrático
///   medio logarítmico*, MSLE). For it 10 % too much is about as bad at 100 as at 1000; the 1 inside the logarithm
///   allows a 0.
///
/// One element of each, and its slope:
/// \f[ L = -y \log \hat y - (1 - y) \log (1 - \hat y), \quad \frac{\partial L}{\partial \hat y} = -\frac{y}{\hat y} + \frac{1 - y}{1 - \hat y} \tag{5.4} \f]
/// \f[ L = -y \log \hat y, \quad \frac{\partial L}{\partial \hat y} = -\frac{y}{\hat y} \tag{5.5} \f]
/// \f[ L = (\hat y - y)^2, \quad \frac{\partial L}{\partial \hat y} = 2 (\hat y - y) \tag{5.6} \f]
/// \f[ L = \left( \log \frac{1 + \hat y}{1 + y} \right)^2, \quad \frac{\partial L}{\partial \hat y} = \frac{2}{1 + \hat y} \log \frac{1 + \hat y}{1 + y} \tag{5.7} \f]
struct Cost {
  const char* key;
  mat (*loss)(const mat& P, const mat& Y);   // outputs and targets, k×m → k×m
  mat (*slope)(const mat& P, const mat& Y);  // k×m
};

const std::vector<Cost> costs = {
    {"BCE",
     [](const mat& P, const mat& Y) { return mat(-Y % log(P) - (1 - Y) % log(1 - P)); },
     [](const mat& P, const mat& Y) { return mat(-Y / P + (1 - Y) / (1 - P)); }},  // (5.4)
    {"CCE", [](const mat& P, const mat& Y) { return mat(-Y % log(P)); },
     [](const mat& P, const mat& Y) { return mat(-Y / P); }},  // (5.5)
    {"MSE", [](const mat& P, const mat& Y) { return mat(square(P - Y)); },
     [](const mat& P, const mat& Y) { return mat(2 * (P - Y)); }},  // (5.6)
    {"MSLE",
     [](const mat& P, const mat& Y) { return mat(square(log(1 + P) - log(1 + Y))); },
     [](const mat& P, const mat& Y) {
       return mat(2 * (log(1 + P) - log(1 + Y)) / (1 + P));  // (5.7)
     }}};

void compare_costs(nn::Chapter& chapter)
{
  chapter.experiment("costs",
                     "What each cost says of the answers 0.7 0.2 0.1 to the truth 1 0 0");
  const mat P = vec{0.7, 0.2, 0.1}, Y = vec{1, 0, 0};
  for (const auto& [key, loss, slope] : costs) {
    const mat numerical = nn::numerical_gradient(
        [&, loss = loss](const mat& Q) { return arma::accu(loss(Q, Y)); }, P);
    const mat exact = slope(P, Y) + 0.0;  // makes a 0 of a −0
    const double J = arma::accu(loss(P, Y)) / (std::string(key) == "CCE" ? 1 : 3);
    const double error = nn::relative_error(exact, numerical);
    chapter.say(
        "{:<5} J {:.4f}   slopes {:7.3f} {:7.3f} {:7.3f}   against differences {:.0e}", key,
        J, exact(0), exact(1), exact(2), error);
    chapter.result(fmt::format("costs.{}", key), J);
    chapter.result(fmt::format("costs.{}_error", key), error);
  }
}

/// The truth is the first of three. CCE doesn't care how the rest is shared among the wrong ones.
///
/// ## The gradient
///
/// ### One weight, link by link
///
/// How does the loss of one sample feel the weight \f$w\f$ that leads from input \f$i\f$ to hidden unit \f$j\f$? The
/// weight moves \f$z_j\f$, that moves \f$a_j\f$, that moves the last net input \f$z\f$, that moves the answer \f$\hat
/// y\f$, and that moves \f$L\f$. The chain rule multiplies the five slopes:
/// \f[ \frac{\partial L}{\partial w_{ji}} = \frac{\partial L}{\partial \hat y} \cdot \frac{\partial \hat y}{\partial z} \cdot \frac{\partial z}{\partial a_j} \cdot \frac{\partial a_j}{\partial z_j} \cdot \frac{\partial z_j}{\partial w_{ji}} \tag{5.8} \f]
/// Each factor is one we know: (5.4), (3.8), the weight between the two neurons, (3.8) again, and the input. We name
/// every one of them, for the second input of the sample (0, 1, 1), and compare the product with a difference.
void one_weight(nn::Chapter& chapter)
{
  chapter.experiment("one-weight", "The chain from one weight to the loss");
  TwoLayers<mat> net = random_network(3, 4, 1);
  const mat x = xor_X.col(1), y = xor_y.col(1);
  const auto [a1, z2, y_hat] = feed_forward(net, x);
  const double dL_dy_hat = -y(0) / y_hat(0) + (1 - y(0)) / (1 - y_hat(0));
  const double dy_hat_dz = y_hat(0) * (1 - y_hat(0));
  const double dz_da = net.W2(0, 0);
  const double da_dz1 = a1(0) * (1 - a1(0));
  const double dz1_dw = x(1);
  const double product = dL_dy_hat * dy_hat_dz * dz_da * da_dz1 * dz1_dw;  // (5.8)
  chapter.say("{:.4f} · {:.4f} · {:.4f} · {:.4f} · {:.0f} = {:.8f}", dL_dy_hat, dy_hat_dz,
              dz_da, da_dz1, dz1_dw, product);
  const auto loss = [&](double w) {
    net.W1(0, 1) = w;
    return -std::log(feed_forward(net, x).A2(0));  // y = 1
  };
  const double w = net.W1(0, 1);
  const double difference = (loss(w + 1e-5) - loss(w - 1e-5)) / 2e-5;
  chapter.say("by difference: {:.8f}", difference);
  chapter.result("one_weight.apart", std::abs(product - difference));
}

/// ### The error of the last layer
///
/// Twenty-one parameters, twenty-one such chains, and they share most of their links. **Backpropagation**
/// (*retropropagación*) computes each link once. What they share is the slope of the loss with respect to a net
/// input, and that gets a name of its own, **delta**:
/// \f[ \delta_l = \frac{\partial L}{\partial z_l} \tag{5.9} \f]
/// For the last layer, with \f$\odot\f$ for the product element by element, delta is the first two links:
/// \f[ \delta_2 = \sigma'(z_2) \odot \frac{\partial L}{\partial \hat y} \tag{5.10} \f]
/// For the sigmoid with binary cross-entropy we have multiplied this out in (3.9), and for softmax with categorical
/// cross-entropy in (4.5). Both times nearly everything cancels:
/// \f[ \delta_2 = \hat y - y \tag{5.11} \f]
/// That is why these two pairs are used together. To see it in numbers we compute the long way too. Every softmax
/// output depends on *every* net input, so there the slope becomes a matrix of slopes, the **Jacobian**
/// (*jacobiana*), and \f$\odot\f$ a matrix product: it is \f$\operatorname{diag}(p) - p p^T\f$.
void last_layer(nn::Chapter& chapter)
{
  chapter.experiment("last-layer", "Delta of the last layer: the long way, and ŷ − y");
  const mat Z(3, 5, arma::fill::randn);
  const mat A = sigmoid(Z), yes = nn::where<mat>(mat(3, 5, arma::fill::randn) > 0, 1, 0);
  const mat long_way = A % (1 - A) % costs[0].slope(A, yes);  // (5.10)
  const double sigmoid_apart = arma::abs(long_way - (A - yes)).max();

  const mat E = exp(Z), P = E.each_row() / arma::sum(E, 0);  // (4.1)
  const mat Y = nn::one_hot<mat>({2, 0, 1, 1, 2}, 3);
  double softmax_apart = 0;
  for (arma::uword i = 0; i < 5; ++i) {
    const vec p = P.col(i), y = Y.col(i);
    const mat jacobian = arma::diagmat(p) - p * p.t();  // 3×3
    const vec delta = jacobian * costs[1].slope(p, y);
    softmax_apart = std::max(softmax_apart, arma::abs(delta - (p - y)).max());
  }
  chapter.say("sigmoid with BCE: {:.0e} apart   softmax with CCE: {:.0e} apart",
              sigmoid_apart, softmax_apart);
  chapter.result("last_layer.sigmoid", sigmoid_apart);
  chapter.result("last_layer.softmax", softmax_apart);
}

/// The short way is safer as well: when \f$\hat y\f$ rounds to 0 or 1, the long way divides by zero. For the same
/// reason the cost is taken from the net input, by (3.7); (5.4) would take the logarithm of 0.
///
/// ### Backpropagation, line by line
///
/// A hidden unit touches the loss through every unit that reads it. Each such unit \f$k\f$ adds a chain, and the
/// chains are summed:
/// \f[ \frac{\partial L}{\partial a_j} = \sum_k w_{kj} \, \delta_k \f]
/// The sum runs down column \f$j\f$ of \f$W_2\f$, so for all \f$j\f$ at once it is \f$W_2^T \delta_2\f$: the deltas
/// come back through the same weights, which now lead the other way. Then they pass through the slope of the hidden
/// unit:
/// \f[ \delta_1 = \sigma'(z_1) \odot W_2^T \delta_2 \tag{5.12} \f]
/// And once a layer has its delta, the gradient of its weights is delta times what the layer was given, because
/// \f$\partial z_j / \partial w_{ji}\f$ is just that input; that of a bias is delta alone, since its input is 1:
/// \f[ \frac{\partial L}{\partial W_l} = \delta_l \, a_{l-1}^T, \qquad \frac{\partial L}{\partial b_l} = \delta_l \tag{5.13} \f]
/// One of our documents (I302) lists these steps as its *Algorithm 1*. It calls the net input \f$a\f$ and the
/// activation \f$z\f$, the other way round from the document with the TALLERs and from this course (see \ref
/// two-conventions "Notation"). Here it stands, in its own letters, beside the TALLERs' letters and our program:
///
/// | Algorithm 1 (I302) | in the TALLERs' letters | here | shape |
/// |:--|:--|:--|:--|
/// | \f$z^{(0)} = x_i\f$ | \f$a^{[0]} = x^{(i)}\f$ | `X` | n×m |
/// | \f$a^{(l)} = W^{(l)} z^{(l-1)} + w_0^{(l)}\f$ | \f$z^{[l]} = W^{[l]} a^{[l-1]} + b^{[l]}\f$ | `Z1`, `Z2` | h×m, k×m |
/// | \f$z^{(l)} = h^{(l)}(a^{(l)})\f$ | \f$a^{[l]} = g(z^{[l]})\f$ | `A1`, `A2` | h×m, k×m |
/// | \f$\delta^{(L)} = h'^{(L)}(a^{(L)}) \odot \frac{\partial L_i}{\partial \hat y_i}\f$ | \f$\frac{\partial L}{\partial z^{[2]}} = a^{[2]} - y\f$ | `delta2` | k×m |
/// | \f$\frac{\partial L_i}{\partial W^{(L)}} = \delta^{(L)} z^{(L-1)T}\f$ | \f$\frac{\partial L}{\partial W^{[2]}} = \frac{\partial L}{\partial z^{[2]}} a^{[1]T}\f$ | `dW2` | k×h |
/// | \f$\frac{\partial L_i}{\partial w_0^{(L)}} = \delta^{(L)}\f$ (missing there) | \f$\frac{\partial L}{\partial b^{[2]}} = \frac{\partial L}{\partial z^{[2]}}\f$ | `db2` | k×1 |
/// | \f$\delta^{(l)} = h'^{(l)}(a^{(l)}) \odot W^{(l+1)T} \delta^{(l+1)}\f$ | \f$\frac{\partial L}{\partial z^{[1]}} = g'(z^{[1]}) \odot W^{[2]T} \frac{\partial L}{\partial z^{[2]}}\f$ | `delta1` | h×m |
/// | \f$\frac{\partial L_i}{\partial W^{(l)}} = \delta^{(l)} z^{(l-1)T}\f$ | \f$\frac{\partial L}{\partial W^{[1]}} = \frac{\partial L}{\partial z^{[1]}} a^{[0]T}\f$ | `dW1` | h×n |
/// | \f$\frac{\partial L_i}{\partial w_0^{(l)}} = \delta^{(l)}\f$ | \f$\frac{\partial L}{\partial b^{[1]}} = \frac{\partial L}{\partial z^{[1]}}\f$ | `db1` | h×1 |
///
/// Algorithm 1 takes one sample. With \f$m\f$ samples a delta has \f$m\f$ columns. The product \f$\delta A^T\f$ sums
/// over them by itself; the bias needs a sum over the columns. The cost is a mean over \f$k m\f$ answers (here \f$k =
/// 1\f$), so everything is divided once, in `delta2`, from which all else follows. To divide again in `dW1` is a
/// favourite mistake.
template <nn::Matrix Mat>
TwoLayers<Mat> backprop(const TwoLayers<Mat>& net, const Mat& X, const Mat& Y)  // n×m, k×m
{
  nn::require_shape("Y", Y, net.W2.n_rows, X.n_cols);
  const auto [A1, Z2, A2] = feed_forward(net, X);
  const Mat delta2 = (A2 - Y) / Y.n_elem;                    // (5.11), k×m
  const Mat dW2 = delta2 * A1.t();                           // (5.13), k×h
  const Mat db2 = sum(delta2, 1);                            // (5.13), k×1
  const Mat delta1 = A1 % (1 - A1) % (net.W2.t() * delta2);  // (5.12), h×m
  const Mat dW1 = delta1 * X.t();                            // (5.13), h×n
  const Mat db1 = sum(delta1, 1);                            // (5.13), h×1
  return {dW1, db1, dW2, db2};
}

/// Six lines carry it, and each is easy to get slightly wrong while the network still learns. So each block of
/// parameters is compared with central differences of the cost, one by one; a wrong line shows at once, and in which
/// block. PyTorch computes the second example as well, with round weights, and the course's tests compare all its
/// gradients to nine digits.
double cost(const TwoLayers<mat>& net, const mat& X, const mat& Y)
{
  const mat Z = feed_forward(net, X).Z2;
  return arma::accu((abs(Z) + Z) / 2 - Y % Z + log(1 + exp(-abs(Z)))) / Y.n_elem;  // (3.7)
}

mat numerical(TwoLayers<mat> net, mat TwoLayers<mat>::*block, const mat& X, const mat& Y)
{
  const auto J = [&](const mat& values) {
    net.*block = values;
    return cost(net, X, Y);
  };
  return nn::numerical_gradient(J, net.*block);
}

const std::vector<std::pair<const char*, mat TwoLayers<mat>::*>> blocks = {
    {"W1", &TwoLayers<mat>::W1},
    {"b1", &TwoLayers<mat>::b1},
    {"W2", &TwoLayers<mat>::W2},
    {"b2", &TwoLayers<mat>::b2}};

void check_gradient(nn::Chapter& chapter)
{
  chapter.experiment("gradient-check",
                     "Backpropagation against differences, block by block");
  const TwoLayers<mat> net = random_network(3, 4, 1);
  const TwoLayers<mat> gradient = backprop(net, xor_X, xor_y);
  for (const auto& [name, block] : blocks) {
    const double error =
        nn::relative_error(gradient.*block, numerical(net, block, xor_X, xor_y));
    chapter.say("d{}: relative error {:.0e}", name, error);
    chapter.result(fmt::format("gradient.{}", name), error);
  }
  const TwoLayers<mat> round = {
      {{0.5, -0.25, 0.75}, {-1, 0.5, 0.25}, {0.125, 1, -0.5}, {1, 1, -1}},
      vec{0.1, -0.2, 0.3, -0.4},
      {{1, -0.5, 0.25, -1.5}},
      mat{0.6}};
  const auto [A1, Z2, A2] = feed_forward(round, xor_X);
  const TwoLayers<mat> d = backprop(round, xor_X, xor_y);
  chapter.say("with round weights: J = {:.9f}", cost(round, xor_X, xor_y));
  chapter.result("reference.J", cost(round, xor_X, xor_y));
  chapter.result("reference.A1", A1);
  chapter.result("reference.A2", A2);
  for (const auto& [name, block] : blocks)
    chapter.result(fmt::format("reference.d{}", name), d.*block);
}

/// All four lie far below \f$10^{-7}\f$, and what is left is rounding.
///
/// ### A diagonal matrix is a waste
///
/// I302 derives (5.12) with a diagonal matrix, \f$\operatorname{diag}(\sigma'(z_1))\, W_2^T \delta_2\f$, and then
/// notes that there is a cheaper way to the same numbers:
/// \f[ \operatorname{diag}(a) \, b = a \odot b \tag{5.14} \f]
/// The left side multiplies \f$h^2\f$ numbers, nearly all of them zeros; the right side \f$h\f$. How much is that?
/// We let each run twenty times, and the fastest counts.
void diagonal(nn::Chapter& chapter)
{
  chapter.experiment("diagonal", "diag(a)·b and a ⊙ b, microseconds");
  double apart = 0;
  chapter.say("{:>6} {:>10} {:>10}", "h", "diag(a)·b", "a ⊙ b");
  for (const arma::uword h : {400, 1600}) {
    const vec a(h, arma::fill::randn), b(h, arma::fill::randn);
    const mat full = arma::diagmat(a);  // the full matrix, zeros and all
    vec slow(h), fast(h);
    const double by_matrix = nn::fastest([&] { slow = full * b; }, 20);
    const double by_element = nn::fastest([&] { fast = a % b; }, 20);
    chapter.say("{:6} {:10.2f} {:10.2f}", h, 1e6 * by_matrix, 1e6 * by_element);
    apart = std::max(apart, arma::abs(slow - fast).max());  // (5.14)
  }
  chapter.result("diagonal.apart", apart);
}

/// Four times the units cost about four times as much on the right. On the left it is sixteen times the products, and
/// more where the matrix no longer fits the cache.
///
/// ### One sample at a time
///
/// Another of our documents gives backpropagation as a recipe, for one sample at a time and the squared error \f$E =
/// \tfrac12 \lVert d - y \rVert^2\f$, where \f$d\f$ is the desired output and \f$y\f$ the network's. There are no
/// biases; for the hidden layer the constant input does the job. \f$\omega_{ij}\f$ leads from input \f$i\f$ to hidden
/// unit \f$j\f$, and \f$\omega_{jk}\f$ on to output \f$k\f$. The six steps, with the sixth as it should read (the
/// \ref errata-d3-step6 "errata" have what is printed):
///
/// 1. The hidden outputs: \f$h_j = f\left(\sum_i \omega_{ij} x_i\right)\f$.
/// 2. The outputs: \f$y_k = f\left(\sum_j \omega_{jk} h_j\right)\f$.
/// 3. The error of each output: \f$\delta_k = (d_k - y_k) \, y_k (1 - y_k)\f$.
/// 4. The increment of the output's weights: \f$\Delta\omega_{jk} = \eta \, \delta_k h_j\f$.
/// 5. Their update: \f$\omega_{jk} \leftarrow \omega_{jk} + \Delta\omega_{jk}\f$.
/// 6. The increment of the hidden weights, with \f$\omega_{jk}\f$ *from before step 5*, and their update:
/// \f[ \Delta\omega_{ij} = \eta \, h_j (1 - h_j) \, x_i \sum_k \delta_k \, \omega_{jk}, \qquad \omega_{ij} \leftarrow \omega_{ij} + \Delta\omega_{ij} \tag{5.15} \f]
///
/// This delta has the other sign, since it is added. The order matters: step 6 asks how the hidden units made *this*
/// error, and they made it through the old weights. So both increments are taken from the old weights, and then both
/// are added. The flag lets us do it wrongly too.
TwoLayers<mat> increments(const TwoLayers<mat>& net, const vec& x, const vec& d, double eta,
                          bool right)
{
  const vec h = sigmoid<mat>(net.W1 * x);        // 1
  const vec y = sigmoid<mat>(net.W2 * h);        // 2
  const vec delta_k = (d - y) % y % (1 - y);     // 3
  const mat dW2 = eta * delta_k * h.t();         // 4
  const mat W2 = right ? net.W2 : net.W2 + dW2;  // wrong: as step 5 leaves them
  const vec delta_j = h % (1 - h) % (W2.t() * delta_k);
  return {eta * delta_j * x.t(), {}, dW2, {}};  // 6, (5.15)
}

/// If each sample starts from the same weights, the increments of the four add up to \f$-\eta\f$ times the gradient
/// of the sum of the errors, since the gradient of a sum is the sum of the gradients. In training each sample starts
/// where the one before has stopped. That is stochastic descent, with mini-batches of one.
void six_steps(nn::Chapter& chapter)
{
  chapter.experiment("six-steps",
                     "Increments of the hidden weights against differences, η = 1");
  TwoLayers<mat> net = random_network(3, 4, 1);
  net.b1.zeros();
  net.b2.zeros();
  for (const bool right : {true, false}) {
    TwoLayers<mat> total = {mat(4, 3), {}, mat(1, 4), {}};
    for (arma::uword i = 0; i < 4; ++i) {  // every sample from the same weights
      const auto [dW1, b1, dW2, b2] = increments(net, xor_X.col(i), xor_y.col(i), 1, right);
      total.W1 += dW1;
      total.W2 += dW2;
    }
    chapter.say("with the weights {} the update:", right ? "before" : "after");
    for (const auto& [name, block] : {blocks[0], blocks[2]}) {
      TwoLayers<mat> moved = net;
      const auto E = [&, block = block](const mat& W) {
        moved.*block = W;
        return 0.5 * arma::accu(square(xor_y - feed_forward(moved, xor_X).A2));
      };
      const double error =
          nn::relative_error(total.*block, -nn::numerical_gradient(E, net.*block));
      chapter.say("  {} relative error {:.0e}", name, error);
      chapter.result(fmt::format("six_steps.{}_{}", right ? "before" : "after", name),
                     error);
    }
  }
}

/// With the old weights `W1` agrees with the difference to {{six_steps.before_W1|%.0e}}; with the new ones it is off
/// by {{six_steps.after_W1|%.2f}}.
///
/// ### Why not differences all the time?
///
/// Central differences are right, need no derivation, and one function serves every network. They pay for it. With
/// \f$D\f$ parameters they need \f$2D\f$ forward passes, and a forward pass itself costs about \f$D\f$
/// multiplications for each sample: \f$O(D^2)\f$. Backpropagation costs at most about three forward passes,
/// \f$O(D)\f$. Each weight is used once forward, once for its own gradient, and once to send the delta back. We
/// measure both on 64 samples with 20 features while the hidden layer grows. On the logarithmic axes of the figure a
/// power of \f$D\f$ is a straight line, and its steepness is the exponent.
void growth(nn::Chapter& chapter)
{
  chapter.experiment("growth", "Milliseconds for one gradient");
  std::vector<int> widths = {8, 16, 32, 64, 128};
  if (chapter.options().quick) widths.resize(4);
  const mat X(20, 64, arma::fill::randn), Y = nn::where<mat>(X.row(0) > 0, 1, 0);
  std::vector<double> D, by_difference, by_backprop;
  nn::Progress progress("widths", widths.size());
  chapter.say("{:>6} {:>14} {:>16}", "D", "differences", "backpropagation");
  for (const int h : widths) {
    const TwoLayers<mat> net = random_network(20, static_cast<arma::uword>(h), 1);
    const auto all_blocks = [&] {
      for (const auto& [name, block] : blocks) numerical(net, block, X, Y);
    };
    D.push_back(parameters({20, h, 1}));
    by_difference.push_back(1000 * nn::fastest(all_blocks, 3));
    by_backprop.push_back(1000 * nn::fastest([&] { backprop(net, X, Y); }, 20));
    chapter.say("{:6} {:14.2f} {:16.4f}", D.back(), by_difference.back(),
                by_backprop.back());
    progress.tick();
  }
  const auto exponent = [&](const std::vector<double>& t) {
    return std::log(t.back() / t.front()) / std::log(D.back() / D.front());
  };
  chapter.say(
      "from end to end: like D^{:.1f} by differences, like D^{:.1f} by backpropagation",
      exponent(by_difference), exponent(by_backprop));
  nn::Figure figure("One gradient", "number of parameters D", "milliseconds");
  figure.log_x();
  figure.log_y();
  figure.path(D, by_difference, "central differences");
  figure.path(D, by_backprop, "backpropagation");
  chapter.draw(figure, "growth");
}

/// ![The gap between the lines grows with D: a network of a million parameters would need two million forward passes
/// for a single step.](growth.svg)
///
/// ## Training
///
/// Descent is that of chapter 01: all blocks move at once, by gradients taken at the same place. No bowl this time.
/// Exchange two hidden units and the cost is the same, elsewhere: there are many floors, and not all are equally
/// deep. So where we start decides where we end.
vec train(TwoLayers<mat>& net, const mat& X, const mat& Y, double alpha,
          int steps)  // → costs
{
  vec J(steps + 1);
  for (int k = 0; k <= steps; ++k) {
    J(k) = cost(net, X, Y);
    nn::stop_if_diverging(J(k), 10 * J(0), alpha);
    if (k == steps) break;
    const TwoLayers<mat> gradient = backprop(net, X, Y);
    for (const auto& [name, block] : blocks) net.*block -= alpha * (gradient.*block);
  }
  return J;
}

/// The obvious start, all weights zero, fails twice. On XOR nothing moves at all: \f$W_2 = 0\f$ lets no delta through
/// to the hidden layer, all answers are ½, and the errors, twice ½ and twice −½, cancel in `dW2` and `db2`. The
/// second failure holds for any data. Hidden units that start alike get the same delta and the same gradient, so they
/// stay alike, and four units that stay equal are one unit. A random start breaks the **symmetry** (*simetría*). It
/// should be small as well: where the net inputs are large, the sigmoid is flat, and a flat sigmoid passes hardly any
/// delta back. The figure compares three starts.
void symmetry(nn::Chapter& chapter)
{
  chapter.experiment("symmetry", "Three starts on XOR, 2000 steps");
  nn::Figure figure("Training on XOR", "step", "cost");
  const auto run = [&](const char* name, const char* key, TwoLayers<mat> net) {
    const vec J = train(net, xor_X, xor_y, 1, 2000);
    const double apart = arma::max(arma::vectorise(arma::range(net.W1, 0)));
    chapter.say("{:<11} cost {:.4f} → {:.4f}   hidden units differ by {:.2g}", name,
                J.front(), J.back(), apart);
    chapter.result(fmt::format("symmetry.{}", key), J.back());
    chapter.result(fmt::format("symmetry.{}_apart", key), apart);
    figure.history(J, name);
  };
  TwoLayers<mat> zero = {mat(4, 3), mat(4, 1), mat(1, 4), mat(1, 1)};
  TwoLayers<mat> equal = {zero.W1 + 0.5, zero.b1, zero.W2 + 0.5, zero.b2};
  run("random", "random", random_network(3, 4, 1));
  run("all 0", "zero", zero);
  run("all 0.5", "equal", equal);
  chapter.draw(figure, "symmetry");
}

/// ![From zero nothing moves. From equal weights the four units move as one, which can part a single sample from the
/// other three and no more: the cost stops near 0.477. From a random start the units part, and the cost goes to
/// zero.](symmetry.svg)
///
/// (Whence the 0.477? One sample is answered rightly, the other three, with two ones and a zero or the reverse, get ⅔
/// or ⅓, which costs \f$\tfrac34 \log 3 - \tfrac12 \log 2\f$.)
///
/// ## Experiment: XOR
///
/// Now the network of the documents. Twenty starts, to see how often it gets there, and of the first success the
/// answers and a picture of \f$\varphi\f$. The hidden layer takes a point to four activations, too many to draw. So
/// we draw what the last neuron makes of them, its net input \f$z_2\f$, from left to right, and upwards the one of
/// the four that varies most. The last neuron says yes on the right of \f$z_2 = 0\f$.
void draw_hidden(nn::Figure& figure, const TwoLayers<mat>& net)
{
  const auto [A1, Z2, A2] = feed_forward(net, xor_X);
  const mat a = A1.row(arma::range(A1, 1).index_max());
  const arma::uvec yes = {1, 2}, no = {0, 3};
  figure.points(Z2.cols(yes).t(), a.cols(yes).t(), "XOR = 1");
  figure.points(Z2.cols(no).t(), a.cols(no).t(), "XOR = 0");
  figure.line(vec{0, 0}, vec{0, 1}, "the last neuron");
}

void draw_map(nn::Chapter& chapter, const TwoLayers<mat>& before,
              const TwoLayers<mat>& after)
{
  nn::Figure figure("The input", "x₁", "x₂");
  figure.points(vec{0, 1}, vec{1, 0}, "XOR = 1");
  figure.points(vec{0, 1}, vec{0, 1}, "XOR = 0");
  figure.range_x(-0.5, 1.5);
  figure.range_y(-0.5, 1.5);
  const auto z = [&](const vec& x) {
    return feed_forward(after, mat(vec{x(0), x(1), 1})).A2(0) - 0.5;
  };
  figure.boundary(z, "after training");
  figure.panel("φ before training", "z₂, what the last neuron sees", "a hidden activation");
  draw_hidden(figure, before);
  figure.panel("φ after training", "z₂, what the last neuron sees", "a hidden activation");
  draw_hidden(figure, after);
  chapter.draw(figure, "hidden");
}

void learn_xor(nn::Chapter& chapter)
{
  chapter.experiment("xor", "XOR from twenty random starts, 5000 steps each");
  int learnt = 0;
  nn::Progress progress("starts", 20);
  for (int start = 0; start < 20; ++start) {
    const TwoLayers<mat> before = random_network(3, 4, 1);
    TwoLayers<mat> after = before;
    const vec J = train(after, xor_X, xor_y, 1, 5000);
    const mat answers = feed_forward(after, xor_X).A2;
    const bool right = arma::abs(answers - xor_y).max() < 0.5;
    if (right && learnt++ == 0) {
      chapter.say("answers {:.3f} {:.3f} {:.3f} {:.3f}, expected 0 1 1 0, cost {:.4f}",
                  answers(0), answers(1), answers(2), answers(3), J.back());
      chapter.result("xor.cost", J.back());
      draw_map(chapter, before, after);
    }
    progress.tick();
  }
  chapter.say("{} of 20 starts end with four right answers", learnt);
  chapter.result("xor.learnt", learnt);
}

/// ![Left, the four samples, and the two borders that the trained network draws between them. Middle, what a random
/// hidden layer makes of them: they lie close together, and the last neuron gives all the same answer. Right,
/// training has pulled them apart, and a single line has plenty of room.](hidden.svg)
///
/// ## Any number of layers
///
/// Algorithm 1 has a loop over the layers, and nothing in it cares how many there are. The way forward keeps every
/// activation, the way back uses each once:
/// \f[ A_l = g_l(W_l A_{l-1} + b_l), \qquad \delta_l = g_l'(Z_l) \odot W_{l+1}^T \delta_{l+1} \tag{5.16} \f]
/// The slope at \f$Z_l\f$ is computed from \f$A_l\f$, as in the table above. We leave the last layer without
/// activation function and start from \f$\delta_L\f$, so that any pair of output and cost fits: \f$\hat y - y\f$ for
/// the cross-entropies, \f$2 (\hat y - y)\f$ for MSE, each divided by the number of answers, as in `delta2`.
struct Layer {
  mat W, b;              // h×n, h×1
  mat dW, db;            // their gradients
  mat VW, Vb;            // their velocities, for momentum
  ActivationFunction g;  // not used by the last layer
};

std::vector<Layer> layers(const std::vector<arma::uword>& sizes,
                          const ActivationFunction& g)
{
  std::vector<Layer> net;
  for (std::size_t l = 1; l < sizes.size(); ++l) {
    const arma::uword n = sizes[l - 1], h = sizes[l];
    const mat W =
        mat(h, n, arma::fill::randn) / std::sqrt(static_cast<double>(n));  // small
    net.push_back({W, mat(h, 1), mat(h, n), mat(h, 1), mat(h, n), mat(h, 1), g});
  }
  return net;
}

std::vector<mat> feed_forward(const std::vector<Layer>& net, const mat& X)  // → A₀ … A_L
{
  std::vector<mat> A = {X};
  for (std::size_t l = 0; l < net.size(); ++l) {
    const mat Z = (net[l].W * A.back()).eval().each_col() + net[l].b.col(0);
    A.push_back(l + 1 < net.size() ? net[l].g.g(Z) : Z);
  }
  return A;
}

void backprop(std::vector<Layer>& net, const std::vector<mat>& A, mat delta)  // delta: k×m
{
  for (std::size_t l = net.size(); l-- > 0;) {
    net[l].dW = delta * A[l].t();                                          // (5.13)
    net[l].db = arma::sum(delta, 1);                                       // (5.13)
    if (l > 0) delta = net[l - 1].g.slope(A[l]) % (net[l].W.t() * delta);  // (5.16)
  }
}

void descend(std::vector<Layer>& net, double alpha, double momentum)
{
  for (Layer& layer : net) {
    layer.VW = momentum * layer.VW - alpha * layer.dW;  // (1.9)
    layer.Vb = momentum * layer.Vb - alpha * layer.db;
    layer.W += layer.VW;
    layer.b += layer.Vb;
    if (!layer.W.is_finite())
      throw nn::Error(fmt::format("the descent diverges, lower alpha, which is {}", alpha));
  }
}

/// One step of training, whatever the cost: `delta` makes that of the last layer from its net input.
void step(std::vector<Layer>& net, const mat& X, const auto& delta, double alpha)
{
  const std::vector<mat> A = feed_forward(net, X);
  backprop(net, A, delta(A.back()));
  descend(net, alpha, 0.9);
}

/// Checked as before: three layers, tanh, softmax over two classes, with round weights that PyTorch gets as well. The
/// cost comes from common (see *The fast version*).
void check_layers(nn::Chapter& chapter)
{
  chapter.experiment("layers", "Three layers against differences");
  std::vector<Layer> net = layers({3, 2, 2, 2}, functions[1]);
  net[0].W = {{0.5, -0.25, 0.75}, {-1, 0.5, 0.25}};
  net[1].W = {{1, -0.5}, {0.25, 1.5}};
  net[2].W = {{0.5, -1}, {2, 0.75}};
  net[0].b = vec{0.1, -0.2}, net[1].b = vec{0.3, -0.4}, net[2].b = vec{0.6, 0.05};
  const mat Y = nn::one_hot<mat>({0, 1, 1, 0}, 2);
  const auto J = [&] {
    return nn::softmax_cross_entropy(feed_forward(net, xor_X).back(), Y).J;
  };
  const std::vector<mat> A = feed_forward(net, xor_X);
  backprop(net, A, nn::softmax_cross_entropy(A.back(), Y).dA);
  double worst = 0;
  for (Layer& layer : net) {
    for (const auto& [theta, gradient] :
         {std::pair(&layer.W, &layer.dW), std::pair(&layer.b, &layer.db)}) {
      const mat here = *theta;
      const mat numerical =
          nn::numerical_gradient([&](const mat& t) { return *theta = t, J(); }, here);
      *theta = here;
      worst = std::max(worst, nn::relative_error(*gradient, numerical));
    }
  }
  chapter.say("J = {:.9f}, largest relative error of the six blocks {:.0e}", J(), worst);
  chapter.result("layers.numerical_error", worst);
  chapter.result("reference.deep_J", J());
  chapter.result("reference.deep_Z", A.back());
  for (std::size_t l = 0; l < 3; ++l) {
    chapter.result(fmt::format("reference.deep_dW{}", l + 1), net[l].dW);
    chapter.result(fmt::format("reference.deep_db{}", l + 1), net[l].db);
  }
}

/// ## Experiment: circles and spirals
///
/// Two patterns that no line comes near: a ring around a disc, and two spirals in each other. 400 points to learn
/// from and 400 others to judge by, all with a little noise. The figure shows the points learnt from and the line
/// where the network is undecided.
struct Pattern {
  mat X, y;  // 2×m, 1×m
};

Pattern circles(arma::uword m)
{
  const mat y = nn::where<mat>(arma::regspace<arma::rowvec>(1, m) > m / 2.0, 1, 0);
  const arma::rowvec angle = arma::randu<arma::rowvec>(m) * arma::datum::tau;
  const arma::rowvec radius = 0.4 + 0.8 * y.row(0) + 0.1 * arma::randn<arma::rowvec>(m);
  return {arma::join_cols(radius % arma::cos(angle), radius % arma::sin(angle)), y};
}

Pattern spirals(arma::uword m)
{
  const mat y = nn::where<mat>(arma::regspace<arma::rowvec>(1, m) > m / 2.0, 1, 0);
  const arma::rowvec radius = 0.1 + arma::randu<arma::rowvec>(m);
  const arma::rowvec angle = 8 * radius + arma::datum::pi * y.row(0);
  const mat noise(2, m, arma::fill::randn);
  return {
      arma::join_cols(radius % arma::cos(angle), radius % arma::sin(angle)) + 0.02 * noise,
      y};
}

mat answers_minus_truth(const mat& Z, const mat& y)  // k×m, k×m → delta, k×m
{
  return (sigmoid(Z) - y) / y.n_elem;  // (5.11)
}

std::vector<Layer> learn(const Pattern& data, const std::vector<arma::uword>& sizes,
                         int steps)
{
  std::vector<Layer> net = layers(sizes, functions[1]);  // tanh
  nn::Progress progress("steps", static_cast<std::size_t>(steps));
  for (int k = 0; k < steps; ++k) {
    step(
        net, data.X, [&](const mat& Z) { return answers_minus_truth(Z, data.y); }, 0.2);
    progress.tick();
  }
  return net;
}

void draw_pattern(nn::Figure& figure, const Pattern& data, const std::vector<Layer>& net)
{
  const mat yes = data.X.cols(arma::find(data.y == 1)),
            no = data.X.cols(arma::find(data.y == 0));
  figure.points(yes.row(0).t(), yes.row(1).t(), "y = 1");
  figure.points(no.row(0).t(), no.row(1).t(), "y = 0");
  figure.range_x(-1.6, 1.6);
  figure.range_y(-1.6, 1.6);
  figure.equal_axes();
  figure.boundary([&](const vec& x) { return feed_forward(net, x).back()(0); }, "z = 0");
}

void patterns(nn::Chapter& chapter)
{
  chapter.experiment("patterns", "Circles with one hidden layer, spirals with two");
  const int steps = chapter.options().quick ? 600 : 4000;
  nn::Figure figure("Circles, 2-6-1", "x₁", "x₂");
  const auto run = [&](const char* name, Pattern (*make)(arma::uword),
                       const std::vector<arma::uword>& sizes) {
    const Pattern seen = make(400), unseen = make(400);
    const std::vector<Layer> net = learn(seen, sizes, steps);
    const mat answers = nn::where<mat>(feed_forward(net, unseen.X).back() > 0, 1, 0);
    const double right = 1 - arma::accu(abs(answers - unseen.y)) / 400;
    chapter.say("{:<8} {:.0f} of 400 unseen points right", name, 400 * right);
    chapter.result(fmt::format("patterns.{}", name), right);
    draw_pattern(figure, seen, net);
  };
  run("circles", circles, {2, 6, 1});
  figure.panel("Spirals, 2-16-16-1", "x₁", "x₂");
  run("spirals", spirals, {2, 16, 16, 1});
  chapter.draw(figure, "patterns");
}

/// ![Six hidden units close a line around the disc; two layers of sixteen follow the spirals.](patterns.svg)
///
/// ## Experiment: any function, with enough elbows
///
/// A ReLU unit of one input is flat on one side of its **elbow** (*codo*) at \f$x = -b/w\f$ and a straight slope on
/// the other. The sum of \f$h\f$ of them is a broken line with up to \f$h\f$ elbows, and with enough elbows it
/// follows any continuous curve on a bounded interval as closely as we like. That is the **universal approximation
/// theorem** (*teorema de aproximación universal*) for one input. It promises that such weights exist, not that
/// descent finds them. To give descent a fair chance, the elbows start spread over the interval, and of twenty starts
/// we keep the best.
const mat curve_x = arma::linspace<arma::rowvec>(-1, 1, 101);  // 1×101
const mat curve_y = sin(6 * curve_x);

double squared_error(const std::vector<Layer>& net)
{
  return arma::accu(costs[2].loss(feed_forward(net, curve_x).back(), curve_y)) /
         101;  // (5.6)
}

std::vector<Layer> fit_curve(arma::uword units, int steps)
{
  std::vector<Layer> net = layers({1, units, 1}, functions[2]);  // ReLU
  const vec elbows = arma::linspace(-1, 1, units + 2).subvec(1, units);
  net[0].W =
      nn::where<mat>(mat(units, 1, arma::fill::randn) > 0, 1, -1);  // opens right or left
  net[0].b = -net[0].W % elbows;
  const auto delta = [](const mat& Z) {
    return mat(costs[2].slope(Z, curve_y) / 101);
  };  // (5.6)
  for (int k = 0; k < steps; ++k) step(net, curve_x, delta, 0.05);
  return net;
}

std::vector<Layer> best_fit(arma::uword units, int steps)
{
  std::vector<Layer> best = fit_curve(units, steps);
  for (int start = 1; start < 20; ++start) {
    std::vector<Layer> net = fit_curve(units, steps);
    if (squared_error(net) < squared_error(best)) best = net;
  }
  return best;
}

void draw_fit(nn::Figure& figure, const std::vector<Layer>& net)
{
  figure.line(curve_x.t(), curve_y.t(), "sin 6x");
  figure.line(curve_x.t(), feed_forward(net, curve_x).back().t(), "network");
  const mat elbows = -net[0].b / net[0].W;
  const mat inside = elbows.elem(arma::find(abs(elbows) < 1)).t();  // 1×e
  figure.points(inside.t(), feed_forward(net, inside).back().t(), "elbows");
  figure.range_y(-1.6, 1.6);
}

void approximation(nn::Chapter& chapter)
{
  chapter.experiment("approximation", "A sine, fitted with more and more ReLU units");
  const int steps = chapter.options().quick ? 2000 : 10000;
  nn::Figure fits("3 units", "x", "y");
  std::vector<double> units, errors;
  nn::Progress progress("networks", 7);
  for (const arma::uword h : {1, 2, 3, 5, 10, 20, 50}) {
    const std::vector<Layer> net = best_fit(h, steps);
    units.push_back(static_cast<double>(h));
    errors.push_back(squared_error(net));
    chapter.say("{:2} units, {:3} parameters: MSE {:.5f}", h,
                parameters({1, static_cast<int>(h), 1}), errors.back());
    chapter.result(fmt::format("approximation.units_{}", h), errors.back());
    if (h == 10 || h == 50) fits.panel(fmt::format("{} units", h), "x", "y");
    if (h == 3 || h == 10 || h == 50) draw_fit(fits, net);
    progress.tick();
  }
  chapter.draw(fits, "elbows");
  nn::Figure figure("More units, less error", "hidden units", "mean squared error");
  figure.log_x();
  figure.log_y();
  figure.path(units, errors);
  chapter.draw(figure, "approximation");
}

/// ![Between two elbows the network is a straight line. Three elbows are too few for all the turns; with ten one sees
/// the corners, with fifty one doesn't.](elbows.svg)
///
/// The next figure shows the error against the number of units.
///
/// ![Both axes are logarithmic. Until there are elbows enough for the turns of the curve little is gained; then the
/// error falls fast.](approximation.svg)
///
/// One hidden layer is enough for any continuous curve, then. What it costs is another question: chapter 09 sets
/// width against depth.
///
/// ## The fast version
///
/// What this chapter has taught stands once more in `common/nn`, for the chapters to come: the activation functions
/// (`nn::activate`), the costs with their gradients taken from the net inputs (`nn::sigmoid_cross_entropy` and its
/// sisters), `nn::Dense` and `nn::Network`, and `nn::train` with mini-batches and momentum. It works in place, keeps
/// no copies, and takes any matrix type. Is it the same? Two networks with the same weights, ours and that one, take
/// a hundred steps side by side.
void fast_version(nn::Chapter& chapter)
{
  chapter.experiment("fast", "A hundred steps on the spirals, plain and fast");
  const Pattern data = spirals(400);
  std::vector<Layer> plain = layers({2, 16, 16, 1}, functions[1]);
  nn::Network<mat> fast({2, 16, 16, 1}, nn::Activation::tanh);
  for (std::size_t l = 0; l < 3; ++l) fast.layers[l].W = plain[l].W;
  nn::Sgd<mat> sgd(0.2, 0.9);
  for (int k = 0; k < 100; ++k) {
    step(
        plain, data.X, [&](const mat& Z) { return answers_minus_truth(Z, data.y); }, 0.2);
    const auto [J, dA] = nn::sigmoid_cross_entropy(fast.forward(data.X), data.y);
    fast.backward(data.X, dA);
    sgd.step(fast);
  }
  double apart = 0;
  for (std::size_t l = 0; l < 3; ++l)
    apart = std::max({apart, nn::relative_error(plain[l].W, fast.layers[l].W),
                      nn::relative_error(plain[l].b, fast.layers[l].b)});
  chapter.say("weights and biases differ by {:.0e}", apart);
  chapter.result("fast.apart", apart);
}

/// And it reads digits. Chapter 04 gave each class one picture to compare with; a hidden layer can look for parts
/// first. Softmax regression is this network without its hidden layer, so we train both: the same digits, float,
/// mini-batches of 32. One test part of 360 digits can't tell a difference of one in a hundred from luck. We take the
/// mean over five splits. With `--device gpu`, `nn::on_device` has a graphics card do it, by the same lines.
template <nn::Matrix Mat>
double unseen_right(const std::vector<arma::uword>& sizes, const Mat& X, const Mat& Y,
                    const Mat& X_unseen, const Mat& Y_unseen)
{
  nn::Network<Mat> network(sizes, nn::Activation::relu);
  nn::train(network, X, Y, nn::softmax_cross_entropy<Mat>,
            {.epochs = 40, .batch = 32, .alpha = 0.05, .momentum = 0.9});
  return nn::accuracy(network.forward(X_unseen), Y_unseen);
}

double unseen_digits(nn::Chapter& chapter, const arma::fmat& X, const arma::fmat& Y,
                     const std::vector<arma::uword>& sizes)
{
  const auto parts = nn::split(X, Y, 0.2);
  const auto learn = [&](const auto&... data) { return unseen_right(sizes, data...); };
  return nn::on_device(chapter.options(), learn, parts.X_train, parts.y_train, parts.X_test,
                       parts.y_test);
}

void digits(nn::Chapter& chapter)
{
  chapter.experiment("digits", "The digits of chapter 04, without and with a hidden layer");
  const auto [X, labels] = nn::digits(chapter.data("digits.csv"));
  const auto Y = nn::one_hot<arma::fmat>(labels, 10);
  const int splits = chapter.options().quick ? 1 : 5;
  const auto run = [&, &X = X](const char* key, const std::vector<arma::uword>& sizes) {
    double unseen = 0;
    for (int i = 0; i < splits; ++i) unseen += unseen_digits(chapter, X, Y, sizes) / splits;
    chapter.say("{:<8} {:.3f} of the unseen digits right", key, unseen);
    chapter.result(fmt::format("digits.{}", key), unseen);
  };
  run("softmax", {64, 10});
  run("hidden", {64, 64, 10});
}

/// From {{digits.softmax|%.3f}} to {{digits.hidden|%.3f}}: a hidden layer helps a little. For more, the network will
/// have to know that pixels have neighbours: that is chapter 07.
///
/// ## What to try
///
/// - Break one line of `backprop`, any. Does XOR still learn? Which block does `check_gradient` point at?
/// - Start XOR with `random_network(3, 4, 1, 10)`. How many of the twenty starts arrive, and why fewer?
/// - Give XOR two hidden units instead of four, or ten.
/// - Learn the spirals with `{2, 16, 1}`, then with `{2, 4, 4, 4, 1}`. Which has more parameters, which does better?
/// - In `fit_curve`, start all elbows at 0. What does the theorem promise now, and what does descent find?
/// - Square the hidden activations instead of squashing them: \f$g(z) = z^2\f$. What is its slope, from \f$a\f$? What
///   does \f$a\f$ alone not tell?

}  // namespace

int main(int argc, char** argv)
{
  const auto story = [](nn::Chapter& chapter) {
    one_neuron(chapter);
    loops_and_matrices(chapter);
    draw_activations(chapter);
    count_parameters(chapter);
    compare_costs(chapter);
    one_weight(chapter);
    last_layer(chapter);
    check_gradient(chapter);
    diagonal(chapter);
    six_steps(chapter);
    growth(chapter);
    symmetry(chapter);
    learn_xor(chapter);
    check_layers(chapter);
    patterns(chapter);
    approximation(chapter);
    fast_version(chapter);
    digits(chapter);
  };
  return nn::run_chapter("05-xor-mlp", "XOR and the multilayer perceptron", argc, argv,
                         story);
}
