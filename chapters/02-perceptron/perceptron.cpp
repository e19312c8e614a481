/// # The perceptron
///
/// A neuron that answers yes or no learns from its mistakes alone, and stops making them whenever a line can do the
/// job.
///
/// At the end of this chapter you can train a perceptron by hand, say when it must converge and after how many
/// mistakes at most, say why its mistakes alone don't tell "impossible" from "not yet", and combine perceptrons to do
/// what one alone cannot.
///
/// ## Builds on
///
/// Chapter 01: the weighted sum of (1.1) with its constant feature \f$x_0 = 1\f$, and samples as columns.

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/matrix.hpp"
#include "nn/standardizer.hpp"

namespace {

using arma::mat;

/// ## The question
///
/// Is this iris a *setosa*? The answer is no longer a quantity but a **class** (*clase*). The easy answer is to call
/// "no" 0 and "yes" 1, fit the line of chapter 01 and say yes where it exceeds ½. Let us do that with six samples of
/// one feature: 1, 2 and 3 are no; 4, 5 and 30 are yes. Any threshold between 3 and 4 answers all six rightly.
const mat six_X = {{1, 1, 1, 1, 1, 1}, {1, 2, 3, 4, 5, 30}};  // 2×6
const mat six_y = {{0, 0, 0, 1, 1, 1}};                       // 1×6

void regression_as_classifier(nn::Chapter& chapter)
{
  chapter.experiment("regression", "The line of chapter 01 as a classifier");
  const mat theta = arma::solve(six_X * six_X.t(), six_X * six_y.t());
  const mat h = theta.t() * six_X;
  chapter.say("{:>8} {:>8} {:>8} {:>8}", "x", "y", "h", "answer");
  int mistakes = 0;
  for (arma::uword i = 0; i < 6; ++i) {
    const int answer = h(i) >= 0.5;
    mistakes += answer != six_y(i);
    chapter.say("{:8} {:8} {:8.2f} {:8} {}", six_X(1, i), six_y(i), h(i), answer,
                answer == six_y(i) ? "" : "wrong");
  }
  chapter.result("regression.mistakes", mistakes);
  chapter.result("regression.threshold", (0.5 - theta(0)) / theta(1));
}

/// The threshold lands at {{regression.threshold|%.1f}}. The squared error (1.2) punishes the sample at 30 for being
/// *too* right: the line is flattened so that it doesn't rise far above 1 there, and 4 and 5 pay for it. We need an
/// answer that doesn't care how right it is.
///
/// ## The model: a step
///
/// The **perceptron** (*perceptrón*) keeps the weighted sum, which we call the **net input** (*entrada neta*)
/// \f$z\f$, and asks only for its sign:
/// \f[ z = \theta^T x, \qquad f(z) = \begin{cases} 1 & z \ge 0 \\ 0 & z < 0 \end{cases} \tag{2.1} \f]
/// The function applied to the net input is the neuron's **activation function** (*función de activación*), its value
/// the **activation** (*activación*). This one is a step.
///
/// ![The perceptron: the neuron of chapter 01 with a step behind the sum.](neuron.svg)
///
/// Where \f$z = 0\f$ the answer changes. With two features beside the constant that is a line, with three a plane:
/// the **decision boundary** (*frontera de decisión*). \f$(\theta_1, \theta_2)\f$, without the intercept, stands at
/// right angles to it and points to the side of the yes; \f$\theta_0\f$ shifts it.
template <nn::Matrix Mat>
Mat step(const Mat& Z)  // any shape → same shape, of 0 and 1
{
  return nn::where<Mat>(Z >= 0, 1, 0);  // (2.1)
}

/// Other texts let the classes be −1 and 1. The two forms translate into each other, \f$y^\pm = 2y - 1\f$:
/// \f[ f^\pm(z) = \begin{cases} 1 & z \ge 0 \\ -1 & z < 0 \end{cases} \;=\; 2 f(z) - 1 \tag{2.2} \f]
///
/// ## The cost, and why it has no gradient
///
/// What we want to be small is the number of mistakes. But a step is flat: turn \f$\theta\f$ a little and no answer
/// changes, so the number of mistakes has derivative 0 almost everywhere, and descent has nowhere to go. Chapter 03
/// replaces the step by a curve for that reason. The perceptron (Rosenblatt, 1958) gets along without a gradient.
///
/// ## Training: learn from mistakes
///
/// Look at one sample at a time. Right answer: leave the weights alone. A yes that was missed: add \f$\alpha\f$ times
/// the sample to the weights, so that its net input grows by \f$\alpha\, x^T x > 0\f$. A no that was missed: subtract
/// as much. All three cases in one line:
/// \f[ \theta \leftarrow \theta + \alpha \left( y - f(\theta^T x) \right) x \tag{2.3} \f]
/// (One of our documents writes \f$\gamma\f$ for the learning rate \f$\alpha\f$; below we need \f$\gamma\f$ for
/// something else.) The sample is used and can be forgotten: learning of this kind is called **online** (*en línea*),
/// because it works on data that arrive one by one and never end.
///
/// The stop is clear as well: an epoch without a mistake would be followed by others just like it. Whoever
/// "simplifies" the test and stops at the first right answers, in the middle of an epoch, stops before the rest has
/// been looked at.
struct Learning {
  mat theta;                  // n×1
  std::vector<int> mistakes;  // in each epoch
  mat path;                   // n×(mistakes), the weights after each mistake
  bool converged = false;

  int total() const { return static_cast<int>(path.n_cols); }
};

Learning learn(const mat& X, const mat& y, int epochs, double alpha = 1)  // n×m, 1×m
{
  Learning learning{.theta = mat(X.n_rows, 1)};
  std::vector<double> path;
  while (!learning.converged && static_cast<int>(learning.mistakes.size()) < epochs) {
    int mistakes = 0;
    for (arma::uword i = 0; i < X.n_cols; ++i) {
      const mat x = X.col(i);
      const double missed = y(i) - step<mat>(learning.theta.t() * x)(0);  // −1, 0 or 1
      if (missed == 0) continue;
      learning.theta += alpha * missed * x;  // (2.3)
      path.insert(path.end(), learning.theta.begin(), learning.theta.end());
      ++mistakes;
    }
    learning.mistakes.push_back(mistakes);
    learning.converged = mistakes == 0;
  }
  learning.path = mat(path.data(), X.n_rows, path.size() / X.n_rows);
  return learning;
}

std::string verdict(const Learning& learning)
{
  const auto epochs = learning.mistakes.size();
  if (learning.converged)
    return fmt::format("converges in {} epochs, {} mistakes", epochs, learning.total());
  return fmt::format("does not converge in {} epochs: {} mistakes in the last", epochs,
                     learning.mistakes.back());
}

/// In the form with −1 and 1 the bracket of (2.3) is −2, 0 or 2, so half the learning rate makes exactly the same
/// walk. And the learning rate itself does not matter: starting from zero, every weight is a multiple of
/// \f$\alpha\f$, and (2.1) only asks for a sign. In exact arithmetic there is nothing to tune. In a computer that
/// holds for powers of 2, which scale without rounding; another \f$\alpha\f$, such as 0.1, may round a sample that
/// should lie *on* the boundary to one side, and then the walk takes other turns.
///
/// ## Experiment: logic gates
///
/// Four samples, two features, and the classes that the gates AND, OR, NAND and XOR give them.
const mat corners = {
    {1, 1, 1, 1}, {0, 0, 1, 1}, {0, 1, 0, 1}};  // 3×4: the constant, x₁, x₂

/// To see what is learnt we draw the two classes as points, and the boundary as a line: solve \f$z = 0\f$ for the
/// second feature.
arma::vec border(const arma::vec& theta, const arma::vec& x1)
{
  return -(theta(0) + theta(1) * x1) / theta(2);
}

void draw_classes(nn::Figure& figure, const mat& X, const mat& y, const char* yes,
                  const char* no)
{
  const mat ones = X.cols(arma::find(y == 1)), zeros = X.cols(arma::find(y == 0));
  figure.points(ones.row(1).t(), ones.row(2).t(), yes);
  figure.points(zeros.row(1).t(), zeros.row(2).t(), no);
  figure.range_x(X.row(1).min() - 0.4, X.row(1).max() + 0.4);
  figure.range_y(X.row(2).min() - 0.4, X.row(2).max() + 0.4);
}

/// A gate that isn't learnt has no final line, so for XOR we draw all those of the last epoch. Some are vertical,
/// which `border` can't draw; the figure finds the boundary of any function by itself.
void draw_gate(nn::Figure& figure, const mat& y, const Learning& learning)
{
  draw_classes(figure, corners, y, "yes", "no");
  for (int back = learning.mistakes.back(); back >= 0; --back) {
    const mat theta = learning.path.col(learning.total() - std::max(back, 1));
    const auto z = [&](const arma::vec& x) {
      return theta(0) + theta(1) * x(0) + theta(2) * x(1);
    };
    figure.boundary(z, back == 0 ? "boundary" : "");
  }
}

/// We count the mistakes until one epoch has none, and give up after 100 epochs.
void gates(nn::Chapter& chapter)
{
  chapter.experiment("gates", "Four gates, at most 100 epochs");
  const std::vector<std::pair<std::string, mat>> gates = {{"AND", {{0, 0, 0, 1}}},
                                                          {"OR", {{0, 1, 1, 1}}},
                                                          {"NAND", {{1, 1, 1, 0}}},
                                                          {"XOR", {{0, 1, 1, 0}}}};
  nn::Figure figure("AND", "x₁", "x₂");
  for (const auto& [name, y] : gates) {
    const Learning learning = learn(corners, y, 100);
    const mat& t = learning.theta;
    chapter.say("{:<5} theta = ({:2}, {:2}, {:2})   {}", name, t(0), t(1), t(2),
                verdict(learning));
    chapter.result("gates." + name + "_mistakes_in_last_epoch", learning.mistakes.back());
    if (name == "XOR") figure.panel("XOR", "x₁", "x₂");
    if (name == "AND" || name == "XOR") draw_gate(figure, y, learning);
  }
  chapter.draw(figure, "gates");
  const auto mistakes = [&](double alpha) {
    return learn(corners, gates[0].second, 100, alpha).total();
  };
  chapter.say("AND with alpha = 1, 1/2, 1/10: {}, {} and {} mistakes", mistakes(1),
              mistakes(0.5), mistakes(0.1));
  chapter.result("gates.alpha_difference", mistakes(1) - mistakes(0.5));
}

/// ![Left: AND, and the line that the perceptron learnt; it touches (1, 1), because z = 0 counts as yes. Right: XOR,
/// with the lines it goes through in every epoch (two more lie outside the picture); none has both yes on one side
/// and both no on the other.](gates.svg)
///
/// XOR is not a matter of patience. A yes at (0, 1) and at (1, 0) says \f$\theta_0 + \theta_2 \ge 0\f$ and
/// \f$\theta_0 + \theta_1 \ge 0\f$; a no at (0, 0) and (1, 1) says \f$\theta_0 < 0\f$ and
/// \f$\theta_0 + \theta_1 + \theta_2 < 0\f$. Add the first two: \f$2\theta_0 + \theta_1 + \theta_2 \ge 0\f$. Add the
/// last two: the same sum is negative. No \f$\theta\f$ does both.
///
/// ## Experiment: irises
///
/// Edgar Anderson measured 150 irises of three species (1935); R. A. Fisher made them famous (1936). We ask for
/// *setosa* against the rest, from the petals and then from the sepals, in the order of the file, and for *virginica*
/// from all four measurements.
struct Flowers {
  mat X;  // n×150, the constant on top
  mat y;  // 1×150
};

Flowers flowers(const nn::Table& table, const std::string& species,
                const std::vector<std::string>& features)
{
  const mat measures = table.numbers(features);
  mat y(1, measures.n_cols);
  const std::vector<std::string> names = table.text("species");
  std::transform(names.begin(), names.end(), y.begin(),
                 [&](const auto& name) { return name == species; });
  return {nn::with_intercept(measures), y};
}

const std::vector<std::string> petals = {"petal_length_cm", "petal_width_cm"};
const std::vector<std::string> sepals = {"sepal_length_cm", "sepal_width_cm"};

/// The figures show the flowers with the boundary after some of the mistakes.
void draw_learning(nn::Figure& figure, const Flowers& data, const Learning& learning,
                   const std::vector<int>& after)
{
  draw_classes(figure, data.X, data.y, "setosa", "others");
  const arma::vec ends = {0, 9};
  for (const int k : after) {
    figure.line(ends, border(learning.path.col(k - 1), ends),
                fmt::format("after mistake {}", k));
  }
}

using Run = std::pair<Flowers, Learning>;

void draw_irises(nn::Chapter& chapter, const Run& by_petals, const Run& by_sepals,
                 const Learning& never)
{
  nn::Figure figure("By petals", "petal length (cm)", "petal width (cm)");
  draw_learning(figure, by_petals.first, by_petals.second, {2, 3, 4});
  figure.range_x(-0.5, 7.5);
  figure.range_y(-0.5, 3);
  figure.panel("By sepals", "sepal length (cm)", "sepal width (cm)");
  draw_learning(figure, by_sepals.first, by_sepals.second,
                {100, 101, by_sepals.second.total()});
  chapter.draw(figure, "irises");

  nn::Figure counts("Mistakes so far", "epoch", "mistakes");
  const auto add = [&](const char* name, const Learning& learning) {
    const arma::vec mistakes = arma::conv_to<arma::vec>::from(learning.mistakes);
    counts.history(arma::cumsum(arma::join_cols(arma::vec{0}, mistakes)), name);
  };
  add("virginica by all four", never);
  add("setosa by sepals", by_sepals.second);
  chapter.draw(counts, "mistakes");
}

/// One run of each, at most 1000 epochs. For *virginica* we also look at the weights themselves: how many flowers
/// does each of the last 300 get wrong?
int wrong(const mat& theta, const Flowers& data)
{
  return static_cast<int>(arma::accu(step<mat>(theta.t() * data.X) != data.y));
}

void irises(nn::Chapter& chapter)
{
  chapter.experiment("irises", "Setosa by petals and by sepals, virginica by everything");
  const nn::Table table = chapter.data("iris.csv");
  const auto report = [&](const char* what, const std::string& key, const Flowers& data) {
    const Learning learning = learn(data.X, data.y, 1000);
    chapter.say("{:<21} {}", what, verdict(learning));
    chapter.result(key + ".epochs", static_cast<double>(learning.mistakes.size()));
    chapter.result(key + ".mistakes", learning.total());
    chapter.result(key + ".mistakes_in_last_epoch", learning.mistakes.back());
    return learning;
  };
  const Flowers by_petals = flowers(table, "setosa", petals),
                by_sepals = flowers(table, "setosa", sepals);
  const Flowers hard =
      flowers(table, "virginica", {petals[0], petals[1], sepals[0], sepals[1]});
  const Learning fast = report("setosa by petals", "petals", by_petals);
  const Learning slow = report("setosa by sepals", "sepals", by_sepals);
  const Learning never = report("virginica by all four", "virginica", hard);
  std::vector<int> counts;
  for (arma::uword i = never.path.n_cols - 300; i < never.path.n_cols; ++i) {
    counts.push_back(wrong(never.path.col(i), hard));
  }
  const auto [best, worst] = std::ranges::minmax(counts);
  chapter.say("of the last 300 weights for virginica, the best get {} wrong, the worst {}",
              best, worst);
  chapter.result("virginica.best", best);
  chapter.result("virginica.worst", worst);
  draw_irises(chapter, {by_petals, fast}, {by_sepals, slow}, never);
}

/// ![The line as it moves. Left: after mistake 1 every answer is "no"; mistakes 2 to 4 are setosas that were missed,
/// and each pushes the line further until they lie behind it. Right: by sepals setosa and the others almost touch;
/// mistakes 100 and 101 push the line from one side to the other, and so it goes on until it fits between
/// them.](irises.svg)
///
/// The petals need {{petals.epochs|%d}} epochs and {{petals.mistakes|%d}} mistakes, the sepals {{sepals.epochs|%d}}
/// epochs and {{sepals.mistakes|%d}} mistakes. *Virginica* still makes {{virginica.mistakes_in_last_epoch|%d}} in
/// epoch 1000. Some of its flowers lie among the *versicolor*, and no plane parts them: a linear program, which
/// decides such questions, says so. The perceptron itself can't. The next figure adds up the mistakes, epoch by
/// epoch.
///
/// ![All mistakes made until each epoch. By sepals the line ends: no mistake is left to learn from. For virginica the
/// mistakes go on, a few in every epoch, with no sign of an end.](mistakes.svg)
///
/// Note what the perceptron does *not* say. "Impossible" and "not yet" look the same from inside. Nor can we take the
/// weights as they are: between one mistake and the next they get from {{virginica.best|%d}} to
/// {{virginica.worst|%d}} of the 150 flowers wrong, and nothing says when to stop. Chapter 03 mends both.
///
/// ## How many mistakes at most?
/// Classes that a line, a plane or their like can part are **linearly separable** (*linealmente separables*): setosa
/// is, virginica isn't. Why do sepals cost so much more? Turn every no around, \f$s^{(i)} = y^{\pm(i)} x^{(i)}\f$:
/// then \f$\theta^T s > 0\f$ means a right answer, and a mistake means \f$\theta^T s \le 0\f$. If a unit vector
/// \f$u\f$ separates the classes, its **margin** (*margen*) is the room it leaves:
/// \f[ \gamma = \min_i \; u^T s^{(i)} > 0, \qquad R = \max_i \lVert x^{(i)} \rVert \tag{2.4} \f]
/// Start from \f$\theta = 0\f$. With \f$\alpha = 1\f$ each mistake adds one \f$s\f$ to \f$\theta\f$. Follow two
/// quantities while the mistakes mount up to \f$M\f$. Along \f$u\f$, each adds at least \f$\gamma\f$, so
/// \f$u^T \theta \ge M \gamma\f$. The length grows slowly:
/// \f[ \lVert \theta + s \rVert^2 = \lVert \theta \rVert^2 + 2 \, \theta^T s + \lVert s \rVert^2 \f]
/// where the middle term is not positive and the last is at most \f$R^2\f$, so
/// \f$\lVert \theta \rVert^2 \le M R^2\f$. The part of \f$\theta\f$ along a unit vector can't exceed its length;
/// divide by \f$\sqrt{M} \gamma\f$ and square:
/// \f[ M \gamma \le u^T \theta \le \lVert \theta \rVert \le \sqrt{M} R \quad \Rightarrow \quad M \le \left( \frac{R}{\gamma} \right)^2 \tag{2.5} \f]
/// That is the whole proof that the perceptron converges (Novikoff, 1962): the mistakes run out. A narrow gap allows
/// many. Where there is no gap, as for *virginica*, there is no \f$u\f$ and no bound.
///
/// To compute the bound we need a \f$u\f$ with a wide margin. The widest belongs to the shortest \f$w\f$ with
/// \f$w^T s \ge 1\f$ for all samples. We find it with a perceptron that keeps books (Hildreth, 1957): every sample in
/// turn adds exactly as much of itself as it needs to get to 1, and may take back what it added before, but no more.
/// At the end we *measure* the margin of what came out. If it is positive, the bound holds, even if the search
/// stopped a little early; if it isn't, we have no bound.
double widest_margin(const mat& S)  // n×m turned samples → the margin, or 0
{
  mat w(S.n_rows, 1);
  arma::rowvec given(S.n_cols);  // how much of each sample is in w, never negative
  const arma::rowvec lengths = arma::sum(arma::square(S));
  for (int sweep = 0; sweep < 200000; ++sweep) {
    double change = 0;
    for (arma::uword i = 0; i < S.n_cols; ++i) {
      const double more = std::max(-given(i), (1 - arma::dot(w, S.col(i))) / lengths(i));
      given(i) += more;
      w += more * S.col(i);
      change = std::max(change, std::abs(more));
    }
    if (change < 1e-10) break;
  }
  return std::max(0.0, mat(w.t() * S).min() / arma::norm(w));  // (2.4)
}

/// Now the mistakes that are allowed, beside those that were made.
void bounds(nn::Chapter& chapter)
{
  chapter.experiment("bound",
                     "Mistakes made and mistakes allowed, setosa against the rest");
  const nn::Table table = chapter.data("iris.csv");
  chapter.say("{:<10} {:>8} {:>8} {:>10} {:>10}", "", "R", "margin", "mistakes", "(R/γ)²");
  for (const auto& [name, features] : {std::pair{"petals", petals}, {"sepals", sepals}}) {
    const Flowers data = flowers(table, "setosa", features);
    const mat S = data.X.each_row() % arma::rowvec(2 * data.y - 1);  // y± x
    const double R = std::sqrt(arma::sum(arma::square(data.X)).max()),
                 margin = widest_margin(S);
    if (margin == 0) throw nn::Error(fmt::format("{}: no line with a margin found", name));
    const double bound = std::pow(R / margin, 2);  // (2.5)
    const int mistakes = learn(data.X, data.y, 1000).total();
    chapter.say("{:<10} {:8.3f} {:8.4f} {:10} {:10.0f}", name, R, margin, mistakes, bound);
    chapter.result(fmt::format("bound.{}_margin", name), margin);
    chapter.result(fmt::format("bound.{}", name), bound);
    chapter.result(fmt::format("bound.{}_used", name), mistakes / bound);
  }
}

/// The sepals have a margin of {{bound.sepals_margin|%.3f}} where the petals have {{bound.petals_margin|%.3f}}, with
/// a similar \f$R\f$ (both in the space of the three numbers 1, \f$x_1\f$, \f$x_2\f$, so they are not centimetres on
/// the figure). The margin enters squared: {{bound.sepals|%.0f}} mistakes are allowed instead of
/// {{bound.petals|%.0f}}. The mistakes made, {{sepals.mistakes|%d}} and {{petals.mistakes|%d}}, stay far below: the
/// bound is for the worst order of the worst samples.
///
/// ## Experiment: three perceptrons do what one cannot
///
/// XOR says yes to a point that lies above one line *and* below another. Each half is a job for a perceptron, and a
/// third combines the two: OR is above the first line, NAND is below the second, and the AND of both is XOR. We set
/// the weights by hand and put the three neurons together.
///
/// ![Two perceptrons side by side and a third that combines their answers: a first network.](network.svg)
void xor_by_hand(nn::Chapter& chapter)
{
  chapter.experiment("xor", "XOR from three perceptrons with weights set by hand");
  const mat W1 = {{-0.5, 1, 1}, {1.5, -1, -1}};           // 2×3: OR, NAND
  const mat W2 = {{-1.5, 1, 1}};                          // 1×3: AND
  const mat A1 = step<mat>(W1 * corners);                 // 2×4
  const mat A2 = step<mat>(W2 * nn::with_intercept(A1));  // 1×4
  const mat y = {{0, 1, 1, 0}};
  chapter.say("{:>4} {:>4} {:>6} {:>6} {:>12} {:>6}", "x1", "x2", "OR", "NAND",
              "AND of both", "XOR");
  for (arma::uword i = 0; i < 4; ++i) {
    chapter.say("{:4} {:4} {:6} {:6} {:12} {:6}", corners(1, i), corners(2, i), A1(0, i),
                A1(1, i), A2(i), y(i));
  }
  chapter.result("xor.mistakes", arma::accu(A2 != y));

  nn::Figure figure("The plane of x", "x₁", "x₂");
  draw_classes(figure, corners, y, "yes", "no");
  const arma::vec ends = {-0.4, 1.4};
  figure.line(ends, border(W1.row(0).t(), ends), "OR");
  figure.line(ends, border(W1.row(1).t(), ends), "NAND");
  figure.panel("The plane of the two answers", "OR", "NAND");
  draw_classes(figure, arma::join_cols(corners.row(0), A1), y, "yes", "no");
  figure.line(ends, border(W2.t(), ends), "AND");
  chapter.draw(figure, "xor");
}

/// ![Left: the yes lie between the two lines. Right: what the last perceptron sees. The first two have moved the
/// points, both yes onto the same place, and now one line is enough.](xor.svg)
///
/// The first **layer** (*capa*), the neurons that see the same inputs, does not answer; it *moves the points* to
/// where the last neuron can. That is the idea of every network to come. But we set nine weights by hand, and (2.3)
/// can't learn them: it needs to know whether a neuron was wrong, and nobody says what the OR and the NAND should
/// have answered. To share the blame between layers we need a slope. Chapter 03 gives the neuron one, and chapter 05
/// sends the blame back.
///
/// ## What to try
///
/// - NAND is AND with 0 and 1 swapped, yet its weights are not those of AND with the sign changed. Why?
/// - Shuffle the irises before `learn` (`nn::shuffle` of `nn/sampling.hpp`). Do the mistakes change? Does the bound?
/// - Standardise the two measurements of the sepals, not the constant (`nn/standardizer.hpp`). The mistakes fall to a
///   handful: what happened to \f$R\f$ and to the margin?
/// - Gentoo penguins against the others, by `bill_depth_mm` and `flipper_length_mm`: count the mistakes raw and
///   standardised.
/// - Set the weights of a network that says yes inside a triangle. How many neurons does the first layer need?

}  // namespace

int main(int argc, char** argv)
{
  return nn::run_chapter("02-perceptron", "The perceptron", argc, argv,
                         [](nn::Chapter& chapter) {
                           regression_as_classifier(chapter);
                           gates(chapter);
                           irises(chapter);
                           bounds(chapter);
                           xor_by_hand(chapter);
                         });
}
