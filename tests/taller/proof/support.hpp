#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "../grader/grade.hpp"
#include "nn/file.hpp"

namespace proof {

using Edits = std::vector<std::pair<std::string, std::string>>;

inline std::filesystem::path solutions() { return TALLER_SOLUTIONS; }

inline std::string reference(const std::string& id)
{
  return nn::read_file(solutions() / id / "reference.hpp");
}

// The source with each first text replaced by the second; one that isn't there is an error of the test.
inline std::string edited(std::string source, const Edits& edits)
{
  for (const auto& [from, to] : edits) {
    INFO("looking for: " << from);
    REQUIRE(source.find(from) != std::string::npos);
    for (std::size_t at = 0; (at = source.find(from, at)) != std::string::npos; at += to.size())
      source.replace(at, from.size(), to);
  }
  return source;
}

// A student whose file has this text.
class File {
 public:
  explicit File(const std::string& source) { nn::write_file(path(), source); }
  std::filesystem::path path() const { return folder_.path() / "taller.hpp"; }

 private:
  taller::TemporaryFolder folder_;
};

inline taller::Student compiled(const std::string& id, const std::string& source)
{
  return taller::Student{id, File{source}.path()};
}

inline taller::Grade graded(const std::string& id, taller::Student& student, std::int64_t seed)
{
  taller::Grade grade{taller::exercise(id, seed), seed, "taller.hpp"};
  taller::grade(grade, student);
  return grade;
}

inline std::set<std::string> words(const std::string& text)
{
  std::istringstream stream{text};
  std::set<std::string> all;
  for (std::string word; stream >> word;) all.insert(word);
  return all;
}

// The names of the checks with an outcome that the condition holds for.
template <class Condition>
std::set<std::string> checks(const taller::Grade& grade, Condition condition)
{
  std::set<std::string> found;
  for (std::size_t i = 0; i < grade.results.size(); ++i) {
    if (condition(grade.results[i])) found.insert(grade.exercise.checks[i].name);
  }
  return found;
}

}  // namespace proof
