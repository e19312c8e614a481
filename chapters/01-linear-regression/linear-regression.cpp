/// # Linear regression by gradient descent
///
/// A line learns to fit points by walking downhill on its own error: the loop that every later chapter keeps.
///
/// At the end of this chapter you can write a cost, derive its gradient and check it against numbers, choose a
/// learning rate by reading the cost, say why features must share a scale, and tell batch, mini-batch and one-by-one
/// training apart by what each costs and gains.
///
/// ## Builds on
///
/// Derivatives, the chain rule, the product of matrices and, for one formula, eigenvalues. No other chapter: this is
/// the first. The program uses Armadillo for matrices (`arma::mat`, where `.t()` is the transpose) and `nn/`, the
/// small library of the course, for data, figures and checks.

#include <armadillo>
#include <cmath>
#include <utility>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/gradient_check.hpp"
#include "nn/matrix.hpp"
#include "nn/on_device.hpp"
#include "nn/sampling.hpp"
#include "nn/standardizer.hpp"
#include "nn/stopwatch.hpp"

namespace {

using arma::mat;

/// ## The question
///
/// How heavy is a penguin whose flipper measures 200 mm? Between 2007 and 2009, 344 penguins were caught, measured
/// and weighed in the Palmer archipelago. Two lack their measurements and nine more their sex; we keep the 333 for
/// which every value is known, so that all experiments and exercises see the same birds. The easy answer is the
/// average of all the birds: {{penguins.mean_mass|%.0f}} g. It ignores the flipper, and is off by
/// {{penguins.mean_rmse|%.0f}} g for a typical bird. The other easy answer is to look up a bird with the same
/// flipper; but birds with the same flipper differ in mass, and nobody caught one of 204 mm.
///
/// We want a rule that uses the flipper, takes every bird into account and answers for flippers in between. The
/// simplest such rule is a straight line. Which one?
///
/// ## The model: one neuron
///
/// **Linear regression** (*regresión lineal*) answers with a weighted sum of what it is told. A **sample**
/// (*muestra*) is a column \f$x\f$ of \f$n\f$ numbers, its **features** (*atributos*); the weights are a column
/// \f$\theta\f$:
/// \f[ h_\theta(x) = \theta^T x = \theta_0 x_0 + \theta_1 x_1 + \dots + \theta_{n-1} x_{n-1} \tag{1.1} \f]
/// The first feature is the constant \f$x_0 = 1\f$, and \f$n\f$ counts it. In the line \f$y = b + m x\f$ of school,
/// \f$\theta_0\f$ is \f$b\f$, the **intercept** (*intercepción*), and \f$\theta_1\f$ is \f$m\f$, the **slope**
/// (*pendiente*). Without the constant every line would have to pass through the origin, far from all birds, and its
/// slope would be whatever leads from there into the middle of them.
///
/// ![Linear regression as a network: one neuron that adds its weighted inputs and hands the sum on
/// unchanged.](neuron.svg)
///
/// Samples stand beside each other as the columns of a matrix \f$X\f$, so one product answers for all of them. We
/// write the formulas of the model for any matrix type `Mat`, of `double` or of `float`: training is faster in float,
/// checks need double.
template <nn::Matrix Mat>
Mat hypothesis(const Mat& theta, const Mat& X)  // n×1, n×m → 1×m
{
  return theta.t() * X;  // (1.1)
}

/// The weights are the model's **parameters** (*parámetros*): training finds them. What we choose before training,
/// such as the length of a step below, are **hyper-parameters** (*hiperparámetros*): no gradient finds those.
///
/// ## The cost
///
/// To prefer one line to another we need one number that says how wrong a line is. Adding up the errors \f$h - y\f$
/// won't do: a bird too heavy by 500 g would cancel a bird too light by 500 g. Their squares can't cancel, and unlike
/// absolute values they have a slope that shrinks as the error does, so steps become small near the goal. The
/// **cost** (*función de costo*) is half the mean of the squares:
/// \f[ J(\theta) = \frac{1}{2m} \sum_{i=1}^{m} \left( h_\theta(x^{(i)}) - y^{(i)} \right)^2 \tag{1.2} \f]
/// The ½ is there to cancel the 2 of the derivative. The \f$1/m\f$ makes costs comparable between 3 samples and 3
/// million.
template <nn::Matrix Mat>
double cost(const Mat& theta, const Mat& X, const Mat& y)  // n×1, n×m, 1×m → number
{
  const Mat E = hypothesis(theta, X) - y;     // 1×m
  return accu(square(E)) / (2.0 * X.n_cols);  // (1.2)
}

/// Take three points on the line \f$y = x\f$: (1, 1), (2, 2) and (3, 3). We know the answer, \f$\theta_0 = 0\f$ and
/// \f$\theta_1 = 1\f$, so we can see whether the cost knows it. Hold the intercept at 0 and try five slopes.
const mat three_X = {{1, 1, 1}, {1, 2, 3}};  // 2×3
const mat three_y = {{1, 2, 3}};             // 1×3

double J_of(double slope) { return cost<mat>(arma::vec{0, slope}, three_X, three_y); }

/// The figure shows the lines over the points, with the three errors of one of them, and beside it the cost of every
/// slope.
void cost_curve(nn::Chapter& chapter)
{
  chapter.experiment("cost-curve", "The cost of five slopes through the origin");
  nn::Figure figure("Five slopes", "x", "y");
  figure.points(three_X.row(1).t(), three_y.t(), "data");
  const arma::vec slopes = {0, 0.5, 1, 1.5, 2};
  arma::vec J(slopes.n_elem);
  chapter.say("{:>8} {:>10}", "theta_1", "J");
  for (arma::uword i = 0; i < slopes.n_elem; ++i) {
    J(i) = J_of(slopes(i));
    chapter.say("{:8.1f} {:10.4f}", slopes(i), J(i));
    chapter.result(fmt::format("cost_curve.slope_{}", 10 * slopes(i)), J(i));
    figure.line({0, 3.2}, {0, 3.2 * slopes(i)}, fmt::format("θ₁ = {}", slopes(i)));
  }
  const double gap = arma::datum::nan;  // a line breaks there
  figure.line({1, 1, gap, 2, 2, gap, 3, 3}, {0.5, 1, gap, 1, 2, gap, 1.5, 3},
              "errors of θ₁ = 0.5");
  arma::vec curve = arma::linspace(-0.2, 2.2, 97);
  figure.panel("The cost of each", "θ₁", "J");
  figure.line(curve, arma::vec(curve).transform(J_of));
  figure.points(slopes, J);
  chapter.draw(figure, "cost-curve");
}

/// ![Left: the three points and the five lines; training shall make the errors short. Right: the cost of each slope.
/// A line that misses by much costs much, and the cost as a function of the slope is a bowl with its floor at
/// 1.](cost-curve.svg)
///
/// With one weight the bowl is a parabola, because \f$\theta\f$ enters squared; with more weights it is a bowl in
/// more dimensions. It has one floor (as long as no feature is a combination of the others), so whoever walks
/// downhill in small enough steps arrives at the same place from anywhere. (Chapter 05 leaves this comfort behind: a
/// network's cost has many valleys.)
///
/// Some books, and one of our documents, write \f$J = \tfrac12 \sum (h - y)^2\f$ without the \f$1/m\f$. It is the
/// same bowl, \f$m\f$ times as high, with its floor in the same place; only the steps get \f$m\f$ times as long,
/// which asks for a learning rate \f$m\f$ times smaller.
///
/// ## The gradient
///
/// Which way is down? The **gradient** (*gradiente*) \f$\nabla J\f$, the column of partial derivatives, points to
/// where \f$J\f$ grows fastest; we go the other way. It is the best direction *here*, a greedy choice: it knows
/// nothing of the ground further on.
///
/// We differentiate (1.2) from the outside in, by the chain rule:
/// \f[ \frac{\partial J}{\partial \theta_j} = \frac{1}{2m} \sum_{i=1}^{m} 2 \left( h_\theta(x^{(i)}) - y^{(i)} \right) \frac{\partial h_\theta(x^{(i)})}{\partial \theta_j} \f]
/// By (1.1) the inner derivative is the feature that the weight multiplies: \f$x_0 = 1\f$ for the intercept,
/// \f$x_j\f$ for the others. The 2 meets the ½:
/// \f[ \frac{\partial J}{\partial \theta_0} = \frac{1}{m} \sum_{i=1}^{m} \left( h_\theta(x^{(i)}) - y^{(i)} \right) \tag{1.3} \f]
/// \f[ \frac{\partial J}{\partial \theta_j} = \frac{1}{m} \sum_{i=1}^{m} \left( h_\theta(x^{(i)}) - y^{(i)} \right) x_j^{(i)} \tag{1.4} \f]
/// In words: each sample pulls at each weight with its error times the feature. On the three points at
/// \f$\theta = (0, 0)\f$ that is \f$-(1 + 2 + 3)/3 = -2\f$ for the intercept and \f$-(1 + 4 + 9)/3 = -14/3\f$ for the
/// slope. Two loops write it down:
mat gradient_by_loops(const mat& theta, const mat& X, const mat& y)  // → n×1
{
  mat dtheta(X.n_rows, 1);
  for (arma::uword i = 0; i < X.n_cols; ++i) {
    double error = -y(i);
    for (arma::uword j = 0; j < X.n_rows; ++j) error += theta(j) * X(j, i);
    for (arma::uword j = 0; j < X.n_rows; ++j) dtheta(j) += error * X(j, i);
  }
  return dtheta / X.n_cols;  // (1.4)
}

/// The sum over samples of error times feature is what a product of matrices does. With the errors as a row, all
/// partial derivatives come at once:
/// \f[ \nabla J(\theta) = \frac{1}{m} X \left( \theta^T X - y \right)^T \tag{1.5} \f]
/// The shapes are the check: n×m times m×1 is n×1, the shape of \f$\theta\f$. Written the other way round it would
/// not multiply.
template <nn::Matrix Mat>
Mat gradient(const Mat& theta, const Mat& X, const Mat& y)  // → n×1
{
  return X * (hypothesis(theta, X) - y).t() / X.n_cols;  // (1.5)
}

/// A formula derived by hand is a claim. We test it against the definition of the derivative: move one weight by
/// \f$\pm\epsilon = 10^{-5}\f$ and see how the cost changes,
/// \f[ \frac{\partial J}{\partial \theta_j} \approx \frac{J(\theta_j + \epsilon) - J(\theta_j - \epsilon)}{2 \epsilon} \tag{1.6} \f]
/// `nn::numerical_gradient` does it for each weight. If both agree to eight digits at a random place, with more
/// features than one and numbers that aren't round, we believe the formula.
void check_gradient(nn::Chapter& chapter)
{
  chapter.experiment("gradient-check", "The derivative by hand against the definition");
  const mat X(3, 7, arma::fill::randn), y(1, 7, arma::fill::randn),
      theta(3, 1, arma::fill::randn);
  const auto to_float = [](const mat& A) { return arma::conv_to<arma::fmat>::from(A); };
  const mat in_float =
      arma::conv_to<mat>::from(gradient(to_float(theta), to_float(X), to_float(y)));
  const mat numerical =
      nn::numerical_gradient([&](const mat& t) { return cost(t, X, y); }, theta);
  const auto report = [&](const char* what, const char* key, const mat& other) {
    const double error = nn::relative_error(gradient(theta, X, y), other);
    chapter.say("{:<32} relative error {:.0e}", what, error);
    chapter.result(key, error);
  };
  report("matrices against differences", "gradient.numerical_error", numerical);
  report("matrices against loops", "gradient.loops_error", gradient_by_loops(theta, X, y));
  report("double against float", "gradient.float_error", in_float);
}

/// The last row is the same formula in float: seven digits, enough for training. The differences (1.6) need double,
/// because their two costs agree in nearly all of seven digits, and what is left of the difference would be rounding.
///
/// ## Training: walk downhill
///
/// **Gradient descent** (*descenso de gradiente*) starts somewhere, by habit at random weights, and repeats one step:
/// \f[ \theta \leftarrow \theta - \alpha \nabla J(\theta) \tag{1.7} \f]
/// (On a bowl any start will do, and below we often take 0. In a network equal weights would stay equal for ever,
/// which is where the habit comes from.) The **learning rate** (*tasa de aprendizaje*) \f$\alpha\f$ decides how far a
/// step goes. Two additions came later and stayed. The rate may shrink as we near the goal, here with the iteration
/// \f$k\f$ and a hyper-parameter \f$\rho\f$:
/// \f[ \alpha_k = \frac{\alpha}{1 + \rho k} \tag{1.8} \f]
/// And a step may keep part \f$\beta\f$ of the one before, as a ball keeps rolling: **momentum** (*inercia*).
/// \f[ v \leftarrow \beta v - \alpha_k \nabla J(\theta), \qquad \theta \leftarrow \theta + v \tag{1.9} \f]
/// With \f$\rho = \beta = 0\f$ both are gone and (1.7) is left.
struct Rule {
  double alpha;         // learning rate
  double decay = 0;     // rho
  double momentum = 0;  // beta
};

/// The loop has to know when to stop. At the floor the gradient is zero, so we stop when it is a billionth of what it
/// was at the start: the descent has **converged** (*convergencia*). And it has to notice when things go wrong: in
/// plain descent the cost must fall in every iteration; when it rises, the learning rate is too large, and when it
/// grows without end the descent **diverges** (*divergencia*). We count the rises, and give up when the cost is a
/// thousand times its first value rather than compute with infinities to the end.
struct Descent {
  mat theta;      // n×1, where it ended
  arma::vec J;    // the cost at the start and after each step
  mat path;       // n×(steps + 1), the weights at the same moments
  int rises = 0;  // steps that went uphill
  bool converged = false;
  bool diverged = false;
};

/// Look at where the gradient is taken: once, before any weight moves.
Descent descend(const mat& start, const mat& X, const mat& y, const Rule& rule, int steps)
{
  Descent walk{.theta = start, .J = arma::vec(steps + 1), .path = mat(X.n_rows, steps + 1)};
  mat v(arma::size(start));
  const double first_slope = arma::norm(gradient(start, X, y));
  int k = 0;
  for (;; ++k) {
    const mat dtheta = gradient(walk.theta, X, y);
    walk.path.col(k) = walk.theta;
    walk.J(k) = cost(walk.theta, X, y);
    walk.rises += k > 0 && walk.J(k) > walk.J(k - 1) * (1 + 1e-12);
    walk.diverged = !(walk.J(k) <= 1000 * walk.J(0));
    walk.converged = arma::norm(dtheta) <= 1e-9 * first_slope;
    if (walk.diverged || walk.converged || k == steps) break;
    v = rule.momentum * v - rule.alpha / (1 + rule.decay * k) * dtheta;  // (1.8), (1.9)
    walk.theta += v;  // all weights at once
  }
  walk.J = walk.J.head(k + 1);
  walk.path = walk.path.head_cols(k + 1);
  return walk;
}

/// What became of a walk, in words for the terminal:
std::string verdict(const Descent& walk)
{
  const auto n = walk.J.n_elem - 1;
  if (walk.diverged)
    return fmt::format("diverges: {} of {} steps up, lower alpha", walk.rises, n);
  if (walk.converged) return fmt::format("converges in {} steps", n);
  return fmt::format("still on its way after {} steps", n);
}

/// "All weights at once" matters. A loop that updates each weight as soon as its derivative is known computes the
/// derivative for \f$\theta_1\f$ at another point than the one for \f$\theta_0\f$: the new \f$\theta_0\f$ with the
/// old \f$\theta_1\f$. It may still arrive, but it is not the step of (1.7). In a network the gradient of one layer
/// is computed with the weights of the next, and must use those that made the error.
void simultaneous_update(nn::Chapter& chapter)
{
  chapter.experiment("simultaneous", "One step from (0, 0), alpha = 0.1");
  const mat start(2, 1);
  const mat together = start - 0.1 * gradient(start, three_X, three_y);
  mat in_turn = start;
  in_turn(0) -= 0.1 * gradient(in_turn, three_X, three_y)(0);
  in_turn(1) -= 0.1 * gradient(in_turn, three_X, three_y)(1);
  chapter.say("all at once     theta = ({:.4f}, {:.4f})", together(0), together(1));
  chapter.say("one by one      theta = ({:.4f}, {:.4f})", in_turn(0), in_turn(1));
  chapter.result("simultaneous.together", together(1));
  chapter.result("simultaneous.in_turn", in_turn(1));
}

/// The first line is the −2 and −14/3 that we worked out by hand, times −0.1.
///
/// ## Experiment: the learning rate
///
/// We descend on the three points from one random start with four learning rates, each ten times the one before. In
/// the figure, upwards, each line of the grid is a cost a hundred times the one below.
void learning_rates(nn::Chapter& chapter)
{
  chapter.experiment("learning-rates", "Four learning rates on three points, 200 steps");
  const mat start(2, 1, arma::fill::randn);
  nn::Figure figure("Cost while descending", "step", "J (logarithmic)");
  figure.log_y();
  figure.range_y(1e-6, 1e4);
  for (const auto& [alpha, key] :
       {std::pair{0.001, "a0001"}, {0.01, "a001"}, {0.1, "a01"}, {1.0, "a1"}}) {
    const Descent walk = descend(start, three_X, three_y, {alpha}, 200);
    chapter.say("alpha = {:<6} J {:.2f} → {:<8.3g} {}", alpha, walk.J(0), walk.J.back(),
                verdict(walk));
    chapter.result(fmt::format("learning_rates.{}_last", key), walk.J.back());
    chapter.result(fmt::format("learning_rates.{}_rises", key), walk.rises);
    figure.history(walk.J, fmt::format("α = {}", alpha));
  }
  chapter.draw(figure, "learning-rates");
}

/// ![With 0.001 the cost creeps, with 0.01 it falls slowly, with 0.1 fast; with 1 it explodes and leaves the picture
/// at once.](learning-rates.svg)
///
/// Two of the curves drop fast and then bend: the bowl is steep in one direction and flat in another, and the flat
/// one takes its time. And why does 1 explode? Along an eigenvector of the bowl's curvature, with eigenvalue
/// \f$\lambda\f$, the gradient is \f$\lambda\f$ times the distance to the floor, so a step multiplies that distance
/// by \f$1 - \alpha\lambda\f$. It shrinks only while that number lies between −1 and 1:
/// \f[ \alpha < \frac{2}{\lambda_{\max}}, \qquad \lambda_{\max} \text{ the largest eigenvalue of } \tfrac{1}{m} X X^T \tag{1.10} \f]
/// For a line we could compute this limit; for a network nobody can, so practice is to try 0.001, 0.01, 0.1, 1 and to
/// look at the cost.
double steepest(const mat& X)  // n×m → the curvature of the steepest direction
{
  return arma::eig_sym(mat(X * X.t() / X.n_cols)).max();  // (1.10)
}

/// ## Experiment: penguins
///
/// Now the real question. We bring the flipper to mean 0 and deviation 1 first (the next experiment shows why),
/// descend from three random starts, and translate the line back to millimetres: with \f$x = (f - \mu)/\sigma\f$,
/// \f[ \theta_0 + \theta_1 \frac{f - \mu}{\sigma} = \left( \theta_0 - \theta_1 \frac{\mu}{\sigma} \right) + \frac{\theta_1}{\sigma} f \tag{1.11} \f]
/// (`nn::with_intercept` puts the row of ones on top of the features.)
///
/// A line also has an exact answer, the **least squares** solution (*mínimos cuadrados*), where the gradient (1.5) is
/// zero:
/// \f[ X X^T \theta = X y^T \tag{1.12} \f]
/// A network has no such formula. Here it is the judge of our descent.
mat least_squares(const mat& X, const mat& y)  // n×m, 1×m → n×1
{
  return arma::solve(X * X.t(), X * y.t());  // (1.12)
}

/// Is the line any good? Its **typical error** (*error típico*) is the root of the mean squared error; the mean
/// square is \f$2J\f$, so it is \f$\sqrt{2J}\f$, in grams. We compare it with the same number for the average, and
/// draw the line. **R²** is the part of the average's squared error that the line takes away.
void how_good(nn::Chapter& chapter, const mat& line, const mat& flipper, const mat& mass)
{
  const double with_mean = arma::stddev(arma::rowvec(mass), 1);
  const double with_line = std::sqrt(2 * cost(line, nn::with_intercept(flipper), mass));
  chapter.say(
      "typical error: {:.0f} g with the mean for all, {:.0f} g with the line (R² = "
      "{:.2f})",
      with_mean, with_line, 1 - std::pow(with_line / with_mean, 2));
  chapter.result("penguins.mean_mass", arma::mean(arma::vectorise(mass)));
  chapter.result("penguins.mean_rmse", with_mean);
  chapter.result("penguins.line_rmse", with_line);
  nn::Figure figure("Penguins", "flipper length (mm)", "body mass (g)");
  figure.points(flipper.t(), mass.t(), "birds");
  const arma::rowvec ends = {flipper.min(), flipper.max()};
  figure.line(ends.t(), hypothesis(line, nn::with_intercept(ends)).t(),
              "line found by descent");
  chapter.draw(figure, "penguins");
}

/// The walk is the one we know; what is new is only the way back by (1.11).
void penguins(nn::Chapter& chapter)
{
  chapter.experiment("penguins", "The mass of a penguin from its flipper");
  const nn::Table birds = chapter.data("penguins.csv");
  const mat flipper = birds.numbers({"flipper_length_mm"});  // 1×m
  const mat mass = birds.numbers({"body_mass_g"});           // 1×m
  const nn::Standardizer scale(flipper);
  const mat X = nn::with_intercept(scale.apply(flipper));
  mat line;
  for (int start = 1; start <= 3; ++start) {
    const mat random = 1000 * mat(2, 1, arma::fill::randn);
    const Descent walk = descend(random, X, mass, {0.5}, 200);
    const double slope = walk.theta(1) / scale.deviation()(0);
    line = arma::vec{walk.theta(0) - slope * scale.mean()(0), slope};  // (1.11)
    chapter.say("start {}   mass = {:.3f} g/mm · flipper {:+.2f} g   {}", start, slope,
                line(0), verdict(walk));
  }
  const mat exact = least_squares(nn::with_intercept(flipper), mass);
  chapter.say("exactly   mass = {:.3f} g/mm · flipper {:+.2f} g", exact(1), exact(0));
  chapter.result("penguins.slope", line(1));
  chapter.result("penguins.intercept", line(0));
  chapter.result("penguins.error", nn::relative_error(line, exact));
  chapter.result("penguins.at_200", line(0) + 200 * line(1));
  how_good(chapter, line, flipper, mass);
}

/// ![Each point is a bird, the line is what descent found. A longer flipper goes with a heavier bird.](penguins.svg)
///
/// Three starts, one line: the bowl has one floor. Each millimetre of flipper goes with {{penguins.slope|%.2f}} g,
/// and a flipper of 200 mm belongs to a bird of {{penguins.at_200|%.0f}} g, give or take {{penguins.line_rmse|%.0f}}
/// g. The intercept, {{penguins.intercept|%.0f}} g, would be the mass of a bird without flippers; that it is absurd
/// tells us not to trust the line far outside the flippers it has seen.
///
/// ## Experiment: features of different scale
///
/// Cars: how many miles to the gallon, from the weight (a few thousand pounds) and the time from 0 to 60 mph (8 to 25
/// seconds)? The same data, once as they are and once with each feature **standardised** (*estandarizado*): minus its
/// mean, divided by its standard deviation.
void raw_and_standardised(nn::Chapter& chapter)
{
  chapter.experiment("feature-scaling", "Miles per gallon from weight and acceleration");
  const nn::Table cars = chapter.data("cars.csv");
  const mat features = cars.numbers({"weight_lb", "acceleration_s"});
  const mat mpg = cars.numbers({"mpg"});
  const mat raw = nn::with_intercept(features);
  const mat scaled = nn::with_intercept(nn::Standardizer(features).apply(features));
  const double floor = cost(least_squares(scaled, mpg), scaled, mpg);
  chapter.say("lowest cost possible: {:.3f}", floor);
  const int steps = chapter.options().quick ? 2000 : 20000;
  const auto report = [&](const char* name, const char* key, const mat& X, double alpha) {
    const Descent walk = descend(mat(3, 1), X, mpg, {alpha}, steps);
    chapter.say("{:<13} alpha = {:<8.3g} J = {:<8.4g} {}", name, alpha, walk.J.back(),
                verdict(walk));
    chapter.result(fmt::format("scaling.{}_above_floor", key), walk.J.back() - floor);
    chapter.result(fmt::format("scaling.{}_steps", key), walk.J.n_elem - 1.0);
  };
  report("raw", "raw_high", raw, 2.1 / steepest(raw));
  report("raw", "raw", raw, 1.9 / steepest(raw));
  report("standardised", "scaled", scaled, 1 / steepest(scaled));
  chapter.result("scaling.alpha_limit", 2 / steepest(raw));
}

/// By (1.10) the feature with the largest numbers sets the limit, here {{scaling.alpha_limit|%.2e}}. A rate just
/// above it diverges. A rate just below it suits the weight of the car and is far too small for the rest: after
/// {{scaling.raw_steps|%d}} steps the raw descent is still {{scaling.raw_above_floor|%.1f}} above the lowest cost,
/// which the standardised one reached in {{scaling.scaled_steps|%d}}.
///
/// Contour lines show it. To have two weights to draw, we take horsepower and acceleration and subtract all means,
/// which makes the intercept 0; we leave the scales of the features as they are, or don't.
std::pair<mat, mat> narrow_valley(nn::Chapter& chapter)  // features, 2×m, and miles, 1×m
{
  const nn::Table cars = chapter.data("cars.csv");
  const auto centred = [](const mat& A) -> mat {
    return A.each_col() - arma::vec(arma::mean(A, 1));
  };
  return {centred(cars.numbers({"horsepower", "acceleration_s"})),
          centred(cars.numbers({"mpg"}))};
}

/// Both descents take \f$1.7/\lambda_{\max}\f$, near the limit, so both paths swing.
void contours(nn::Chapter& chapter)
{
  chapter.experiment("contours",
                     "The same descent seen from above: horsepower and acceleration");
  const auto [raw, mpg] = narrow_valley(chapter);
  nn::Figure figure("Raw scales", "θ of horsepower", "θ of acceleration");
  const auto draw = [&, &y = mpg](const char* name, const char* key, const mat& X,
                                  double reach) {
    const mat floor = least_squares(X, y);
    const Descent walk = descend(mat(2, 1), X, y, {1.7 / steepest(X)}, 40);
    chapter.say("{:<13} after 40 steps ({:6.3f}, {:6.3f}), floor ({:6.3f}, {:6.3f})", name,
                walk.theta(0), walk.theta(1), floor(0), floor(1));
    chapter.result(fmt::format("contours.{}_way_left", key),
                   nn::relative_error(walk.theta, floor));
    figure.range_x(floor(0) - reach, floor(0) + reach);
    figure.range_y(floor(1) - reach, floor(1) + reach);
    figure.equal_axes();
    const auto J = [&](const arma::vec& theta) { return cost<mat>(theta, X, y); };
    figure.contour(J, arma::linspace(walk.J.back(), walk.J(0), 7));
    figure.path(walk.path.row(0).t(), walk.path.row(1).t(), "descent, 40 steps");
    figure.points(floor.row(0).t(), floor.row(1).t(), "floor");
  };
  draw("raw", "raw", raw, 0.8);
  figure.panel("Standardised", "θ of horsepower", "θ of acceleration");
  draw("standardised", "scaled", nn::Standardizer(raw).apply(raw), 9);
  chapter.draw(figure, "contours");
}

/// ![Level curves of the cost and the path of the descent; one unit is equally long on both axes of a panel. Left,
/// raw: a narrow valley; the path jumps from wall to wall and then creeps along the valley. Right, standardised: a
/// rounder bowl; the swings die out and some ten steps reach the floor.](contours.svg)
///
/// The gradient stands at right angles to the level curves. In a round bowl that is the way to the floor; in a narrow
/// valley it is the way to the other wall. (The bowl on the right is not quite round, because strong engines
/// accelerate well: the two features repeat each other in part.) Centring helps for the same reason: it makes the
/// intercept's direction independent of the others.
///
/// ## Experiment: momentum and a rate that falls
///
/// When the valley can't be made round, momentum helps. Along the valley all pushes point the same way, and in
/// \f$v\f$ they add up to \f$1/(1 - \beta)\f$ times one of them, here ten. Across it they change sign and cancel in
/// part. We try (1.9) and (1.8) in the raw valley with \f$\alpha = 1/\lambda_{\max}\f$, with which plain descent
/// doesn't swing at all, so what we compare is the slow way along the valley. The figure shows the height above the
/// floor; on its logarithmic axis a walk that covers the same part of what is left in each step is a straight line.
void momentum_and_decay(nn::Chapter& chapter)
{
  chapter.experiment("momentum", "Three rules in the narrow valley");
  const auto [X, mpg] = narrow_valley(chapter);
  const double floor = cost(least_squares(X, mpg), X, mpg), alpha = 1 / steepest(X);
  nn::Figure figure("How far above the floor", "step", "J − lowest J (logarithmic)");
  figure.log_y();
  const auto report = [&, &X = X, &y = mpg](const char* name, const char* key,
                                            const Rule& rule) {
    const Descent walk = descend(mat(2, 1), X, y, rule, 400);
    chapter.say("{:<22} J − lowest J = {:<8.2g} {}", name, walk.J.back() - floor,
                verdict(walk));
    chapter.result(fmt::format("momentum.{}", key), walk.J.back() - floor);
    figure.history(walk.J - floor, name);
  };
  report("plain", "plain", {alpha});
  report("rate falls, ρ = 0.01", "decay", {alpha, 0.01});
  report("momentum, β = 0.9", "momentum", {alpha, 0, 0.9});
  chapter.draw(figure, "momentum");
}

/// ![Momentum overshoots and swings, and arrives (as near as rounding lets it). Plain descent is still on its way
/// after 400 steps, and a falling rate only slows it further.](momentum.svg)
///
/// With momentum the cost may rise for a few steps, as a ball rolls through the floor and up the other side, so the
/// rule that the cost must fall every time is for plain descent only. A falling rate looks useless here. It is made
/// for the next experiment.
///
/// ## Experiment: all samples, a few, or one
///
/// (1.5) reads every sample before it takes one step. If the samples resemble each other, a few would give nearly the
/// same direction for a fraction of the work. A **batch** (*lote*) is the set of samples behind one step, a
/// **mini-batch** (*mini-lote*) a small one. With \f$b\f$ samples in each, one pass over the data, an **epoch**
/// (*época*), makes \f$m/b\f$ steps: \f$b = m\f$ is what we did so far, and \f$b = 1\f$ takes a step after every
/// sample. The samples are shuffled before each epoch: in the file's order the last cars would always have the last
/// word.
struct Training {
  arma::vec J;        // the cost on all samples after each epoch, the start first
  arma::vec seconds;  // spent in the steps until then
};

template <nn::Matrix Mat>
Training train_in_batches(Mat X, Mat y, arma::uword size, const Rule& rule, int epochs)
{
  Training training{arma::vec(epochs + 1), arma::vec(epochs + 1)};
  Mat theta(X.n_rows, 1);
  training.J(0) = cost(theta, X, y);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    nn::shuffle(X, y);
    const double alpha = rule.alpha / (1 + rule.decay * epoch);  // (1.8), once an epoch
    const double spent = nn::seconds([&] {
      for (const auto [first, last] : nn::batches(X.n_cols, size)) {
        theta -= alpha * gradient<Mat>(theta, X.cols(first, last), y.cols(first, last));
      }
      nn::wait_for(theta);
    });
    training.seconds(epoch + 1) = training.seconds(epoch) + spent;
    training.J(epoch + 1) = cost(theta, X, y);
  }
  return training;
}

/// We train on three standardised features of the cars with three sizes, and one by one also with a rate that falls.
/// The figure has the height above the floor twice, against epochs and against the clock.
void batch_sizes(nn::Chapter& chapter)
{
  chapter.experiment("batches",
                     "Batches of 392, 32 and 1 car: J above its floor as epochs go by");
  const nn::Table cars = chapter.data("cars.csv");
  const mat features = cars.numbers({"weight_lb", "horsepower", "acceleration_s"});
  const mat mpg = cars.numbers({"mpg"});
  const mat X = nn::with_intercept(nn::Standardizer(features).apply(features));  // 4×392
  const double floor = cost(least_squares(X, mpg), X, mpg);
  const int epochs = chapter.options().quick ? 30 : 60;
  std::vector<std::pair<std::string, Training>> runs;
  const auto run = [&](const char* name, const char* key, arma::uword size,
                       const Rule& rule) {
    const Training t = nn::on_device(
        chapter.options(),
        [&](const auto& A, const auto& y) {
          return train_in_batches(A, y, size, rule, epochs);
        },
        X, mpg);
    runs.emplace_back(name, t);
    chapter.say("{:<18} after 1 epoch {:8.3f}  after {} {:8.2g}  in {:4.1f} ms", name,
                t.J(1) - floor, epochs, t.J.back() - floor, 1000 * t.seconds.back());
    chapter.result(fmt::format("batches.{}_first", key), t.J(1) - floor);
    chapter.result(fmt::format("batches.{}_last", key), t.J.back() - floor);
  };
  run("all 392", "all", X.n_cols, {0.05});
  run("32 at a time", "mini", 32, {0.05});
  run("one by one", "one", 1, {0.05});
  run("one, falling rate", "one_falling", 1, {0.05, 1});

  nn::Figure figure("Against epochs", "epoch", "J − lowest J (logarithmic)");
  figure.log_y();
  for (const auto& [name, t] : runs) figure.history(t.J - floor, name);
  figure.panel("Against time", "milliseconds (logarithmic)", "J − lowest J (logarithmic)");
  figure.log_y();
  figure.log_x();
  for (const auto& [name, t] : runs) {
    figure.line(1000 * t.seconds.tail(epochs), t.J.tail(epochs) - floor, name);
  }
  chapter.draw(figure, "batches");
}

/// ![Left, one pass over the data is one unit: the smaller the batch, the faster the first epochs, and the earlier
/// the cost stops falling and jitters. Right, the same against the clock, from the end of the first epoch on, where
/// the mini-batches come out best.](batches.svg)
///
/// One by one makes 392 steps where the batch makes one, so its first epoch does most of the work. But every car
/// pulls towards its own answer, so the line never rests: it trembles at a height above the floor that the learning
/// rate decides. A falling rate (1.8) calms it. Against the clock, 392 products of tiny matrices take many times as
/// long as one large product with the same arithmetic: each call has its own overhead, and a large product keeps the
/// processor's wide instructions busy. Mini-batches take the better part of both, and from here on the course trains
/// with them.
///
/// `./course run 01 --device gpu` has this experiment computed by a graphics card, if there is one: `nn::on_device` moves
/// the cars there once, and `nn::wait_for` makes our clock wait, because such a device works on while the program runs
/// ahead. There a call costs more still, and the batches of one show it.
///
/// ## What to try
///
/// - Give `learning_rates` the rates 0.36 and 0.37 (each carries a name for `results.json`). The limit (1.10) for the
///   three points lies between; compute it.
/// - Predict the mass from `bill_depth_mm`. The slope is negative. Now take one species at a time: the columns
///   `arma::find(...)` of those whose `birds.text("species")` it is. What happened?
/// - Print `least_squares(flipper, mass)`, without the row of ones. The slope falls from 50 to 21 g/mm. Through which
///   point must this line pass? What if the flipper is standardised first?
/// - Remove `nn::shuffle`. Three of the four curves change: which one can't, and where has the jitter gone?
/// - Raise the momentum to 0.99. After 400 steps, is it ahead of plain descent? Give both 4000.

}  // namespace

int main(int argc, char** argv)
{
  const auto story = [](nn::Chapter& chapter) {
    cost_curve(chapter);
    check_gradient(chapter);
    simultaneous_update(chapter);
    learning_rates(chapter);
    penguins(chapter);
    raw_and_standardised(chapter);
    contours(chapter);
    momentum_and_decay(chapter);
    batch_sizes(chapter);
  };
  return nn::run_chapter("01-linear-regression", "Linear regression by gradient descent",
                         argc, argv, story);
}
