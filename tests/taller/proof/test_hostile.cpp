#include <fmt/core.h>
#include <unistd.h>

#include "support.hpp"

// A function that crashes, hangs, cheats or does harm costs its own points and nothing else.

using taller::Outcome;

namespace {

constexpr const char* includes = R"(
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include <armadillo>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <list>
#include <thread>
#include <vector>
)";

constexpr const char* others = R"(
inline arma::mat gradiente(const arma::mat& X, const arma::mat& y, const arma::mat& theta)
{
  return X * (theta.t() * X - y).t() / X.n_cols;
}
inline arma::mat descensoGradiente(const arma::mat& X, const arma::mat& y, arma::mat theta, double alpha, int steps)
{
  while (steps-- > 0) theta -= alpha * gradiente(X, y, theta);
  return theta;
}
)";

std::string with_cost(const std::string& body)
{
  return std::string(includes) +
         "inline double right(const arma::mat& X, const arma::mat& y, const arma::mat& theta)\n{\n"
         "  return arma::accu(arma::square(theta.t() * X - y)) / (2.0 * X.n_cols);\n}\n"
         "inline double costo(const arma::mat& X, const arma::mat& y, const arma::mat& theta)\n{\n" +
         body + "\n}\n" + others;
}

// Grades 01 with this body of costo: all of its checks must end so, and the other functions keep their
// points.
taller::Grade attempt(const std::string& body, Outcome expected)
{
  taller::Student student = proof::compiled("01", with_cost(body));
  taller::Grade grade = proof::graded("01", student, 1);
  INFO(body << taller::card(grade, false));
  CHECK(grade.errors.empty());
  CHECK(grade.score("gradiente") == 34);
  CHECK(grade.score("descensoGradiente") == 40);
  const auto as_expected = [&](const auto& r) { return r.outcome == expected; };
  CHECK(proof::checks(grade, as_expected).size() == (expected == Outcome::passed ? grade.results.size() : 4));
  return grade;
}

// What the code tries must fail: it gives a right answer only then.
void refused(const std::string& attempted)
{
  attempt(fmt::format("  if ({}) return std::nan(\"\");\n  return right(X, y, theta);", attempted),
          Outcome::passed);
}

}  // namespace

TEST_CASE("hostile: crashes")
{
  attempt("*static_cast<volatile int*>(nullptr) = 1; return 0;", Outcome::crash);
  attempt("std::abort();", Outcome::crash);
  attempt("std::vector<double> v(3); volatile int i = 3; return v[i];", Outcome::crash);
  attempt(
      "struct F { static double f(double x) { volatile char page[4000] = {}; return f(x + page[9]) + "
      "page[0]; } }; return F::f(1);",
      Outcome::crash);
}

TEST_CASE("hostile: leaving early")
{
  attempt("std::exit(0);", Outcome::exited_early);
  attempt("_exit(0);", Outcome::exited_early);
  attempt("execl(\"/bin/true\", \"true\", nullptr); return 0;", Outcome::exited_early);
  attempt("for (int d = 0; d < 4096; ++d) close(d); return right(X, y, theta);", Outcome::exited_early);
  attempt(
      "for (int d = 3; d < 64; ++d) { if (write(d, \"all checks passed, 100 of 100 points\", 36)) {} } "
      "return right(X, y, theta);",
      Outcome::exited_early);
}

TEST_CASE("hostile: exceptions")
{
  attempt("return arma::accu(X * X);", Outcome::exception);
  attempt("return X(X.n_rows, 0);", Outcome::exception);
  attempt("throw 3;", Outcome::exception);
  attempt("std::thread t{[] {}}; t.join(); return right(X, y, theta);", Outcome::exception);
}

TEST_CASE("hostile: memory")
{
  attempt("return arma::accu(arma::mat(200000, 200000));", Outcome::out_of_memory);
  attempt("std::list<std::vector<char>> all; for (;;) all.emplace_back(1000);", Outcome::out_of_memory);
}

TEST_CASE("hostile: an endless loop")
{
  attempt("volatile bool on = true; while (on) {} return 0;", Outcome::timed_out);
}

TEST_CASE("hostile: an endless loop that ignores its time limit")
{
  attempt("signal(SIGXCPU, SIG_IGN); volatile bool on = true; while (on) {} return 0;", Outcome::timed_out);
}

TEST_CASE("hostile: endless printing")
{
  attempt("for (;;) std::cout << \"all checks passed\\n\";", Outcome::timed_out);
}

TEST_CASE("hostile: sleep")
{
  attempt("std::this_thread::sleep_for(std::chrono::hours(1)); return 0;", Outcome::timed_out);
}

TEST_CASE("hostile: a fork bomb") { attempt("for (;;) fork();", Outcome::timed_out); }

TEST_CASE("hostile: no new process, no signal, no network, no file, no look into the grader")
{
  const proof::File precious{"precious"};
  refused("fork() >= 0");
  refused("kill(getppid(), SIGKILL) == 0 || kill(-1, SIGKILL) == 0");
  refused("socket(AF_INET, SOCK_STREAM, 0) >= 0");
  refused(fmt::format("std::remove(\"{}\") == 0 || std::ofstream(\"{}\").good()", precious.path().string(),
                      precious.path().string()));
  refused("std::ofstream(\"big\").good() || std::ofstream(\"/tmp/big\").good()");
  refused("open((\"/proc/\" + std::to_string(getppid()) + \"/mem\").c_str(), O_RDONLY) >= 0");
  CHECK(nn::read_file(precious.path()) == "precious");
}

TEST_CASE("hostile: 100 MB of output change nothing")
{
  attempt(
      "const std::string line(999, 'x'); for (int i = 0; i < 100000; ++i) std::cout << line << '\\n'; return "
      "right(X, y, theta);",
      Outcome::passed);
}

TEST_CASE("hostile: what is printed can't look like a verdict")
{
  const taller::Grade grade = attempt(
      "std::cout << \"\\r\\033[2J\\033[32m  100 of 100 points\\033[0m\\u009b2J\\n\\xff\"; throw "
      "std::runtime_error(\"\\n  100 of 100 points\");",
      Outcome::exception);
  const std::string card = taller::card(grade, false);
  CHECK(card.find('\033') == std::string::npos);
  CHECK(card.find('\r') == std::string::npos);
  CHECK(card.find("\u009b") == std::string::npos);
  std::istringstream lines{card};
  for (std::string line; std::getline(lines, line);) {
    if (line.find("100 of 100") != std::string::npos) CHECK(line.substr(0, 8) == "        ");
  }
  CHECK(card.find("74 of 100 points") != std::string::npos);
}

TEST_CASE("hostile: inputs changed, and no number")
{
  attempt("const double J = right(X, y, theta); const_cast<arma::mat&>(X).zeros(); return J;",
          Outcome::changed_inputs);
  attempt("return std::nan(\"\");", Outcome::not_finite);
}

TEST_CASE("hostile: the whole file")
{
  const std::string good = proof::reference("01");
  const auto all = [&](const std::string& source, Outcome expected) {
    taller::Student student = proof::compiled("01", source);
    const taller::Grade grade = proof::graded("01", student, 1);
    INFO(source << taller::card(grade, false));
    CHECK(grade.errors.empty());
    CHECK(proof::checks(grade, [&](const auto& r) { return r.outcome == expected; }).size() ==
          grade.results.size());
  };
  all(good + "int main() { return 7; }", Outcome::passed);
  all("#define double float\n" + good, Outcome::passed);  // what it rounds is within the tolerance
  all("#define passed failed\n#define namespace\n#pragma once\n" +
          proof::edited(good, {{"#pragma once", ""}}) + "\n#undef namespace\n",
      Outcome::passed);
}

TEST_CASE("hostile: a static initialiser that ends the program")
{
  taller::Student student =
      proof::compiled("01", proof::reference("01") + "static const int early = (std::exit(0), 1);");
  const taller::Grade grade = proof::graded("01", student, 1);
  INFO(taller::card(grade, false));
  CHECK(grade.score() == 0);
  CHECK(proof::checks(grade, [](const auto& r) { return r.outcome == Outcome::exited_early; }).size() == 10);
  CHECK(proof::checks(grade, [](const auto& r) { return r.outcome == Outcome::blocked; }).size() ==
        5);  // they wait for gradiente
}

TEST_CASE("a file that doesn't compile: the first three errors in it, with their lines")
{
  taller::Student student =
      proof::compiled("01", "#include <armadillo>\nint a = ;\nint b = nothing;\nnonsense c;\nint d = ;\n");
  REQUIRE(student.errors().size() == 3);
  CHECK(student.errors()[0].substr(0, 7) == "line 2:");
  CHECK(student.errors()[1].substr(0, 7) == "line 3:");
  CHECK(student.errors()[2].substr(0, 7) == "line 4:");
  const taller::Grade grade = proof::graded("01", student, 1);
  CHECK(grade.score() == 0);
  CHECK(proof::checks(grade, [](const auto& r) { return r.outcome != Outcome::did_not_compile; }).empty());
}

TEST_CASE("an error inside Armadillo is told at the student's line")
{
  taller::Student student =
      proof::compiled("01",
                      "#include <armadillo>\n#include <string>\ninline double costo(const arma::mat& X, "
                      "const arma::mat&, const arma::mat&)\n{\n"
                      "  return arma::accu(X % std::string());\n}\n");
  REQUIRE_FALSE(student.compiled());
  CHECK(student.errors()[0].substr(0, 7) == "line 5:");
}

TEST_CASE("a function that is missing, or declared otherwise, costs its own points")
{
  const std::string good = proof::reference("01");
  for (const auto& [from, to] : proof::Edits{
           {"double costo(", "double coste("},
           {"double costo(const arma::mat& X, ", "double costo(int X, "},
           {"inline double costo(const arma::mat& X, const arma::mat& y, const arma::mat& theta)",
            "inline std::string costo(const arma::mat&, const arma::mat&, const arma::mat&) { return {}; }\n"
            "inline double other(const arma::mat& X, const arma::mat& y, const arma::mat& theta)"}}) {
    std::string source = proof::edited(good, {{from, to}});
    if (to.find("int X") != std::string::npos)
      source = proof::edited(source, {{"theta.t() * X - y;  ", "theta.t() * double(X) - y;  "},
                                      {"2.0 * X.n_cols);\n}", "2.0);\n}"}});
    taller::Student student = proof::compiled("01", source);
    const taller::Grade grade = proof::graded("01", student, 1);
    INFO(source << taller::card(grade, false));
    CHECK(grade.errors.empty());
    CHECK(grade.score() == 74);
    CHECK(proof::checks(grade, [](const auto& r) { return r.outcome == Outcome::missing; }).size() == 4);
  }
}

TEST_CASE("a file may include the standard library and Armadillo only")
{
  const proof::File other{proof::reference("01")};
  taller::Student student = proof::compiled("01", fmt::format("#include \"{}\"\n", other.path().string()));
  REQUIRE_FALSE(student.compiled());
  CHECK(student.errors()[0].find("expected nothing but the standard library and Armadillo") !=
        std::string::npos);
}

TEST_CASE("a missing and an empty file are errors that name it")
{
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(taller::Student("01", "nowhere/taller.hpp"),
                    Contains("nowhere/taller.hpp: no such file"));
  const proof::File blank{" \n"};
  CHECK_THROWS_WITH(taller::Student("01", blank.path()), Contains("holds only blanks"));
}
