#include <fstream>
#include <nlohmann/json.hpp>

#include "nn/conv1d.hpp"
#include "nn/cost.hpp"
#include "nn/gradient_check.hpp"
#include "nn/text.hpp"
#include "reference.hpp"
#include "support.hpp"

using arma::mat;
using nn::Activation;
using Words = std::vector<std::string>;

namespace {

// PyTorch's numbers: tests/reference/conv1d.py.
const nlohmann::json reference = nlohmann::json::parse(std::ifstream(NN_REFERENCE "/conv1d.json"));

const mat texts = {{3, 2}, {5, 4}, {3, 4}, {1, 0}, {6, 0}, {2, 0}};  // 6×2

struct Chain {
  nn::Embedding<mat> words{6, wave(3, 7, 1)};
  nn::Conv1d<mat> filters;
  nn::GlobalMaxPool<mat> pool;

  explicit Chain(arma::uword width) : filters{6, 3, 4, width, Activation::tanh}, pool{4, filters.places()}
  {
    filters.W = wave(4, width * 3, 2);
    filters.b = 0.5 * wave(4, 1, 5);
  }

  double cost()
  {
    return nn::mean_squared_error(pool.forward(filters.forward(words.forward(texts))), wave(4, 2, 9)).J;
  }

  void backward()
  {
    mat dA = pool.input_gradient(nn::mean_squared_error(pool.A, wave(4, 2, 9)).dA);
    filters.backward(words.A, dA);
    mat dX = filters.input_gradient(dA);
    words.backward(texts, dX);
  }

  mat dE() const
  {
    mat whole(3, 7);
    whole.cols(words.dW.columns) = words.dW.values;
    return whole;
  }
};

}  // namespace

TEST_CASE("embedding, convolution and pooling give PyTorch's values and gradients")
{
  for (const arma::uword width : {1, 3, 6}) {
    INFO("width " << width);
    const nlohmann::json& torch = reference[std::to_string(width)];
    Chain chain(width);
    CHECK(chain.cost() == Approx(torch["J"].get<double>()).epsilon(1e-9));
    CHECK(same(chain.words.A, torch["X"]));
    CHECK(same(chain.pool.A, torch["A"]));
    chain.backward();
    CHECK(same(chain.dE(), torch["dE"]));
    CHECK(same(chain.filters.dW, torch["dW"]));
    CHECK(same(chain.filters.db, torch["db"]));
  }
}

TEST_CASE("their gradients agree with central differences, ReLU too")
{
  for (const Activation g : {Activation::tanh, Activation::relu}) {
    Chain chain(3);
    chain.filters.g = g;
    chain.cost();
    chain.backward();
    const auto check = [&](mat& theta, const mat& found) {
      const mat here = theta;
      const auto J = [&](const mat& value) {
        theta = value;
        return chain.cost();
      };
      mat numerical = nn::numerical_gradient(J, here);
      theta = here;
      if (&theta == &chain.words.W) numerical.col(0).zeros();  // what fills up isn't learned
      CHECK(nn::relative_error(found, numerical) < 1e-7);
    };
    check(chain.words.W, chain.dE());
    check(chain.filters.W, chain.filters.dW);
    check(chain.filters.b, chain.filters.db);
  }
}

TEST_CASE("pooling says where the largest value was, and takes the first of equals")
{
  nn::GlobalMaxPool<mat> pool(2, 3);
  const mat X = {{1, 0}, {5, 0}, {3, 0}, {4, -1}, {3, 0}, {5, 2}};  // places (1, 5), (3, 4), (3, 5)
  CHECK(arma::approx_equal(pool.forward(X), mat{{3, 0}, {5, 2}}, "absdiff", 0));
  CHECK(pool.place(0, 0) == 1);
  CHECK(pool.place(0, 1) == 0);
  CHECK(pool.place(1, 0) == 0);
  CHECK(pool.place(1, 1) == 2);
  const mat back = {{0, 10}, {20, 0}, {1, 0}, {0, 0}, {0, 0}, {0, 2}};
  CHECK(arma::approx_equal(pool.input_gradient(mat{{1, 10}, {20, 2}}), back, "absdiff", 0));
}

TEST_CASE("an embedding adds up a word that is there twice, and leaves 0 alone")
{
  nn::Embedding<mat> words(2, mat(2, 4, arma::fill::ones));
  CHECK(arma::all(words.W.col(0) == 0));
  const mat X = {{3, 0}, {3, 1}};
  words.forward(X);
  mat dA = {{1, 7}, {2, 7}, {3, 5}, {4, 6}};
  words.backward(X, dA);
  CHECK(arma::all(words.dW.columns == arma::uvec{1, 3}));
  CHECK(arma::approx_equal(words.dW.values, mat{{5, 4}, {6, 6}}, "absdiff", 0));
}

TEST_CASE("layers for text refuse what doesn't fit")
{
  using Conv1d = nn::Conv1d<mat>;
  using Pool = nn::GlobalMaxPool<mat>;
  CHECK_ERROR(nn::Embedding<mat>(6, mat(3, 0)), "a table of 3×0 for texts of 6 words");
  CHECK_ERROR(nn::Embedding<mat>(0, mat(3, 1)), "a table of 3×1 for texts of 0 words");
  nn::Embedding<mat> words(6, mat(3, 7));
  CHECK_ERROR(words.forward(mat(6, 1, arma::fill::value(7))), "word 7, expected 0 to 6");
  CHECK_ERROR(words.forward(mat(5, 1)), "X is 5×1, expected 6×1");
  words.forward(texts);
  mat narrow(18, 1);
  CHECK_ERROR(words.backward(texts, narrow), "dA is 18×1, expected 18×2");
  CHECK_ERROR(Conv1d(6, 3, 0, 2, Activation::relu), "3 channels in and 0 out, expected at least 1 of each");
  CHECK_ERROR(Conv1d(6, 0, 4, 2, Activation::relu), "0 channels in and 4 out");
  CHECK_ERROR(Conv1d(6, 3, 4, 7, Activation::relu), "a filter of width 7, expected 1 to 6");
  CHECK_ERROR(Conv1d(6, 3, 4, 0, Activation::relu), "a filter of width 0");
  Chain chain(3);
  CHECK_ERROR(chain.filters.forward(mat(17, 2)), "X is 17×2, expected 18 rows: 1×6 pixels of 3 channels");
  chain.cost();
  mat wrong(3, 2);
  CHECK_ERROR(chain.filters.backward(chain.words.A, wrong), "dA is 3×2, expected 16×2");
  CHECK_ERROR(chain.filters.input_gradient(wrong), "dZ is 3×2, expected 16×2");
  CHECK_ERROR(Pool(0, 3), "0 channels in");
  CHECK_ERROR(Pool(2, 0), "a window of size 0");
  CHECK_ERROR(chain.pool.forward(mat(3, 2)), "X is 3×2, expected 16 rows: 1×4 pixels of 4 channels");
  CHECK_ERROR(chain.pool.input_gradient(mat(3, 2)), "dA is 3×2, expected 4×2");
}

TEST_CASE("a network for texts has a dropout, which acts while it trains only")
{
  const nn::Branches<mat> filters(6, 3, 2, {1, 3}, Activation::relu);
  nn::TextNet<mat> net({nn::Embedding<mat>(6, wave(3, 7, 1)), filters, nn::Dropout<mat>(4, 0.5),
                        nn::Dense<mat>(4, 2, Activation::identity)});
  const auto& pooled = std::get<nn::Branches<mat>>(net.layers[1]).A;
  const auto& kept = std::get<nn::Dropout<mat>>(net.layers[2]);
  net.forward(texts);
  CHECK(arma::approx_equal(kept.A, pooled, "absdiff", 0));
  net.training(true);
  net.forward(texts);
  CHECK(arma::all(arma::vectorise(kept.mask == 0 || kept.mask == 2)));
  CHECK(arma::approx_equal(kept.A, pooled % kept.mask, "absdiff", 0));
}

TEST_CASE("words of a text, whatever the alphabet")
{
  CHECK(nn::words("¡Qué PEQUEÑO, ¿no?! Sí...") == Words{"qué", "pequeño", "no", "sí"});
  CHECK(nn::words("man\u0303ana") == Words{"mañana"});  // n and a tilde
  CHECK(nn::words("N\u0303") == Words{"ñ"});
  CHECK(nn::words("Ärger in 2026: ΑΒΓ") == Words{"ärger", "in", "2026", "αβγ"});
  CHECK(nn::words("left-handed\ttwo\nlines") == Words{"left", "handed", "two", "lines"});
  CHECK(nn::words("").empty());
  CHECK(nn::words("¿¡ … — 🙂 '").empty());
  CHECK_ERROR(nn::words("caf\xe9"), "the text can't be read, expected UTF-8");
}

TEST_CASE("an English n't becomes the word not")
{
  CHECK(nn::words("I don't, you DIDN’T.") == Words{"i", "do", "not", "you", "did", "not"});
  CHECK(nn::words("can't won't") == Words{"can", "not", "will", "not"});
  CHECK(nn::words("It's my mother's 'thing' n't") ==
        Words{"it", "s", "my", "mother", "s", "thing", "n", "t"});
}

TEST_CASE("quotations are read file by file, without who said them")
{
  const Folder folder;
  folder.file("b.fortunes", "Más vale tarde\nque nunca.\n\t-- Refrán\n%\nOtro.\n");
  folder.file("a.fortunes", "Uno.\n");
  folder.file("README", "nothing to read\n");
  CHECK(nn::read_quotations(folder / "") ==
        std::vector<Words>{{"uno"}, {"más", "vale", "tarde", "que", "nunca"}, {"otro"}});
  folder.file("c.fortunes", "caf\xe9");
  CHECK_ERROR(nn::read_quotations(folder / ""), "c.fortunes: the text can't be read, expected UTF-8");
}

TEST_CASE("word vectors are read, and a broken file is named with its line")
{
  const Folder folder;
  const nn::WordVectors good = nn::read_word_vectors(folder.file("v", "the 1 -2.5\n¿ 3e-1 4\n"), 2);
  CHECK(good.words == Words{"the", "¿"});
  CHECK(arma::approx_equal(good.vectors, arma::fmat{{1, 0.3F}, {-2.5F, 4}}, "absdiff", 0));
  const auto read = [&](const char* content) { return nn::read_word_vectors(folder.file("v", content), 2); };
  CHECK(read("the 1 2").words.size() == 1);  // no newline at the end
  CHECK_ERROR(read("the 1 2\na 1\n"), "v, line 2: 1 numbers for 'a', expected 2");
  CHECK_ERROR(read("the 1 2 3\n"), "v, line 1: 3 numbers for 'the', expected 2");
  CHECK_ERROR(read("the\n"), "0 numbers for 'the'");
  CHECK_ERROR(read("the 1 2\n\n"), "v, line 2: no word");
  CHECK_ERROR(read("the 1 x\n"), "number 2 of 'the' can't be read, expected a finite number");
  CHECK_ERROR(read("the 1 nan\n"), "number 2 of 'the'");
  CHECK_ERROR(read("the 1 2,5\n"), "number 2 of 'the'");
  CHECK_ERROR(read("the  1 2\n"), "number 1 of 'the'");
  CHECK_ERROR(read("the 1 2\nthe 3 4\n"), "line 2: the word 'the' is there twice");
  CHECK_ERROR(read(""), "the file is empty");
  CHECK_ERROR(nn::read_word_vectors(folder / "none", 2), "no such file");
}
