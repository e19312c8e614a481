#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace taller {

// Grades a folder with one sub-folder for each student, and writes grades.csv and, for each of them,
// results.json, junit.xml and card.txt.
// @param exercise its id; empty to see it from the functions in the files
// @throws nn::Error when there is no student, two have one name, or something can't be written
void grade_submissions(const std::filesystem::path& folder, std::string exercise, std::int64_t seed,
                       const std::filesystem::path& out);

}  // namespace taller
