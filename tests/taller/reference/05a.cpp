#include <fmt/core.h>

#include "network.hpp"

// TALLER ANN: FFWD DE XOR: the reference, and what each misconception gives.
namespace taller {
namespace {

using arma::mat;

constexpr Slip sign{
    "sign",
    "the sign is the other way round: a logarithm of a probability is never positive, a cost never negative"};
constexpr Slip only_ones{"only y log p",
                         "the records whose label is 0 cost nothing: the second half of the sum is missing"};
constexpr Slip twice{"1/m twice",
                     "it is divided by the number of records twice: the document has 1/m outside and 1/N "
                     "inside, it stands once"};
constexpr Slip sum{"sum for mean", "the losses are added up, and not divided by the number of records"};
constexpr Slip squared{"squared error",
                       "these are squared errors; the exercise asks for the binary cross-entropy"};

constexpr Slip exchanged{"arguments exchanged",
                         "the logarithm of a label, 0, was taken: are y_est and y exchanged?"};
constexpr Slip unguarded{
    "log 0 unguarded",
    "0 times the logarithm of 0 is NaN: keep the probabilities a little away from 0 and 1"};

void add_forwards(Exercise& exercise, std::int64_t seed)
{
  Random a{seed, "feedForward.shape"}, b{seed, "feedForward.random"}, c{seed, "feedForward.one-record"},
      d{seed, "feedForward.large"};
  auto& checks = exercise.checks;
  checks.push_back(forward_check("shape", 9,
                                 "feedForward gives a1 and a2 of the right shapes: 4-6-3, 9 records",
                                 random_network(a, 4, 6, 3, 9), {"a1", "a2"}));
  only_shape(checks.back());
  checks.push_back(forward_check("hand-a1", 6, "a1 by hand: XOR, 3-4-1, 4 records", xor_by_hand(), {"a1"}));
  checks.push_back(forward_check("hand-a2", 6, "a2 by hand: XOR, 3-4-1, 4 records", xor_by_hand(), {"a2"}));
  const Network net = random_network(b, 3, 5, 2, 7);
  checks.push_back(forward_check("a1", 13, "a1 of a network 3-5-2, 7 records", net, {"a1"}));
  checks.push_back(forward_check("a2", 14, "a2 of a network 3-5-2, 7 records", net, {"a2"}));
  checks.push_back(forward_check("one-record", 6, "a1 and a2 of a single record, 3-5-2",
                                 random_network(c, 3, 5, 2, 1), {"a1", "a2"}));
  Network large = random_network(d, 3, 5, 2, 7);
  large.w1 *= 2000;
  large.b1 *= 2000;
  checks.push_back(forward_check(
      "large", 6, "weights in the thousands give 0 and 1, not NaN: 3-5-2, 7 records", large, {"a1", "a2"}));
}

// What an infinity or NaN means.
Candidate not_finite(const Slip& slip)
{
  return {.misconception = slip.name, .says = slip.says, .not_finite = true};
}

Check cost_check(const char* what, int points, const std::string& about, const mat& p, const mat& y,
                 const Slip& infinite = exchanged, double tolerance = 1e-5)
{
  Check check;
  check.name = fmt::format("costoGlobal.{}", what);
  check.function = check.hint = "costoGlobal";
  check.about = about;
  check.points = points;
  check.sizes = {{"m", y.n_cols}};
  check.inputs = {{"y_est", p}, {"y", y}};
  check.calls = {{.function = "costoGlobal", .arguments = {"y_est", "y"}, .results = {"J"}}};
  check.outputs = {"J"};
  check.absolute = tolerance;  // so that every reasonable guard against log 0 passes
  const auto m = static_cast<double>(y.n_cols);
  const mat inside = arma::clamp(p, 1e-12, 1 - 1e-12);
  const double J = cross_entropy(inside, y);
  const auto add = [&](const Slip& slip, double value) { wrong(check, slip, {{"J", scalar(value)}}); };
  right(check, {{"J", scalar(J)}});
  add(sign, -J);
  add(only_ones, -arma::accu(y % arma::log(inside)) / m);
  add(twice, J / m);
  add(sum, J * m);
  add(squared, arma::accu(arma::square(p - y)) / m);
  check.wrong.push_back(not_finite(infinite));
  return check;
}

void add_costs(Exercise& exercise, std::int64_t seed)
{
  Random a{seed, "costoGlobal.random"}, b{seed, "costoGlobal.size"};
  auto& checks = exercise.checks;
  checks.push_back(cost_check("hand", 9, "costoGlobal by hand: probabilities 1/2, 1/4, 3/4, labels 1, 0, 1",
                              {{0.5, 0.25, 0.75}}, {{1, 0, 1}}));
  checks.push_back(
      cost_check("random", 14, "costoGlobal of 7 records", a.matrix(1, 7, 0.02, 0.98), a.labels(1, 7)));
  checks.push_back(
      cost_check("size", 7, "costoGlobal of 11 records", b.matrix(1, 11, 0.02, 0.98), b.labels(1, 11)));
  checks.push_back(cost_check("one-record", 4, "costoGlobal of a single record", scalar(0.25), scalar(1)));
  checks.push_back(cost_check("certain", 6, "probabilities of exactly 0 and 1, and right: no cost, no NaN",
                              {{1, 0, 0.5}}, {{1, 0, 1}}, unguarded, 1e-4));
}

}  // namespace

Exercise exercise_05a(std::int64_t seed)
{
  Exercise exercise;
  exercise.id = "05a";
  exercise.title = "Feed-forward of XOR";
  exercise.functions = {{"feedForward",
                         "Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& "
                         "w2, const arma::mat& b1, const arma::mat& b2)"},
                        {"costoGlobal", "double costoGlobal(const arma::mat& y_est, const arma::mat& y)"}};
  add_forwards(exercise, seed);
  add_costs(exercise, seed);
  return exercise;
}

}  // namespace taller
