#include "support.hpp"

// Every registered misconception as a wrong solution: the reference with a few words of it changed.

using proof::Edits;
using taller::Outcome;

namespace {

struct Wrong {
  std::string misconception;
  std::string loses;  // exactly these checks, each with this diagnosis …
  Edits edits;
  std::string blocked = "";    // … and these, which wait for them,
  std::string otherwise = "";  // … and these, with another diagnosis
};

void prove(const std::string& id, const std::vector<Wrong>& all)
{
  for (const Wrong& wrong : all) {
    taller::Student student = proof::compiled(id, proof::edited(proof::reference(id), wrong.edits));
    for (const std::int64_t seed : {1, 2}) {
      const taller::Grade grade = proof::graded(id, student, seed);
      INFO(wrong.misconception << taller::card(grade, false));
      CHECK(grade.errors.empty());
      const auto blocked = [](const auto& r) { return r.outcome == Outcome::blocked; };
      CHECK(proof::checks(grade, [&](const auto& r) {
              return r.outcome != Outcome::passed && !blocked(r);
            }) == proof::words(wrong.loses + " " + wrong.otherwise));
      CHECK(proof::checks(grade, blocked) == proof::words(wrong.blocked));
      CHECK(proof::checks(grade, [&](const auto& r) { return r.misconception == wrong.misconception; }) ==
            proof::words(wrong.loses));
    }
  }
}

}  // namespace

TEST_CASE("01: every wrong solution loses exactly its checks, with its diagnosis")
{
  const std::string costs = "costo.hand costo.random costo.size ";
  const std::string slopes = "gradiente.hand gradiente.random gradiente.differences ";
  const std::string steps = "descensoGradiente.hand descensoGradiente.one descensoGradiente.four ";
  const std::string slope = "X * (theta.t() * X - y).t() / X.n_cols;";
  const std::string step = "walked -= alpha * gradiente(X, y, walked);";
  // a descent that doesn't call gradiente
  const std::string alone = "walked -= alpha * (X * (walked.t() * X - y).t() / X.n_cols);";
  const std::string late = "descensoGradiente.arrives";
  prove("01",
        {{"the 1/2 is missing", costs + "costo.one-record", {{"/ (2.0 * X.n_cols)", "/ X.n_cols"}}},
         {"1/m is missing", costs, {{"/ (2.0 * X.n_cols)", "/ 2"}}},
         {"errors not squared", costs + "costo.one-record", {{"arma::square(error)", "error"}}},
         {"1/m is missing", slopes, {{slope, "X * (theta.t() * X - y).t();"}, {step, alone}}, late},
         {"the 1/2 is kept",
          slopes + "gradiente.one-record",
          {{slope, "X * (theta.t() * X - y).t() / (2.0 * X.n_cols);"}},
          late},
         {"y - h for h - y",
          slopes + "gradiente.one-record",
          {{slope, "X * (y - theta.t() * X).t() / X.n_cols;"}, {step, alone}},
          late},
         {"step uphill", steps, {{"walked -=", "walked +="}}, late},
         {"1/m is missing", steps, {{step, "walked -= alpha * (X * (walked.t() * X - y).t());"}}, late},
         {"the 1/2 is kept", steps, {{"walked -= alpha", "walked -= alpha / 2"}}, late},
         {"theta_0 updated first",
          steps,
          {{step,
            "{ walked(0) -= alpha * gradiente(X, y, walked)(0); const arma::mat G = gradiente(X, y, walked); "
            "for (arma::uword j = 1; j < G.n_elem; ++j) walked(j) -= alpha * G(j); }"}},
          late},
         {"intercept never moves",
          steps,
          {{step, "{ arma::mat G = gradiente(X, y, walked); G(0) = 0; walked -= alpha * G; }"}},
          late},
         {"gradient computed once",
          "descensoGradiente.four",
          {{"gradiente(X, y, walked)", "gradiente(X, y, theta)"}},
          late}});
}

TEST_CASE("05a: every wrong solution loses exactly its checks, with its diagnosis")
{
  const std::string first = "feedForward.hand-a1 feedForward.a1 ";
  const std::string second = "feedForward.hand-a2 feedForward.a2 feedForward.one-record ";
  const std::string large = "feedForward.large ";
  const std::string costs = "costoGlobal.hand costoGlobal.random costoGlobal.size ",
                    one = "costoGlobal.one-record";
  const std::string b1 = " + arma::repmat(b1, 1, X.n_cols)", b2 = " + arma::repmat(b2, 1, X.n_cols)";
  const std::string guard = "arma::clamp(y_est, 1e-12, 1 - 1e-12)";
  const std::string sum = "-arma::accu(y % arma::log(p) + (1 - y) % arma::log(1 - p))";
  prove("05a",
        {{"biases dropped", first + second + large, {{b1, ""}, {b2, ""}}},
         {"b2 dropped", second + large, {{b2, ""}}},
         {"hidden layer linear", first + second + large, {{"a1 = sigmoide(w1", "a1 = (w1"}}},
         {"output not squashed", second + large, {{"a2 = sigmoide(w2", "a2 = (w2"}}},
         {"exp(+z)", first + second + large, {{"arma::exp(-z)", "arma::exp(z)"}}},
         {"records as rows",
          "feedForward.shape " + first + second + large,
          {{"w1 * X" + b1, "X.t() * w1.t() + arma::repmat(b1.t(), X.n_cols, 1)"},
           {"w2 * a1" + b2, "a1 * w2.t() + arma::repmat(b2.t(), X.n_cols, 1)"}}},
         {"sign", costs + one + " costoGlobal.certain", {{"return -", "return "}}},
         {"only y log p", costs, {{" + (1 - y) % arma::log(1 - p)", ""}}},
         {"1/m twice", costs + "costoGlobal.certain", {{"(y.n_cols)", "(y.n_cols * y.n_cols)"}}},
         {"sum for mean", costs + "costoGlobal.certain", {{" / static_cast<double>(y.n_cols)", ""}}},
         {"squared error", costs + one + " costoGlobal.certain", {{sum, "arma::accu(arma::square(p - y))"}}},
         {"arguments exchanged",
          costs + one,
          {{"const arma::mat& y_est, const arma::mat& y)", "const arma::mat& y, const arma::mat& y_est)"},
           {guard, "y_est"}},
          "",
          "costoGlobal.certain"},
         {"log 0 unguarded", "costoGlobal.certain", {{guard, "y_est"}}}});
}

TEST_CASE("05b: every wrong backProp loses exactly its checks, with its diagnosis")
{
  const std::string output = "backProp.hand-output backProp.dw2 backProp.db2 ",
                    hidden = "backProp.hand-hidden backProp.dw1 backProp.db1 ";
  const std::string whole = "backProp.differences backProp.one-record ",
                    random = "backProp.dw1 backProp.db1 backProp.dw2 backProp.db2 ";
  const std::string epochs = "entrenarRed.hand entrenarRed.one entrenarRed.two ",
                    learns = "entrenarRed.learns";
  const std::string m = "static_cast<double>(X.n_cols)";
  prove("05b",
        {{"1/m is missing", output + hidden + "backProp.differences", {{m, "1.0"}}, learns},
         {"sigmoid' at the output",
          output + hidden + whole,
          {{"d2 = a2 - y;", "d2 = (a2 - y) % a2 % (1 - a2);"}},
          learns},
         {"no sigmoid' in the hidden layer",
          hidden + whole,
          {{"(w2.t() * d2) % a1 % (1 - a1)", "w2.t() * d2"}},
          learns},
         {"sigmoid of a1",
          hidden + whole,
          {{"% a1 % (1 - a1)", "% sigmoide(a1) % (1 - sigmoide(a1))"}},
          learns},
         {"y - a2 for a2 - y", output + hidden + whole, {{"d2 = a2 - y;", "d2 = y - a2;"}}, learns},
         {"1/h for 1/m", random + whole, {{m, "static_cast<double>(a1.n_rows)"}}, learns},
         {"1/n for 1/m", output + hidden + whole, {{m, "static_cast<double>(X.n_rows)"}}, learns},
         {"db over the wrong axis",
          "backProp.shape backProp.hand-output backProp.db2 backProp.hand-hidden backProp.db1 " + whole,
          {{"sum(d1, 1)", "sum(d1, 0)"},
           {"sum(d2, 1)", "sum(d2, 0)"},
           {"red.b1 -= lr * db1;", ""},
           {"red.b2 -= lr * db2;", ""}},
          "entrenarRed.hand entrenarRed.one entrenarRed.two entrenarRed.learns"},
         {"dw1 transposed",
          "backProp.shape backProp.hand-hidden backProp.dw1 " + whole,
          {{"d1 * X.t() / m", "X * d1.t() / m"}},
          "entrenarRed.shape " + epochs + learns},
         {"a1 and a2 exchanged",
          "backProp.shape " + output + hidden + whole,
          {{"const arma::mat& a2, const arma::mat& a1)\n{\n  const auto m",
            "const arma::mat& a1, const arma::mat& a2)\n{\n  const auto m"}},
          "entrenarRed.shape " + epochs + learns}});
}

TEST_CASE("05b: every wrong training loop loses exactly its checks, with its diagnosis")
{
  const std::string epochs = "entrenarRed.hand entrenarRed.one entrenarRed.two ",
                    learns = "entrenarRed.learns";
  const std::string step = "    red.w2 -= lr * dw2;\n";
  const std::string back =
      "const auto [dw1, db1, dw2, db2] = backProp(X, y, red.w1, red.w2, red.b1, red.b2, a2, a1);";
  prove("05b",
        {{"the activations of the arguments in every epoch",
          "entrenarRed.two",
          {{"const arma::mat&,\n                       const arma::mat&)",
            "const arma::mat& a1, const arma::mat& a2)"},
           {"const auto [a1, a2] = feedForward(X, red.w1, red.w2, red.b1, red.b2);", ""}},
          learns},
         {"w2 updated before dw1",
          epochs,
          {{step, ""},
           {back,
            "const auto first = backProp(X, y, red.w1, red.w2, red.b1, red.b2, a2, a1); red.w2 -= lr * "
            "first.dw2; "
            "const auto second = backProp(X, y, red.w1, red.w2, red.b1, red.b2, a2, a1); "
            "const auto &dw1 = second.dw1, &db1 = second.db1, &db2 = first.db2;"}},
          learns},
         {"biases never updated", epochs, {{"red.b1 -= lr * db1;", ""}, {"red.b2 -= lr * db2;", ""}}, learns},
         {"step uphill", epochs, {{"-= lr", "+= lr"}}, learns},
         {"weights returned unchanged", epochs, {{"return red;", "return {w1, b1, w2, b2};"}}, learns},
         {"one epoch too many",
          "entrenarRed.zero " + epochs,
          {{"epoca < epocas", "epoca <= epocas"}},
          learns}});
}
