#include "judge.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "nn/error.hpp"

namespace taller {
namespace {

bool same_size(const arma::mat& a, const arma::mat& b)
{
  return a.n_rows == b.n_rows && a.n_cols == b.n_cols;
}

std::string dimensions(const arma::mat& A) { return fmt::format("{}×{}", A.n_rows, A.n_cols); }

// A length in the letters of the exercise, "h", or as a number when no letter or more than one has it.
std::string letter(arma::uword length, const Check& check)
{
  std::string found;
  for (const auto& [name, size] : check.sizes) {
    if (size != length) continue;
    if (!found.empty()) return std::to_string(length);
    found = name;
  }
  return found.empty() ? std::to_string(length) : found;
}

std::string letters(const arma::mat& A, const Check& check)
{
  return fmt::format("{} ({}×{})", dimensions(A), letter(A.n_rows, check), letter(A.n_cols, check));
}

// What a call is given: the student's values so far, and the inputs of the check.
class Bench {
 public:
  Bench(const Check& check, Callee& student) : known_{check.inputs}, student_{student} {}

  // → `passed`, or what kept a function from giving its results
  Answer run(const Step& step)
  {
    if (step.function.empty()) return add(step);
    std::vector<arma::mat> arguments;
    for (const std::string& argument : step.arguments) arguments.push_back(known_.at(argument));
    Answer answer = student_.call(step.function, arguments);
    if (answer.outcome != Outcome::passed) return answer;
    for (std::size_t i = 0; i < step.results.size(); ++i) {
      known_[step.results[i]] = i < answer.results.size() ? answer.results[i] : arma::mat{};
    }
    return answer;
  }

  const arma::mat& operator[](const std::string& name) const { return known_.at(name); }

 private:
  Answer add(const Step& step)
  {
    const arma::mat &base = known_.at(step.arguments.at(0)), &more = known_.at(step.arguments.at(1));
    if (!same_size(base, more)) return {.outcome = Outcome::wrong_shape};
    known_[step.results.at(0)] = base + step.factor * more;
    return {};
  }

  Matrices known_;
  Callee& student_;
};

bool all_agree(const Matrices& got, const Matrices& wanted, const Check& check)
{
  return std::ranges::all_of(
      wanted, [&](const auto& entry) { return agrees(got.at(entry.first), entry.second, check); });
}

// The one registered misconception that gives these values; nothing when none or several do.
const Candidate* recognise(const Matrices& got, const Check& check, Callee& student)
{
  const Candidate* found = nullptr;
  for (const Candidate& candidate : check.wrong) {
    if (candidate.not_finite || !candidate.throws.empty()) continue;
    const auto expected = values(candidate, check, student);
    if (!expected || !all_agree(got, *expected, check)) continue;
    if (found && found->misconception != candidate.misconception) return nullptr;
    found = &candidate;
  }
  return found;
}

void explain(Result& result, const Candidate& candidate)
{
  result.misconception = candidate.misconception;
  result.message.push_back("→ " + candidate.says);
}

// --- an outcome other than a value
// -----------------------------------------------------------------------------------

std::string advice(Outcome outcome, const std::string& function)
{
  switch (outcome) {
    case Outcome::not_implemented:
      return "not implemented yet";
    case Outcome::crash:
      return "an element outside of a matrix, a pointer to nothing or a call without end are usual causes";
    case Outcome::exited_early:
      return function + " ended the program instead of returning";
    case Outcome::timed_out:
      return "it was stopped after 2 s of work or 5 s of waiting; an honest run takes milliseconds";
    case Outcome::out_of_memory:
      return "it asked for more than 512 MiB; a size is probably wrong";
    case Outcome::changed_inputs:
      return "an argument had another value afterwards: compute into a copy";
    case Outcome::missing:
      return "there is no such function, or it takes or returns other types than the exercise says";
    default:
      return "";
  }
}

// Lengths in the text of Armadillo's exceptions, as in "5x7 and 2x7", in letters too.
std::string shapes_in(const std::string& text, const Check& check)
{
  std::string said;
  for (const auto& [name, input] : check.inputs) {
    if (text.find(fmt::format("{}x{}", input.n_rows, input.n_cols)) == std::string::npos || input.n_elem < 2)
      continue;
    said += fmt::format("{}{} is {}", said.empty() ? "" : ", ", name, dimensions(input));
  }
  return said;
}

// An exception's text on one line, so that it can't pass for lines of the card.
std::string one_line(std::string text)
{
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  return text.substr(0, 200);
}

void explain_failure(Result& result, const Answer& answer, const Check& check, const Step& step)
{
  result.outcome = answer.outcome;
  if (answer.outcome == Outcome::exception) {
    result.message.push_back(fmt::format("{} threw: {}", step.function, one_line(answer.text)));
    for (const Candidate& candidate : check.wrong) {
      if (!candidate.throws.empty() && answer.text.find(candidate.throws) != std::string::npos)
        return explain(result, candidate);
    }
    if (const std::string shapes = shapes_in(answer.text, check); !shapes.empty()) {
      result.message.push_back("→ shapes don't fit; here " + shapes);
    }
    return;
  }
  if (!answer.text.empty())
    result.message.push_back(fmt::format("{}: {} ({})", step.function, name(answer.outcome), answer.text));
  result.message.push_back("→ " + advice(answer.outcome, step.function));
}

// --- a wrong shape
// ---------------------------------------------------------------------------------------------------

std::string shape_rule(const arma::mat& got, const arma::mat& want, const Check& check)
{
  if (got.empty()) return "it is empty";
  if (want.n_cols == 1 && letter(got.n_cols, check) == "m")
    return "one column a record is left: the sum has to go along the rows";
  if (got.n_rows == want.n_cols && got.n_cols == want.n_rows)
    return "it is transposed: one record is a column here";
  if (got.n_elem == want.n_elem) return "as many elements as expected, in another arrangement";
  if (got.n_rows == want.n_rows || got.n_cols == want.n_cols) {
    return fmt::format("the number of {} is not right", got.n_rows == want.n_rows ? "columns" : "rows");
  }
  return "neither the rows nor the columns fit: which matrices should meet in the product?";
}

// --- a wrong value
// ---------------------------------------------------------------------------------------------------

// The factor between two matrices if there is one for all elements, else NaN.
double constant_ratio(const arma::mat& got, const arma::mat& want)
{
  const arma::uword largest = arma::abs(want).index_max();
  if (want(largest) == 0) return arma::datum::nan;
  const double ratio = got(largest) / want(largest);
  const double scale = std::abs(got(largest));
  return scale > 0 && arma::abs(got - ratio * want).max() <= 1e-9 * scale ? ratio : arma::datum::nan;
}

// What a factor might be, in the letters of the exercise: "m = 7".
std::string named_ratio(double ratio, const Check& check)
{
  const auto is = [&](double value) { return std::abs(ratio - value) < 1e-6 * std::abs(value); };
  if (is(-1)) return "the sign is the other way round";
  if (is(2) || is(0.5)) return "a 2 is too many or missing";
  for (const auto& [name, size] : check.sizes) {
    const auto length = static_cast<double>(size);
    if (size < 2) continue;
    if (is(length)) return fmt::format("{} = {}: is a division by {} missing?", name, size, name);
    if (is(1 / length)) return fmt::format("{} = {}: is {} divided by once too often?", name, size, name);
  }
  return "the same factor for all of them";
}

// Where two matrices differ first, and by how much.
std::string first_difference(const arma::mat& got, const arma::mat& want, const Check& check)
{
  arma::uword differing = 0, first = 0;
  for (arma::uword i = want.n_elem; i-- > 0;) {
    if (agrees(arma::mat{got(i)}, arma::mat{want(i)}, check)) continue;
    ++differing;
    first = i;
  }
  const std::string place =
      want.n_elem == 1 ? "" : fmt::format(" at ({}, {})", first % want.n_rows, first / want.n_rows);
  const std::string ratio =
      want(first) == 0 ? "" : fmt::format(", {:.4g} times as much", got(first) / want(first));
  return fmt::format("{} of {} elements differ; first{}: got {:.6g}, expected {:.6g}{}", differing,
                     want.n_elem, place, got(first), want(first), ratio);
}

std::string structure(const arma::mat& got, const arma::mat& want, const Check& check)
{
  if (const double ratio = constant_ratio(got, want); !std::isnan(ratio)) return named_ratio(ratio, check);
  if (want.is_square() && want.n_elem > 1 && agrees(got, want.t(), check))
    return "it is the transpose of what was expected";
  for (const auto& [name, input] : check.inputs) {
    if (input.n_elem > 1 && same_size(got, input) && agrees(got, input, check))
      return "what came back is " + name + ", unchanged";
  }
  const arma::uword last = want.n_cols - 1;
  if (want.n_cols > 1 && agrees(got.col(last), want.col(last), check)) {
    arma::uword right = 0;
    for (arma::uword c = 0; c < want.n_cols; ++c) right += agrees(got.col(c), want.col(c), check);
    if (right == 1) return "only the last column is right: are the others overwritten or never set?";
  }
  return "";
}

void explain_value(Result& result, const Matrices& got, const Matrices& wanted, const Check& check,
                   Callee& student)
{
  const std::string output = *std::ranges::find_if_not(
      check.outputs, [&](const std::string& o) { return agrees(got.at(o), wanted.at(o), check); });
  const arma::mat &mine = got.at(output), &right = wanted.at(output);
  const double ratio = constant_ratio(mine, right);
  result.message.push_back(
      std::isnan(ratio) || right.n_elem == 1
          ? fmt::format("{}: {}", output, first_difference(mine, right, check))
          : fmt::format("{}: got {}, right shape; every element is {:.4f} × the expected one", output,
                        letters(mine, check), ratio));
  if (const Candidate* known = recognise(got, check, student)) return explain(result, *known);
  if (const std::string said = structure(mine, right, check); !said.empty())
    result.message.push_back("→ " + said);
}

// → whether a shape is not the one expected
bool bad_shape(Result& result, const Matrices& got, const Check& check, Callee& student)
{
  for (const std::string& output : check.outputs) {
    const arma::mat &mine = got.at(output), &right = check.right.front().values.at(output);
    if (same_size(mine, right)) continue;
    result.outcome = Outcome::wrong_shape;
    result.message = {
        fmt::format("{}: got {}, expected {}", output, letters(mine, check), letters(right, check))};
    const Candidate* known = recognise(got, check, student);
    if (known) explain(result, *known);
    if (!known) result.message.push_back("→ " + shape_rule(mine, right, check));
    return true;
  }
  return false;
}

// → whether there is an infinity or NaN
bool not_finite(Result& result, const Matrices& got, const Check& check)
{
  for (const std::string& output : check.outputs) {
    if (got.at(output).is_finite()) continue;
    result.outcome = Outcome::not_finite;
    result.message = {fmt::format("{}: holds infinity or NaN", output)};
    for (const Candidate& candidate : check.wrong) {
      if (candidate.not_finite) explain(result, candidate);
    }
    return true;
  }
  return false;
}

// A function that is graded against the student's other functions can't show what it is worth when one of
// those fails.
void block(Result& result, const Check& check, Callee& student)
{
  for (const Candidate& candidate : check.right) {
    std::string stopped_by;
    if (values(candidate, check, student, &stopped_by)) continue;
    result = {.outcome = Outcome::blocked,
              .message = {"it waits for " + stopped_by + ", which gives no usable result yet"},
              .hint = check.hint,
              .printed = result.printed};
  }
}

}  // namespace

bool agrees(const arma::mat& got, const arma::mat& want, const Check& check)
{
  if (!same_size(got, want)) return false;
  if (want.empty()) return true;
  const double scale = arma::abs(want).max();
  for (arma::uword i = 0; i < want.n_elem; ++i) {
    const double allowed = check.absolute + 1e-9 * scale + check.relative * std::abs(want(i));
    if (!(std::abs(got(i) - want(i)) <= allowed)) return false;  // not a number is not right either
  }
  return true;
}

std::optional<Matrices> values(const Candidate& candidate, const Check& check, Callee& student,
                               std::string* stopped_by)
{
  if (candidate.steps.empty()) return candidate.values;
  Bench bench{check, student};
  std::string function;
  for (const Step& step : candidate.steps) {
    if (!step.function.empty()) function = step.function;
    if (!student.hangs(function) && bench.run(step).outcome == Outcome::passed) continue;
    if (stopped_by) *stopped_by = function;
    return std::nullopt;
  }
  Matrices found;
  for (const auto& [output, name] : candidate.named) found[output] = bench[name];
  return found;
}

Result judge(const Check& check, Callee& student)
{
  Result result;
  result.hint = check.hint;
  Bench bench{check, student};
  for (const Step& step : check.calls) {
    const Answer answer = bench.run(step);
    result.printed += answer.printed;
    if (answer.outcome == Outcome::passed) continue;
    explain_failure(result, answer, check, step);
    if (answer.outcome != Outcome::not_implemented && answer.outcome != Outcome::missing)
      block(result, check, student);
    return result;
  }
  Matrices got;
  for (const std::string& output : check.outputs) got[output] = bench[output];
  result.outcome = Outcome::passed;
  if (bad_shape(result, got, check, student) || not_finite(result, got, check))
    return block(result, check, student), result;
  if (check.comparison == Comparison::shape) return result;
  Matrices wanted;
  for (const Candidate& candidate : check.right) {
    const auto possible = values(candidate, check, student);
    if (possible && all_agree(got, *possible, check)) return result;
    if (possible) wanted = *possible;
  }
  result.outcome = Outcome::wrong_value;
  explain_value(result, got, wanted, check, student);
  block(result, check, student);
  return result;
}

}  // namespace taller
