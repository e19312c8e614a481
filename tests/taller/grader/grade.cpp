#include "grade.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nn/error.hpp"

namespace taller {

Grade::Grade(Exercise what, std::int64_t the_seed, std::string the_file)
    : exercise{std::move(what)}, seed{the_seed}, file{std::move(the_file)}, results(exercise.checks.size())
{
}

int Grade::score(const std::string& function) const
{
  int sum = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Check& check = exercise.checks[i];
    if (results[i].outcome == Outcome::passed && (function.empty() || function == check.function))
      sum += check.points;
  }
  return sum;
}

int Grade::points(const std::string& function) const
{
  int sum = 0;
  for (const Check& check : exercise.checks) {
    if (function.empty() || function == check.function) sum += check.points;
  }
  return sum;
}

namespace {

// The line of the file that has a function's name, for one that could not be called.
std::string where(const std::string& function, const std::string& source)
{
  const std::size_t at = source.find(function + "(");
  if (at == std::string::npos) return "there is no " + function + " in the file";
  return fmt::format("line {} has one that takes or returns other types",
                     1 + std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

// The first check that this one needs and that has not passed, if there is one.
const Result* unmet(const Grade& grade, const Check& check, std::string& name)
{
  for (const std::string& needed : check.needs) {
    for (std::size_t i = 0; i < grade.results.size(); ++i) {
      if (grade.exercise.checks[i].name != needed || grade.results[i].outcome == Outcome::passed) continue;
      name = needed;
      return &grade.results[i];
    }
  }
  return nullptr;
}

// A function that has used up its time in two checks is not waited for again.
bool out_of_patience(const Grade& grade, const std::string& function)
{
  int times = 0;
  for (std::size_t i = 0; i < grade.results.size(); ++i) {
    times += grade.exercise.checks[i].function == function && grade.results[i].outcome == Outcome::timed_out;
  }
  return times >= 2;
}

Result run_check(const Grade& grade, const Check& check, Student& student)
{
  if (out_of_patience(grade, check.function)) {
    return {.outcome = Outcome::timed_out,
            .message = {"not run: two checks of this function have timed out"},
            .hint = check.hint};
  }
  std::string needed;
  if (const Result* other = unmet(grade, check, needed)) {
    if (other->outcome == Outcome::not_implemented)
      return {.outcome = Outcome::not_implemented, .hint = check.hint};
    return {.outcome = Outcome::blocked, .message = {"it waits for " + needed}, .hint = check.hint};
  }
  Result result = judge(check, student);
  if (result.outcome == Outcome::missing) {
    const auto declared =
        std::ranges::find(grade.exercise.functions, check.function, [](const auto& f) { return f.first; });
    result.message = {where(check.function, student.source()) + "; expected", declared->second};
  }
  return result;
}

}  // namespace

void grade(Grade& grade, Student& student, const std::string& only,
           const std::function<void(const Grade&)>& after_each)
{
  grade.log = student.log();
  grade.errors = student.errors();
  for (std::size_t i = 0; i < grade.results.size(); ++i) {
    const Check& check = grade.exercise.checks[i];
    if (!only.empty() && check.name != only) continue;
    Result& result = grade.results[i];
    if (student.compiled()) {
      // what one check needs is not asked for when it is replayed alone
      result = only.empty() ? run_check(grade, check, student) : judge(check, student);
    } else {
      result.outcome = Outcome::did_not_compile;
    }
    after_each(grade);
  }
  grade.complete = true;
  after_each(grade);
}

}  // namespace taller
