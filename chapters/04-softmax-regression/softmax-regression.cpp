/// # Softmax regression
///
/// One neuron for each class, and a rule that makes their answers share one probability: a first reader of digits.
///
/// At the end of this chapter you can answer with one class among many, write labels as columns of 0 and 1, compute a
/// softmax that never overflows, derive its gradient in two lines, and look at what a linear model has learnt to see.
///
/// ## Builds on
///
/// Chapter 01: descent with mini-batches. Chapter 03: probability, cross-entropy, and an honest test part.

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/digits.hpp"
#include "nn/divergence.hpp"
#include "nn/gradient_check.hpp"
#include "nn/idx.hpp"
#include "nn/matrix.hpp"
#include "nn/on_device.hpp"
#include "nn/progress.hpp"
#include "nn/sampling.hpp"
#include "nn/standardizer.hpp"

namespace {

using arma::fmat;
using arma::mat;

/// ## The question
///
/// Which digit is this? Someone wrote it; we have the grey of each pixel. The course brings 1797 digits of 8×8
/// pixels, with the answer to each.
struct Digits {
  fmat X;            // n×m, the constant 1 on top of the pixels, 0 (paper) to 1 (ink)
  arma::urowvec y;   // m labels, 0…9
  arma::uword side;  // an image is side×side pixels
};

Digits small_digits(nn::Chapter& chapter)
{
  const auto [pixels, labels] = nn::digits(chapter.data("digits.csv"));
  return {nn::with_intercept(pixels), labels, 8};
}

/// The easy answer treats the label as a quantity: fit a line to the numbers 0 to 9 and round. It is wrong in its
/// idea, since it takes a 5 for something between a 4 and a 6, and a doubt between 1 and 7 becomes a 4. Here is how
/// often it is right.
void line_through_labels(nn::Chapter& chapter)
{
  chapter.experiment("line", "A line through the labels, rounded");
  const Digits digits = small_digits(chapter);
  const mat X = arma::conv_to<mat>::from(digits.X), y = arma::conv_to<mat>::from(digits.y);
  const mat theta =
      arma::pinv(X.t()) * y.t();  // least squares; pinv, since some pixels are never used
  const mat answers = arma::round(theta.t() * X);
  const double right =
      arma::mean(arma::conv_to<arma::vec>::from(arma::vectorise(answers == y)));
  chapter.say("{:.1f} % of the digits it was fitted to", 100 * right);
  chapter.result("line.accuracy", right);
}

/// ## The model: a probability for each class
///
/// Let every class \f$k\f$ have a neuron of its own, with weights \f$\theta^{(k)}\f$ and net input
/// \f$z_k = \theta^{(k)T} x\f$. To turn \f$K\f$ numbers into probabilities we need them positive, which the
/// exponential does, and with sum 1, which a division does:
/// \f[ p_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}} \tag{4.1} \f]
/// This is the **softmax**: a soft form of the maximum, since the largest \f$z\f$ gets most of the probability, and
/// nearly all of it when it leads by far. The weights are the columns of a matrix \f$\Theta\f$ of \f$n\f$ rows and
/// \f$K\f$ columns, and all samples are answered at once:
/// \f[ P = \operatorname{softmax}(\Theta^T X) \tag{4.2} \f]
/// With three classes and \f$n\f$ features that is \f$3n\f$ weights.
///
/// ![Softmax regression with three classes: three neurons over the same inputs, whose net inputs share one
/// probability.](network.svg)
///
/// For \f$z = 1000\f$ the exponential overflows. But (4.1) doesn't change when every \f$z\f$ of a sample is lowered
/// by the same number, because numerator and denominator are divided by the same factor. So we lower them by the
/// largest: then the largest exponential is \f$e^0 = 1\f$, and none can overflow.
template <nn::Matrix Mat>
Mat softmax(const Mat& Z)  // K×m → K×m, every column with sum 1
{
  const Mat E = exp(Mat(Z.each_row() - max(Z, 0)));
  return E.each_row() / sum(E, 0);  // (4.1)
}

void safe_softmax(nn::Chapter& chapter)
{
  chapter.experiment("safe-softmax", "Softmax of net inputs that overflow");
  int broken = 0;
  for (const mat& z : {mat(arma::vec{1000, 0, -1000}), mat(arma::vec{1000, 1000, 999}),
                       mat(arma::vec{-1000, -1000, -1000})}) {
    const mat p = softmax(z);
    broken += !p.is_finite() || std::abs(arma::accu(p) - 1) > 1e-12;
    chapter.say("({:5}, {:5}, {:5})  →  ({:.4f}, {:.4f}, {:.4f})", z(0), z(1), z(2), p(0),
                p(1), p(2));
  }
  chapter.result("safe_softmax.broken", broken);
}

/// ## The cost
///
/// A label is a number from 0 to 9, and we have just said that it isn't a quantity. Written **one-hot**, as a column
/// of zeros with a single 1 in the row of its class, it becomes something to compare with: the probabilities that a
/// perfect answer would give.
template <nn::Matrix Mat>
Mat one_hot(const arma::urowvec& y, arma::uword K)  // m labels → K×m
{
  if (y.max() >= K)
    throw nn::Error(fmt::format("a label is {}, expected 0 to {}", y.max(), K - 1));
  Mat Y(K, y.n_elem);
  for (arma::uword i = 0; i < y.n_elem; ++i) Y(y(i), i) = 1;
  return Y;
}

/// The likelihood of chapter 03 is again the probability that the model gives to what happened, \f$p_c\f$ for a
/// sample of class \f$c\f$. Its negative logarithm, averaged, is the **categorical cross-entropy** (*entropía cruzada
/// categórica*); in the sum over \f$k\f$ the one-hot label leaves only the right class:
/// \f[ J(\Theta) = -\frac{1}{m} \sum_{i=1}^{m} \sum_{k=1}^{K} y_k^{(i)} \log p_k^{(i)} \tag{4.3} \f]
/// (On one of our slides the logarithm has got lost; the \ref errata-d0-softmax-cost "errata" show why it must be
/// there.) Put (4.1) into the logarithm on paper, before any rounding:
/// \f[ \log p_k = z_k - \log \sum_{j=1}^{K} e^{z_j} \tag{4.4} \f]
/// This is safe once every \f$z\f$ of the sample has been lowered by the largest, as in the softmax. Then one term of
/// the sum is 1, so its logarithm can't be \f$-\infty\f$.
template <nn::Matrix Mat>
double cost(const Mat& Theta, const Mat& X, const Mat& Y)  // n×K, n×m, K×m → number
{
  const Mat Z = Theta.t() * X;
  const Mat lowered = Z.each_row() - max(Z, 0);
  const Mat log_P = lowered.each_row() - Mat(log(sum(exp(lowered), 0)));  // (4.4)
  return -accu(Y % log_P) / X.n_cols;                                     // (4.3)
}

/// ## The gradient
///
/// By (4.4) a sample of class \f$c\f$ costs \f$L = -z_c + \log \sum_j e^{z_j}\f$. The first term has slope −1 for
/// \f$k = c\f$ and 0 otherwise, which is \f$-y_k\f$; the slope of the second is \f$e^{z_k} / \sum_j e^{z_j}\f$, which
/// is \f$p_k\f$:
/// \f[ \frac{\partial L}{\partial z_k} = p_k - y_k \tag{4.5} \f]
/// Probability minus truth, for every class. We met this error in (1.5), in (2.3) with the sign turned, and in
/// (3.10). The rest is as before, \f$z_k\f$ has the slope \f$x\f$ with respect to \f$\theta^{(k)}\f$:
/// \f[ \nabla J(\Theta) = \frac{1}{m} X (P - Y)^T \tag{4.6} \f]
template <nn::Matrix Mat>
Mat gradient(const Mat& Theta, const Mat& X, const Mat& Y)  // n×K, n×m, K×m → n×K
{
  return X * (softmax<Mat>(Theta.t() * X) - Y).t() / X.n_cols;  // (4.6)
}

void check_gradient(nn::Chapter& chapter)
{
  chapter.experiment(
      "gradient-check",
      "The gradient by hand against differences, and PyTorch's small example");
  const mat X(4, 20, arma::fill::randn), Theta(4, 3, arma::fill::randn);
  const mat Y = one_hot<mat>(arma::randi<arma::urowvec>(20, arma::distr_param(0, 2)), 3);
  const mat numerical =
      nn::numerical_gradient([&](const mat& T) { return cost(T, X, Y); }, Theta);
  const double error = nn::relative_error(gradient(Theta, X, Y), numerical);
  chapter.say("relative error {:.0e}", error);
  chapter.result("gradient.numerical_error", error);

  const mat small_X = {{1, 1, 1, 1}, {0.5, -1, 2, 0.25}, {-0.75, 1.5, 0, 3}};      // 3×4
  const mat small_Theta = {{0.1, -0.2, 0.3}, {-0.4, 0.5, 0.6}, {0.7, -0.8, 0.9}};  // 3×3
  const mat small_Y = one_hot<mat>({2, 0, 1, 2}, 3);
  chapter.say("small example: J = {:.9f}", cost(small_Theta, small_X, small_Y));
  chapter.result("reference.cost", cost(small_Theta, small_X, small_Y));
  chapter.result("reference.P", softmax<mat>(small_Theta.t() * small_X));
  chapter.result("reference.gradient", gradient(small_Theta, small_X, small_Y));
}

/// ## Two classes are chapter 03
///
/// For \f$K = 2\f$, divide numerator and denominator of \f$p_1\f$ by \f$e^{z_1}\f$: what is left is
/// \f$1 / (1 + e^{-(z_1 - z_2)})\f$, the sigmoid of the difference. So softmax with two columns is logistic
/// regression with the weights \f$\theta^{(1)} - \theta^{(2)}\f$. The other half of the weights is superfluous: only
/// differences count. (The gradients of the two columns are \f$g\f$ and \f$-g\f$, so with the same rate their
/// difference moves by \f$2 \alpha g\f$, twice the step of chapter 03.)
void two_classes(nn::Chapter& chapter)
{
  chapter.experiment("two-classes", "Softmax with two classes against logistic regression");
  const mat X(5, 50, arma::fill::randn), Theta(5, 2, arma::fill::randn);
  const mat y = arma::conv_to<mat>::from(
      arma::randi<arma::urowvec>(50, arma::distr_param(0, 1)));  // 1×50
  const mat Y = arma::join_cols(y, 1 - y);
  const mat theta = Theta.col(0) - Theta.col(1);
  const mat h = 1 / (1 + exp(-theta.t() * X));  // (3.2)
  const mat dtheta = X * (h - y).t() / 50.0;    // (3.10)
  const double of_answers = nn::relative_error(softmax<mat>(Theta.t() * X).row(0), h);
  const double of_gradients = nn::relative_error(gradient(Theta, X, Y).col(0), dtheta);
  chapter.say("answers differ by {:.0e}, gradients by {:.0e}", of_answers, of_gradients);
  chapter.result("two_classes.answers", of_answers);
  chapter.result("two_classes.gradients", of_gradients);
}

/// ## Training
///
/// Mini-batches, as chapter 01 left them: shuffle, cut, one step for each. There we saw that small batches make the
/// weights tremble and a falling rate calms them. When the number of steps \f$N\f$ is known beforehand, the rate can
/// fall in a straight line, down to \f$\alpha / N\f$ at the last step, \f$k = N - 1\f$:
/// \f[ \alpha_k = \alpha \left( 1 - \frac{k}{N} \right) \tag{4.7} \f]
/// From here on we train in float: it takes half the memory, large products run faster, and seven digits are enough
/// for a weight. Gradient checks stay in double. After each epoch the cost must be below \f$\log K\f$, that of someone
/// who gives every class the same probability; otherwise the learning rate is too large.
template <nn::Matrix Mat>
Mat descend(Mat X, Mat Y, int epochs, arma::uword batch, double alpha)  // n×m, K×m → n×K
{
  Mat Theta(X.n_rows, Y.n_rows);
  const auto cut = nn::batches(X.n_cols, batch);
  const double N = static_cast<double>(cut.size()) * epochs;
  nn::Progress progress("steps", cut.size() * static_cast<std::size_t>(epochs));
  int k = 0;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    nn::shuffle(X, Y);
    for (const auto [first, last] : cut) {
      const auto rate = static_cast<float>(alpha * (1 - k++ / N));  // (4.7)
      Theta -= rate * gradient<Mat>(Theta, X.cols(first, last), Y.cols(first, last));
      progress.tick();
    }
    nn::stop_if_diverging(cost(Theta, X, Y), std::log(Y.n_rows), alpha);
  }
  return Theta;
}

/// None of these formulas asks where its matrices live. With `--device gpu`, `nn::on_device` moves samples and labels to a
/// graphics card once, descends there, and brings the weights back.
fmat train(nn::Chapter& chapter, const Digits& digits, int epochs, arma::uword batch,
           double alpha)  // → n×10
{
  return nn::on_device(
      chapter.options(),
      [&](const auto& X, const auto& Y) { return descend(X, Y, epochs, batch, alpha); },
      digits.X, one_hot<fmat>(digits.y, 10));
}

/// The answer is the class with the largest probability.
arma::urowvec answers(const fmat& Theta, const fmat& X)
{
  return arma::index_max(Theta.t() * X,
                         0);  // softmax keeps the order, so we can leave it out
}

double accuracy(const arma::urowvec& said, const arma::urowvec& y)
{
  return static_cast<double>(arma::accu(said == y)) / static_cast<double>(y.n_elem);
}

/// ## Experiment: the small digits
///
/// A fifth is kept for the test, at random. (The order of the file goes by writer, so its last fifth would be other
/// people's hands: a harder test, and a fair one too.)
std::pair<Digits, Digits> split(const Digits& digits, double test_fraction)
{
  const auto parts =
      nn::split(digits.X, arma::conv_to<fmat>::from(digits.y), test_fraction);
  return {{parts.X_train, arma::conv_to<arma::urowvec>::from(parts.y_train), digits.side},
          {parts.X_test, arma::conv_to<arma::urowvec>::from(parts.y_test), digits.side}};
}

void small(nn::Chapter& chapter)
{
  chapter.experiment("small", "The digits of 8×8 pixels, 60 epochs of mini-batches of 32");
  const auto [training, test] = split(small_digits(chapter), 0.2);
  const fmat Theta = train(chapter, training, 60, 32, 0.5);
  const double seen = accuracy(answers(Theta, training.X), training.y);
  const double unseen = accuracy(answers(Theta, test.X), test.y);
  chapter.say("right: {:.3f} of those seen, {:.3f} of {} unseen", seen, unseen,
              test.y.n_elem);
  chapter.result("small.seen", seen);
  chapter.result("small.unseen", unseen);
}

/// ## Experiment: many digits, one pass
///
/// **MNIST** has 60 000 digits of 28×28 pixels to learn from and 10 000 of other writers for the test.
/// `./course data mnist` fetches it. Without it this experiment goes on with the small digits, and the figures below
/// show those.
std::pair<Digits, Digits> many_digits(nn::Chapter& chapter)
{
  const auto folder = chapter.fetched("mnist");
  if (!folder) return split(small_digits(chapter), 0.2);
  const auto read = [&](const char* part) -> Digits {
    const auto [images, labels] = nn::read_labelled_images(*folder, part);
    return {nn::with_intercept(images.pixels), labels, images.rows};
  };
  return {read("train"), read("t10k")};
}

/// The confusion matrix of chapter 03 has now ten rows and columns: row by row the true digit, column by column what
/// we said. What stands beside the diagonal is a mistake.
arma::umat confusion(const arma::urowvec& said, const arma::urowvec& y)  // → 10×10
{
  arma::umat counts(10, 10);
  for (arma::uword i = 0; i < y.n_elem; ++i) ++counts(y(i), said(i));
  return counts;
}

/// Two figures come with it. A class has a weight for each pixel, so its weights are a picture too. Dark: ink there
/// speaks for the class. White: it speaks against it. The grey of the corners, where hardly anyone writes, is about
/// zero. And of the mistakes we look at the ten in which the model was surest.
void draw_weights(nn::Chapter& chapter, const fmat& Theta, arma::uword side)
{
  nn::Figure figure("The weights of the ten classes, 0 to 9", "", "");
  figure.images(arma::conv_to<mat>::from(Theta.tail_rows(side * side)), side, side, 5);
  chapter.draw(figure, "weights");
}

void draw_mistakes(nn::Chapter& chapter, const fmat& Theta, const Digits& test,
                   const arma::urowvec& said)
{
  const fmat P = softmax<fmat>(Theta.t() * test.X);
  const arma::frowvec sure = arma::max(P, 0);
  arma::uvec wrong = arma::find(said != test.y);
  const arma::fvec certainty = sure.elem(wrong);
  wrong = wrong.elem(arma::sort_index(certainty, "descend"));
  wrong = wrong.head(std::min<arma::uword>(wrong.n_elem, 10));
  chapter.say("surest mistakes, true digit → answer, probability:");
  for (arma::uword first = 0; first < wrong.n_elem; first += 5) {
    std::string line;
    for (const arma::uword i :
         arma::uvec(wrong.subvec(first, std::min(first + 4, wrong.n_elem - 1)))) {
      line += fmt::format("  {}→{} {:.2f}", test.y(i), said(i), sure(i));
    }
    chapter.say("{}", line);
  }
  nn::Figure figure("The surest mistakes", "", "");
  const fmat pixels = test.X.rows(1, test.X.n_rows - 1);
  figure.images(arma::conv_to<mat>::from(pixels.cols(wrong)), test.side, test.side, 5);
  chapter.draw(figure, "mistakes");
}

void many(nn::Chapter& chapter)
{
  chapter.experiment("many", "One pass over many digits, mini-batches of 8");
  const auto [training, test] = many_digits(chapter);
  const fmat Theta = train(chapter, training, 1, 8, 0.25);
  const arma::urowvec said = answers(Theta, test.X);
  const double right = accuracy(said, test.y);
  chapter.say("{} digits seen once, {:.4f} of {} unseen ones right", training.y.n_elem,
              right, test.y.n_elem);
  chapter.result("many.digits", static_cast<double>(training.y.n_elem));
  chapter.result("many.accuracy", right);
  const arma::umat counts = confusion(said, test.y);
  chapter.say("true    said 0    1    2    3    4    5    6    7    8    9");
  for (arma::uword k = 0; k < 10; ++k) {
    std::string row;
    for (arma::uword j = 0; j < 10; ++j) row += fmt::format("{:5}", counts(k, j));
    chapter.say("{:4}     {}", k, row);
  }
  draw_weights(chapter, Theta, test.side);
  draw_mistakes(chapter, Theta, test, said);
}

/// ![What each class looks for. The 0 wants a ring and no ink in its middle.](weights.svg)
///
/// ![The mistakes in which the model was surest, in the order of the output. Some would puzzle a person, others would
/// not.](mistakes.svg)
///
/// One pass, a matrix and a formula read {{many.accuracy|%.3f}} of the unseen digits of this run rightly. What is
/// missing shows in the weights: each class has *one* picture to compare with, pixel by pixel. A seven with a bar and
/// one without, a digit moved by two pixels: one picture can't fit them all. Chapter 05 puts a layer in between that
/// can first ask for parts.
///
/// ## What to try
///
/// - Give `small` the last fifth of the file instead of a random one (no shuffle). How much harder are other people's
///   hands?
/// - Train `small` for 600 epochs. Which of the two accuracies rises, and why not both?
/// - Subtract the same column of \f$n\f$ numbers from every column of \f$\Theta\f$. Which answers change, and why?
/// - In `softmax`, leave out the lowering by the maximum. From which net input on does it break in float?
/// - Leave out the row of ones. What does a class lose when it can't prefer itself without looking?

}  // namespace

int main(int argc, char** argv)
{
  const auto story = [](nn::Chapter& chapter) {
    line_through_labels(chapter);
    safe_softmax(chapter);
    check_gradient(chapter);
    two_classes(chapter);
    small(chapter);
    many(chapter);
  };
  return nn::run_chapter("04-softmax-regression", "Softmax regression", argc, argv, story);
}
