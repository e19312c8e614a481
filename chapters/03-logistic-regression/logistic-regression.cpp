/// # Logistic regression
///
/// The perceptron's step becomes a smooth curve: a neuron that answers with a probability, and learns by descent.
///
/// At the end of this chapter you can turn a sum into a probability, derive a cost from the question "how likely are
/// these data?", compute both without overflow, read a confusion matrix, and tell a model that has learnt from one
/// that has memorised.
///
/// ## Builds on
///
/// Chapter 01: cost, gradient, descent, standardising. Chapter 02: the net input \f$z = \theta^T x\f$ and the
/// decision boundary.

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <string>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/divergence.hpp"
#include "nn/gradient_check.hpp"
#include "nn/matrix.hpp"
#include "nn/on_device.hpp"
#include "nn/progress.hpp"
#include "nn/sampling.hpp"
#include "nn/standardizer.hpp"

namespace {

using arma::mat;

/// ## The question
///
/// Is this tumour malignant? In Wisconsin, cells were taken from 569 tumours with a fine needle, photographed, and
/// the nuclei in the picture measured: radius, texture, concavity and so on, 30 numbers each. For all of them the
/// answer is known.
///
/// The easy answer is the perceptron of chapter 02. It fails twice. In one or two of the numbers malignant and benign
/// overlap, so it never settles. (In all thirty a plane does separate these 569; it need not separate the next ones.)
/// And it says yes or no: a doctor wants to know whether the yes is a certain one or a guess, because the next step
/// depends on it. We want a probability.
struct Samples {
  mat X;  // n×m, the measurements
  mat y;  // 1×m, 1 = malignant
};

/// Each nucleus is measured in ten ways, and for each measurement a tumour has the mean over its nuclei, the standard
/// error of that mean, and the worst: the mean of the three largest.
const std::vector<std::string> thirty = [] {
  std::vector<std::string> names;
  for (const char* kind : {"mean", "error", "worst"}) {
    for (const char* feature :
         {"radius", "texture", "perimeter", "area", "smoothness", "compactness",
          "concavity", "concave_points", "symmetry", "fractal_dimension"}) {
      names.push_back(fmt::format("{}_{}", feature, kind));
    }
  }
  return names;
}();

Samples tumours(nn::Chapter& chapter, const std::vector<std::string>& features)
{
  const nn::Table table = chapter.data("wdbc.csv");
  const std::vector<std::string> diagnosis = table.text("diagnosis");
  mat y(1, diagnosis.size());
  for (arma::uword i = 0; i < y.n_elem; ++i) y(i) = diagnosis[i] == "malignant";
  return {table.numbers(features), y};
}

/// ## The model: from a number to a probability
///
/// A sum \f$z = \theta^T x\f$ can be any number; a probability lies between 0 and 1. We could clip: below 0 say 0,
/// above 1 say 1. But a clipped value has no slope, and without a slope descent has nowhere to go. The **logistic
/// function** (*función logística*), also called **sigmoid** (*sigmoide*), squashes and keeps a slope everywhere:
/// \f[ \sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^z}{1 + e^z} \tag{3.1} \f]
/// For \f$z = -1000\f$ the first form needs \f$e^{1000}\f$, which overflows; for \f$z = 1000\f$ the second does. The
/// exponential of a negative number never overflows, so for each \f$z\f$ we take the form that asks for
/// \f$e^{-|z|}\f$.
template <nn::Matrix Mat>
Mat sigmoid(const Mat& Z)  // any shape → same shape, between 0 and 1
{
  const Mat E = exp(-abs(Z));                  // between 0 and 1
  const Mat P = nn::where<Mat>(Z >= 0, 1, 0);  // which form: 1/(1 + E) or E/(1 + E)
  return (P + (1 - P) % E) / (1 + E);          // (3.1)
}

/// **Logistic regression** (*regresión logística*) reads the squashed sum as the probability of a yes:
/// \f[ P(y = 1 \mid x) = h_\theta(x) = \sigma(\theta^T x) \tag{3.2} \f]
/// As a network it is the neuron of chapter 02 with \f$\sigma\f$ as its activation function.
///
/// ![Logistic regression: the step of the perceptron has become a smooth curve, and the answer a
/// probability.](neuron.svg)
template <nn::Matrix Mat>
Mat hypothesis(const Mat& theta, const Mat& X)  // n×1, n×m → 1×m
{
  return sigmoid<Mat>(theta.t() * X);  // (3.2)
}

/// ## The cost: how likely are the data?
///
/// How good is a \f$\theta\f$? Ask how probable it makes what we saw. To a sample with \f$y = 1\f$ it gives the
/// probability \f$h\f$, to one with \f$y = 0\f$ it gives \f$1 - h\f$; one formula for both, since one exponent is
/// always 0:
/// \f[ P(y \mid x; \theta) = h^{y} (1 - h)^{1 - y} \tag{3.3} \f]
/// The samples don't influence each other, so the probability of all of them is the product. As a function of
/// \f$\theta\f$ it is called the **likelihood** (*verosimilitud*), and we want it large:
/// \f[ \mathfrak{L}(\theta) = \prod_{i=1}^{m} \left(h^{(i)}\right)^{y^{(i)}} \left(1 - h^{(i)}\right)^{1 - y^{(i)}}, \qquad h^{(i)} = h_\theta(x^{(i)}) \tag{3.4} \f]
/// A product of hundreds of numbers below 1 is too small for a computer, and tedious to differentiate. The logarithm
/// grows when its argument does, so it has its maximum in the same place, and it turns the product into a sum, the
/// **log-likelihood** (*log-verosimilitud*):
/// \f[ \log \mathfrak{L}(\theta) = \sum_{i=1}^{m} \left( y^{(i)} \log h^{(i)} + (1 - y^{(i)}) \log (1 - h^{(i)}) \right) \tag{3.5} \f]
/// We maximise it by minimising its negative. Divided by \f$m\f$, as in chapter 01, that is our cost, the
/// **cross-entropy** (*entropía cruzada*):
/// \f[ J(\theta) = -\frac{1}{m} \sum_{i=1}^{m} \left( y^{(i)} \log h^{(i)} + (1 - y^{(i)}) \log (1 - h^{(i)}) \right) \tag{3.6} \f]
/// Written down as it stands, it breaks: from about \f$z = 37\f$ on the computer rounds \f$h\f$ to 1, and
/// \f$\log(1 - h)\f$ is \f$-\infty\f$.
double naive_loss(double z, double y)
{
  const double h = 1 / (1 + std::exp(-z));
  return -(y * std::log(h) + (1 - y) * std::log(1 - h));  // (3.6), one sample
}

/// The way out is to put (3.1) into (3.6) on paper, before any rounding. \f$-\log h = \log(1 + e^{-z})\f$ and
/// \f$-\log(1 - h) = z + \log(1 + e^{-z})\f$, so one sample costs \f$(1 - y) z + \log(1 + e^{-z})\f$. For negative
/// \f$z\f$ we write the logarithm as \f$-z + \log(1 + e^{z})\f$, and both cases become
/// \f[ L(z, y) = \max(z, 0) - y z + \log \left( 1 + e^{-|z|} \right) \tag{3.7} \f]
template <nn::Matrix Mat>
double cost(const Mat& theta, const Mat& X, const Mat& y)  // n×1, n×m, 1×m → number
{
  const Mat Z = theta.t() * X;  // 1×m
  const Mat L =
      (abs(Z) + Z) / 2 - y % Z + log(1 + exp(-abs(Z)));  // (3.7); max(z, 0) = (|z| + z) / 2
  return accu(L) / X.n_cols;                             // (3.6)
}

/// The table compares the two for a sample whose answer is no. For \f$z = 40\f$ and 1000 the first gives infinity.
/// For \f$z = -1000\f$ it fails although the answer is right: \f$h\f$ is 0, and \f$y \log h\f$ becomes
/// \f$0 \cdot (-\infty)\f$, which is no number (nan). The last column is what counts: a number everywhere. (Its 0 at
/// \f$z = -100\f$ is really \f$4 \cdot 10^{-44}\f$, lost when 1 is added to it; in a cost that does no harm.)
void safe_cost(nn::Chapter& chapter)
{
  chapter.experiment("safe-cost",
                     "The cost of a sample with y = 0, as it stands and made safe");
  chapter.say("{:>8} {:>12} {:>12}", "z", "(3.6)", "(3.7)");
  int broken = 0;
  double apart = 0;
  for (const double z : {-1000.0, -100.0, -1.0, 0.0, 1.0, 10.0, 40.0, 1000.0}) {
    const double naive = naive_loss(z, 0), safe = cost<mat>(mat{1.0}, mat{z}, mat{0.0});
    const std::string shown = std::isnan(naive) ? "nan" : fmt::format("{:.5g}", naive);
    chapter.say("{:8} {:>12} {:12.5g}", z, shown, safe);
    broken += !std::isfinite(safe);
    if (std::abs(z) <= 10) apart = std::max(apart, std::abs(naive - safe));
  }
  chapter.result("safe_cost.broken", broken);
  chapter.result("safe_cost.apart", apart);
  chapter.result("safe_cost.at_1000", cost<mat>(mat{1.0}, mat{1000.0}, mat{0.0}));
}

/// Why bother with a logarithm at all? Here is the likelihood (3.4) of 2000 samples, each answered with ½:
/// \f$2^{-2000}\f$ is 0 to a computer, and a 0 can't be told from a worse 0.
void underflow(nn::Chapter& chapter)
{
  chapter.experiment("underflow", "2000 samples, each with probability 1/2");
  chapter.say("likelihood {:g}   log-likelihood {:.1f}", std::pow(0.5, 2000),
              2000 * std::log(0.5));
  chapter.result("underflow.likelihood", std::pow(0.5, 2000));
}

/// ## The gradient
///
/// From the outside in. The slope of the sigmoid can be written with its own value: with
/// \f$\sigma = (1 + e^{-z})^{-1}\f$,
/// \f[ \sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z) \, (1 - \sigma(z)) \tag{3.8} \f]
/// One sample of (3.6) depends on \f$z\f$ through \f$h = \sigma(z)\f$, and by the chain rule
/// \f[ \frac{\partial L}{\partial z} = \left( -\frac{y}{h} + \frac{1 - y}{1 - h} \right) h (1 - h) = -y (1 - h) + (1 - y) h = h - y \tag{3.9} \f]
/// The sigmoid's own slope has cancelled. The last step is \f$\partial z / \partial \theta_j = x_j\f$, as for the
/// line, and the sum over the samples:
/// \f[ \nabla J(\theta) = \frac{1}{m} X \left( h_\theta(X) - y \right)^T \tag{3.10} \f]
/// This is (1.5), letter by letter, with another \f$h\f$: error times feature, averaged. That is no accident. The
/// cost was chosen as the logarithm of a likelihood, and the logarithm undoes the exponential in \f$\sigma\f$.
template <nn::Matrix Mat>
Mat gradient(const Mat& theta, const Mat& X, const Mat& y)  // n×1, n×m, 1×m → n×1
{
  return X * (hypothesis(theta, X) - y).t() / X.n_cols;  // (3.10)
}

/// As always, a formula derived by hand is checked against differences, at a random place. The second line is a small
/// example with round numbers. PyTorch computes its cost and gradient too, and the course's tests compare them to
/// nine digits.
void check_gradient(nn::Chapter& chapter)
{
  chapter.experiment("gradient-check", "The gradient by hand against differences");
  const mat X = nn::with_intercept(mat(3, 20, arma::fill::randn)),
            theta(4, 1, arma::fill::randn);
  const mat y = nn::where<mat>(mat(1, 20, arma::fill::randn) > 0, 1, 0);
  const mat numerical =
      nn::numerical_gradient([&](const mat& t) { return cost(t, X, y); }, theta);
  const double error = nn::relative_error(gradient(theta, X, y), numerical);
  chapter.say("relative error {:.0e}", error);
  chapter.result("gradient.numerical_error", error);

  const mat small_X = {{1, 1, 1, 1}, {0.5, -1, 2, 0.25}, {-0.75, 1.5, 0, 3}};  // 3×4
  const mat small_y = {{1, 0, 1, 0}}, small_theta = arma::vec{0.1, -0.4, 0.7};
  const mat dtheta = gradient<mat>(small_theta, small_X, small_y);
  const double J = cost<mat>(small_theta, small_X, small_y);
  chapter.say("small example: J = {:.9f}, gradient ({:.9f}, {:.9f}, {:.9f})", J, dtheta(0),
              dtheta(1), dtheta(2));
  chapter.result("reference.cost", J);
  const mat h = hypothesis(small_theta, small_X);  // 1×4
  for (int i = 0; i < 4; ++i) chapter.result(fmt::format("reference.h_{}", i), h(i));
  for (int j = 0; j < 3; ++j)
    chapter.result(fmt::format("reference.gradient_{}", j), dtheta(j));
}

/// ## Training
///
/// Descent is that of chapter 01, with nothing new but the cost. The bowl is still a bowl: (3.6) is convex in
/// \f$\theta\f$, so there is one floor. It may lie at infinity, though. If a plane separates the training samples,
/// doubling \f$\theta\f$ makes every right answer more certain and the cost smaller, for ever. So we don't wait for a
/// zero gradient; we take a fixed number of steps.
///
/// Divergence looks different here. The safe cost never overflows and the error \f$h - y\f$ is never above 1, so a
/// learning rate that is far too large doesn't end in infinity. The weights just jump from one wrong side to the other.
/// The sign of it is a cost above that of the start, where \f$\theta = 0\f$ answers ½ to everything. No descent that
/// works gets there, so we stop and say so.
template <nn::Matrix Mat>
struct Training {
  Mat theta;    // n×1
  arma::vec J;  // the cost at the start and after each step
};

template <nn::Matrix Mat>
Training<Mat> train(const Mat& X, const Mat& y, double alpha, int steps)  // n×m, 1×m
{
  Training<Mat> training{Mat(X.n_rows, 1), arma::vec(steps + 1)};
  for (int k = 0; k <= steps; ++k) {
    training.J(k) = cost(training.theta, X, y);
    nn::stop_if_diverging(training.J(k), training.J(0), alpha);
    if (k < steps) training.theta -= alpha * gradient(training.theta, X, y);
  }
  return training;
}

void too_large(nn::Chapter& chapter)
{
  chapter.experiment("too-large", "Two features, not even standardised, and alpha = 1");
  const auto [features, y] = tumours(chapter, {"radius_worst", "concave_points_worst"});
  try {
    train(nn::with_intercept(features), y, 1, 100);
    chapter.result("too_large.stopped", 0);
  } catch (const nn::Error& error) {
    chapter.say("{}", error.what());
    chapter.result("too_large.stopped", 1);
  }
}

/// ## Experiment: squashing, on one feature
///
/// First a picture: one feature, the worst radius, and the probability that one neuron learns from it. Beside it
/// stands the straight line of chapter 01, fitted to the same 0 and 1.
void one_feature(nn::Chapter& chapter)
{
  chapter.experiment("one-feature", "Malignant or benign from the worst radius");
  const auto [radius, y] = tumours(chapter, {"radius_worst"});
  const nn::Standardizer scale(radius);
  const mat X = nn::with_intercept(scale.apply(radius));
  const auto training = train(X, y, 1, 2000);
  const mat& theta = training.theta;
  chapter.say("cost {:.4f} at the start, {:.4f} after 2000 steps", training.J.front(),
              training.J.back());
  chapter.result("one_feature.cost", training.J.back());
  const mat line = arma::solve(X * X.t(), X * y.t());
  const double border = scale.inverse(mat{-theta(0) / theta(1)})(0);
  chapter.say("the probability is one half at a radius of {:.2f}", border);
  chapter.result("one_feature.border", border);

  nn::Figure figure("Probability of malignant", "worst radius", "y and h");
  const arma::uvec yes = arma::find(y == 1), no = arma::find(y == 0);
  figure.points(radius.cols(yes).t(), arma::vec(y.cols(yes).t()), "malignant");
  figure.points(radius.cols(no).t(), arma::vec(y.cols(no).t()), "benign");
  const arma::rowvec grid = arma::linspace<arma::rowvec>(radius.min(), radius.max(), 200);
  const mat G = nn::with_intercept(scale.apply(grid));
  figure.line(grid.t(), hypothesis(theta, G).t(), "logistic");
  figure.line(grid.t(), (line.t() * G).t(), "straight line");
  chapter.draw(figure, "one-feature");
}

/// ![Every tumour is a point, above if malignant. The logistic curve stays between 0 and 1 and is steep where the two
/// kinds meet; the straight line leaves the strip on both sides.](one-feature.svg)
///
/// ## Experiment: two features and their boundary
///
/// With two features the points where \f$h = \tfrac12\f$ form a line, since \f$\sigma(z) = \tfrac12\f$ just where
/// \f$z = 0\f$: the decision boundary of chapter 02. What is new is what lies beside it. We draw the lines where the
/// probability is 0.1 and 0.9 as well.
double accuracy(const mat& theta, const mat& X, const mat& y)
{
  const mat answers = nn::where<mat>(hypothesis(theta, X) >= 0.5, 1, 0);
  return 1 - arma::accu(abs(answers - y)) / y.n_elem;
}

void two_features(nn::Chapter& chapter)
{
  chapter.experiment("two-features", "Radius and concave points");
  const auto [features, y] = tumours(chapter, {"radius_worst", "concave_points_worst"});
  const nn::Standardizer scale(features);
  const mat X = nn::with_intercept(scale.apply(features));
  const mat theta = train(X, y, 1, 2000).theta;
  const double right = accuracy(theta, X, y);
  chapter.say("{:.1f} % of the tumours lie on their side of the line", 100 * right);
  chapter.result("two_features.accuracy", right);

  nn::Figure figure("Two features", "worst radius", "worst share of concave points");
  const mat yes = features.cols(arma::find(y == 1)), no = features.cols(arma::find(y == 0));
  figure.points(yes.row(0).t(), yes.row(1).t(), "malignant");
  figure.points(no.row(0).t(), no.row(1).t(), "benign");
  figure.range_x(7, 37);
  figure.range_y(0, 0.3);
  const auto h = [&](const arma::vec& x) {
    return hypothesis<mat>(theta, nn::with_intercept(scale.apply(x)))(0);
  };
  figure.contour(h, {0.1, 0.9});
  figure.boundary([&](const arma::vec& x) { return h(x) - 0.5; }, "h = 0.5");
  chapter.draw(figure, "two-features");
}

/// ![Every point is a tumour. On the black line the neuron says one half; on the grey lines one tenth (left) and nine
/// tenths (right). Far from the line it is sure; near it, it says that it isn't.](two-features.svg)
///
/// ## Experiment: thirty features, and an honest test
///
/// How good is it on tumours it has never seen? To **generalise** (*generalizar*) is the aim; to **memorise**
/// (*memorizar*) the answers of the training samples is not. So one fifth of the samples, drawn at random, is put
/// aside and touched once, at the end. That includes the standardising: mean and deviation are measured on the
/// training part only, since a test sample that helped to choose the scale has been looked at.
struct Parts {
  mat X_train, y_train, X_test, y_test;
};

Parts prepare(const Samples& samples, double test_fraction)
{
  const auto parts = nn::split(samples.X, samples.y, test_fraction);
  const nn::Standardizer scale(parts.X_train);
  return {nn::with_intercept(scale.apply(parts.X_train)), parts.y_train,
          nn::with_intercept(scale.apply(parts.X_test)), parts.y_test};
}

/// **Accuracy** (*exactitud*), the share of right answers, treats all mistakes alike. Here a malignant tumour taken
/// for benign is worse than the reverse. The **confusion matrix** (*matriz de confusión*) counts the four cases, and
/// two ratios sum them up: of those we called malignant, how many are (**precision**, *precisión*)? Of those that
/// are, how many did we find (**recall**, *exhaustividad*)?
/// \f[ \text{precision} = \frac{TP}{TP + FP}, \qquad \text{recall} = \frac{TP}{TP + FN} \tag{3.11} \f]
/// \f$TP\f$ counts the malignant we found, \f$FN\f$ those we missed, \f$FP\f$ the false alarms.
void all_features(nn::Chapter& chapter)
{
  chapter.experiment("all-features", "All thirty features, a fifth kept for the test");
  const Samples samples = tumours(chapter, thirty);
  const Parts parts = prepare(samples, 0.2);
  const mat theta = train(parts.X_train, parts.y_train, 0.5, 1000).theta;
  const mat answers = nn::where<mat>(hypothesis(theta, parts.X_test) >= 0.5, 1, 0);
  const auto count = [&](double y, double answer) {
    return arma::accu((parts.y_test == y) % (answers == answer));
  };
  const double TP = count(1, 1), FN = count(1, 0), FP = count(0, 1), TN = count(0, 0);
  chapter.say("{:>22} {:>10} {:>10}", "", "said yes", "said no");
  chapter.say("{:>22} {:10} {:10}", "malignant", TP, FN);
  chapter.say("{:>22} {:10} {:10}", "benign", FP, TN);
  const double on_train = accuracy(theta, parts.X_train, parts.y_train);
  const double on_test = accuracy(theta, parts.X_test, parts.y_test);
  chapter.say("accuracy {:.3f} on the training part, {:.3f} on the test part", on_train,
              on_test);
  chapter.say("precision {:.3f}, recall {:.3f}", TP / (TP + FP), TP / (TP + FN));  // (3.11)
  chapter.result("all_features.train_accuracy", on_train);
  chapter.result("all_features.test_accuracy", on_test);
  chapter.result("all_features.precision", TP / (TP + FP));
  chapter.result("all_features.recall", TP / (TP + FN));
  chapter.result("all_features.missed", FN);
}

/// The answers can be made more careful without training anew: say malignant from a probability of 0.1 on. Recall can
/// only rise, and precision usually falls. That choice belongs to the doctor, and only a probability leaves it open.
///
/// ## Experiment: what if we keep the squared error?
///
/// Chapter 01's cost works on any \f$h\f$. Why not on this one? Its derivative with respect to \f$z\f$ is
/// \f[ \frac{\partial}{\partial z} \tfrac12 (h - y)^2 = (h - y) \, h (1 - h) \tag{3.12} \f]
/// and the factor \f$h(1 - h)\f$ no longer cancels. Where the neuron is sure and wrong, \f$h\f$ is near 0 or 1, the
/// factor is near 0, and the sample that most needs a correction gives none. We start both costs from a neuron that
/// is sure of the wrong answer, and look at the share of right answers as they descend.
void squared_error(nn::Chapter& chapter)
{
  chapter.experiment("squared-error",
                     "A wrong start: cross-entropy and squared error, 300 steps");
  const auto [radius, y] = tumours(chapter, {"radius_worst"});
  const mat X = nn::with_intercept(nn::Standardizer(radius).apply(radius));
  const mat start = arma::vec{0, -10};  // the larger the radius, the surer it says benign
  nn::Figure figure("From a wrong start", "step", "share of right answers");
  const auto descend = [&, &y = y](const char* name, const char* key, bool squared) {
    mat theta = start;
    arma::vec right(301);
    for (int k = 0; k <= 300; ++k) {
      right(k) = accuracy(theta, X, y);
      const mat h = hypothesis(theta, X);
      const mat dZ = squared ? mat((h - y) % h % (1 - h)) : mat(h - y);  // (3.12), (3.9)
      theta -= 0.5 * X * dZ.t() / X.n_cols;
    }
    chapter.say("{:<14} {:.3f} right at the start, {:.3f} after 300 steps", name,
                right.front(), right.back());
    chapter.result(fmt::format("squared_error.{}", key), right.back());
    figure.history(right, name);
  };
  descend("cross-entropy", "cross_entropy", false);
  descend("squared error", "squared", true);
  chapter.draw(figure, "squared-error");
}

/// ![Cross-entropy turns the neuron around in a few dozen steps. Squared error hardly moves: the slope is nearly gone
/// where it is needed most.](squared-error.svg)
///
/// The squared error of a sigmoid isn't a bowl either; it has flat shoulders and may have several floors. That is why
/// cross-entropy is the usual cost of a classifier. Chapter 05 meets the squared error once more, because the
/// documents use it.
///
/// ## Experiment: memorising
///
/// A model with many weights can learn its training samples by heart. We make it easy: 100 samples to learn from, and
/// to the 30 features we add columns of pure noise. Noise says nothing about tumours, but with enough of it some
/// combination fits any answers. These are the longest trainings of the chapter; with `--device gpu`, `nn::on_device`
/// moves the samples to a graphics card, trains there by the same formulas, and brings the weights back.
void memorising(nn::Chapter& chapter)
{
  chapter.experiment("memorising",
                     "100 training samples, 30 features and more and more noise");
  const Samples samples = tumours(chapter, thirty);
  const std::vector<arma::uword> amounts = {0, 30, 100, 300, 1000, 3000};
  const int steps = chapter.options().quick ? 200 : 1000;
  nn::Figure figure("Seen and unseen", "columns of noise", "share of right answers");
  arma::vec seen(amounts.size()), unseen(amounts.size());
  nn::Progress progress("training", amounts.size());
  chapter.say("{:>8} {:>10} {:>10}", "noise", "seen", "unseen");
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const mat noise(amounts[i], samples.X.n_cols, arma::fill::randn);
    const Parts parts =
        prepare({arma::join_cols(samples.X, noise), samples.y}, 469.0 / 569);
    const mat theta = nn::on_device(
        chapter.options(),
        [&](const auto& X, const auto& y) { return train(X, y, 0.1, steps).theta; },
        parts.X_train, parts.y_train);
    seen(i) = accuracy(theta, parts.X_train, parts.y_train);
    unseen(i) = accuracy(theta, parts.X_test, parts.y_test);
    chapter.say("{:8} {:10.3f} {:10.3f}", amounts[i], seen(i), unseen(i));
    chapter.result(fmt::format("memorising.seen_{}", amounts[i]), seen(i));
    chapter.result(fmt::format("memorising.unseen_{}", amounts[i]), unseen(i));
    progress.tick();
  }
  const arma::vec columns = arma::conv_to<arma::vec>::from(amounts);
  figure.path(columns, seen, "seen in training");
  figure.path(columns, unseen, "unseen");
  chapter.draw(figure, "memorising");
}

/// ![With noise the training samples are all answered rightly. The unseen ones get worse as the noise grows, with
/// small ups and downs because every point has another draw of 100 samples. The wide gap between the curves is the
/// mark of memorising.](memorising.svg)
///
/// Whoever looks at the training part alone rejects the model without noise, which is the best, and can't tell the
/// others apart. Only unseen samples tell. Chapter 06 is about what to do when the features can't be reduced: make
/// memorising expensive.
///
/// ## What to try
///
/// - Call a tumour malignant from 0.1 on, or only from 0.9. What happens to precision and recall?
/// - Standardise before the split, with all samples. Does the accuracy on the test part change? Why is it wrong all
///   the same?
/// - In `too_large`, find the largest `alpha` that isn't stopped. How many steps does it then need for the cost that
///   standardised features reach in ten? Which formula of chapter 01 tells you why?
/// - Print `naive_loss(-800, 1)`. What does it answer, what should it, and which of the two logarithms is to blame?
/// - In `memorising`, take 400 training samples instead of 100.

}  // namespace

int main(int argc, char** argv)
{
  const auto story = [](nn::Chapter& chapter) {
    safe_cost(chapter);
    underflow(chapter);
    check_gradient(chapter);
    too_large(chapter);
    one_feature(chapter);
    two_features(chapter);
    all_features(chapter);
    squared_error(chapter);
    memorising(chapter);
  };
  return nn::run_chapter("03-logistic-regression", "Logistic regression", argc, argv,
                         story);
}
