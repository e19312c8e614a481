#include <fmt/core.h>

#include <cmath>

#include "nn/digits.hpp"
#include "nn/table.hpp"
#include "support.hpp"

using nn::Table;

TEST_CASE("columns of a table become rows of a matrix, samples become columns")
{
  const Folder folder;
  const Table table = Table::read(folder.file("t.csv", "name,a,b\nx,1,2.5\ny,-3,4e2\n"));
  CHECK(table.rows() == 2);
  CHECK(arma::approx_equal(table.numbers({"b", "a"}), arma::mat{{2.5, 400}, {1, -3}}, "absdiff", 0));
  CHECK(table.text("name") == std::vector<std::string>{"x", "y"});
}

TEST_CASE("quotes, blank lines and Windows line ends are read as CSV means them")
{
  const Folder folder;
  const Table table = Table::read(folder.file("t.csv", "name,a\r\n\r\n\"x, \"\"y\"\"\",1\r\nz,2\r\n"));
  CHECK(table.text("name") == std::vector<std::string>{"x, \"y\"", "z"});
  CHECK(arma::approx_equal(table.numbers({"a"}), arma::mat{{1, 2}}, "absdiff", 0));
}

TEST_CASE("a mark in front and a plus sign are no obstacle")
{
  const Folder folder;
  const Table table = Table::read(folder.file("t.csv",
                                              "\xEF\xBB\xBF"
                                              "a\n+1.5\n"));
  CHECK(table.numbers({"a"})(0) == 1.5);
}

TEST_CASE("lines are counted as an editor counts them")
{
  const Folder folder;
  const auto bad = [&](const char* content) {
    return Table::read(folder.file("t.csv", content)).numbers({"b"});
  };
  CHECK_ERROR(bad("a,b\n\n\"x\ny\",1\nq,oops\n"), "line 5, column 'b': found 'oops'");
  CHECK_ERROR(bad("a,b\r\nx,1\r\nq,oops\r\n"), "line 3, column 'b': found 'oops'");
  CHECK_ERROR(bad("a,b\nq,\"two\nlines\"\n"), "line 2, column 'b': found 'two lines'");
}

TEST_CASE("rows with a missing value are dropped on request, and only then")
{
  const Folder folder;
  const Table table = Table::read(folder.file("t.csv", "a,b\n1,\nNA,2\n3,4\n"));
  CHECK(table.complete({"a"}).rows() == 2);
  CHECK(table.complete().rows() == 1);
  CHECK(arma::approx_equal(table.complete().numbers({"a", "b"}), arma::vec{3, 4}, "absdiff", 0));
  CHECK_ERROR(table.numbers({"a"}), "t.csv, line 3, column 'a': the cell is missing");
  CHECK_ERROR(table.text("b"), "t.csv, line 2, column 'b': the cell is missing");
}

TEST_CASE("a malformed table is refused with file and line")
{
  const Folder folder;
  const auto read = [&](const char* content) { return Table::read(folder.file("t.csv", content)); };
  CHECK_ERROR(read("a,b\n1,2\n3\n"), "t.csv, line 3: 1 cells, expected 2");
  CHECK_ERROR(read("a,b\n1,2,3\n"), "t.csv, line 2: 3 cells, expected 2");
  CHECK_ERROR(read("a,b\n\n1,\"2\n"), "t.csv, line 3: quotes are not as CSV has them");
  CHECK_ERROR(read("a,a\n1,2\n"), "t.csv, line 1: column 'a' is there twice");
  CHECK_ERROR(read("a,b\n"), "t.csv, line 1: a header without rows");
  CHECK_ERROR(read("\n"), "t.csv, line 1: no header");
  CHECK_ERROR(read(""), "the file is empty");
  CHECK_ERROR(Table::read(folder / "none.csv"), "none.csv: no such file");
}

TEST_CASE("a cell that is no number is named with row and column")
{
  const Folder folder;
  const auto cell = [&](const std::string& text) {
    return Table::read(folder.file("t.csv", "a,b\n1,2\n3," + text + "\n")).numbers({"a", "b"});
  };
  CHECK(cell("4")(1, 1) == 4);
  for (const std::string text : {"abc", "12 g", "nan", "inf", "-inf", "1e999", "0x10", "1.2.3"}) {
    CHECK_ERROR(cell(text), "t.csv, line 3, column 'b': found '" + text + "', expected a finite number");
  }
  CHECK_ERROR(Table::read(folder.file("t.csv", "a,b\n1,2\n")).numbers({"c"}),
              "t.csv: no column 'c', expected one of: a, b");
}

TEST_CASE("digits are pictures of greys from 0 to 1, with labels that are digits")
{
  const Folder folder;
  std::string head, row;
  for (int i = 0; i < 64; ++i) {
    head += fmt::format("p{}{},", i / 8, i % 8);
    row += i == 8 ? "16," : i == 63 ? "4," : "0,";
  }
  const auto table = [&](const char* label) {
    return nn::Table::read(folder.file("digits.csv", head + "digit\n" + row + "7\n" + row + label + "\n"));
  };
  const auto [X, y] = nn::digits(table("0"));
  CHECK((X.n_rows == 64 && X.n_cols == 2));
  CHECK((X(8, 1) == 1 && X(63, 1) == 0.25F && arma::accu(X) == 2.5F));
  CHECK((y(0) == 7 && y(1) == 0));
  CHECK_ERROR(nn::digits(table("10")), "the label of digit 2 is 10, expected 0 to 9");
  CHECK_ERROR(nn::digits(table("-1")), "is -1");
  CHECK_ERROR(nn::digits(table("2.5")), "is 2.5");
}
