#include <nlohmann/json.hpp>

#include "nn/chapter.hpp"
#include "nn/file.hpp"
#include "support.hpp"

TEST_CASE("a small matrix is recorded number by number, under its row and column")
{
  const Folder folder;
  nn::Chapter chapter("01-test", nn::Options{.out = folder / "out"});
  chapter.result("a.A", arma::mat{{1, 2, 3}, {4, 5, 6}});
  chapter.result("a.b", arma::vec{7, 8});
  chapter.result("a.c", 9);
  chapter.finish();
  const auto json = nlohmann::json::parse(nn::read_file(folder / "out/results.json"));
  CHECK(json["numbers"]["a"] == nlohmann::json{{"A_00", 1.0},
                                               {"A_01", 2.0},
                                               {"A_02", 3.0},
                                               {"A_10", 4.0},
                                               {"A_11", 5.0},
                                               {"A_12", 6.0},
                                               {"b_00", 7.0},
                                               {"b_10", 8.0},
                                               {"c", 9.0}});
  CHECK_ERROR(chapter.result("a.A", arma::mat{1}), "result 'a.A_00' is recorded twice");
  CHECK_ERROR(chapter.result("A", arma::mat{1}), "expected a name of the form group.name");
  CHECK_NOTHROW(chapter.result("a.most", arma::mat(10, 10)));
  CHECK_ERROR(chapter.result("a.more", arma::mat(11, 1)), "result 'a.more' is 11×1, expected at most 10×10");
  CHECK_ERROR(chapter.result("a.more", arma::mat(1, 11)), "result 'a.more' is 1×11, expected at most 10×10");
}
