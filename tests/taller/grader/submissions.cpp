#include "submissions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <ranges>
#include <set>
#include <vector>

#include "grade.hpp"
#include "nn/error.hpp"
#include "nn/file.hpp"
#include "nn/progress.hpp"

namespace taller {
namespace {

namespace fs = std::filesystem;

struct Submission {
  std::string student;
  std::vector<fs::path> files;  // every taller.hpp below the student's folder
};

// Names that a person would take for the same: "Ana Ruiz" and "ana_ruiz".
std::string folded(const std::string& name)
{
  std::string plain;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) || (c & 0x80))
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

std::vector<Submission> find(const fs::path& folder)
{
  if (!fs::is_directory(folder))
    throw nn::Error(folder.string() + ": no such folder, expected one with a sub-folder for each student");
  std::vector<Submission> found;
  std::map<std::string, std::string> names;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (!entry.is_directory()) continue;
    Submission one{.student = entry.path().filename().string()};
    const auto [other, fresh] = names.emplace(folded(one.student), one.student);
    if (!fresh)
      throw nn::Error(fmt::format("two students with one name: '{}' and '{}' in {}", other->second,
                                  one.student, folder.string()));
    for (const auto& file : fs::recursive_directory_iterator{entry.path()}) {
      if (file.path().filename() == "taller.hpp" && file.is_regular_file()) one.files.push_back(file.path());
    }
    found.push_back(one);
  }
  if (found.empty())
    throw nn::Error(folder.string() +
                    ": found no student, expected a sub-folder for each, with taller.hpp in it");
  std::ranges::sort(found, {}, &Submission::student);
  return found;
}

// The one exercise whose functions every file names most.
std::string recognise(const std::vector<Submission>& submissions)
{
  std::vector<Exercise> all;
  for (const std::string& id : exercise_ids()) all.push_back(exercise(id, 1));
  std::set<std::string> possible;
  for (const Exercise& one : all) possible.insert(one.id);
  for (const Submission& submission : submissions) {
    std::string source;
    try {
      if (submission.files.size() == 1) source = nn::read_file(submission.files.front());
    } catch (const nn::Error&) {
      continue;  // its row will say so
    }
    const auto named = [&](const Exercise& one) {
      return std::ranges::count_if(one.functions,
                                   [&](const auto& f) { return source.find(f.first) != std::string::npos; });
    };
    const auto most = std::ranges::max(all | std::views::transform(named));
    for (const Exercise& one : all) {
      if (named(one) < most) possible.erase(one.id);
    }
  }
  if (possible.size() == 1) return *possible.begin();
  throw nn::Error(possible.empty()
                      ? "the files are of several exercises: say which one with --exercise"
                      : "the files don't show which exercise they are of: say it with --exercise");
}

std::string csv(const std::string& cell)
{
  if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// What there is to say of a grade beside its number.
std::string remark(const Grade& grade)
{
  if (!grade.errors.empty()) return grade.errors.front();
  std::map<std::string, int> count;
  for (const Result& result : grade.results) {
    if (result.outcome != Outcome::passed) ++count[name(result.outcome)];
  }
  std::string all;
  for (const auto& [outcome, times] : count)
    all += fmt::format("{}{} {}", all.empty() ? "" : ", ", times, outcome);
  return all;
}

Grade grade_one(const Submission& one, const Exercise& exercise, std::int64_t seed)
{
  Grade made{exercise, seed, one.student + "/taller.hpp"};
  try {
    if (one.files.empty()) throw nn::Error("no taller.hpp in the folder");
    if (one.files.size() > 1)
      throw nn::Error(fmt::format("{} files named taller.hpp, expected one", one.files.size()));
    Student student{exercise.id, one.files.front()};
    grade(made, student);
  } catch (const nn::Error& error) {
    made.errors = {error.what()};
    for (Result& result : made.results) result = {.outcome = Outcome::did_not_compile};
    made.complete = true;
  }
  return made;
}

}  // namespace

void grade_submissions(const fs::path& folder, std::string exercise_id, std::int64_t seed,
                       const fs::path& out)
{
  const std::vector<Submission> submissions = find(folder);
  if (exercise_id.empty()) exercise_id = recognise(submissions);
  const Exercise what = exercise(exercise_id, seed);
  std::string table = "student,exercise,seed,score";
  for (const auto& [function, declaration] : what.functions) table += "," + function;
  table += ",remark\n";
  nn::Progress progress{fmt::format("{} students", submissions.size()), submissions.size()};
  for (const Submission& one : submissions) {
    const Grade made = grade_one(one, what, seed);
    fs::create_directories(out / one.student);
    nn::write_file(out / one.student / "results.json", gradescope(made));
    nn::write_file(out / one.student / "junit.xml", junit(made));
    nn::write_file(out / one.student / "card.txt",
                   card(made, false) + (made.errors.empty() ? "" : "\n" + clean(made.log)));
    std::string row = fmt::format("{},{},{},{}", csv(one.student), what.id, seed, made.score());
    for (const auto& [function, declaration] : what.functions)
      row += fmt::format(",{}", made.score(function));
    table += row + "," + csv(clean(remark(made))) + "\n";
    progress.tick();
    fmt::print("{:>4}/{}  {}  {}\n", made.score(), made.points(), clean(one.student), clean(remark(made)));
  }
  nn::write_file(out / "grades.csv", table);
  fmt::print("\n{} students, TALLER {}, seed {}: {}\n", submissions.size(), what.id, seed,
             (out / "grades.csv").string());
}

}  // namespace taller
