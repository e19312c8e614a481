#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "exercise.hpp"
#include "judge.hpp"

namespace taller {

// A grade in the making, or made: every check is there from the start, as "not run".
struct Grade {
  Exercise exercise;
  std::int64_t seed = 1;
  std::string file;                 // as people know it
  std::vector<Result> results;      // one for each check
  std::vector<std::string> errors;  // of the compiler, or why there is nothing to grade
  std::string log;                  // all that the compiler said
  bool complete = false;

  Grade(Exercise what, std::int64_t seed, std::string file);
  int score(const std::string& function = "") const;  // of one function, or of all
  int points(const std::string& function = "") const;
};

// Judges a student's file that has been compiled, or says that it could not be. `after_each` is called after
// each check.
// @param only the name of the one check to run; empty for all
void grade(
    Grade& grade, Student& student, const std::string& only = "",
    const std::function<void(const Grade&)>& after_each = [](const Grade&) {});

// For the terminal. `one` tells all that is known of one check.
std::string card(const Grade& grade, bool colours, const std::string& one = "");

// results.json as Gradescope reads it, and JUnit's XML.
std::string gradescope(const Grade& grade);
std::string junit(const Grade& grade);

// Text that a student's code made, without control characters and broken UTF-8.
std::string clean(const std::string& text);

}  // namespace taller
