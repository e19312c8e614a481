#include <fmt/core.h>

#include "network.hpp"

// TALLER ANN: BACKPROP DE XOR: the reference, and what each misconception gives.
namespace taller {
namespace {

using arma::mat;

struct Gradients {
  mat dw1, db1, dw2, db2;
};

// What may be wrong with a backProp.
struct Variant {
  double factor = 1;          // of everything
  bool output_slope = false;  // σ' at the output
  bool hidden_slope = true;
  bool sigmoid_again = false;  // σ applied to a1
  bool rows_of_db = false;     // summed over the units instead of the records
  bool transposed = false;     // dw1
};

Gradients gradients(const Network& net, const Variant& variant = {})
{
  const auto [a1, a2] = forward(net);
  const double scale = variant.factor / static_cast<double>(net.X.n_cols);
  mat d2 = a2 - net.y;  // o×m
  if (variant.output_slope) d2 %= a2 % (1 - a2);
  mat d1 = net.w2.t() * d2;  // h×m
  const mat a = variant.sigmoid_again ? sigmoid(a1) : a1;
  if (variant.hidden_slope) d1 %= a % (1 - a);
  const int along = variant.rows_of_db ? 0 : 1;
  const mat dw1 = scale * d1 * net.X.t();
  return {variant.transposed ? mat(dw1.t()) : dw1, scale * arma::sum(d1, along), scale * d2 * a1.t(),
          scale * arma::sum(d2, along)};
}

constexpr Slip no_mean{
    "1/m is missing",
    "the sum over the records is there, the 1/m is not (J is the mean, so its gradient is too)"};
constexpr Slip output_slope{
    "sigmoid' at the output",
    "the slope of the output's sigmoid was multiplied in; with cross-entropy it cancels"};
constexpr Slip no_slope{"no sigmoid' in the hidden layer",
                        "the error comes back through w2, but not through the hidden layer's sigmoid"};
constexpr Slip again{"sigmoid of a1",
                     "a1 went through the sigmoid once more: it is an activation already, and its slope is "
                     "written with a1 itself"};
constexpr Slip reversed{
    "y - a2 for a2 - y",
    "the sign is the other way round: the error at the output is the estimate minus the label"};
constexpr Slip by_h{"1/h for 1/m",
                    "it is divided by the number of hidden units; J is a mean over the records"};
constexpr Slip by_n{"1/n for 1/m", "it is divided by the number of inputs; J is a mean over the records"};
constexpr Slip axis{"db over the wrong axis",
                    "summed over the units: a bias belongs to a unit and gathers all records, so the sum "
                    "goes along the rows"};
constexpr Slip transposed{"dw1 transposed", "it is transposed: a gradient has the shape of its weights"};

Matrices chosen(const Gradients& g, const std::vector<std::string>& outputs)
{
  const Matrices all{{"dw1", g.dw1}, {"db1", g.db1}, {"dw2", g.dw2}, {"db2", g.db2}};
  Matrices some;
  for (const std::string& output : outputs) some[output] = all.at(output);
  return some;
}

Check backward_check(const char* what, int points, const std::string& about, const Network& net,
                     const std::vector<std::string>& outputs)
{
  Check check = begin("backProp", what, points, about, net);
  const auto [a1, a2] = forward(net);
  check.inputs["a1"] = a1;
  check.inputs["a2"] = a2;
  check.calls = {{.function = "backProp",
                  .arguments = {"X", "y", "w1", "w2", "b1", "b2", "a2", "a1"},
                  .results = {"dw1", "db1", "dw2", "db2"}}};
  check.outputs = outputs;
  right(check, chosen(gradients(net), outputs));
  const auto add = [&](const Slip& slip, const Variant& variant) {
    wrong(check, slip, chosen(gradients(net, variant), outputs));
  };
  const auto m = static_cast<double>(net.X.n_cols);
  add(no_mean, {.factor = m});
  add(output_slope, {.output_slope = true});
  add(no_slope, {.hidden_slope = false});
  add(again, {.sigmoid_again = true});
  add(reversed, {.factor = -1});
  add(by_h, {.factor = m / static_cast<double>(net.w1.n_rows)});
  add(by_n, {.factor = m / static_cast<double>(net.X.n_rows)});
  add(axis, {.rows_of_db = true});
  add(transposed, {.transposed = true});
  check.wrong.push_back(
      {.misconception = "a1 and a2 exchanged",
       .says = "the labels were taken from a1: the arguments end in a2, a1, in this order",
       .throws = fmt::format("{}x{} and {}x{}", a1.n_rows, a1.n_cols, net.y.n_rows, net.y.n_cols)});
  return check;
}

const std::vector<std::string> all_blocks{"dw1", "db1", "dw2", "db2"};

Check differences_check(Random random)
{
  Network net = random_network(random, 4, 3, 2, 6);
  Check check = backward_check("differences", 6, "all four against differences of the cost: 4-3-2, 6 records",
                               net, all_blocks);
  check.absolute = 1e-6;
  const auto slope = [&](mat Network::*block) {
    const auto cost = [&](const mat& moved) {
      Network other = net;
      other.*block = moved;
      return cross_entropy(forward(other).a2, net.y);
    };
    return differences(cost, net.*block);
  };
  check.right = {};
  right(check, chosen({slope(&Network::w1), slope(&Network::b1), slope(&Network::w2), slope(&Network::b2)},
                      all_blocks));
  return check;
}

void add_backwards(Exercise& exercise, std::int64_t seed)
{
  Random a{seed, "backProp.shape"}, b{seed, "backProp.random"}, c{seed, "backProp.one-record"};
  auto& checks = exercise.checks;
  checks.push_back(backward_check("shape", 8,
                                  "backProp gives four gradients of the right shapes: 4-6-3, 9 records",
                                  random_network(a, 4, 6, 3, 9), all_blocks));
  only_shape(checks.back());
  checks.push_back(backward_check("hand-output", 6, "dw2 and db2 by hand: XOR, 3-4-1, 4 records",
                                  xor_by_hand(), {"dw2", "db2"}));
  checks.push_back(backward_check("hand-hidden", 6, "dw1 and db1 by hand: XOR, 3-4-1, 4 records",
                                  xor_by_hand(), {"dw1", "db1"}));
  const Network net = random_network(b, 3, 5, 2, 7);
  for (const auto& [block, points] : {std::pair{"dw2", 8}, {"db2", 5}, {"dw1", 8}, {"db1", 5}}) {
    checks.push_back(
        backward_check(block, points, fmt::format("{} of a network 3-5-2, 7 records", block), net, {block}));
  }
  checks.push_back(differences_check(Random{seed, "backProp.differences"}));
  checks.push_back(backward_check("one-record", 4, "all four for a single record, 3-5-2",
                                  random_network(c, 3, 5, 2, 1), all_blocks));
}

// --- entrenarRed, against the student's own feedForward and backProp
// ---------------------------------------------------

const std::vector<std::string> parameters{"w1", "b1", "w2", "b2"};

// What may be wrong with a training loop.
struct Loop {
  double sign = -1;
  bool biases = true;
  bool own_activations = true;  // else those of the arguments, in every epoch
  bool w2_first = false;        // w2 moves before dw1 is computed
};

void add_epoch(std::vector<Step>& steps, std::map<std::string, std::string>& now, double lr, const Loop& loop)
{
  std::string a1 = "a1", a2 = "a2";
  if (loop.own_activations) {
    steps.push_back({"feedForward", {"X", now["w1"], now["w2"], now["b1"], now["b2"]}, {"a1 now", "a2 now"}});
    a1 = "a1 now";
    a2 = "a2 now";
  }
  const auto backward = [&](const std::vector<std::string>& into) {
    steps.push_back({"backProp", {"X", "y", now["w1"], now["w2"], now["b1"], now["b2"], a2, a1}, into});
  };
  const auto move = [&](const std::string& parameter) {
    steps.push_back({"", {now[parameter], "d" + parameter}, {parameter + " now"}, loop.sign * lr});
    now[parameter] = parameter + " now";
  };
  backward({"dw1", "db1", "dw2", "db2"});
  if (loop.w2_first) {
    move("w2");
    backward({"dw1", "db1", "unused w2", "unused b2"});
  }
  for (const std::string& parameter : parameters) {
    const bool bias = parameter[0] == 'b';
    if ((bias && !loop.biases) || (parameter == "w2" && loop.w2_first)) continue;
    move(parameter);
  }
}

Candidate own_training(int epochs, double lr, const Loop& loop = {}, const Slip& slip = {"", ""})
{
  Candidate candidate{.misconception = slip.name, .says = slip.says};
  std::map<std::string, std::string> now;
  for (const std::string& parameter : parameters) now[parameter] = parameter;
  for (int epoch = 0; epoch < epochs; ++epoch) add_epoch(candidate.steps, now, lr, loop);
  for (const std::string& parameter : parameters) candidate.named["trained " + parameter] = now[parameter];
  return candidate;
}

Network train(Network net, double lr, int epochs)
{
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const auto [dw1, db1, dw2, db2] = gradients(net);
    net.w1 -= lr * dw1;
    net.b1 -= lr * db1;
    net.w2 -= lr * dw2;
    net.b2 -= lr * db2;
  }
  return net;
}

Matrices trained(const Network& net)
{
  return {{"trained w1", net.w1}, {"trained b1", net.b1}, {"trained w2", net.w2}, {"trained b2", net.b2}};
}

constexpr Slip uphill{"step uphill",
                      "the weights move along the gradient: it points to where the cost grows"};
constexpr Slip no_biases{"biases never updated",
                         "the weights are trained, the biases come back as they were"};
constexpr Slip stale{"the activations of the arguments in every epoch",
                     "every epoch uses the a1 and a2 of the start: they change with the weights"};
constexpr Slip w2_first{
    "w2 updated before dw1",
    "w2 had moved already when dw1 was computed: first all four gradients, then the steps"};
constexpr Slip unchanged{"weights returned unchanged", "what comes back is what went in"};
constexpr Slip one_more{"one epoch too many", "an epoch more than asked for was trained"};

Check training_check(const char* what, int points, const std::string& about, const Network& net, double lr,
                     int epochs)
{
  Check check = begin("entrenarRed", what, points, about, net);
  const auto [a1, a2] = forward(net);
  check.inputs.insert({{"a1", a1}, {"a2", a2}, {"lr", scalar(lr)}, {"epocas", scalar(epochs)}});
  check.calls = {{"entrenarRed",
                  {"epocas", "lr", "X", "y", "w1", "b1", "w2", "b2", "a1", "a2"},
                  {"trained w1", "trained b1", "trained w2", "trained b2"}}};
  check.outputs = check.calls.front().results;
  if (epochs > 1) check.relative = 1e-5;
  right(check, trained(train(net, lr, epochs)));
  check.wrong.push_back(own_training(epochs + 1, lr, {}, one_more));
  if (epochs == 0) return check;
  check.right.push_back(own_training(epochs, lr));
  check.wrong.push_back({.misconception = unchanged.name, .says = unchanged.says, .values = trained(net)});
  check.wrong.push_back(own_training(epochs, lr, {.sign = 1}, uphill));
  check.wrong.push_back(own_training(epochs, lr, {.biases = false}, no_biases));
  check.wrong.push_back(own_training(epochs, lr, {.w2_first = true}, w2_first));
  if (epochs > 1) check.wrong.push_back(own_training(epochs, lr, {.own_activations = false}, stale));
  return check;
}

// A start from which the reference learns XOR, and learns it well.
Check learning_check(Random random)
{
  constexpr int epochs = 3000;
  constexpr double lr = 2;
  Network net = xor_by_hand();
  do {
    net.w1 = random.matrix(4, 3);
    net.b1 = random.matrix(4, 1);
    net.w2 = random.matrix(1, 4);
    net.b2 = random.matrix(1, 1);
  } while (arma::abs(forward(train(net, lr, epochs)).a2 - net.y).max() > 0.1);
  Check check = training_check("learns", 4, fmt::format("the network learns XOR in {} epochs", epochs), net,
                               lr, epochs);
  check.calls.push_back(
      {"feedForward", {"X", "trained w1", "trained w2", "trained b1", "trained b2"}, {"a1 end", "a2 end"}});
  check.outputs = {"a2 end"};
  check.absolute = 0.4;
  check.right = {};
  check.wrong = {};
  check.needs = {"feedForward.whole", "backProp.dw2", "backProp.db2",
                 "backProp.dw1",      "backProp.db1", "entrenarRed.two"};
  right(check, {{"a2 end", net.y}});
  return check;
}

void add_trainings(Exercise& exercise, std::int64_t seed)
{
  Random a{seed, "entrenarRed.shape"}, b{seed, "entrenarRed.zero"}, c{seed, "entrenarRed.one"},
      d{seed, "entrenarRed.two"};
  auto& checks = exercise.checks;
  checks.push_back(
      training_check("shape", 5, "entrenarRed gives weights and biases of the right shapes: 4-6-3, 9 records",
                     random_network(a, 4, 6, 3, 9), 0.5, 1));
  only_shape(checks.back());
  checks.push_back(
      training_check("hand", 5, "one epoch by hand: XOR, 3-4-1, lr = 1/2", xor_by_hand(), 0.5, 1));
  checks.push_back(training_check("zero", 5, "no epoch at all returns what went in",
                                  random_network(b, 3, 5, 2, 7), 0.7, 0));
  checks.push_back(
      training_check("one", 9, "one epoch, 3-5-2, 7 records", random_network(c, 3, 5, 2, 7), 0.7, 1));
  checks.push_back(
      training_check("two", 12, "two epochs, 3-5-2, 7 records", random_network(d, 3, 5, 2, 7), 0.7, 2));
  checks.push_back(learning_check(Random{seed, "entrenarRed.learns"}));
}

}  // namespace

Exercise exercise_05b(std::int64_t seed)
{
  Exercise exercise;
  exercise.id = "05b";
  exercise.title = "Backpropagation of XOR";
  exercise.functions = {
      {"feedForward",
       "Activaciones feedForward(const arma::mat& X, const arma::mat& w1, const arma::mat& w2, const "
       "arma::mat& b1, const arma::mat& b2)"},
      {"backProp",
       "Gradientes backProp(const arma::mat& X, const arma::mat& y, const arma::mat& w1, const arma::mat& "
       "w2, const arma::mat& b1, const arma::mat& b2, const arma::mat& a2, const arma::mat& a1)"},
      {"entrenarRed",
       "Red entrenarRed(int epocas, double lr, const arma::mat& X, const arma::mat& y, const arma::mat& w1, "
       "const arma::mat& b1, const arma::mat& w2, const arma::mat& b2, const arma::mat& a1, const arma::mat& "
       "a2)"}};
  Random random{seed, "feedForward.whole"};
  exercise.checks.push_back(forward_check("whole", 4,
                                          "feedForward, brought from TALLER 05a: a1 and a2, 3-5-2, 7 records",
                                          random_network(random, 3, 5, 2, 7), {"a1", "a2"}));
  add_backwards(exercise, seed);
  add_trainings(exercise, seed);
  return exercise;
}

}  // namespace taller
