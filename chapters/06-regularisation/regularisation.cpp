/// # Regularisation
///
/// A network with more weights than samples learns everything by heart, mistakes too; four ways to make it care about
/// what repeats.
///
/// At the end of this chapter you can see from two curves that a network memorises, write the gradient of a penalty
/// and say what it does to the weights, apply dropout without changing what the network expects, stop in time, and
/// choose among all of these without fooling yourself.
///
/// ## Builds on
///
/// Chapter 03: memorising and generalising, the test part. Chapter 04: softmax and the digits. Chapter 05: hidden
/// layers, backpropagation, and the fast `nn::Dense` that we train with here.

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/cost.hpp"
#include "nn/digits.hpp"
#include "nn/divergence.hpp"
#include "nn/dropout.hpp"
#include "nn/gradient_check.hpp"
#include "nn/matrix.hpp"
#include "nn/network.hpp"
#include "nn/on_device.hpp"
#include "nn/progress.hpp"
#include "nn/sampling.hpp"
#include "nn/stopwatch.hpp"
#include "nn/training.hpp"

namespace {

using arma::fmat;
using arma::mat;

/// ## The question
///
/// Two hundred digits have been labelled in a hurry: three in ten got a label at random, and nobody knows which. A
/// network with a hundred hidden units has 7510 parameters to fit 200 labels. What will it learn, the digits or the
/// labels?
///
/// The easy answer is to look at the cost and train until it is low. We shall see that the lowest cost belongs to the
/// worst network. So we keep three parts. The network learns from the **training part** (200). We make our choices on
/// the **validation part** (*conjunto de validación*), 500 digits with labels that have been checked. Whoever chooses
/// the best of twenty networks by 500 digits has looked at these digits, and the best has been a little lucky there.
/// So the **test part**, the other 1097, is touched once, at the very end.
struct Part {
  fmat X, Y;  // 64×m pixels from 0 to 1, 10×m one-hot labels
};

struct Data {
  Part training, validation, test;
};

Data digits(nn::Chapter& chapter, arma::uword train, double wrong)
{
  auto [X, labels] = nn::digits(chapter.data("digits.csv"));
  auto Y = nn::one_hot<fmat>(labels, 10);
  nn::shuffle(X, Y);
  for (arma::uword i = 0; i < train; ++i) {
    if (arma::randu() >= wrong) continue;
    Y.col(i).zeros();
    Y(arma::randi<arma::uword>(arma::distr_param(0, 9)), i) =
        1;  // one in ten hits the truth
  }
  const auto part = [&, &X = X](arma::uword first, arma::uword last) -> Part {
    return {X.cols(first, last), Y.cols(first, last)};
  };
  return {part(0, train - 1), part(train, train + 499), part(train + 500, X.n_cols - 1)};
}

/// ## The model
///
/// Chapter 05's network, 64-100-10 with ReLU, in float. We keep its two layers apart, because something will come
/// between them.
struct Net {
  nn::Dense<fmat> hidden{64, 100, nn::Activation::relu};
  nn::Dense<fmat> output{100, 10, nn::Activation::identity};

  const fmat& forward(const fmat& X)  // 64×m → 10×m net inputs of the softmax
  {
    return output.forward(hidden.forward(X));
  }
};

double accuracy(auto& net, const Part& part)
{
  return nn::accuracy(net.forward(part.X), part.Y);
}

double cost(auto& net, const Part& part)
{
  return nn::softmax_cross_entropy(net.forward(part.X), part.Y).J;
}

/// ## The cost: a price for large weights
///
/// To fit a single wrong label the network must tell that one picture from all its like, and for that it needs large
/// weights. So let weights cost something. **Regularisation** (*regularización*) adds a penalty \f$\Psi\f$, with a
/// strength \f$\lambda\f$ that we choose:
/// \f[ J_\lambda = J + \lambda \Psi \tag{6.1} \f]
/// Two penalties are in use, and a mixture of them, the **elastic net**. **L2** (ridge) charges the squares, **L1**
/// (lasso) the absolute values, and the elastic net takes a share \f$r\f$ of one and the rest of the other:
/// \f[ \Psi_2 = \tfrac12 \sum w^2, \qquad \Psi_1 = \sum |w|, \qquad \Psi_r = r \, \Psi_1 + (1 - r) \, \Psi_2 \tag{6.2} \f]
/// The sums run over all weights and leave the biases out: a bias moves the border as a whole and can't single out a
/// picture. (Some write \f$\lambda / m\f$ for our \f$\lambda\f$. It is the same family with another name for its
/// members.)
struct Recipe {
  double l1 = 0;       // λ of Ψ₁
  double l2 = 0;       // λ of Ψ₂
  double dropout = 0;  // p, the share of hidden units that are silenced
  arma::uword batch = 20;
  double alpha = 0.1;
};

double penalty(const mat& W, double l1, double l2)
{
  return l1 * arma::accu(abs(W)) + l2 / 2 * arma::accu(square(W));  // (6.2)
}

/// ## The gradient
///
/// Half a square has the slope \f$w\f$, so L2 adds \f$\lambda w\f$ to the gradient: a spring towards zero, strong for
/// large weights and weak for small ones. In a step of descent it multiplies the weight by \f$1 - \alpha\lambda\f$,
/// hence its other name, **weight decay**. An absolute value has the slope ±1, so L1 adds \f$\lambda\f$ with the sign
/// of the weight: a push of the same strength however small the weight is, until it is zero.
/// \f[ \frac{\partial \Psi_2}{\partial w} = w, \qquad \frac{\partial \Psi_1}{\partial w} = \operatorname{sign}(w) \tag{6.3} \f]
mat penalty_gradient(const mat& W, double l1, double l2)
{
  return l1 * arma::sign(W) + l2 * W;  // (6.3)
}

void check_penalties(nn::Chapter& chapter)
{
  chapter.experiment("gradient-check", "The slopes of the penalties against differences");
  const mat W(4, 5, arma::fill::randn);
  const auto check = [&](const char* key, double l1, double l2) {
    const mat numerical =
        nn::numerical_gradient([&](const mat& V) { return penalty(V, l1, l2); }, W);
    const double error = nn::relative_error(penalty_gradient(W, l1, l2), numerical);
    chapter.say("{:<11} relative error {:.0e}", key, error);
    chapter.result(fmt::format("gradient.{}", key), error);
  };
  check("L1", 0.1, 0);
  check("L2", 0, 0.1);
  check("elastic_net", 0.05, 0.05);
}

/// At zero the absolute value has a corner, and there descent trembles: with \f$\alpha\lambda = 0.001\f$ a weight of
/// 0.0001 is pushed to −0.0009, then back. The cure is to stop at the corner. First a step by the gradient of \f$J\f$
/// alone, then the push of L1, which may bring a weight to zero but never across it:
/// \f[ w \leftarrow \operatorname{sign}(w) \, \max(|w| - \alpha \lambda, 0) \tag{6.4} \f]
/// This is called **soft thresholding**, and it leaves zeros that are really zero: connections we could cut.
void update(nn::Dense<fmat>& layer, const Recipe& recipe)
{
  const auto alpha = static_cast<float>(recipe.alpha), l2 = static_cast<float>(recipe.l2);
  layer.b -= alpha * layer.db;
  layer.W -= alpha * (layer.dW + l2 * layer.W);  // (6.3)
  if (recipe.l1 == 0) return;
  const fmat size = abs(layer.W) - alpha * static_cast<float>(recipe.l1);
  layer.W = sign(layer.W) % ((size + abs(size)) / 2);  // (6.4), max(s, 0) = (s + |s|) / 2
}

/// ## Dropout
///
/// Another way to keep a network from leaning on a single detail: take the detail away. **Dropout** silences each
/// hidden unit with probability \f$p\f$, drawn anew for every sample, so that no unit can count on the company of a
/// certain other one. Of 16 units \f$p = 0.5\f$ leaves 8 on average, and \f$p = 0.25\f$ leaves 12. (One of our slides
/// says 4; see the \ref errata-d1-quarter "errata".) It acts on activations, with a mask \f$r\f$ of zeros and ones,
/// and a unit that is silent in this step is back in the next with its weights intact.
///
/// When all units are back, at the time of prediction, the next layer gets more than it was trained with. We repair
/// that while training, by dividing what remains by the rate of keeping. This is **inverted dropout**:
/// \f[ \tilde a = \frac{r \odot a}{1 - p}, \qquad P(r = 1) = 1 - p, \qquad E[\tilde a] = \frac{(1 - p) \, a}{1 - p} = a \tag{6.5} \f]
/// The expectation is that of the full network, so a prediction needs neither mask nor factor.
fmat dropout_mask(arma::uword rows, arma::uword columns,
                  double p)  // already divided by 1 − p
{
  const fmat uniform(rows, columns, arma::fill::randu);
  return nn::where<fmat>(uniform >= static_cast<float>(p), static_cast<float>(1 / (1 - p)),
                         0);
}

void count_dropout(nn::Chapter& chapter)
{
  chapter.experiment("dropout", "Sixteen units, 100 000 masks");
  const fmat a(16, 1, arma::fill::randu);
  for (const double p : {0.5, 0.25}) {
    const fmat masks = dropout_mask(16, 100000, p);
    const double kept = arma::accu(masks > 0) / 100000.0;
    const fmat mean = a % arma::mean(masks, 1);  // of r ⊙ a / (1 − p)
    const double apart = arma::abs(mean / a - 1).max();
    chapter.say("p = {:<4}  {:.2f} units kept, mean activation off by at most {:.1f} %", p,
                kept, 100 * apart);
    chapter.result(fmt::format("dropout.kept_{}", p == 0.5 ? "half" : "quarter"), kept);
    chapter.result(fmt::format("dropout.apart_{}", p == 0.5 ? "half" : "quarter"), apart);
  }
}

/// ## Training
///
/// One step holds all of it: forward with the mask, backward with the *same* mask (what was silent gets no blame),
/// and the update with the penalties.
void step(Net& net, const fmat& X, const fmat& Y, const Recipe& recipe)
{
  const fmat mask = dropout_mask(net.hidden.W.n_rows, X.n_cols, recipe.dropout);  // 100×m
  const fmat A = net.hidden.forward(X) % mask;                                    // (6.5)
  fmat dZ = nn::softmax_cross_entropy(net.output.forward(A), Y).dA;               // 10×m
  net.output.backward(A, dZ);
  fmat dA = (net.output.W.t() * dZ) % mask;
  net.hidden.backward(X, dA);
  update(net.hidden, recipe);
  update(net.output, recipe);
}

/// **Early stopping** (*parada temprana*) needs no formula: train, look at the validation part after every epoch, and
/// keep the network that had the lowest cost there. A real run would also stop when there has been no new lowest cost
/// for a while (the *patience*); we go on to the end, to see what it saves us from.
struct Run {
  Net net;                         // at the end
  Net best;                        // with the lowest cost on the validation part
  int best_epoch = 0;              // when that was
  arma::vec training, validation;  // costs after each epoch
  double seconds = 0;
};

Run train(const Data& data, const Recipe& recipe, int epochs)
{
  Run run{.training = arma::vec(epochs), .validation = arma::vec(epochs)};
  fmat X = data.training.X, Y = data.training.Y;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    run.seconds += nn::seconds([&] {
      nn::shuffle(X, Y);
      for (const auto [first, last] : nn::batches(X.n_cols, recipe.batch))
        step(run.net, X.cols(first, last), Y.cols(first, last), recipe);
    });
    run.training(epoch) = cost(run.net, data.training);
    run.validation(epoch) = cost(run.net, data.validation);
    nn::stop_if_diverging(run.training(epoch), 10, recipe.alpha);
    if (run.validation(epoch) <= run.validation.head(epoch + 1).min()) {
      run.best = run.net;
      run.best_epoch = epoch;
    }
  }
  return run;
}

int epochs(const nn::Chapter& chapter) { return chapter.options().quick ? 100 : 300; }

/// ## Experiment: a network that memorises
///
/// No penalty, no dropout, no stopping. The figure shows the cost on the two parts.
Data memorise(nn::Chapter& chapter)
{
  chapter.experiment("memorise", "200 digits, three labels in ten at random");
  const Data data = digits(chapter, 200, 0.3);
  Run run = train(data, {}, epochs(chapter));
  chapter.say("right: {:.3f} of the training labels, {:.3f} of the validation part",
              accuracy(run.net, data.training), accuracy(run.net, data.validation));
  chapter.say("cost on the validation part: lowest {:.3f} in epoch {}, {:.3f} at the end",
              run.validation.min(), run.best_epoch + 1, run.validation.back());
  chapter.result("memorise.training", accuracy(run.net, data.training));
  chapter.result("memorise.validation", accuracy(run.net, data.validation));
  chapter.result("memorise.stopped", accuracy(run.best, data.validation));
  chapter.result("memorise.epoch", run.best_epoch + 1);
  chapter.say("with the weights of that epoch: {:.3f} of the validation part right",
              accuracy(run.best, data.validation));
  nn::Figure figure("Cost while it learns", "epoch", "cost");
  figure.history(run.training, "training part");
  figure.history(run.validation, "validation part");
  chapter.draw(figure, "memorise");
  return data;
}

/// ![The training cost goes on falling. The validation cost falls for a while, as long as the network learns what
/// repeats, and then rises: from there on it learns the wrong labels, one by one.](memorise.svg)
///
/// At the end every training label is answered as it was entered, the wrong ones too, and
/// {{memorise.validation|%.3f}} of the validation digits are right. The weights of epoch {{memorise.epoch|%d}} answer
/// {{memorise.stopped|%.3f}} of them rightly. Nothing was added to the cost and nothing drawn; we only stopped in
/// time.
///
/// ## Experiment: how strong?
///
/// Now the penalties and dropout, each in several strengths, and each left to train to the end. Too weak, and the
/// network memorises as before. Too strong, and it can't even learn the digits. In between lies what we look for.
///
/// Twenty networks are trained with `common/nn`, where what this chapter has taught stands once more for the chapters
/// to come: `nn::Dropout` is a layer, and the penalties are part of a `nn::Training`. The end of the chapter shows
/// that it is the same. With `--device gpu`, `nn::on_device` has a graphics card do it.
using FastNet = nn::Network<fmat, std::variant<nn::Dense<fmat>, nn::Dropout<fmat>>>;

FastNet fast_net(const Net& net, const Recipe& recipe)
{
  return FastNet({net.hidden, nn::Dropout<fmat>(100, recipe.dropout), net.output});
}

nn::Training fast_recipe(const Recipe& recipe, int epochs)
{
  return {.epochs = epochs,
          .batch = recipe.batch,
          .alpha = recipe.alpha,
          .penalty = {.l1 = recipe.l1, .l2 = recipe.l2}};
}

FastNet train_fast(const nn::Chapter& chapter, const Part& part, const Recipe& recipe)
{
  FastNet net = fast_net({}, recipe);
  const auto work = [&]<nn::Matrix Mat>(auto& there, const Mat& X, const Mat& Y) {
    return nn::train(there, X, Y, nn::softmax_cross_entropy<Mat>,
                     fast_recipe(recipe, epochs(chapter)));
  };
  nn::on_device(chapter.options(), work, net, part.X, part.Y);
  return net;
}

struct Sweep {
  const char* key;
  std::vector<double> strengths;
  Recipe (*recipe)(double strength);
};

const std::vector<Sweep> sweeps = {
    {"L2", {0.001, 0.003, 0.01, 0.03, 0.1}, [](double s) { return Recipe{.l2 = s}; }},
    {"L1", {0.0003, 0.001, 0.003, 0.01, 0.03}, [](double s) { return Recipe{.l1 = s}; }},
    {"elastic_net",
     {0.001, 0.003, 0.01, 0.03, 0.1},
     [](double s) { return Recipe{.l1 = 0.1 * s, .l2 = 0.9 * s}; }},  // r = 0.1
    {"dropout", {0.25, 0.5, 0.75, 0.9, 0.95}, [](double s) {
       return Recipe{.dropout = s};
     }}};

struct Choice {
  std::string name;
  double validation;
  FastNet net;
};

/// Two columns of the table say what a network believes, one how many weights of its hidden layer are exactly zero.
/// The figure shows the last but one; its strengths differ by factors, so the axis is logarithmic.
std::vector<Choice> sweep(nn::Chapter& chapter, const Data& data)
{
  chapter.experiment("strength", "Four cures in five strengths each");
  std::vector<Choice> choices;
  nn::Figure figure("Penalties", "λ (logarithmic)", "share right, validation part");
  nn::Progress progress("networks", 20);
  chapter.say("{:<11} {:>8} {:>9} {:>11} {:>6}", "", "strength", "training", "validation",
              "zeros");
  for (const auto& [key, strengths, recipe] : sweeps) {
    std::vector<double> right;
    for (const double strength : strengths) {
      FastNet net = train_fast(chapter, data.training, recipe(strength));
      right.push_back(accuracy(net, data.validation));
      chapter.say("{:<11} {:8} {:9.3f} {:11.3f} {:6}", key, strength,
                  accuracy(net, data.training), right.back(),
                  arma::accu(std::get<0>(net.layers[0]).W == 0));
      choices.push_back({fmt::format("{} {}", key, strength), right.back(), net});
      progress.tick();
    }
    chapter.result(fmt::format("strength.{}", key), std::ranges::max(right));
    if (std::string(key) == "dropout")
      figure.panel("Dropout", "p", "share right, validation part");
    else
      figure.log_x();
    figure.path(strengths, right, key);
    figure.range_y(0, 1);
  }
  chapter.draw(figure, "strength");
  return choices;
}

/// ![Left the three penalties, right dropout. Each curve has its best place in between.](strength.svg)
///
/// Read the table by rows: where a network does well on the validation part, it answers fewer of its training labels
/// as they were entered. It has stopped believing the wrong ones. (With too strong a cure it believes none at all.)
///
/// ## Experiment: what it does to the weights
///
/// The same network, left alone and with each cure. The figure counts the weights of the hidden layer by size.
void draw_weights(nn::Chapter& chapter, const Data& data)
{
  chapter.experiment("weights", "The hidden layer's 6400 weights");
  nn::Figure figure("Weights of the hidden layer", "w", "how many (logarithmic)");
  figure.log_y();
  const arma::vec centres = arma::linspace(-1, 1, 41);
  const auto add = [&](const char* name, const char* key, const Recipe& recipe) {
    const Run run = train(data, recipe, epochs(chapter));
    const arma::vec w = arma::conv_to<arma::vec>::from(arma::vectorise(run.net.hidden.W));
    const arma::uvec counts = arma::hist(w, centres);
    figure.line(centres, arma::conv_to<arma::vec>::from(counts), name);
    const double zeros = arma::accu(w == 0), norm = arma::norm(w);
    chapter.say("{:<14} {:4} zeros, length {:5.2f}, largest {:.2f}", name, zeros, norm,
                arma::abs(w).max());
    chapter.result(fmt::format("weights.{}_zeros", key), zeros);
    chapter.result(fmt::format("weights.{}_length", key), norm);
  };
  add("alone", "alone", {});
  add("L2, λ = 0.03", "L2", {.l2 = 0.03});
  add("L1, λ = 0.003", "L1", {.l1 = 0.003});
  add("dropout, 0.75", "dropout", {.dropout = 0.75});
  chapter.draw(figure, "weights");
}

/// ![L2 shrinks all weights and makes none zero. L1 leaves a spike at zero, and lets the few weights that it keeps
/// stay large. Dropout hardly changes their sizes: it doesn't ask for small weights, but for units that can do
/// without each other.](weights.svg)
///
/// ## Experiment: the size of a batch
///
/// The size of a batch matters too. Every step of a small batch follows other samples; the descent is noisy, and that
/// noise is said to keep a network from settling where only these samples fit. What ten epochs can show is time,
/// steadiness and how far each gets: here with 1000 digits and their true labels, and the size of the batch from one
/// to all. *Rises* counts the epochs in which the training cost went up.
void batch_sizes(nn::Chapter& chapter)
{
  chapter.experiment("batches", "1000 digits, ten epochs");
  const Data data = digits(chapter, 1000, 0);
  nn::Figure figure("Size of a batch", "epoch", "training cost (logarithmic)");
  figure.log_y();
  chapter.say("{:>6} {:>7} {:>9} {:>10} {:>7} {:>11}", "batch", "steps", "seconds", "cost",
              "rises", "validation");
  for (const arma::uword batch : {1, 16, 128, 1000}) {
    Run run = train(data, {.batch = batch}, 10);
    const double rises = arma::accu(arma::diff(run.training) > 0);
    chapter.say("{:6} {:7} {:9.3f} {:10.2g} {:7} {:11.3f}", batch,
                10 * nn::batches(1000, batch).size(), run.seconds, run.training.back(),
                rises, accuracy(run.net, data.validation));
    chapter.result(fmt::format("batches.cost_{}", batch), run.training.back());
    chapter.result(fmt::format("batches.validation_{}", batch),
                   accuracy(run.net, data.validation));
    figure.history(run.training, fmt::format("{} at a time", batch));
  }
  chapter.draw(figure, "batches");
}

/// ![The training cost by epochs. The smaller the batch, the more steps in an epoch, and the further it
/// gets.](batches.svg)
///
/// With the whole set at once, an epoch is one step, and ten steps don't go far. One at a time goes furthest in an
/// epoch and takes longest for it. Sizes from 16 to 128 are the usual compromise.
///
/// ## Experiment: the choice
///
/// Of all networks with a penalty or dropout we choose the one that did best on the validation part. Now, and only
/// now, the test part. Beside it stands the network that was left alone.
void choose(nn::Chapter& chapter, const Data& data, std::vector<Choice> choices)
{
  chapter.experiment("choice", "The test part, once");
  Choice& chosen = *std::ranges::max_element(choices, {}, &Choice::validation);
  Run alone = train(data, {}, epochs(chapter));
  const double before = accuracy(alone.net, data.test),
               after = accuracy(chosen.net, data.test);
  chapter.say("chosen: {}, {:.3f} right on the validation part", chosen.name,
              chosen.validation);
  chapter.say("right on the test part: {:.3f}, and {:.3f} for the network left alone",
              after, before);
  chapter.result("choice.validation", chosen.validation);
  chapter.result("choice.test", after);
  chapter.result("choice.alone", before);
}

/// The same 200 labels, and {{choice.test|%.3f}} instead of {{choice.alone|%.3f}}. On the test part the chosen
/// network does about as well as on the validation part; a choice among twenty costs little honesty. Among thousands
/// it would cost more, which is why there is a test part at all.
///
/// ## The fast version
///
/// Is what twenty networks were trained with the same as what this chapter has written out? `nn::train` also asks a
/// judge after every epoch and has patience. Fifty epochs with everything at once, from the same first weights and
/// with the same random numbers. At the end both keep the network that had the lowest cost on the validation part.
double apart(const fmat& A, const fmat& B)
{
  return nn::relative_error(arma::conv_to<mat>::from(A), arma::conv_to<mat>::from(B));
}

void fast_version(nn::Chapter& chapter, const Data& data)
{
  chapter.experiment("fast", "Elastic net, dropout and early stopping, plain and fast");
  const Recipe recipe{.l1 = 0.001, .l2 = 0.01, .dropout = 0.25};
  arma::arma_rng::set_seed(6);
  const Run plain = train(data, recipe, 50);
  arma::arma_rng::set_seed(6);
  const Run start;  // with the networks that train has begun with
  FastNet fast = fast_net(start.net, recipe);
  const auto judge = [&] { return cost(fast, data.validation); };
  const nn::Trained trained =
      nn::train(fast, data.training.X, data.training.Y, nn::softmax_cross_entropy<fmat>,
                fast_recipe(recipe, 50), {.judge = judge, .patience = 50});
  const double weights =
      std::max(apart(std::get<0>(fast.layers[0]).W, plain.best.hidden.W),
               apart(std::get<0>(fast.layers[2]).W, plain.best.output.W));
  const double costs = arma::abs(trained.judged - plain.validation).max();
  chapter.say("lowest in epoch {}, and in epoch {}", plain.best_epoch + 1,
              trained.best + 1);
  chapter.say("costs on the validation part differ by {:.0e}, weights by {:.0e}", costs,
              weights);
  chapter.result("fast.epochs", static_cast<double>(trained.best) - plain.best_epoch);
  chapter.result("fast.costs", costs);
  chapter.result("fast.weights", weights);
}

/// ## What to try
///
/// - Give all labels as they are (`digits(chapter, 200, 0)`). How much do the cures help now, and why less?
/// - Take the gradient of L1 instead of (6.4). How many weights end exactly at zero?
/// - Penalise the biases too. Does it change anything?
/// - Forget the division by \f$1 - p\f$ in `dropout_mask`. What happens to the validation part, and why not to the
///   training cost?
/// - Use the mask of dropout when predicting. How much do the answers to one digit vary?
/// - Combine early stopping with dropout: compare `run.best` with `run.net` in `sweep`.

}  // namespace

int main(int argc, char** argv)
{
  const auto story = [](nn::Chapter& chapter) {
    check_penalties(chapter);
    count_dropout(chapter);
    const Data data = memorise(chapter);
    const std::vector<Choice> choices = sweep(chapter, data);
    draw_weights(chapter, data);
    batch_sizes(chapter);
    choose(chapter, data, choices);
    fast_version(chapter, data);
  };
  return nn::run_chapter("06-regularisation", "Regularisation", argc, argv, story);
}
