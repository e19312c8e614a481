#include <functional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "nn/dropout.hpp"
#include "nn/gpu/mat.hpp"
#include "nn/training.hpp"
#include "support.hpp"

using arma::fmat;
using arma::uword;
using nn::gpu::counters;
using nn::gpu::Mat;

static_assert(nn::Matrix<Mat>);

namespace {

const std::vector<std::pair<uword, uword>> shapes = {{1, 1},    {1, 5},    {5, 1},     {0, 3},
                                                     {3, 0},    {0, 0},    {7, 13},    {64, 64},
                                                     {1, 1000}, {1000, 1}, {129, 257}, {1000, 300}};

template <class M>
using Results = std::vector<std::pair<const char*, M>>;

bool same(const Mat& found, const fmat& expected, float tolerance = 1e-5f)
{
  return arma::approx_equal(fmat(found), expected, "both", tolerance, tolerance);
}

// What `calculate` gives on the device is what it gives on the processor, for all shapes. Its arguments are
// r×c.
template <class Calculation>
void compare(const Calculation& calculate, float tolerance = 1e-5f, bool empty = true)
{
  arma::arma_rng::set_seed(7);
  for (const auto& [rows, cols] : shapes) {
    if (!empty && rows * cols == 0) continue;
    const fmat A(rows, cols, arma::fill::randn), B(rows, cols, arma::fill::randn);
    const Results<fmat> expected = calculate(A, B);
    const Results<Mat> found = calculate(Mat(A), Mat(B));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      INFO(expected[i].first << ", " << rows << "×" << cols);
      CHECK(same(found[i].second, expected[i].second, tolerance));
    }
  }
}

// What a calculation says when it fails.
std::string complaint(const std::function<void()>& calculate)
{
  try {
    calculate();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("gpu: to the device and back")
{
  for (const auto& [rows, cols] : shapes) {
    const fmat A(rows, cols, arma::fill::randu);
    CHECK(arma::approx_equal(fmat(Mat(A)), A, "absdiff", 0));
    CHECK(arma::approx_equal(fmat(Mat(rows, cols)), fmat(rows, cols), "absdiff", 0));
  }
}

TEST_CASE("gpu: element by element")
{
  compare([]<class M>(const M& A, const M& B) -> Results<M> {
    return {{"+", A + B},
            {"-", A - B},
            {"%", A % B},
            {"/", A / (2 + abs(B))},
            {"numbers", 1 + 2 * A - A / 4 + 1 / (1 + square(B)) - (A * 3 - 5)},
            {"negative", -A - (-B)},
            {"exp", exp(A)},
            {"log", log(1 + abs(A))},
            {"tanh", tanh(A)},
            {"abs", abs(A)},
            {"square", square(A)},
            {"sqrt", sqrt(abs(A))},
            {"eval", (A + B).eval() - M(A)}};
  });
}

TEST_CASE("gpu: transposes")
{
  compare(
      []<class M>(const M& A, const M& B) -> Results<M> {
        return {{"t", A.t()},
                {"t of an expression", (A + B).t()},
                {"t inside", A + (B.t() + 1).t() - B.t().t()},
                {"a number times t", 2 * A.t() + B.t()}};
      },
      1e-5f, false);  // the transpose of an empty fmat reads through a null pointer
  const Mat none = Mat(0, 3).t();
  CHECK(none.n_rows == 3);
  CHECK(none.n_cols == 0);
}

TEST_CASE("gpu: comparisons choose and count")
{
  compare([]<class M>(const M& A, const M& B) -> Results<M> {
    return {{">=", nn::where<M>(A >= B, 1, -1)},        {">", nn::where<M>(A > 0, 2, 3)},
            {"<=", nn::where<M>(A <= 0.5, 2, 3)},       {"<", nn::where<M>(A < B, 2, 3)},
            {"==", nn::where<M>(A == abs(A), 2, 3)},    {"!=", nn::where<M>(A != abs(A), 2, 3)},
            {"&&", nn::where<M>(A > 0 && B > 0, 2, 3)}, {"||", nn::where<M>(A > 0 || B > 0, 2, 3)}};
  });
  const fmat A(100, 77, arma::fill::randn);
  CHECK(accu(Mat(A) > 0) == arma::accu(A > 0));
  const Mat infinite = nn::where<Mat>(Mat(A) > 0, arma::datum::inf, 1);  // chooses, doesn't compute
  CHECK(arma::accu(fmat(infinite) == 1) == arma::accu(A <= 0));
  CHECK_FALSE(infinite.is_finite());
  CHECK_FALSE(Mat(0 * infinite).is_finite());  // NaN
  CHECK(Mat(A).is_finite());
}

TEST_CASE("gpu: a column for every column, a row for every row")
{
  compare(
      []<class M>(const M& A, const M& B) -> Results<M> {
        const M column = 1 + abs(M(sum(B, 1))), row = 1 + abs(M(sum(B, 0)));  // r×1, 1×c
        M moved = A, scaled = A;
        moved.each_col() += column;
        moved.each_row() -= row;
        scaled.each_col() /= column;
        scaled.each_row() %= row;
        return {{"col +", A.each_col() + column.col(0)},
                {"col -", A.each_col() - column},
                {"col %", A.each_col() % column},
                {"col /", A.each_col() / column},
                {"row +", A.each_row() + row},
                {"row -", A.each_row() - log(row)},
                {"row %", A.each_row() % row},
                {"row /", A.each_row() / row},
                {"moved", moved},
                {"scaled", scaled},
                {"inside", 1 / (1 + exp(-M(A.each_col() + column)))}};
      },
      1e-4f, false);  // in Armadillo an empty one reads through a null pointer
  Mat none(0, 3);
  none.each_row() += Mat(1, 3);
  CHECK(none.n_cols == 3);
}

TEST_CASE("gpu: sums, means, extremes and their places")
{
  compare(
      []<class M>(const M& A, const M& B) -> Results<M> {
        return {{"sum", sum(A)},        {"sum 0", sum(A, 0)},
                {"sum 1", sum(A, 1)},   {"mean 0", mean(A, 0)},
                {"mean 1", mean(A, 1)}, {"max 0", max(A, 0)},
                {"max 1", max(A, 1)},   {"min 0", min(A, 0)},
                {"min 1", min(A, 1)},   {"of an expression", sum(A % B - 1, 1)}};
      },
      1e-4f);
  for (const auto& [rows, cols] : shapes) {
    INFO(rows << "×" << cols);
    const fmat A =
        arma::round(fmat(rows, cols, arma::fill::randn));  // with equal elements: the first one counts
    for (const uword dim : {0, 1}) {
      CHECK(same(index_max(Mat(A), dim), arma::conv_to<fmat>::from(arma::umat(arma::index_max(A, dim))), 0));
    }
    CHECK(accu(Mat(A)) == Approx(arma::accu(A)));
    if (A.is_empty()) continue;
    CHECK(Mat(A).min() == A.min());
    CHECK(Mat(A).max() == A.max());
  }
}

TEST_CASE("gpu: products, with transposes and numbers on either side")
{
  compare(
      []<class M>(const M& A, const M& B) -> Results<M> {
        return {{"t *", A.t() * B},
                {"* t", A * B.t()},
                {"expression * t", exp(A) * B.t()},
                {"number", -2 * A.t() * B},
                {"negative", -A * (3 * B.t())},
                {"of expressions", (A + B).t() * exp(A)},
                {"inside", A - 2 * (A * (B.t() * A)) / 7}};
      },
      1e-3f);
}

TEST_CASE("gpu: ranges of columns are views and take part in everything")
{
  const fmat a(50, 20, arma::fill::randn);
  const Mat A(a);
  const std::size_t before = counters().kernels, buffers = counters().buffers;
  const Mat middle = A.cols(3, 9), first = A.head_cols(7), last = A.tail_cols(7), one = A.col(19);
  CHECK(counters().kernels == before);
  CHECK(counters().buffers == buffers);
  CHECK(same(middle, a.cols(3, 9), 0));
  CHECK(same(one, a.col(19), 0));
  CHECK(same(middle - first % last, a.cols(3, 9) - a.head_cols(7) % a.tail_cols(7)));
  CHECK(same(middle.t() * last, a.cols(3, 9).t() * a.tail_cols(7), 1e-4f));
  CHECK(
      same(sum(middle.each_col() + one, 0), arma::sum(a.cols(3, 9).eval().each_col() + a.col(19), 0), 1e-4f));
  CHECK(same(middle.cols(1, 2).t(), a.cols(4, 5).t(), 0));
  CHECK(accu(middle) == Approx(arma::accu(a.cols(3, 9))).epsilon(1e-5));
  const arma::uvec order = {4, 4, 0, 5};
  CHECK(same(middle.cols(order), a.cols(arma::uvec{7, 7, 3, 8}), 0));
}

TEST_CASE("gpu: rows, and matrices on top of each other")
{
  compare([]<class M>(const M& A, const M& B) -> Results<M> {
    return {{"on top", join_cols(A, B)},
            {"of expressions", join_cols(A + B, 2 * A)},
            {"with nothing", join_cols(M(), A)},
            {"on nothing", join_cols(A, M())},
            {"with no rows", join_cols(A, M(0, A.n_cols))}};
  });
  const fmat a(50, 20, arma::fill::randn);
  const Mat A(a);
  CHECK(same(A.rows(0, 49), a, 0));
  CHECK(same(A.rows(7, 7), a.row(7), 0));
  CHECK(same(A.cols(3, 9).rows(10, 19), a.submat(10, 3, 19, 9), 0));
  CHECK(same(join_cols(A.cols(2, 6), A.cols(5, 9)), join_cols(a.cols(2, 6), a.cols(5, 9)), 0));
}

TEST_CASE("gpu: a matrix on both sides of an assignment")
{
  fmat a(30, 20, arma::fill::randn);
  Mat A(a);
  const Mat copy = A, view = A.cols(0, 4);
  A = A.t(), a = a.t().eval();
  CHECK(same(A, a, 0));
  A += A, a += fmat(a);
  CHECK(same(A, a));
  A %= A - A.each_col() / A.col(0), a %= fmat(a - a.each_col() / fmat(a.col(0)));
  CHECK(same(A, a, 1e-4f));
  A = A * A.t(), a = fmat(a * a.t());
  CHECK(same(A, a, 1e-3f));
  A.each_col() -= A.col(1), a.each_col() -= fmat(a.col(1));
  CHECK(same(A, a, 1e-3f));
  A = A.cols(2, 5), a = fmat(a.cols(2, 5));
  CHECK(same(A, a, 1e-3f));
  CHECK(same(view, fmat(copy).cols(0, 4), 0));  // nothing of this has touched them
  A.ones();
  CHECK(accu(A) == A.n_elem);
  A.zeros();
  CHECK(accu(A) == 0);
  A *= 2;
  A.fill(3) /= 2;
  CHECK(A.min() == 1.5);
}

TEST_CASE("gpu: an expression is one kernel")
{
  const Mat W(6, 4, arma::fill::randn), X(4, 9, arma::fill::randn), b(6, 1, arma::fill::randn);
  const auto launched = [](const auto& work) {
    const nn::gpu::Counters before = counters();
    work();
    return std::pair(counters().products - before.products, counters().kernels - before.kernels);
  };
  using Launches = std::pair<std::size_t, std::size_t>;
  CHECK(launched([&] { Mat A = 1 / (1 + exp(-((W * X).each_col() + b))); }) == Launches(1, 1));
  CHECK(launched([&] { Mat A = X % (1 - square(X)) + nn::where<Mat>(X > 0, 1, 0) % X; }) == Launches(0, 1));
  CHECK(launched([&] { Mat A = sum(exp(X), 0); }) == Launches(0, 1));
  CHECK(launched([&] { accu(square(X - 1)); }) == Launches(0, 1));
  CHECK(launched([&] { Mat A = 0.5 * W.t() * (2 * W); }) == Launches(1, 0));
  nn::Network<Mat> network({4, 6, 3}, nn::Activation::relu);
  const Mat Y = nn::one_hot<Mat>(arma::urowvec{0, 1, 2, 0, 1, 2, 0, 1, 2}, 3);
  network.forward(X);
  const nn::gpu::Counters before = counters();
  for (int step = 0; step < 10; ++step) network.backward(X, network.forward(X) - Y);
  CHECK(counters().uploads == before.uploads);  // the data stay where they are
  CHECK(counters().downloads == before.downloads);
}

TEST_CASE("gpu: memory goes back to the pool and is used again")
{
  const std::size_t before = counters().buffers;
  {
    Mat A(100, 100, arma::fill::randn);
    for (int i = 0; i < 10; ++i) A = A + A.t() - A.cols(0, 0) * A.cols(0, 0).t() + sum(A, 0).t() * sum(A, 0);
    const Mat copy = A, view = A.cols(1, 3);
    std::vector<Mat> more(5, view);
    CHECK(counters().buffers == before + 1);
    CHECK_THROWS_AS(A + view, nn::Error);
  }
  CHECK(counters().buffers == before);
}

TEST_CASE("gpu: errors are the processor's")
{
  const auto operations = []<class M>(const M& A, const M& B) -> std::vector<std::function<void()>> {
    const auto calculate = [](const auto& expression) { M result(expression); };
    return {[=] { calculate(A + B); },
            [=] { calculate(A - B); },
            [=] { calculate(A % B); },
            [=] { calculate(A / B); },
            [=] { M(A) += B; },
            [=] { calculate(A * A); },
            [=] { calculate(A.t() * B); },
            [=] { calculate(nn::where<M>(A >= B, 1, 0)); },
            [=] { calculate(nn::where<M>(A > 0 && B != 0, 1, 0)); },
            [=] { calculate(A.each_col() + B); },
            [=] { M(A).each_row() %= B; },
            [=] { calculate(A.rows(1, 2)); },
            [=] { calculate(A.rows(1, 0)); },
            [=] { calculate(join_cols(A, B)); },
            [=] { calculate(A.cols(2, 3)); },
            [=] { calculate(A.cols(2, 1)); },
            [=] {
              calculate(A.cols(arma::uvec{0, 3}));
            },
            [=] { calculate(A.col(3)); },
            [=] { calculate(A.head_cols(4)); },
            [=] { calculate(A.tail_cols(4)); },
            [=] { calculate(sum(A, 2)); },
            [=] { [[maybe_unused]] const auto places = index_max(A, 2).eval(); },
            [=] { [[maybe_unused]] const float smallest = M().min(); },
            [=] { [[maybe_unused]] const float largest = M().max(); },
            [=] { nn::require_shape("Y", A, 3, 4); },
            [=] { nn::softmax_cross_entropy(A, M(A + 1000)); }};
  };
  const fmat A(2, 3, arma::fill::ones), B(3, 2, arma::fill::ones);
  const auto expected = operations(A, B), found = operations(Mat(A), Mat(B));
  std::ostringstream ignored;
  arma::set_cerr_stream(ignored);  // where Armadillo says it as well
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(complaint(found[i]) == complaint(expected[i]));
    CHECK(complaint(found[i]) != "nothing");
  }
  arma::set_cerr_stream(std::cerr);
}

TEST_CASE("gpu: a network learns the same as on the processor")
{
  const fmat X(20, 70, arma::fill::randn);
  const fmat Y = nn::one_hot<fmat>(arma::randi<arma::urowvec>(70, arma::distr_param(0, 2)), 3);
  for (const nn::Activation g :
       {nn::Activation::sigmoid, nn::Activation::tanh, nn::Activation::relu, nn::Activation::leaky_relu}) {
    arma::arma_rng::set_seed(3);
    nn::Network<fmat> on_cpu({20, 9, 7, 3}, g);
    const arma::vec expected = nn::train(on_cpu, X, Y, nn::softmax_cross_entropy<fmat>,
                                         {.epochs = 5, .batch = 16, .alpha = 0.1, .momentum = 0.9});
    arma::arma_rng::set_seed(3);
    nn::Network<Mat> on_gpu({20, 9, 7, 3}, g);
    const arma::vec found = nn::train(on_gpu, Mat(X), Mat(Y), nn::softmax_cross_entropy<Mat>,
                                      {.epochs = 5, .batch = 16, .alpha = 0.1, .momentum = 0.9});
    CHECK(arma::approx_equal(found, expected, "reldiff", 1e-4));
    CHECK(same(on_gpu.forward(Mat(X)), on_cpu.forward(X), 1e-3f));
  }
}

TEST_CASE("gpu: dropout, penalties and early stopping do the same as on the processor")
{
  const auto run = [](auto M) {
    using M_ = decltype(M);
    arma::arma_rng::set_seed(4);
    const M_ X(20, 70, arma::fill::randn);
    const M_ Y = nn::one_hot<M_>(arma::randi<arma::urowvec>(70, arma::distr_param(0, 2)), 3);
    nn::Network<M_, std::variant<nn::Dense<M_>, nn::Dropout<M_>>> network(
        {nn::Dense<M_>(20, 9, nn::Activation::tanh), nn::Dropout<M_>(9, 0.25),
         nn::Dense<M_>(9, 3, nn::Activation::identity)});
    const nn::Trained trained = nn::train(
        network, X, Y, nn::softmax_cross_entropy<M_>,
        {.epochs = 9, .batch = 16, .alpha = 0.1, .momentum = 0.9, .penalty = {.l1 = 0.1, .l2 = 0.01}},
        {.judge = [&] { return nn::softmax_cross_entropy(network.forward(X), Y).J; }, .patience = 9});
    return std::tuple{trained, fmat(network.forward(X)), fmat(std::get<nn::Dense<M_>>(network.layers[0]).W)};
  };
  const auto [expected, A, W] = run(fmat());
  const auto [found, A_there, W_there] = run(Mat());
  CHECK(arma::approx_equal(found.costs, expected.costs, "reldiff", 1e-4));
  CHECK(arma::approx_equal(found.judged, expected.judged, "reldiff", 1e-4));
  CHECK(found.best == expected.best);
  CHECK(arma::approx_equal(A_there, A, "both", 1e-3f, 1e-3f));
  CHECK(arma::accu(W == 0) > 10);
  CHECK(arma::accu((W == 0) != (W_there == 0)) == 0);
}

TEST_CASE("gpu: every cost is the processor's")
{
  const fmat A(4, 11, arma::fill::randu), Y(4, 11, arma::fill::randu);
  const auto agree = [&](const auto& cost) {
    const auto [J, dA] = cost(A, Y);
    const auto [J_there, dA_there] = cost(Mat(A), Mat(Y));
    CHECK(J_there == Approx(J).epsilon(1e-5));
    CHECK(same(dA_there, dA));
  };
  agree([](const auto& P, const auto& T) { return nn::sigmoid_cross_entropy(P, T); });
  agree([](const auto& P, const auto& T) { return nn::softmax_cross_entropy(P, T); });
  agree([](const auto& P, const auto& T) { return nn::mean_squared_error(P, T); });
  agree([](const auto& P, const auto& T) { return nn::mean_squared_logarithmic_error(P, T); });
}

TEST_CASE("gpu: accuracy is the processor's")
{
  const fmat Z(3, 200, arma::fill::randn);
  const fmat Y = nn::one_hot<fmat>(arma::randi<arma::urowvec>(200, arma::distr_param(0, 2)), 3);
  CHECK(nn::accuracy(Mat(Z), Mat(Y)) == nn::accuracy(Z, Y));
}

TEST_CASE("gpu: a shuffle keeps the samples together")
{
  fmat X = arma::repmat(arma::regspace<arma::frowvec>(0, 99), 3, 1), y = X.row(0);  // 3×100, 1×100
  Mat X_there(X), y_there(y);
  arma::arma_rng::set_seed(5);
  nn::shuffle(X, y);
  arma::arma_rng::set_seed(5);
  nn::shuffle(X_there, y_there);
  CHECK(same(X_there, X, 0));
  CHECK(same(y_there, y, 0));
}

TEST_CASE("gpu: a device that isn't there, too little memory, a kernel that doesn't compile")
{
  CHECK_NOTHROW(nn::gpu::choose(0));
  CHECK_ERROR(nn::gpu::choose(99), "--device gpu:99: there is no such device");
  const std::size_t before = counters().buffers;
  const uword piece = nn::gpu::devices().front().memory / 16 / sizeof(float);
  std::vector<Mat> many;
  const auto fill_up = [&] {
    for (int i = 0; i < 1000; ++i) many.push_back(Mat::unfilled(piece, 1));
  };
  CHECK_ERROR(fill_up(), fmt::format("a matrix of {}×1 needs ", piece));
  CHECK(many.size() > 10);
  CHECK(many.size() <= 16);
  many.clear();
  CHECK_NOTHROW(Mat::unfilled(piece + piece / 2, 1));  // for which the pool gives up what it holds
  CHECK_ERROR(Mat(1 << 20, 1 << 20), "has more elements than a device counts");
  CHECK(counters().buffers == before);
  CHECK(accu(Mat(10, 10).ones()) == 100);
  CHECK_ERROR(nn::gpu::launch("kernel void run() { nonsense; }", 1, {}), "a kernel doesn't compile on ");
}
