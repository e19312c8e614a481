#pragma once

#include <armadillo>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// A table with named columns, as a CSV file holds it. Rows are samples here, as on paper; `numbers` turns columns
/// of the table into *rows* of a matrix, so that samples become columns (n×m), the course's convention.
/// A cell is missing when it is empty or `NA`; a blank line is no row.
class Table {
 public:
  /// Reads a CSV file (comma, optional double quotes, first line = names), plain or gzipped.
  /// @param path the file
  /// @return the table, with every row
  /// @throws Error naming file and line when it is missing, empty, cut, without rows, has a name twice, or a row
  ///         with another number of cells than the header
  static Table read(const std::filesystem::path& path);

  /// @return the number of rows (samples)
  std::size_t rows() const { return cells_.size(); }

  /// The rows in which none of the named columns is missing.
  /// @param columns names; none means all columns
  /// @return a table with the same columns and as many or fewer rows
  /// @throws Error for an unknown column
  Table complete(const std::vector<std::string>& columns = {}) const;

  /// Columns of numbers as a matrix, n×m: n names, m rows of the table.
  /// @param columns names, in the order that the matrix' rows shall have
  /// @return the matrix, n×m
  /// @throws Error naming file, row and column for an unknown column, a missing cell, text, NaN or infinity
  arma::mat numbers(const std::vector<std::string>& columns) const;

  /// One column of text.
  /// @param column its name
  /// @return one string for each row
  /// @throws Error for an unknown column or a missing cell
  std::vector<std::string> text(std::string_view column) const;

 private:
  struct Row {
    std::size_t line;  // in the file, for messages
    std::vector<std::string> cells;
  };

  std::size_t index(std::string_view column) const;
  const std::string& present(const Row& row, std::size_t column) const;

  std::string file_;
  std::vector<std::string> names_;
  std::vector<Row> cells_;
};

}  // namespace nn
