#include "nn/table.hpp"

#include <csv.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include "nn/error.hpp"
#include "nn/file.hpp"

namespace nn {
namespace {

bool missing(const std::string& cell) { return cell.empty() || cell == "NA"; }

// What libcsv reports, cell by cell and row by row. It ends a row at either character of "\r\n" and reports
// the other one as an empty row; blank lines are skipped.
struct Reader {
  struct Row {
    std::size_t line;  // where it begins
    std::vector<std::string> cells;
  };
  std::vector<Row> rows;
  Row row;
  std::size_t line = 1;

  static void cell(void* text, std::size_t size, void* self)
  {
    auto* reader = static_cast<Reader*>(self);
    if (reader->row.cells.empty()) reader->row.line = reader->line;
    const std::string& content = reader->row.cells.emplace_back(static_cast<char*>(text), size);
    reader->line += static_cast<std::size_t>(std::ranges::count(content, '\n'));
  }
  static void end_of_row(int character, void* self)
  {
    auto* reader = static_cast<Reader*>(self);
    if (!reader->row.cells.empty()) reader->rows.push_back(std::exchange(reader->row, {}));
    if (character == '\n') ++reader->line;
  }
};

// A cell as a message shows it: on one line, and not too long.
std::string shown(std::string cell)
{
  std::ranges::replace_if(
      cell, [](unsigned char c) { return c < ' '; }, ' ');
  return cell.size() <= 40 ? cell : cell.substr(0, 40) + "…";
}

// A number and nothing else: "12 g" and "nan" are text.
double number(const std::string& cell)
{
  double value = NAN;
  const char* const end = cell.data() + cell.size();
  const auto [rest, error] = std::from_chars(cell.data() + cell.starts_with('+'), end, value);
  return error == std::errc{} && rest == end ? value : NAN;
}

}  // namespace

Table Table::read(const std::filesystem::path& path)
{
  std::string content = read_file(path);
  if (content.starts_with("\xEF\xBB\xBF")) content.erase(0, 3);  // some spreadsheets put this mark in front
  const auto fail = [&](std::size_t line, const std::string& reason) {
    throw Error(fmt::format("{}, line {}: {}", path.string(), line, reason));
  };

  Reader reader;
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
  const std::size_t read =
      csv_parse(&parser, content.data(), content.size(), Reader::cell, Reader::end_of_row, &reader);
  const bool whole =
      read == content.size() && csv_fini(&parser, Reader::cell, Reader::end_of_row, &reader) == 0;
  csv_free(&parser);
  if (!whole) fail(reader.line, "quotes are not as CSV has them, expected \"…\" around a whole cell");

  Table table;
  table.file_ = path.filename().string();
  if (reader.rows.empty()) fail(1, "no header, expected the names of the columns");
  table.names_ = reader.rows.front().cells;
  for (auto name = table.names_.begin(); name != table.names_.end(); ++name) {
    if (std::find(table.names_.begin(), name, *name) != name)
      fail(1, fmt::format("column '{}' is there twice", shown(*name)));
  }
  for (auto& [line, cells] : std::span(reader.rows).subspan(1)) {
    if (cells.size() != table.names_.size()) {
      fail(line, fmt::format("{} cells, expected {} as in the header", cells.size(), table.names_.size()));
    }
    table.cells_.push_back({line, std::move(cells)});
  }
  if (table.cells_.empty()) fail(1, "a header without rows");
  return table;
}

std::size_t Table::index(std::string_view column) const
{
  const auto found = std::find(names_.begin(), names_.end(), column);
  if (found == names_.end()) {
    throw Error(
        fmt::format("{}: no column '{}', expected one of: {}", file_, column, fmt::join(names_, ", ")));
  }
  return static_cast<std::size_t>(found - names_.begin());
}

const std::string& Table::present(const Row& row, std::size_t column) const
{
  if (missing(row.cells[column])) {
    throw Error(
        fmt::format("{}, line {}, column '{}': the cell is missing", file_, row.line, names_[column]));
  }
  return row.cells[column];
}

Table Table::complete(const std::vector<std::string>& columns) const
{
  std::vector<std::size_t> wanted;
  for (const std::string& name : columns.empty() ? names_ : columns) wanted.push_back(index(name));
  Table table = *this;
  std::erase_if(table.cells_, [&](const Row& row) {
    return std::ranges::any_of(wanted, [&](std::size_t c) { return missing(row.cells[c]); });
  });
  return table;
}

arma::mat Table::numbers(const std::vector<std::string>& columns) const
{
  arma::mat X(columns.size(), rows());  // n×m
  for (arma::uword i = 0; i < X.n_rows; ++i) {
    const std::size_t column = index(columns[i]);
    for (arma::uword j = 0; j < X.n_cols; ++j) {
      const std::string& cell = present(cells_[j], column);
      X(i, j) = number(cell);
      if (!std::isfinite(X(i, j))) {
        throw Error(fmt::format("{}, line {}, column '{}': found '{}', expected a finite number", file_,
                                cells_[j].line, columns[i], shown(cell)));
      }
    }
  }
  return X;
}

std::vector<std::string> Table::text(std::string_view column) const
{
  const std::size_t c = index(column);
  std::vector<std::string> values;
  for (const Row& row : cells_) values.push_back(present(row, c));
  return values;
}

}  // namespace nn
