/// # Linear regression by gradient descent
///
/// A line learns to fit points by walking downhill on its own error: the loop that every later chapter keeps.
///
/// At the end of this chapter you can write a cost, derive its gradient and check it against numbers, choose
/// a learning rate by reading the cost, say why features must share a scale, and tell batch, mini-batch and
/// one-by-one training apart by what each costs and gains.
///
/// ## Builds on
///
/// Derivatives, the chain rule and the product of matrices. No other chapter: this is the first.

#include <armadillo>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/gradient_check.hpp"
#include "nn/matrix.hpp"
#include "nn/sampling.hpp"
#include "nn/standardizer.hpp"

namespace {

using arma::mat;

/// ## The question
///
/// How heavy is a penguin whose flipper measures 200 mm? Between 2007 and 2009 some 340 of them were caught,
/// measured and weighed in the Palmer archipelago, so somebody knows. The easy answer is the average of all
/// the birds: {{penguins.mean_mass|%.0f}} g. It ignores the flipper, and is off by
/// {{penguins.mean_rmse|%.0f}} g for a typical bird. The other easy answer is to look up a bird with the same
/// flipper; but ten birds with one flipper have ten masses, and nobody caught one of 250 mm.
///
/// We want a rule that uses the flipper, takes every bird into account and answers for flippers nobody has
/// measured. The simplest such rule is a straight line. Which one?
///
/// ## The model: one neuron
///
/// **Linear regression** (*regresión lineal*) answers with a weighted sum of what it is told. A sample
/// (*muestra*) is a column \f$x\f$ of \f$n\f$ numbers, its **features** (*atributos*); the weights are a
/// column \f$\theta\f$:
/// \f[ h_\theta(x) = \theta^T x = \theta_0 x_0 + \theta_1 x_1 + \dots + \theta_{n-1} x_{n-1} \tag{1.1} \f]
/// The first feature is the constant \f$x_0 = 1\f$, so that \f$\theta_0\f$ is the **intercept**
/// (*intercepción*). Without it every line would have to pass through the origin: a bird without a flipper
/// would weigh nothing, and the slope would have to bend the truth to make up for it.
///
/// ![Linear regression as a network: one neuron that adds its weighted inputs and hands the sum on
/// unchanged.](neuron.svg)
///
/// Samples stand beside each other as the columns of a matrix \f$X\f$, so one product answers for all of
/// them.
template <nn::Matrix Mat>
Mat hypothesis(const Mat& theta, const Mat& X)  // n×1, n×m → 1×m
{
  return theta.t() * X;  // (1.1)
}

/// The weights are the model's **parameters** (*parámetros*): training finds them. What we choose before
/// training, such as the length of a step below, are **hyper-parameters** (*hiperparámetros*): no gradient
/// finds those.
///
/// ## The cost
///
/// To prefer one line to another we need one number that says how wrong a line is. Adding up the errors
/// \f$h - y\f$ won't do: a bird too heavy by 500 g would cancel a bird too light by 500 g. Their squares
/// can't cancel, and unlike absolute values they have a slope that shrinks as the error does, so steps become
/// small near the goal. The **cost** (*función de costo*) is half the mean of the squares:
/// \f[ J(\theta) = \frac{1}{2m} \sum_{i=1}^{m} \left( h_\theta(x^{(i)}) - y^{(i)} \right)^2 \tag{1.2} \f]
/// The ½ is there to cancel the 2 of the derivative. The \f$1/m\f$ makes costs comparable between 3 samples
/// and 3 million.
template <nn::Matrix Mat>
double cost(const Mat& theta, const Mat& X, const Mat& y)  // n×1, n×m, 1×m → number
{
  const Mat E = hypothesis(theta, X) - y;     // 1×m
  return accu(square(E)) / (2.0 * X.n_cols);  // (1.2)
}

/// Take three points on the line \f$y = x\f$: (1, 1), (2, 2) and (3, 3). We know the answer,
/// \f$\theta_0 = 0\f$ and \f$\theta_1 = 1\f$, so we can see whether the cost knows it. Hold the intercept at
/// 0 and try five slopes.
const mat three_X = {{1, 1, 1}, {1, 2, 3}};  // 2×3
const mat three_y = {{1, 2, 3}};             // 1×3

void cost_curve(nn::Chapter& chapter)
{
  chapter.experiment("cost-curve", "The cost of five slopes through the origin");
  nn::Figure figure("Five slopes", "x", "y");
  figure.points(three_X.row(1).t(), three_y.t(), "data");
  const arma::vec slopes = {0, 0.5, 1, 1.5, 2};
  arma::vec J(slopes.n_elem);
  chapter.say("{:>8} {:>10}", "theta_1", "J");
  for (arma::uword i = 0; i < slopes.n_elem; ++i) {
    J(i) = cost<mat>(arma::vec{0, slopes(i)}, three_X, three_y);
    chapter.say("{:8.1f} {:10.4f}", slopes(i), J(i));
    chapter.result(fmt::format("cost_curve.slope_{}", 10 * slopes(i)), J(i));
    figure.line({0, 3.2}, {0, 3.2 * slopes(i)}, fmt::format("θ₁ = {}", slopes(i)));
  }
  const arma::vec fine = arma::linspace(-0.2, 2.2, 97);
  arma::vec curve = fine;
  curve.transform([](double slope) { return cost<mat>(arma::vec{0, slope}, three_X, three_y); });
  figure.panel("The cost of each", "θ₁", "J");
  figure.line(fine, curve);
  figure.points(slopes, J);
  chapter.draw(figure, "cost-curve");
}

/// ![Left: the three points and the five lines. Right: the cost of each slope. A line that misses by much
/// costs much, and the cost as a function of the slope is a bowl with its floor at 1.](cost-curve.svg)
///
/// The bowl is a parabola because \f$\theta\f$ enters squared. A bowl has one floor, so whoever walks
/// downhill from anywhere arrives at the same place. (Chapter 05 leaves this comfort behind: a network's cost
/// has many valleys.)
///
/// Some books, and one of our documents, write \f$J = \tfrac12 \sum (h - y)^2\f$ without the \f$1/m\f$. It is
/// the same bowl, \f$m\f$ times as high, with its floor in the same place; only the steps get \f$m\f$ times
/// as long, which asks for a learning rate \f$m\f$ times smaller. The experiments below show that too.
///
/// ## The gradient
///
/// Which way is down? The **gradient** (*gradiente*) \f$\nabla J\f$, the column of partial derivatives,
/// points to where \f$J\f$ grows fastest; we go the other way. Take one square of (1.2) and derive from the
/// outside in: the square gives \f$2(h - y)\f$, and \f$h = \theta_0 + \theta_1 x_1 + \dots\f$ gives 1 for
/// \f$\theta_0\f$ and \f$x_j\f$ for \f$\theta_j\f$. The 2 meets the ½, the sum stays:
/// \f[ \frac{\partial J}{\partial \theta_0} = \frac{1}{m} \sum_{i=1}^{m} \left( h_\theta(x^{(i)}) - y^{(i)} \right) \tag{1.3} \f]
/// \f[ \frac{\partial J}{\partial \theta_j} = \frac{1}{m} \sum_{i=1}^{m} \left( h_\theta(x^{(i)}) - y^{(i)} \right) x_j^{(i)} \tag{1.4} \f]
/// In words: each sample pulls at each weight with its error times the feature that the weight multiplies.
/// Since \f$x_0 = 1\f$, the first formula is a case of the second, and two loops write it down:
mat gradient_by_loops(const mat& theta, const mat& X, const mat& y)  // n×1, n×m, 1×m → n×1
{
  mat dtheta(X.n_rows, 1);
  for (arma::uword i = 0; i < X.n_cols; ++i) {
    double error = -y(i);
    for (arma::uword j = 0; j < X.n_rows; ++j) error += theta(j) * X(j, i);
    for (arma::uword j = 0; j < X.n_rows; ++j) dtheta(j) += error * X(j, i) / X.n_cols;  // (1.4)
  }
  return dtheta;
}

/// The sum over samples of error times feature is what a product of matrices does. With the errors as a row,
/// all partial derivatives come at once:
/// \f[ \nabla J(\theta) = \frac{1}{m} X \left( \theta^T X - y \right)^T \tag{1.5} \f]
/// The shapes are the check: n×m times m×1 is n×1, the shape of \f$\theta\f$. Written the other way round it
/// would not multiply.
template <nn::Matrix Mat>
Mat gradient(const Mat& theta, const Mat& X, const Mat& y)  // n×1, n×m, 1×m → n×1
{
  return X * (hypothesis(theta, X) - y).t() / X.n_cols;  // (1.5)
}

/// A formula derived by hand is a claim. We test it against the definition of the derivative: move one weight
/// a little up and a little down and see how the cost changes. `nn::numerical_gradient` does it for each
/// weight. If both agree to eight digits at a random place, with more features than one and numbers that
/// aren't round, the formula is right.
void check_gradient(nn::Chapter& chapter)
{
  chapter.experiment("gradient-check", "The derivative by hand against the definition");
  const mat X = arma::join_cols(mat(1, 7, arma::fill::ones), mat(2, 7, arma::fill::randn));  // 3×7
  const mat y(1, 7, arma::fill::randn), theta(3, 1, arma::fill::randn);
  const mat by_hand = gradient(theta, X, y);
  const mat numerical = nn::numerical_gradient([&](const mat& t) { return cost(t, X, y); }, theta);
  const mat in_float = arma::conv_to<mat>::from(gradient<arma::fmat>(arma::conv_to<arma::fmat>::from(theta),
                                                                     arma::conv_to<arma::fmat>::from(X),
                                                                     arma::conv_to<arma::fmat>::from(y)));
  const auto report = [&](const char* what, const char* key, const mat& other) {
    const double error = nn::relative_error(by_hand, other);
    chapter.say("{:<32} relative error {:.0e}", what, error);
    chapter.result(key, error);
  };
  report("matrices against differences", "gradient.numerical_error", numerical);
  report("matrices against loops", "gradient.loops_error", gradient_by_loops(theta, X, y));
  report("double against float", "gradient.float_error", in_float);
}

/// The last row is the same formula in numbers of half the size. Training gets along with their seven digits;
/// a check by differences does not, which is why we check in double.
///
/// ## Training: walk downhill
///
/// **Gradient descent** (*descenso de gradiente*) starts at random weights and repeats one step:
/// \f[ \theta \leftarrow \theta - \alpha \nabla J(\theta) \tag{1.6} \f]
/// The **learning rate** (*tasa de aprendizaje*) \f$\alpha\f$ decides how far a step goes. Two additions are
/// as old as the method. The rate may shrink as we near the goal, here with the iteration \f$k\f$ and a
/// hyper-parameter \f$\rho\f$:
/// \f[ \alpha_k = \frac{\alpha}{1 + \rho k} \tag{1.7} \f]
/// And a step may keep part \f$\beta\f$ of the one before, as a ball keeps rolling: **momentum** (*inercia*).
/// \f[ v \leftarrow \beta v - \alpha_k \nabla J(\theta), \qquad \theta \leftarrow \theta + v \tag{1.8} \f]
/// With \f$\rho = \beta = 0\f$ both are gone and (1.6) is left.
struct Rule {
  double alpha;         // learning rate
  double decay = 0;     // rho
  double momentum = 0;  // beta
};

/// The loop has to know when to stop. At the floor the gradient is zero, so we stop when it is a billionth of
/// what it was at the start. And it has to notice when things go wrong: for plain descent **the cost must
/// fall in every iteration; when it rises, the learning rate is too large**. We count the rises and give up
/// when the cost is a thousand times its first value, rather than compute with infinities to the end.
struct Descent {
  mat theta;      // n×1, where it ended
  arma::vec J;    // the cost at the start and after each step
  mat path;       // n×(steps + 1), the weights at the same moments
  int rises = 0;  // steps that went uphill
  bool converged = false;
  bool diverged = false;
};

Descent descend(const mat& start, const mat& X, const mat& y, const Rule& rule, int iterations)
{
  Descent walk{.theta = start, .J = arma::vec(iterations + 1), .path = mat(X.n_rows, iterations + 1)};
  mat v(arma::size(start));
  double first_slope = 0;
  int k = 0;
  for (;; ++k) {
    const mat dtheta = gradient(walk.theta, X, y);
    if (k == 0) first_slope = arma::norm(dtheta);
    walk.path.col(k) = walk.theta;
    walk.J(k) = cost(walk.theta, X, y);
    walk.rises += k > 0 && walk.J(k) > walk.J(k - 1) * (1 + 1e-12);
    walk.diverged = !(walk.J(k) <= 1000 * walk.J(0));
    walk.converged = arma::norm(dtheta) <= 1e-9 * first_slope;
    if (walk.diverged || walk.converged || k == iterations) break;
    v = rule.momentum * v - rule.alpha / (1 + rule.decay * k) * dtheta;  // (1.8) with (1.7)
    walk.theta += v;                                                     // all weights at once
  }
  walk.J = walk.J.head(k + 1);
  walk.path = walk.path.head_cols(k + 1);
  return walk;
}

std::string verdict(const Descent& walk)
{
  const auto steps = walk.J.n_elem - 1;
  if (walk.diverged) return fmt::format("diverges: {} of {} steps went up, lower alpha", walk.rises, steps);
  if (walk.converged) return fmt::format("converges in {} steps", steps);
  return fmt::format("still on its way after {} steps", steps);
}

/// "All weights at once" matters. A student who loops over the weights and updates each as soon as its
/// derivative is known computes the second derivative at a place where nobody stands: the errors in it mix
/// the new \f$\theta_0\f$ with the old \f$\theta_1\f$. It may still arrive, but it is not the step of (1.6),
/// and in a network it would use weights that the error never went through.
void simultaneous_update(nn::Chapter& chapter)
{
  chapter.experiment("simultaneous", "One step, all weights at once or one after the other");
  const double alpha = 0.1;
  const mat start(2, 1);  // both 0
  const mat together = start - alpha * gradient(start, three_X, three_y);
  mat in_turn = start;
  for (arma::uword j = 0; j < 2; ++j) in_turn(j) -= alpha * gradient(in_turn, three_X, three_y)(j);
  chapter.say("at once      theta = ({:.4f}, {:.4f})", together(0), together(1));
  chapter.say("in turn      theta = ({:.4f}, {:.4f})", in_turn(0), in_turn(1));
  chapter.result("simultaneous.together", together(1));
  chapter.result("simultaneous.in_turn", in_turn(1));
}

/// ## Experiment: the learning rate
///
/// We descend on the three points from one random start with four learning rates, each ten times the one
/// before.
void learning_rates(nn::Chapter& chapter)
{
  chapter.experiment("learning-rates", "Four learning rates on three points, 200 steps");
  const mat start(2, 1, arma::fill::randn);
  nn::Figure figure("Cost while descending", "step", "J");
  figure.log_y();
  figure.range_y(1e-6, 1e4);
  for (const auto& [alpha, key] : {std::pair{0.001, "a0001"}, {0.01, "a001"}, {0.1, "a01"}, {1.0, "a1"}}) {
    const Descent walk = descend(start, three_X, three_y, {alpha}, 200);
    chapter.say("alpha = {:<6} J {:8.5f} → {:<10.4g} {}", alpha, walk.J(0), walk.J.back(), verdict(walk));
    chapter.result(fmt::format("learning_rates.{}_last", key), walk.J.back());
    chapter.result(fmt::format("learning_rates.{}_rises", key), walk.rises);
    figure.line(arma::regspace(0, walk.J.n_elem - 1.0), walk.J, fmt::format("α = {}", alpha));
  }
  chapter.draw(figure, "learning-rates");
  const auto m = static_cast<double>(three_X.n_cols);
  // The same walk on ½Σ(h−y)²: its gradient is m times as long, so alpha is m times smaller.
  mat theta = start;
  for (int k = 0; k < 200; ++k) theta -= 0.1 / m * (m * gradient(theta, three_X, three_y));
  const double apart = nn::relative_error(theta, descend(start, three_X, three_y, {0.1}, 200).theta);
  chapter.say("½Σ with alpha/m against 1/(2m)Σ with alpha: {:.0e} apart", apart);
  chapter.result("learning_rates.two_costs", apart);
}

/// ![With 0.001 the cost creeps, with 0.01 it falls slowly, with 0.1 fast; with 1 it explodes and leaves the
/// picture at once.](learning-rates.svg)
///
/// Two of the curves drop fast and then bend: the bowl is steep in one direction and flat in another, and the
/// flat one takes its time. Why does 1 explode? Along a direction in which the bowl's curvature is
/// \f$\lambda\f$, the gradient is \f$\lambda\f$ times the distance to the floor, so a step multiplies that
/// distance by \f$1 - \alpha\lambda\f$. It shrinks only while that number lies between −1 and 1:
/// \f[ \alpha < \frac{2}{\lambda_{\max}}, \qquad \lambda_{\max} \text{ the largest eigenvalue of } \tfrac{1}{m} X X^T \tag{1.9} \f]
/// For a line we could compute this limit; for a network nobody can, so practice is to try 0.001, 0.01, 0.1,
/// 1 and to look at the cost.
double steepest(const mat& X)  // n×m → the curvature of the steepest direction
{
  return arma::eig_sym(mat(X * X.t() / X.n_cols)).max();  // (1.9)
}

/// ## Experiment: penguins
///
/// Now the real question. We bring the flipper to mean 0 and deviation 1 first (the next experiment shows
/// why), descend from three random starts, and translate the line back to millimetres: with
/// \f$x = (f - \mu)/\sigma\f$,
/// \f[ \theta_0 + \theta_1 \frac{f - \mu}{\sigma} = \left( \theta_0 - \theta_1 \frac{\mu}{\sigma} \right) + \frac{\theta_1}{\sigma} f \tag{1.10} \f]
/// A line has an exact answer, the **least squares** solution (*mínimos cuadrados*), where the gradient (1.5)
/// is zero:
/// \f[ X X^T \theta = X y^T \tag{1.11} \f]
/// Chapter 05's networks have no such formula. Here it is the judge of our descent.
mat with_intercept(const mat& features)  // n×m → (n+1)×m, a row of ones on top
{
  return arma::join_cols(mat(1, features.n_cols, arma::fill::ones), features);
}

mat least_squares(const mat& X, const mat& y)  // n×m, 1×m → n×1
{
  return arma::solve(X * X.t(), X * y.t());  // (1.11)
}

void penguins(nn::Chapter& chapter)
{
  chapter.experiment("penguins", "The mass of a penguin from its flipper");
  const nn::Table birds = chapter.data("penguins.csv");
  const mat flipper = birds.numbers({"flipper_length_mm"}), mass = birds.numbers({"body_mass_g"});  // 1×m
  const nn::Standardizer scale(flipper);
  const mat X = with_intercept(scale.apply(flipper));
  mat line;
  for (int start = 1; start <= 3; ++start) {
    const Descent walk = descend(1000 * mat(2, 1, arma::fill::randn), X, mass, {0.5}, 200);
    const double slope = walk.theta(1) / scale.deviation()(0);
    line = arma::vec{walk.theta(0) - slope * scale.mean()(0), slope};  // (1.10)
    chapter.say("start {}   mass = {:.3f} g/mm · flipper {:+.2f} g   {}", start, slope, line(0),
                verdict(walk));
  }
  const mat exact = least_squares(with_intercept(flipper), mass);
  chapter.say("exactly   mass = {:.3f} g/mm · flipper {:+.2f} g", exact(1), exact(0));
  const double total = arma::var(arma::rowvec(mass), 1);
  const double left = 2 * cost(line, with_intercept(flipper), mass);
  chapter.say("a typical error falls from {:.0f} g (the mean for all) to {:.0f} g: R² = {:.2f}",
              std::sqrt(total), std::sqrt(left), 1 - left / total);
  chapter.result("penguins.slope", line(1));
  chapter.result("penguins.intercept", line(0));
  chapter.result("penguins.error", nn::relative_error(line, exact));
  chapter.result("penguins.mean_mass", arma::mean(arma::vectorise(mass)));
  chapter.result("penguins.mean_rmse", std::sqrt(total));
  chapter.result("penguins.line_rmse", std::sqrt(left));
  chapter.result("penguins.at_200", line(0) + 200 * line(1));

  nn::Figure figure("Penguins", "flipper length (mm)", "body mass (g)");
  figure.points(flipper.t(), mass.t(), "birds");
  const arma::vec ends = {170, 235};
  figure.line(ends, hypothesis(line, with_intercept(ends.t())).t(), "line found by descent");
  chapter.draw(figure, "penguins");
}

/// ![Each point is a bird, the line is what descent found. A longer flipper goes with a heavier
/// bird.](penguins.svg)
///
/// Three starts, one line: the bowl has one floor. It says that each millimetre of flipper goes with
/// {{penguins.slope|%.2f}} g, and answers the question: a flipper of 200 mm belongs to a bird of
/// {{penguins.at_200|%.0f}} g, give or take {{penguins.line_rmse|%.0f}} g. The intercept,
/// {{penguins.intercept|%.0f}} g, is the mass of a bird without flippers; that it is absurd tells us not to
/// trust the line far outside the flippers it has seen.
///
/// ## Experiment: features of different scale
///
/// Cars: how many miles to the gallon, from the weight in pounds (thousands) and the seconds from 0 to 60 mph
/// (tens). The same data, once as they are and once with each feature standardised: minus its mean, divided
/// by its deviation.
void raw_and_standardised(nn::Chapter& chapter)
{
  chapter.experiment("feature-scaling", "Miles per gallon from weight and acceleration");
  const nn::Table cars = chapter.data("cars.csv");
  const mat features = cars.numbers({"weight_lb", "acceleration_s"}), mpg = cars.numbers({"mpg"});
  const mat raw = with_intercept(features);
  const mat scaled = with_intercept(nn::Standardizer(features).apply(features));
  const double floor = cost(least_squares(scaled, mpg), scaled, mpg);
  chapter.say("lowest cost possible: {:.3f}", floor);
  const int steps = chapter.options().quick ? 2000 : 20000;
  const auto report = [&](const char* name, const char* key, const mat& X, double alpha, int iterations) {
    const Descent walk = descend(mat(3, 1), X, mpg, {alpha}, iterations);
    chapter.say("{:<13} alpha = {:<7.3g} J = {:<8.4g} {}", name, alpha, walk.J.back(), verdict(walk));
    chapter.result(fmt::format("scaling.{}_above_floor", key), walk.J.back() - floor);
    chapter.result(fmt::format("scaling.{}_steps", key), walk.J.n_elem - 1.0);
  };
  report("raw", "raw_high", raw, 2.1 / steepest(raw), steps);
  report("raw", "raw", raw, 1.9 / steepest(raw), steps);
  report("standardised", "scaled", scaled, 1 / steepest(scaled), steps);
  chapter.result("scaling.alpha_limit", 2 / steepest(raw));
}

/// By (1.9) the heaviest feature sets the limit, here \f$\alpha < {{scaling.alpha_limit|%.7f}}\f$. A rate
/// just above it diverges. A rate just below it is right for the weight and far too small for everything
/// else: the raw descent has hardly moved the intercept when the standardised one has long arrived. The
/// contour lines show it. To have two weights to draw, we centre the miles and two features (which makes the
/// intercept 0) and leave the scales of the features as they are, or don't.
mat centred(const mat& A)  // n×m → n×m, every row with mean 0
{
  return A.each_col() - arma::vec(arma::mean(A, 1));
}

void contours(nn::Chapter& chapter)
{
  chapter.experiment("contours", "The same descent seen from above: horsepower and acceleration");
  const nn::Table cars = chapter.data("cars.csv");
  const mat raw = centred(cars.numbers({"horsepower", "acceleration_s"}));
  const mat mpg = centred(cars.numbers({"mpg"}));
  const mat scaled = nn::Standardizer(raw).apply(raw);
  nn::Figure figure("Raw scales", "θ of horsepower", "θ of acceleration");
  const auto draw = [&](const char* name, const char* key, const mat& X, double reach) {
    const mat floor = least_squares(X, mpg);
    const Descent walk = descend(mat(2, 1), X, mpg, {1.7 / steepest(X)}, 40);
    const double left = arma::norm(walk.theta - floor) / arma::norm(floor);
    chapter.say("{:<13} after {} steps theta = ({:6.3f}, {:6.3f}), floor ({:6.3f}, {:6.3f})", name,
                walk.J.n_elem - 1, walk.theta(0), walk.theta(1), floor(0), floor(1));
    chapter.result(fmt::format("contours.{}_way_left", key), left);
    const arma::vec around = reach * arma::linspace(-1, 1, 121), x = floor(0) + around, y = floor(1) + around;
    mat Z(121, 121);
    for (arma::uword j = 0; j < 121; ++j) {
      for (arma::uword i = 0; i < 121; ++i) Z(i, j) = cost<mat>(arma::vec{x(j), y(i)}, X, mpg);
    }
    figure.contour(x, y, Z, arma::linspace(walk.J.back(), walk.J(0), 7));
    figure.path(walk.path.row(0).t(), walk.path.row(1).t(), "descent, 40 steps");
    figure.points(floor.row(0).t(), floor.row(1).t(), "floor");
    figure.equal_axes();
    figure.range_x(x.front(), x.back());
    figure.range_y(y.front(), y.back());
  };
  draw("raw", "raw", raw, 0.8);
  figure.panel("Standardised", "θ of horsepower", "θ of acceleration");
  draw("standardised", "scaled", scaled, 9);
  chapter.draw(figure, "contours");
}

/// ![Level curves of the cost and the path of the descent, both axes with the same units. Left, raw: a narrow
/// valley; the path jumps from wall to wall and creeps along the valley. Right, standardised: a rounder bowl;
/// a few steps reach the floor.](contours.svg)
///
/// (The bowl on the right is not quite round, because strong engines accelerate well: the two features repeat
/// each other in part.) The gradient stands at right angles to the level curves. In a round bowl that is the
/// way to the floor; in a narrow valley it is the way to the other wall. Centring helps for the same reason:
/// it makes the intercept's direction independent of the others.
///
/// ## Experiment: momentum and a rate that falls
///
/// When the valley can't be made round, momentum helps: pushes from wall to wall cancel out in \f$v\f$,
/// pushes along the valley add up. We try (1.8) and (1.7) against plain descent on the raw valley above.
void momentum_and_decay(nn::Chapter& chapter)
{
  chapter.experiment("momentum", "Three rules in the narrow valley");
  const nn::Table cars = chapter.data("cars.csv");
  const mat X = centred(cars.numbers({"horsepower", "acceleration_s"})), mpg = centred(cars.numbers({"mpg"}));
  const double floor = cost(least_squares(X, mpg), X, mpg), alpha = 1 / steepest(X);
  nn::Figure figure("How far above the floor", "step", "J − lowest J");
  figure.log_y();
  const auto report = [&](const char* name, const char* key, const Rule& rule) {
    const Descent walk = descend(mat(2, 1), X, mpg, rule, 400);
    chapter.say("{:<24} J − lowest J = {:<8.2g} {}", name, walk.J.back() - floor, verdict(walk));
    chapter.result(fmt::format("momentum.{}", key), walk.J.back() - floor);
    figure.line(arma::regspace(0, walk.J.n_elem - 1.0), walk.J - floor, name);
  };
  report("plain", "plain", {alpha});
  report("rate falls, ρ = 0.01", "decay", {alpha, 0.01});
  report("momentum, β = 0.9", "momentum", {alpha, 0, 0.9});
  chapter.draw(figure, "momentum");
}

/// ![Momentum overshoots and swings, and arrives. Plain descent is still on its way after 400 steps, and a
/// falling rate only slows it further.](momentum.svg)
///
/// With momentum the cost may rise for a few steps, as a ball rolls through the floor and up the other side,
/// so the rule that the cost must fall every time is for plain descent only. A falling rate looks useless
/// here. It is made for the next experiment.
///
/// ## Experiment: all samples, a few, or one
///
/// (1.5) reads every sample before it takes one step. If the samples resemble each other, a few would give
/// nearly the same direction for a fraction of the work. A **mini-batch** (*lote*) of \f$b\f$ samples gives
/// \f$m/b\f$ steps for one pass over the data, an **epoch** (*época*); \f$b = m\f$ is batch descent and
/// \f$b = 1\f$ takes a step after each sample. The samples are shuffled before each epoch: in the file's
/// order the last cars would always have the last word.
struct Training {
  arma::vec J;        // the cost on all samples after each epoch, the start first
  arma::vec seconds;  // spent in the steps until then
};

Training train_in_batches(mat X, mat y, arma::uword size, const Rule& rule, int epochs)
{
  using Clock = std::chrono::steady_clock;
  Training training{arma::vec(epochs + 1), arma::vec(epochs + 1)};
  mat theta(X.n_rows, 1);
  training.J(0) = cost(theta, X, y);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const auto start = Clock::now();
    nn::shuffle(X, y);
    const double alpha = rule.alpha / (1 + rule.decay * epoch);  // (1.7), once an epoch
    for (const auto [first, last] : nn::batches(X.n_cols, size)) {
      theta -= alpha * gradient<mat>(theta, X.cols(first, last), y.cols(first, last));  // (1.6)
    }
    const std::chrono::duration<double> spent = Clock::now() - start;
    training.seconds(epoch + 1) = training.seconds(epoch) + spent.count();
    training.J(epoch + 1) = cost(theta, X, y);
  }
  return training;
}

void batch_sizes(nn::Chapter& chapter)
{
  chapter.experiment("batches", "Batches of 392, 32 and 1 car: J above its floor as epochs go by");
  const nn::Table cars = chapter.data("cars.csv");
  const mat features = cars.numbers({"weight_lb", "horsepower", "acceleration_s"});
  const mat mpg = cars.numbers({"mpg"});
  const mat X = with_intercept(nn::Standardizer(features).apply(features));  // 4×392
  const double floor = cost(least_squares(X, mpg), X, mpg);
  const int epochs = chapter.options().quick ? 30 : 60;
  nn::Figure figure("Against epochs", "epoch", "J − lowest J");
  std::vector<std::pair<std::string, Training>> runs;
  const auto run = [&](const std::string& name, const char* key, arma::uword size, const Rule& rule) {
    const Training training = train_in_batches(X, mpg, size, rule, epochs);
    runs.emplace_back(name, training);
    chapter.say("{:<18} after 1 epoch {:8.3f}  after {} {:8.2g}  in {:4.1f} ms", name, training.J(1) - floor,
                epochs, training.J.back() - floor, 1000 * training.seconds.back());
    chapter.result(fmt::format("batches.{}_first", key), training.J(1) - floor);
    chapter.result(fmt::format("batches.{}_last", key), training.J.back() - floor);
  };
  run("all 392", "all", X.n_cols, {0.05});
  run("32 at a time", "mini", 32, {0.05});
  run("one by one", "one", 1, {0.05});
  run("one, falling rate", "one_falling", 1, {0.05, 1});
  figure.log_y();
  for (const auto& [name, t] : runs) figure.line(arma::regspace(0, epochs), t.J - floor, name);
  figure.panel("Against time", "milliseconds", "J − lowest J");
  figure.log_y();
  figure.log_x();
  for (const auto& [name, t] : runs)
    figure.line(1000 * t.seconds.tail(epochs), t.J.tail(epochs) - floor, name);
  chapter.draw(figure, "batches");
}

/// ![Left, one pass over the data is one unit: the smaller the batch, the faster the first epochs, and the
/// earlier the cost stops falling and jitters. Right, the same against the clock: a pass one by one takes far
/// longer than a pass in one product.](batches.svg)
///
/// One by one makes 392 steps where the batch makes one, so its first epoch does most of the work. But every
/// car pulls towards its own answer, so the line never rests: it trembles at a distance from the floor that
/// the learning rate decides. A falling rate (1.7) calms it. Against the clock the picture changes: 392
/// products of tiny matrices cost more than one large product. Mini-batches take the better part of both, and
/// from here on the course trains with them.
///
/// ## What to try
///
/// - Give `learning_rates` the rate 0.36 and then 0.37. The limit (1.9) for the three points lies between;
///   compute it.
/// - Predict the mass from the depth of the bill (`bill_depth_mm`). The slope is negative; now take one
///   species at a time (`birds.text("species")`). What happened?
/// - Drop the row of ones from the penguins. What does the line do, and why does it do worse?
/// - Remove `nn::shuffle`. Which of the four curves changes?
/// - Raise the momentum to 0.99. Count the swings.

}  // namespace

int main(int argc, char** argv)
{
  return nn::run_chapter("01-linear-regression", "Linear regression by gradient descent", argc, argv,
                         [](nn::Chapter& chapter) {
                           cost_curve(chapter);
                           check_gradient(chapter);
                           simultaneous_update(chapter);
                           learning_rates(chapter);
                           penguins(chapter);
                           raw_and_standardised(chapter);
                           contours(chapter);
                           momentum_and_decay(chapter);
                           batch_sizes(chapter);
                         });
}
