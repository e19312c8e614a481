#pragma once

#include <armadillo>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

// What the grader knows of an exercise: checks with points, and for each what is called, which numbers must
// come back, and which numbers a known misconception gives. It is data, so a copy of the course without the
// solutions can hold it as a file (recorded cases) instead of the code that computes it.
namespace taller {

using Matrices = std::map<std::string, arma::mat>;

// One step of a computation with the student's own functions: `results = function(arguments)`, or, when there
// is no function, `results[0] = arguments[0] + factor · arguments[1]`. Names are those of matrices known so
// far.
struct Step {
  std::string function;
  std::vector<std::string> arguments;
  std::vector<std::string> results;
  double factor = 0;
};

// Something that may come back: for each judged output a matrix, or the name of what the steps give.
struct Candidate {
  std::string misconception;  // its short name; empty for a right answer
  std::string says;           // the diagnosis, one sentence
  Matrices values;
  std::vector<Step> steps;                   // run with the student's own functions …
  std::map<std::string, std::string> named;  // … and then output → name
  std::string throws;                        // or: a part of the exception's text
  bool not_finite = false;                   // or: NaN or infinity
};

enum class Comparison { value, shape };

struct Check {
  std::string name;      // function.what
  std::string function;  // the one that is graded
  std::string about;     // what is called, for people
  std::string hint;      // where hints.md helps
  int points = 0;
  std::vector<std::string> needs;                          // checks that must have passed before
  std::vector<std::pair<std::string, arma::uword>> sizes;  // n, h, m …, to name a ratio or a shape
  Matrices inputs;
  std::vector<Step> calls;
  std::vector<std::string> outputs;  // what is judged of the last calls' results
  Comparison comparison = Comparison::value;
  double absolute = 0;  // tolerance: absolute + 1e-9 · the largest + relative · each
  double relative = 1e-7;
  std::vector<Candidate> right;  // one of them must come back
  std::vector<Candidate> wrong;
};

struct Exercise {
  std::string id;
  std::string title;
  std::vector<std::pair<std::string, std::string>> functions;  // name, and how it is declared
  std::vector<Check> checks;
};

// An exercise with the numbers of one seed: computed by the reference, or read from the recorded cases.
Exercise exercise(const std::string& id, std::int64_t seed);

// The ids of all exercises, in the course's order.
std::vector<std::string> exercise_ids();

// The seeds that exercise() can give, or nothing when it can give any.
std::optional<std::vector<std::int64_t>> recorded_seeds(const std::string& id);

nlohmann::json as_json(const Exercise& exercise);
Exercise read_exercise(const nlohmann::json& json);

}  // namespace taller
