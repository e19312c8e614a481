#include "nn/text.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <unordered_set>

#include "nn/error.hpp"
#include "nn/file.hpp"

namespace nn {
namespace {

// Letters with their marks put together (NFC).
std::string composed(std::string_view text)
{
  utf8proc_uint8_t* result = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &result,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner{result, std::free};
  if (size < 0) throw Error(fmt::format("the text can't be read, expected UTF-8: {}", utf8proc_errmsg(size)));
  return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(size)};
}

bool in_word(utf8proc_int32_t character)
{
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
      return true;
    default:
      return false;
  }
}

// Adds a run of letters and apostrophes, cut into words.
void add(std::string run, std::vector<std::string>& words)
{
  const bool negated = run.ends_with("n't") && run.size() > 3;
  if (negated) run.resize(run.size() - 3);
  if (negated && run == "ca") run = "can";
  if (negated && run == "wo") run = "will";
  for (std::size_t from = 0; from < run.size();) {
    const std::size_t to = std::min(run.find('\'', from), run.size());
    if (to > from) words.push_back(run.substr(from, to - from));
    from = to + 1;
  }
  if (negated) words.emplace_back("not");
}

}  // namespace

std::vector<std::string> words(std::string_view text)
{
  const std::string whole = composed(text);
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(whole.data());
  const auto size = static_cast<utf8proc_ssize_t>(whole.size());
  std::vector<std::string> found;
  std::string run;
  utf8proc_int32_t character = 0;
  for (utf8proc_ssize_t at = 0; at < size;) {
    at += utf8proc_iterate(bytes + at, size - at, &character);
    if (character == '\'' || character == 0x2019) {
      run += '\'';
    } else if (in_word(character)) {
      utf8proc_uint8_t piece[4];
      const auto length = utf8proc_encode_char(utf8proc_tolower(character), piece);
      run.append(reinterpret_cast<const char*>(piece), static_cast<std::size_t>(length));
    } else {
      add(std::exchange(run, {}), found);
    }
  }
  add(std::move(run), found);
  return found;
}

std::vector<std::vector<std::string>> read_quotations(const std::filesystem::path& folder)
{
  std::set<std::filesystem::path> files;  // in the same order on every machine
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().extension() == ".fortunes") files.insert(file.path());
  std::vector<std::vector<std::string>> quotations;
  for (const auto& file : files) {
    std::istringstream content(read_file(file));
    quotations.emplace_back();
    for (std::string line; std::getline(content, line);) {
      if (line == "%") {
        quotations.emplace_back();
      } else if (line.find("--") == std::string::npos) {
        try {
          std::ranges::move(words(line), std::back_inserter(quotations.back()));
        } catch (const Error& error) {
          throw Error(fmt::format("{}: {}", file.string(), error.what()));
        }
      }
    }
  }
  return quotations;
}

WordVectors read_word_vectors(const std::filesystem::path& path, arma::uword length)
{
  const std::string content = read_file(path);
  std::vector<float> numbers;
  WordVectors result;
  std::unordered_set<std::string> seen;
  const char* at = content.data();
  const char* const end = at + content.size();
  for (std::size_t line = 1; at != end; ++line) {
    const auto fail = [&](const std::string& reason) {
      throw Error(fmt::format("{}, line {}: {}", path.string(), line, reason));
    };
    const char* const stop = std::find(at, end, '\n');
    const char* const space = std::find(at, stop, ' ');
    const std::string& word = result.words.emplace_back(at, space);
    if (word.empty()) fail("no word, expected one in front of its numbers");
    if (!seen.insert(word).second) fail(fmt::format("the word '{}' is there twice", word));
    arma::uword found = 0;
    for (at = space; at != stop; ++found) {
      float& x = numbers.emplace_back();
      const auto [rest, error] = std::from_chars(at + 1, stop, x);
      if (error != std::errc{} || (rest != stop && *rest != ' ') || !std::isfinite(x)) {
        fail(fmt::format("number {} of '{}' can't be read, expected a finite number", found + 1, word));
      }
      at = rest;
    }
    if (found != length) fail(fmt::format("{} numbers for '{}', expected {}", found, word, length));
    if (at != end) ++at;
  }
  result.vectors = arma::fmat(numbers.data(), length, result.words.size());
  return result;
}

}  // namespace nn
