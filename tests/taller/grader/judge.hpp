#pragma once

#include <string>
#include <vector>

#include "exercise.hpp"
#include "student.hpp"

namespace taller {

struct Result {
  Outcome outcome = Outcome::not_run;
  std::vector<std::string> message;  // what came back, the diagnosis, …: at most a few lines
  std::string misconception;         // the one that explains it
  std::string hint;                  // where hints.md helps
  std::string printed;               // by the student's code
};

// Runs one check and says what became of it.
Result judge(const Check& check, Callee& student);

// Whether two matrices agree, within the tolerance of the check.
bool agrees(const arma::mat& got, const arma::mat& want, const Check& check);

// The values of a candidate, its steps done with the student's own functions; nothing when one of them fails,
// whose name is then in `stopped_by`.
std::optional<Matrices> values(const Candidate& candidate, const Check& check, Callee& student,
                               std::string* stopped_by = nullptr);

}  // namespace taller
