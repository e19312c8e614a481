#include <fmt/core.h>

#include "build.hpp"

// TALLER GRADIENT DESCENT: the reference, and what each misconception gives.
namespace taller {
namespace {

using arma::mat;

struct Line {
  mat X, y, theta;  // n×m, 1×m, n×1
};

Line random_line(Random& random, arma::uword n, arma::uword m)
{
  Line line{random.matrix(n, m, -2, 2), random.matrix(1, m, -3, 3), random.matrix(n, 1)};
  line.X.row(0).ones();
  return line;
}

Line three_points(double slope) { return {{{1, 1, 1}, {1, 2, 3}}, {{1, 2, 3}}, arma::vec{0, slope}}; }

mat errors(const Line& line) { return line.theta.t() * line.X - line.y; }  // 1×m

double cost(const Line& line) { return arma::accu(arma::square(errors(line))) / (2.0 * line.X.n_cols); }

mat gradient(const Line& line) { return line.X * errors(line).t() / line.X.n_cols; }  // n×1

constexpr Slip no_half{"the 1/2 is missing",
                       "it is the mean of the squares; J has a factor in front of it as well"};
constexpr Slip cost_no_mean{"1/m is missing",
                            "the squares are added up, and not divided by the number of records"};
constexpr Slip not_squared{"errors not squared",
                           "the errors are added with their signs, so that they cancel: J squares them"};
constexpr Slip no_mean{
    "1/m is missing",
    "the sum over the records is there, the 1/m is not (J is a mean, so its gradient is too)"};
constexpr Slip half_kept{"the 1/2 is kept",
                         "half of what it should be: what becomes of the ½ when a square is differentiated?"};
constexpr Slip reversed{"y - h for h - y",
                        "the sign is the other way round: the error is what the line says minus y"};
constexpr Slip uphill{"step uphill", "each step goes uphill: the gradient points to where J grows"};
constexpr Slip in_turn{
    "theta_0 updated first",
    "the later parameters were computed with the new theta_0: first the whole gradient, then the step"};
constexpr Slip frozen{"intercept never moves", "theta_0 never moves; its feature is the row of ones in X"};
constexpr Slip once{"gradient computed once",
                    "every step repeats the first one: the gradient is another one after each step"};

Check begin(const char* function, const char* what, int points, const std::string& about, const Line& line)
{
  Check check;
  check.name = fmt::format("{}.{}", function, what);
  check.function = check.hint = function;
  check.about = about;
  check.points = points;
  check.sizes = {{"n", line.X.n_rows}, {"m", line.X.n_cols}};
  check.inputs = {{"X", line.X}, {"y", line.y}, {"theta", line.theta}};
  return check;
}

Check cost_check(const char* what, int points, const std::string& about, const Line& line)
{
  Check check = begin("costo", what, points, about, line);
  check.calls = {{.function = "costo", .arguments = {"X", "y", "theta"}, .results = {"J"}}};
  check.outputs = {"J"};
  const auto m = static_cast<double>(line.X.n_cols);
  right(check, {{"J", scalar(cost(line))}});
  wrong(check, no_half, {{"J", scalar(2 * cost(line))}});
  if (m != 2) wrong(check, cost_no_mean, {{"J", scalar(m * cost(line))}});
  wrong(check, not_squared, {{"J", scalar(arma::accu(errors(line)) / (2 * m))}});
  return check;
}

Check gradient_check(const char* what, int points, const std::string& about, const Line& line)
{
  Check check = begin("gradiente", what, points, about, line);
  check.calls = {{.function = "gradiente", .arguments = {"X", "y", "theta"}, .results = {"gradient"}}};
  check.outputs = {"gradient"};
  const mat G = gradient(line);
  right(check, {{"gradient", G}});
  wrong(check, no_mean, {{"gradient", line.X.n_cols * G}});
  wrong(check, half_kept, {{"gradient", G / 2}});
  wrong(check, reversed, {{"gradient", -G}});
  return check;
}

// `steps` of descent along a gradient that may be spoilt.
template <class Gradient>
mat walk(Line line, double alpha, int steps, Gradient slope)
{
  for (int i = 0; i < steps; ++i) line.theta -= alpha * slope(line);
  return line.theta;
}

mat walk_in_turn(Line line, double alpha, int steps)
{
  for (int i = 0; i < steps; ++i) {
    line.theta(0) -= alpha * gradient(line)(0);
    const mat G = gradient(line);
    for (arma::uword j = 1; j < G.n_elem; ++j) line.theta(j) -= alpha * G(j);
  }
  return line.theta;
}

mat without_intercept(mat G)
{
  G(0) = 0;
  return G;
}

// The same descent, with the gradient that the student's own function gives.
Candidate own_descent(double alpha, int steps)
{
  Candidate own;
  std::string theta = "theta";
  for (int i = 1; i <= steps; ++i) {
    own.steps.push_back({.function = "gradiente", .arguments = {"X", "y", theta}, .results = {"G"}});
    own.steps.push_back({.arguments = {theta, "G"}, .results = {"walked"}, .factor = -alpha});
    theta = "walked";
  }
  own.named = {{"theta_end", theta}};
  return own;
}

Check descent_check(const char* what, int points, const std::string& about, const Line& line, double alpha,
                    int steps, bool with_own = true)
{
  Check check = begin("descensoGradiente", what, points, about, line);
  check.inputs["alpha"] = scalar(alpha);
  check.inputs["iteraciones"] = scalar(steps);
  check.calls = {{.function = "descensoGradiente",
                  .arguments = {"X", "y", "theta", "alpha", "iteraciones"},
                  .results = {"theta_end"}}};
  check.outputs = {"theta_end"};
  if (steps > 1) check.relative = 1e-5;
  const auto m = static_cast<double>(line.X.n_cols);
  const auto add = [&](const Slip& slip, const mat& theta) { wrong(check, slip, {{"theta_end", theta}}); };
  right(check, {{"theta_end", walk(line, alpha, steps, gradient)}});
  if (steps == 0 || !with_own) return check;
  check.right.push_back(own_descent(alpha, steps));
  add(uphill, walk(line, -alpha, steps, gradient));
  add(no_mean, walk(line, m * alpha, steps, gradient));
  add(half_kept, walk(line, alpha / 2, steps, gradient));
  add(in_turn, walk_in_turn(line, alpha, steps));
  add(frozen, walk(line, alpha, steps, [](const Line& l) { return without_intercept(gradient(l)); }));
  if (steps > 1) add(once, line.theta - steps * alpha * gradient(line));
  return check;
}

// A walk long enough to arrive, on features that share a scale.
Check arrival(Random random)
{
  Line line = random_line(random, 3, 12);
  for (arma::uword r = 1; r < line.X.n_rows; ++r) {
    line.X.row(r) -= arma::mean(arma::vectorise(line.X.row(r)));
    line.X.row(r) /= arma::stddev(arma::vectorise(line.X.row(r)), 1);
  }
  Check check = descent_check("arrives", 3, "descensoGradiente arrives at the least squares, 3000 steps",
                              line, 0.3, 3000, false);
  check.absolute = 1e-4;
  check.needs = {"gradiente.random", "descensoGradiente.four"};
  check.right = {};
  right(check, {{"theta_end", arma::solve(line.X * line.X.t(), line.X * line.y.t())}});
  return check;
}

void add_costs(Exercise& exercise, std::int64_t seed)
{
  const auto random = [&](const char* name) { return Random{seed, name}; };
  Random a = random("costo.random"), b = random("costo.size"), c = random("costo.one-record");
  exercise.checks.push_back(
      cost_check("hand", 6, "costo by hand: (1,1), (2,2), (3,3), theta = (0, 1/2)", three_points(0.5)));
  exercise.checks.push_back(
      cost_check("random", 12, "costo with 3 features, 7 records", random_line(a, 3, 7)));
  exercise.checks.push_back(
      cost_check("size", 4, "costo with 5 features, 11 records", random_line(b, 5, 11)));
  exercise.checks.push_back(cost_check("one-record", 4, "costo of a single record", random_line(c, 3, 1)));
}

void add_gradients(Exercise& exercise, std::int64_t seed)
{
  Random a{seed, "gradiente.random"}, b{seed, "gradiente.shape"}, c{seed, "gradiente.one-record"},
      d{seed, "gradiente.differences"};
  auto& checks = exercise.checks;
  checks.push_back(gradient_check("shape", 5, "gradiente has the shape of theta: 5 features, 11 records",
                                  random_line(b, 5, 11)));
  only_shape(checks.back());
  checks.push_back(
      gradient_check("hand", 7, "gradiente by hand: (1,1), (2,2), (3,3), theta = (0, 0)", three_points(0)));
  checks.push_back(
      gradient_check("random", 14, "gradiente with 3 features, 7 records", random_line(a, 3, 7)));
  Line line = random_line(d, 4, 9);
  Check check = gradient_check("differences", 5,
                               "gradiente against differences of the cost: 4 features, 9 records", line);
  check.absolute = 1e-6;
  check.right = {};
  const auto cost_at = [&](const mat& theta) { return cost({line.X, line.y, theta}); };
  right(check, {{"gradient", differences(cost_at, line.theta)}});
  checks.push_back(check);
  checks.push_back(gradient_check("one-record", 3, "gradiente of a single record", random_line(c, 3, 1)));
}

void add_descents(Exercise& exercise, std::int64_t seed)
{
  Random a{seed, "descensoGradiente.shape"}, b{seed, "descensoGradiente.one"},
      c{seed, "descensoGradiente.four"}, d{seed, "descensoGradiente.zero"};
  auto& checks = exercise.checks;
  checks.push_back(descent_check("shape", 5, "descensoGradiente returns a theta: 5 features, 11 records",
                                 random_line(a, 5, 11), 0.05, 2));
  only_shape(checks.back());
  checks.push_back(descent_check("hand", 6, "one step by hand: (1,1), (2,2), (3,3) from (0, 0), alpha = 0.1",
                                 three_points(0), 0.1, 1));
  checks.push_back(descent_check("one", 9, "one step: 3 features, 7 records", random_line(b, 3, 7), 0.13, 1));
  checks.push_back(
      descent_check("four", 14, "four steps: 3 features, 7 records", random_line(c, 3, 7), 0.13, 4));
  checks.push_back(
      descent_check("zero", 3, "no step at all leaves theta as it was", random_line(d, 3, 7), 0.13, 0));
  checks.push_back(arrival(Random{seed, "descensoGradiente.arrives"}));
}

}  // namespace

Exercise exercise_01(std::int64_t seed)
{
  Exercise exercise;
  exercise.id = "01";
  exercise.title = "Gradient descent";
  const std::string data = "const arma::mat& X, const arma::mat& y, const arma::mat& theta";
  exercise.functions = {
      {"costo", fmt::format("double costo({})", data)},
      {"gradiente", fmt::format("arma::mat gradiente({})", data)},
      {"descensoGradiente",
       fmt::format("arma::mat descensoGradiente({}, double alpha, int iteraciones)", data)}};
  add_costs(exercise, seed);
  add_gradients(exercise, seed);
  add_descents(exercise, seed);
  return exercise;
}

}  // namespace taller
