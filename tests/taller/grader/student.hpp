#pragma once

#include <armadillo>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "exercise.hpp"
#include "process.hpp"

namespace taller {

// What became of a check. The grader writes it; no exit status and nothing that a student prints takes part.
enum class Outcome {
  not_run,
  passed,
  wrong_value,
  wrong_shape,
  not_finite,
  not_implemented,
  exception,
  crash,
  exited_early,
  timed_out,
  out_of_memory,
  changed_inputs,
  blocked,
  missing,
  did_not_compile,
};

// In words: "wrong value".
const char* name(Outcome outcome);

// What a call gave: `passed` with results, or the outcome that kept it from giving any.
struct Answer {
  Outcome outcome = Outcome::passed;
  std::vector<arma::mat> results;
  std::string text;     // of the exception, the signal, …
  std::string printed;  // what the student's code printed
};

// Whoever can be asked for a function's results: a student's probe, or (in tests) the reference.
class Callee {
 public:
  virtual ~Callee() = default;
  virtual Answer call(const std::string& function, const std::vector<arma::mat>& arguments) = 0;
  // Whether a call of this function has timed out before.
  virtual bool hangs(const std::string&) const { return false; }
};

// A student's taller.hpp, compiled alone; each call runs in a process of its own.
class Student : public Callee {
 public:
  // Compiles. `errors()` says what stood in the way.
  // @param exercise its id
  // @param file the taller.hpp
  Student(const std::string& exercise, const std::filesystem::path& file);

  Answer call(const std::string& function, const std::vector<arma::mat>& arguments) override;
  bool hangs(const std::string& function) const override { return timed_out_.contains(function); }

  bool compiled() const { return errors_.empty(); }
  const std::vector<std::string>& errors() const { return errors_; }  // the first three, with their lines
  const std::string& log() const { return log_; }                     // all that the compiler said
  const std::string& source() const { return source_; }

 private:
  void compile(const std::string& exercise);
  void find_errors();
  void check_includes();
  TemporaryFolder folder_, empty_;
  std::string source_, log_;
  std::vector<std::string> errors_;
  std::set<std::string> timed_out_;
};

}  // namespace taller
