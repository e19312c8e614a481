#pragma once

#include <armadillo>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// The words of a text, in lower case. A word is a run of letters, their marks and digits, of any alphabet; what stands
/// between them, `¿` and `¡` too, is left out. Letters that came in two pieces, such as `n` and a tilde, are put together
/// first. An English `n't` becomes a word of its own, `not`, because it turns the sense round: "don't" → do, not. Any other
/// apostrophe only separates.
/// @param text UTF-8
/// @return its words, in their order; none when there is no letter and no digit
/// @throws Error when the text isn't UTF-8
std::vector<std::string> words(std::string_view text);

/// Reads quotations as the program `fortune` keeps them: a line with nothing but `%` stands between two, and a line with two
/// dashes says whose they are, which is left out.
/// @param folder in which the files end in `.fortunes`; they are read in the order of their names
/// @return the words of each quotation
/// @throws Error naming the file when one can't be read or isn't UTF-8
std::vector<std::vector<std::string>> read_quotations(const std::filesystem::path& folder);

/// Words, and a vector for each.
struct WordVectors {
  std::vector<std::string> words;  ///< V of them
  arma::fmat vectors;              ///< d×V, a word a column
};

/// Reads word vectors as GloVe's files have them: a line is a word and its numbers, with spaces between.
/// @param path the file, plain or gzipped
/// @param length d, how many numbers a word must have
/// @return the words in the order of the file
/// @throws Error naming file and line when a line holds another number of numbers, or something else than finite ones, or
///         a word is there twice; as `read_file` when the file can't be read
WordVectors read_word_vectors(const std::filesystem::path& path, arma::uword length);

}  // namespace nn
