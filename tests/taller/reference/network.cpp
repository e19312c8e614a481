#include "network.hpp"

#include <fmt/core.h>

namespace taller {
namespace {

using arma::mat;

constexpr Slip no_biases{"biases dropped",
                         "the biases take no part: a net input is the product and the bias"};
constexpr Slip no_b2{"b2 dropped", "b1 takes part, b2 does not"};
constexpr Slip linear{"hidden layer linear",
                      "the hidden layer hands its net input on: its activation function is missing"};
constexpr Slip raw{"output not squashed", "the output is the net input: its activation function is missing"};
constexpr Slip flipped{"exp(+z)",
                       "it falls where it should rise: look at the sign in the exponent of the sigmoid"};
constexpr Slip rows{
    "records as rows",
    "it is transposed: here a record is a column, so the weights stand on the left of the product"};

// The activations with something wrong.
template <class Hidden, class Output>
Activations spoilt(const Network& net, Hidden hidden, Output output)
{
  const mat a1 = hidden(net_input(net.w1, net.X, net.b1));
  return {a1, output(net_input(net.w2, a1, net.b2))};
}

}  // namespace

Network random_network(Random& random, arma::uword n, arma::uword h, arma::uword o, arma::uword m)
{
  Network net;
  net.X = random.matrix(n, m, -2, 2);
  net.y = random.labels(o, m);
  net.w1 = random.matrix(h, n);
  net.b1 = random.matrix(h, 1);
  net.w2 = random.matrix(o, h);
  net.b2 = random.matrix(o, 1);
  return net;
}

Network xor_by_hand()
{
  return {.X = {{0, 0, 1, 1}, {0, 1, 0, 1}, {1, 1, 1, 1}},
          .y = {{0, 1, 1, 0}},
          .w1 = {{1, 0, 0}, {0, 0, 0}, {0, 1, 0}, {1, 1, -1}},
          .b1 = arma::vec{0, 0, 0, 1},
          .w2 = {{-1, 1, 2, -2}},
          .b2 = arma::vec{0.5}};
}

Check begin(const char* function, const char* what, int points, const std::string& about, const Network& net)
{
  Check check;
  check.name = fmt::format("{}.{}", function, what);
  check.function = check.hint = function;
  check.about = about;
  check.points = points;
  check.sizes = {{"n", net.X.n_rows}, {"h", net.w1.n_rows}, {"o", net.w2.n_rows}, {"m", net.X.n_cols}};
  check.inputs = {{"X", net.X}, {"y", net.y}, {"w1", net.w1}, {"w2", net.w2}, {"b1", net.b1}, {"b2", net.b2}};
  return check;
}

Check forward_check(const char* what, int points, const std::string& about, const Network& net,
                    const std::vector<std::string>& outputs)
{
  Check check = begin("feedForward", what, points, about, net);
  check.calls = {
      {.function = "feedForward", .arguments = {"X", "w1", "w2", "b1", "b2"}, .results = {"a1", "a2"}}};
  check.outputs = outputs;
  const auto values = [&](const Activations& a) {
    Matrices chosen;
    for (const std::string& output : outputs) chosen[output] = output == "a1" ? a.a1 : a.a2;
    return chosen;
  };
  const auto same = [](const mat& z) { return z; };
  const auto falling = [](const mat& z) { return sigmoid(-z); };
  const Activations a = forward(net);
  Network without = net;
  without.b2.zeros();
  right(check, values(a));
  wrong(check, no_b2, values(forward(without)));
  without.b1.zeros();
  wrong(check, no_biases, values(forward(without)));
  wrong(check, linear, values(spoilt(net, same, sigmoid)));
  wrong(check, raw, values(spoilt(net, sigmoid, same)));
  wrong(check, flipped, values(spoilt(net, falling, falling)));
  wrong(check, rows, values({a.a1.t(), a.a2.t()}));
  return check;
}

}  // namespace taller
