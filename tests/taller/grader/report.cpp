#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "grade.hpp"

namespace taller {
namespace {

using Json = nlohmann::ordered_json;
constexpr int width = 92;  // of the card, in characters

// Characters that a terminal shows, for text in UTF-8 without wide ones.
int columns(const std::string& text)
{
  return static_cast<int>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

class Card {
 public:
  explicit Card(bool colours) : colours_{colours} {}
  std::string coloured(const char* code, const std::string& text) const
  {
    return colours_ ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
  }
  void line(const std::string& text = "") { text_ += text + "\n"; }
  // A line with something at its right end.
  void line(int indent, const std::string& left, const std::string& right, const char* code = "0")
  {
    const int gap = std::max(1, width - indent - columns(left) - columns(right));
    line(std::string(static_cast<std::size_t>(indent), ' ') +
         coloured(code, left + std::string(static_cast<std::size_t>(gap), ' ') + right));
  }
  const std::string& text() const { return text_; }

 private:
  bool colours_;
  std::string text_;
};

struct Look {
  const char* sign;
  const char* colour;
};

Look look(Outcome outcome)
{
  switch (outcome) {
    case Outcome::passed:
      return {"✓", "32"};
    case Outcome::not_run:
    case Outcome::not_implemented:
      return {"○", "90"};
    case Outcome::blocked:
      return {"◌", "33"};
    default:
      return {"✗", "31"};
  }
}

std::vector<std::string> lines(const std::string& text)
{
  std::vector<std::string> all;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

void show_printed(Card& card, const std::string& printed)
{
  if (printed.empty()) return;
  const auto all = lines(clean(printed));
  card.line("        your code printed:");
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 3); ++i)
    card.line("        │ " + all[i].substr(0, 120));
  if (all.size() > 3) card.line(fmt::format("        │ … ({} more lines)", all.size() - 3));
}

void show_details(Card& card, const Grade& grade, const Check& check, const Result& result)
{
  for (const std::string& line : result.message) {
    const bool diagnosis = line.starts_with("→");
    card.line("        " + card.coloured(diagnosis ? "1" : "0", clean(line)));
  }
  show_printed(card, result.printed);
  card.line(
      "        " +
      card.coloured(
          "36", fmt::format("hint: ./course hint {} {}     again: ./course taller {} --check {} --seed {}",
                            grade.exercise.id, result.hint, grade.exercise.id, check.name, grade.seed)));
}

void show_check(Card& card, const Grade& grade, std::size_t i, bool details)
{
  const Check& check = grade.exercise.checks[i];
  const Result& result = grade.results[i];
  const auto [sign, colour] = look(result.outcome);
  const bool passed = result.outcome == Outcome::passed;
  const std::string verdict = passed ? "" : std::string(name(result.outcome)) + "  ";
  card.line(4, fmt::format("{} {}", sign, check.about),
            fmt::format("{}{:>3}/{}", verdict, passed ? check.points : 0, check.points), colour);
  const bool to_do = result.outcome == Outcome::not_implemented || result.outcome == Outcome::not_run;
  if (details && !passed && !to_do) show_details(card, grade, check, result);
}

std::string bar(int score, int points)
{
  std::string drawn;
  for (int i = 0; i < 20; ++i) drawn += i < 20 * score / std::max(points, 1) ? "█" : "░";
  return drawn;
}

void show_errors(Card& card, const Grade& grade)
{
  card.line(card.coloured("31", "  ✗ " + grade.file + " can't be graded"));
  for (const std::string& error : grade.errors) card.line("      " + clean(error));
  card.line();
  card.line(card.coloured("1", fmt::format("  0 of {} points", grade.points())));
}

}  // namespace

std::string clean(const std::string& text)
{
  const std::string valid =
      nlohmann::json::parse(
          nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
          .get<std::string>();
  std::string shown;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    if (byte == 0xC2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xA0)
      ++i;  // U+0080 … U+009F
    else if (byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7F))
      shown += valid[i];
  }
  return shown;
}

std::string card(const Grade& grade, bool colours, const std::string& one)
{
  Card card{colours};
  card.line();
  card.line(0, fmt::format("TALLER {}  {}", grade.exercise.id, grade.exercise.title),
            fmt::format("seed {}", grade.seed), "1");
  card.line();
  if (!grade.errors.empty()) {
    show_errors(card, grade);
    return card.text();
  }
  for (const auto& [function, declaration] : grade.exercise.functions) {
    if (one.empty())
      card.line(2, function, fmt::format("{:>3}/{}", grade.score(function), grade.points(function)), "1");
    std::vector<std::string> told;  // a diagnosis is given in full once
    for (std::size_t i = 0; i < grade.results.size(); ++i) {
      const Check& check = grade.exercise.checks[i];
      if (check.function != function || (!one.empty() && check.name != one)) continue;
      const Result& result = grade.results[i];
      const std::string what = result.misconception.empty() ? name(result.outcome) : result.misconception;
      const bool known = std::ranges::find(told, what) != told.end();
      show_check(card, grade, i, !known);
      told.push_back(what);
    }
    if (one.empty()) card.line();
  }
  if (one.empty()) {
    card.line(card.coloured("1", fmt::format("  {}  {} of {} points", bar(grade.score(), grade.points()),
                                             grade.score(), grade.points())));
  }
  return card.text();
}

namespace {

std::string output(const Grade& grade, const Result& result)
{
  std::string all;
  for (const std::string& line : result.outcome == Outcome::did_not_compile ? grade.errors : result.message)
    all += clean(line) + "\n";
  if (!result.printed.empty()) all += "the code printed:\n";
  for (const std::string& line : lines(clean(result.printed.substr(0, 2000)))) all += "│ " + line + "\n";
  return all;
}

std::string xml(const std::string& text)
{
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\n':
        safe += "&#10;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

// What JUnit calls an outcome: nothing when it passed.
const char* kind(Outcome outcome)
{
  switch (outcome) {
    case Outcome::passed:
      return nullptr;
    case Outcome::not_run:
    case Outcome::blocked:
    case Outcome::not_implemented:
      return "skipped";
    case Outcome::wrong_value:
    case Outcome::wrong_shape:
    case Outcome::not_finite:
    case Outcome::changed_inputs:
      return "failure";
    default:
      return "error";
  }
}

}  // namespace

std::string gradescope(const Grade& grade)
{
  Json tests = Json::array();
  for (std::size_t i = 0; i < grade.results.size(); ++i) {
    const Check& check = grade.exercise.checks[i];
    const Result& result = grade.results[i];
    const bool passed = result.outcome == Outcome::passed;
    tests.push_back({{"name", check.function + ": " + check.about},
                     {"number", std::to_string(i + 1)},
                     {"score", passed ? check.points : 0},
                     {"max_score", check.points},
                     {"status", passed ? "passed" : "failed"},
                     {"output", output(grade, result)},
                     {"visibility", "visible"},
                     {"tags", {check.name, name(result.outcome)}}});
  }
  const Json all = {
      {"score", grade.score()},
      {"output", fmt::format("TALLER {} {}, seed {}", grade.exercise.id, grade.exercise.title, grade.seed)},
      {"visibility", "visible"},
      {"stdout_visibility", "hidden"},
      {"tests", tests},
      {"extra_data", {{"exercise", grade.exercise.id}, {"seed", grade.seed}, {"complete", grade.complete}}}};
  return all.dump(2) + "\n";
}

std::string junit(const Grade& grade)
{
  std::string cases;
  std::map<std::string, int> count;
  for (std::size_t i = 0; i < grade.results.size(); ++i) {
    const Check& check = grade.exercise.checks[i];
    const Result& result = grade.results[i];
    cases += fmt::format("  <testcase classname=\"{}\" name=\"{}\"", xml(check.function), xml(check.about));
    const char* const what = kind(result.outcome);
    if (!what) {
      cases += "/>\n";
      continue;
    }
    ++count[what];
    const std::string type =
        std::string(what) == "skipped" ? "" : fmt::format(" type=\"{}\"", name(result.outcome));
    cases += fmt::format(">\n    <{} message=\"{}\"{}>{}</{}>\n  </testcase>\n", what, name(result.outcome),
                         type, xml(output(grade, result)), what);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"TALLER {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "skipped=\"{}\">\n{}</testsuite>\n",
      xml(grade.exercise.id), grade.results.size(), count["failure"], count["error"], count["skipped"],
      cases);
}

}  // namespace taller
