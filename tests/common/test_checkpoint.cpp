#include "nn/checkpoint.hpp"

#include <csignal>
#include <variant>

#include "nn/convolution.hpp"
#include "nn/file.hpp"
#include "support.hpp"

using arma::fmat;
using arma::mat;

namespace {

// The cost of a training in which a signal comes while it learns from the batch numbered `at`, from 0 on.
int at = -1, batch = 0, signal_number = SIGINT;
double too_much = 0;  // of the cost
template <class Mat>
nn::Cost<Mat> interrupted_cost(const Mat& A, const Mat& Y)
{
  if (batch++ == at) std::raise(signal_number);
  auto [J, dA] = nn::softmax_cross_entropy(A, Y);
  return {J + too_much, std::move(dA)};
}

template <class Mat>
using Layers = nn::Network<Mat, std::variant<nn::Dense<Mat>, nn::Dropout<Mat>>>;

// Everything that a run says: of two trainings, the second with early stopping, and of the generator behind
// them.
template <class Mat>
struct Run {
  nn::Trained first, second;
  mat weights, next_random;
};

const nn::Training how = {.epochs = 4,
                          .batch = 8,
                          .alpha = 0.1,
                          .momentum = 0.9,
                          .penalty = {.l1 = 1e-3, .l2 = 1e-3},
                          .last_alpha = 0.05};
constexpr int batches = 4 * 5 + 3 * 5;  // of 38 samples; the second training ends an epoch earlier

template <class Mat>
Run<Mat> run(nn::Checkpoint& checkpoint, const nn::Training& training = how, int seed = 3, int units = 6,
             nn::Activation g = nn::Activation::tanh, arma::uword samples = 38, double p = 0.3)
{
  arma::arma_rng::set_seed(seed);
  const Mat X(5, samples, arma::fill::randn);
  const Mat Y = nn::one_hot<Mat>(arma::randi<arma::urowvec>(samples, arma::distr_param(0, 2)), 3);
  Layers<Mat> network({nn::Dense<Mat>(5, units, g), nn::Dropout<Mat>(units, p),
                       nn::Dense<Mat>(units, 3, nn::Activation::identity)});
  // The cost falls, so its negative is lowest after the first epoch.
  const auto judge = [&] { return -nn::softmax_cross_entropy(network.forward(X), Y).J; };
  batch = 0;
  Run<Mat> result;
  result.first = nn::train(network, X, Y, interrupted_cost<Mat>, training, {}, checkpoint);
  result.second = nn::train(network, X, Y, interrupted_cost<Mat>, training, {judge, 2}, checkpoint);
  result.weights = arma::conv_to<mat>::from(std::get<nn::Dense<Mat>>(network.layers[0]).W);
  result.next_random = mat(3, 1, arma::fill::randu);
  return result;
}

bool equal(const mat& A, const mat& B) { return A.n_elem == B.n_elem && arma::accu(A != B) == 0; }

template <class Mat>
bool equal(const Run<Mat>& a, const Run<Mat>& b)
{
  return equal(a.first.costs, b.first.costs) && equal(a.second.costs, b.second.costs) &&
         equal(a.second.judged, b.second.judged) && a.second.best == b.second.best &&
         equal(a.weights, b.weights) && equal(a.next_random, b.next_random);
}

// A file as an interruption in batch 7 leaves it.
std::filesystem::path interrupted(const Folder& folder)
{
  nn::Checkpoint checkpoint(folder / "training.h5", false);
  at = 7;
  CHECK_THROWS_AS(run<fmat>(checkpoint), nn::Interrupted);
  at = -1;
  return folder / "training.h5";
}

}  // namespace

TEMPLATE_TEST_CASE("an interrupted training goes on to the same result, wherever it was interrupted", "", mat,
                   fmat)
{
  const Folder folder;
  const auto path = folder / "training.h5";
  nn::Checkpoint whole(path, false);
  const Run<TestType> expected = run<TestType>(whole);
  REQUIRE(expected.second.judged.n_elem == 3);
  REQUIRE(expected.second.best == 0);
  for (int k = 0; k < batches; ++k) {
    INFO("interrupted in batch " << k);
    at = k;
    nn::Checkpoint fresh(path, false);
    CHECK_THROWS_AS(run<TestType>(fresh), nn::Interrupted);
    at = -1;
    nn::Checkpoint resumed(path, true);
    CHECK(equal(run<TestType>(resumed), expected));
    CHECK(batch == batches - k - 1);  // nothing was done twice
  }
}

TEST_CASE("a training interrupted at every batch comes to the same result")
{
  const Folder folder;
  const auto path = folder / "training.h5";
  nn::Checkpoint whole(path, false);
  const Run<fmat> expected = run<fmat>(whole);
  at = 0;
  for (int k = 0; k < batches; ++k) {
    nn::Checkpoint resumed(path, k > 0);
    CHECK_THROWS_AS(run<fmat>(resumed), nn::Interrupted);
  }
  nn::Checkpoint resumed(path, true);
  CHECK(equal(run<fmat>(resumed), expected));
  at = -1;
}

TEST_CASE("what an interruption says, and whose signal it is")
{
  const Folder folder;
  for (const int number : {SIGINT, SIGTERM}) {
    nn::Checkpoint checkpoint(folder / "training.h5", false);
    at = 7;  // of 5 in an epoch
    signal_number = number;
    try {
      run<fmat>(checkpoint);
      FAIL("not interrupted");
    } catch (const nn::Interrupted& error) {
      CHECK(error.signal == number);
      CHECK(error.what() == "interrupted in epoch 2 of 4, kept in " + checkpoint.name() +
                                "; the same command with --resume goes on");
    }
  }
  at = -1;
  signal_number = SIGINT;
  // Outside of a training the signals are whose they were before.
  const auto other = [](int) {};
  const auto before = std::signal(SIGINT, other);
  nn::Checkpoint checkpoint(folder / "training.h5", false);
  run<fmat>(checkpoint);
  CHECK(std::signal(SIGINT, before) == static_cast<void (*)(int)>(other));
}

TEST_CASE("a signal that is ignored doesn't interrupt a training")
{
  const Folder folder;
  nn::Checkpoint checkpoint(folder / "training.h5", false);
  const auto before = std::signal(SIGINT, SIG_IGN);
  at = 7;
  CHECK_NOTHROW(run<fmat>(checkpoint));
  at = -1;
  std::signal(SIGINT, before);
}

TEST_CASE("a finished run leaves no file")
{
  const Folder folder;
  nn::Checkpoint checkpoint(folder / "training.h5", false);
  run<fmat>(checkpoint);
  CHECK(std::filesystem::exists(folder / "training.h5"));
  checkpoint.done();
  CHECK(std::filesystem::is_empty(folder / "."));
}

TEST_CASE("a checkpoint of another training is refused with what differs")
{
  const Folder folder;
  const auto path = interrupted(folder);
  const std::string before = nn::read_file(path);
  const auto other = [&](const auto&... arguments) {
    nn::Checkpoint checkpoint(path, true);
    run<fmat>(checkpoint, arguments...);
  };
  nn::Training changed = how;
  changed.batch = 16;
  CHECK_ERROR(other(changed), "training.h5: holds another training: batch is 8, expected 16");
  changed = how;
  changed.epochs = 5;
  CHECK_ERROR(other(changed), "epochs is 4, expected 5");
  changed = how;
  changed.alpha = 0.2;
  CHECK_ERROR(other(changed), "alpha is 0.1, expected 0.2");
  changed = how;
  changed.momentum = 0;
  CHECK_ERROR(other(changed), "momentum is 0.9, expected 0");
  changed = how;
  changed.penalty.l1 = 0;
  CHECK_ERROR(other(changed), "l1 is 0.001, expected 0");
  CHECK_ERROR(other(how, 4), "holds another training: seed is");
  CHECK_ERROR(other(how, 3, 7), "layer1.outputs is 6, expected 7");
  CHECK_ERROR(other(how, 3, 6, nn::Activation::sigmoid), "layer1.activation is 2, expected 1");
  CHECK_ERROR(other(how, 3, 6, nn::Activation::tanh, 39), "samples is 38, expected 39");
  CHECK_ERROR(other(how, 3, 6, nn::Activation::tanh, 38, 0.4), "layer2.dropout is 0.3, expected 0.4");
  CHECK(nn::read_file(path) == before);  // and it is still there for the right one
  CHECK_NOTHROW(other());
}

TEST_CASE("a checkpoint that is missing, cut or no checkpoint is refused, before anything is trained")
{
  const Folder folder;
  CHECK_ERROR(nn::Checkpoint(folder / "none.h5", true),
              "none.h5: no such file, so there is no interrupted training to go on with");
  const std::string whole = nn::read_file(interrupted(folder));
  for (const double part : {0.1, 0.5, 0.9}) {
    const auto length = static_cast<std::size_t>(part * static_cast<double>(whole.size()));
    CHECK_ERROR(nn::Checkpoint(folder.file("cut.h5", whole.substr(0, length)), true),
                "cut.h5: isn't an HDF5 file, or is damaged");
  }
  CHECK_ERROR(nn::Checkpoint(folder.file("text.h5", "a text"), true), "text.h5: isn't an HDF5 file");
  nn::write_hdf5(folder / "network.h5", {{"layer1.W", fmat(2, 2)}});
  CHECK_ERROR(nn::Checkpoint(folder / "network.h5", true),
              "network.h5: holds no training, expected one that was interrupted");
  nn::MatricesOf<double> less = nn::read_hdf5<double>(folder / "training.h5");
  less.erase("training1.velocity.layer3.b");
  nn::write_hdf5(folder / "less.h5", less);
  nn::Checkpoint checkpoint(folder / "less.h5", true);
  CHECK_ERROR(run<fmat>(checkpoint), "less.h5: holds another training: velocity.layer3.b is missing");
  less["training1.velocity.layer3.b"] = mat(2, 1);
  nn::write_hdf5(folder / "other.h5", less);
  nn::Checkpoint other(folder / "other.h5", true);
  CHECK_ERROR(run<fmat>(other), "other.h5: holds another training: velocity.layer3.b is 2×1, expected 3×1");
}

TEST_CASE("a checkpoint that can't be written is said before the work")
{
  const Folder folder;
  nn::Checkpoint checkpoint(folder / "no/training.h5", false);
  CHECK_ERROR(run<fmat>(checkpoint), "training.h5: cannot write");
  CHECK(batch == 0);
}

TEST_CASE("a training that goes on knows from which cost on it diverges")
{
  const Folder folder;
  nn::Checkpoint checkpoint(interrupted(folder), true);
  too_much = 100;
  CHECK_ERROR(run<fmat>(checkpoint), "the descent diverges");
  too_much = 0;
}

TEST_CASE("a convolutional network goes on as well")
{
  const Folder folder;
  const auto learn = [&](bool resume) {
    arma::arma_rng::set_seed(2);
    const nn::Conv2d<fmat> conv({4, 4}, 2, {3}, nn::Activation::relu);
    nn::ConvNet<fmat> network({conv, nn::MaxPool<fmat>(conv.output, {2, 2}), nn::Dropout<fmat>(2, 0.25),
                               nn::Dense<fmat>(2, 3, nn::Activation::identity)});
    const fmat X(16, 20, arma::fill::randn);
    const fmat Y = nn::one_hot<fmat>(arma::randi<arma::urowvec>(20, arma::distr_param(0, 2)), 3);
    nn::Checkpoint checkpoint(folder / "training.h5", resume);
    batch = 0;
    const arma::vec costs = nn::train(network, X, Y, interrupted_cost<fmat>, how, {}, checkpoint).costs;
    return std::pair{costs, nn::parameters(network)};
  };
  const auto [expected, parameters] = learn(false);
  at = 5;
  CHECK_THROWS_AS(learn(false), nn::Interrupted);
  at = -1;
  const auto [costs, resumed] = learn(true);
  CHECK(equal(costs, expected));
  for (const auto& [name, theta] : parameters) CHECK(arma::accu(theta != resumed.at(name)) == 0);
}
