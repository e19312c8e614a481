/// # Convolutional networks
///
/// A small filter that looks at one window of an image after the other: fewer weights, and a stroke is found wherever
/// it lies.
///
/// At the end of this chapter you can convolve an image by hand, say how large the result is, write convolution and
/// max-pooling forward and backward, turn a convolution into one matrix product, train a network that reads digits
/// better than chapter 05's, look inside it, and let it read a digit that you have drawn.
///
/// ## Builds on
///
/// Chapter 04: softmax and the digits. Chapter 05: layers, backpropagation, and the fast `nn::Dense`.

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nn/chapter.hpp"
#include "nn/checkpoint.hpp"
#include "nn/convolution.hpp"
#include "nn/cost.hpp"
#include "nn/digits.hpp"
#include "nn/error.hpp"
#include "nn/gradient_check.hpp"
#include "nn/idx.hpp"
#include "nn/on_device.hpp"
#include "nn/picture.hpp"
#include "nn/sampling.hpp"
#include "nn/saving.hpp"
#include "nn/stopwatch.hpp"
#include "nn/training.hpp"

namespace {

using arma::fmat;
using arma::mat;
using arma::uword;

/// ## The question
///
/// How should a network look at a picture? The easy answer is chapter 05's: write the pixels below each other, and
/// let every hidden unit see all of them. It works, but it doesn't know that it is looking at a picture. Two trials
/// show it. First we put the pixels of all digits in another order, the same for each: for us nothing is left to see.
/// Then we keep the order, and move the unseen digits by one pixel: for us nothing has changed.
struct Data {
  fmat X, Y;            // side²×m pixels from 0 (paper) to 1 (ink), 10×m one-hot labels
  fmat X_test, Y_test;  // the unseen ones
  uword side = 0;       // an image is side×side pixels
};

Data small_digits(nn::Chapter& chapter)
{
  const auto [X, labels] = nn::digits(chapter.data("digits.csv"));
  const auto parts = nn::split(X, nn::one_hot<fmat>(labels, 10), 0.2);
  return {parts.X_train, parts.y_train, parts.X_test, parts.y_test, 8};
}

/// Dense and convolutional networks are judged by the same function. It feeds the images in batches: all of
/// MNIST's unseen ones at once would take more than half a gigabyte in a convolutional network.
fmat answers(auto& network, const auto& X)  // → 10×m
{
  fmat Z(10, X.n_cols);
  for (const auto [first, last] : nn::batches(X.n_cols, 500))
    Z.cols(first, last) = fmat(network.forward(X.cols(first, last)));
  return Z;
}

double accuracy(auto& network, const auto& X, const auto& Y)
{
  return nn::accuracy(answers(network, X), fmat(Y));
}

fmat moved(const fmat& X, uword side, uword by)  // to the right; what leaves is lost
{
  fmat M(X.n_rows, X.n_cols);
  for (uword row = 0; row < side; ++row)
    M.rows(row * side + by, row * side + side - 1) =
        X.rows(row * side, row * side + side - 1 - by);
  return M;
}

void dense_on_pixels(nn::Chapter& chapter)
{
  chapter.experiment("pixels", "A dense network, 64-32-10, on digits of 8×8 pixels");
  const Data data = small_digits(chapter);
  const arma::uvec order = arma::randperm(64);
  const auto learn = [&](const fmat& X) {
    nn::Network<fmat> network({64, 32, 10}, nn::Activation::relu);
    nn::train(network, X, data.Y, nn::softmax_cross_entropy<fmat>,
              {.epochs = 20, .batch = 16, .alpha = 0.01, .momentum = 0.9});
    return network;
  };
  auto network = learn(data.X), shuffled = learn(data.X.rows(order));
  const double as_is = accuracy(network, data.X_test, data.Y_test);
  const double mixed = accuracy(shuffled, fmat(data.X_test.rows(order)), data.Y_test);
  const double shifted = accuracy(network, moved(data.X_test, 8, 1), data.Y_test);
  chapter.say("unseen digits right: {:.3f}", as_is);
  chapter.say("with the pixels in another order: {:.3f}", mixed);
  chapter.say("moved by one pixel to the right: {:.3f}", shifted);
  chapter.result("pixels.as_is", as_is);
  chapter.result("pixels.mixed", mixed);
  chapter.result("pixels.shifted", shifted);
}

/// Mixed pixels do it no harm, {{pixels.mixed|%.2f}} against {{pixels.as_is|%.2f}}: that neighbours belong together
/// was never used. And one step to the side leaves {{pixels.shifted|%.2f}} of the digits right: each weight waits at
/// its own place, and what it has learnt there it knows nowhere else.
///
/// ## The model
///
/// So let a unit see only a small window, and let it look through the same weights everywhere. Such a set of weights
/// is a **filter** (*filtro*), a picture of what it looks for. It lies on a window of the image, each weight is
/// multiplied by the pixel below it, and the sum is one number of the **feature map** (*mapa de características*),
/// large where the window looks like the filter. Then the window moves on. This is a **convolution** (*convolución*).
///
/// ![The image of the slides and a filter that answers to vertical edges. On the first window it says (2 + 2 + 1) −
/// (9 + 4 + 2) = −10: the numbers on the right are larger.](window.svg)
///
/// With a filter \f$F\f$ of \f$k \times k\f$ weights on an image \f$I\f$, the window moving \f$s\f$ pixels at a time:
/// \f[ z_{yx} = \sum_{i=0}^{k-1} \sum_{j=0}^{k-1} F_{ij} \, I_{sy+i,\,sx+j} \tag{7.1} \f]
/// (A mathematician would turn the filter upside down first and call our formula a cross-correlation. It makes no
/// difference to a network, which learns its filters either way round.)
///
/// Four things are ours to choose, the hyper-parameters of the slides: how many filters, their **size** \f$k\f$, the
/// **stride** (*paso*) \f$s\f$, and the **padding** \f$p\f$, rows and columns of zeros around the image. Without
/// padding a map is smaller than its image, and the pixels of the edge are seen less often; with it, \f$I\f$ in (7.1)
/// is the image with its border. In the code `{k, s, p}` is a window, `{k}` one without padding that moves by 1.
///
/// How many places are there along a side of \f$n\f$ pixels? The padded side is \f$n + 2p\f$, the first window takes
/// \f$k\f$ of it, and every \f$s\f$ of the rest allow one more. What doesn't make up a whole step is not seen:
/// \f[ o = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1 \tag{7.2} \f]
uword places(uword n, const nn::Window& window)
{
  const uword k = window.size, s = window.stride, p = window.padding;
  return (n + 2 * p - k) / s + 1;  // (7.2); / rounds down
}

/// | image | filter | stride | padding | map |
/// |--:|--:|--:|--:|:--|
/// | 5 | 3 | 1 | 0 | {{size.a|%d}}×{{size.a|%d}}, as above |
/// | 5 | 3 | 1 | 1 | {{size.b|%d}}×{{size.b|%d}}, as large as the image: \f$p = (k - 1) / 2\f$ |
/// | 5 | 3 | 2 | 0 | {{size.c|%d}}×{{size.c|%d}} |
/// | 6 | 3 | 2 | 0 | {{size.d|%d}}×{{size.d|%d}}, the last row and column are not seen |
/// | 28 | 5 | 1 | 0 | {{size.e|%d}}×{{size.e|%d}}, MNIST in our network below |
///
/// Formula (7.1) is four loops, two over the places and two over the window:
mat padded(const mat& image, uword padding)
{
  mat larger(image.n_rows + 2 * padding, image.n_cols + 2 * padding);
  larger.submat(padding, padding, arma::size(image)) = image;
  return larger;
}

mat convolve(const mat& image, const mat& filter, const nn::Window& window)
{
  const mat I = padded(image, window.padding);
  const uword k = window.size, s = window.stride;
  mat Z(places(image.n_rows, window), places(image.n_cols, window));
  for (uword y = 0; y < Z.n_rows; ++y) {
    for (uword x = 0; x < Z.n_cols; ++x) {
      for (uword i = 0; i < k; ++i) {
        for (uword j = 0; j < k; ++j)
          Z(y, x) += filter(i, j) * I(s * y + i, s * x + j);  // (7.1)
      }
    }
  }
  return Z;
}

const mat slides_image = {
    {2, 4, 9, 1, 4}, {2, 1, 4, 4, 6}, {1, 1, 2, 9, 2}, {7, 3, 5, 1, 3}, {2, 3, 4, 8, 5}};
const mat edge_filter = {{1, 0, -1}, {1, 0, -1}, {1, 0, -1}};

void print(nn::Chapter& chapter, const mat& Z)
{
  for (uword y = 0; y < Z.n_rows; ++y) {
    std::string line;
    for (const double z : Z.row(y)) line += fmt::format("{:5}", z);
    chapter.say("{}", line);
  }
}

void by_hand(nn::Chapter& chapter)
{
  chapter.experiment("by-hand", "The image of the slides through a filter of 3×3");
  const mat Z = convolve(slides_image, edge_filter, {3});
  print(chapter, Z);
  for (uword y = 0; y < 3; ++y) {
    for (uword x = 0; x < 3; ++x) chapter.result(fmt::format("map.z{}{}", y, x), Z(y, x));
  }
  chapter.say("with stride 2:");
  print(chapter, convolve(slides_image, edge_filter, {3, 2}));
  chapter.say("with padding 1:");
  print(chapter, convolve(slides_image, edge_filter, {3, 1, 1}));
  const std::vector<std::pair<uword, nn::Window>> table = {
      {5, {3}}, {5, {3, 1, 1}}, {5, {3, 2}}, {6, {3, 2}}, {28, {5}}};
  char key = 'a';
  for (const auto& [n, window] : table)
    chapter.result(fmt::format("size.{}", key++), static_cast<double>(places(n, window)));
}

/// Check a few by hand. The first is the {{map.z00|%d}} of the drawing. Its neighbour sees the columns 4, 1, 1 and 1,
/// 4, 9: 6 − 14 is {{map.z01|%d}}. In the last row of the map, the middle: 1, 3, 3 and 9, 1, 8 give {{map.z21|%d}}.
///
/// ### Channels and filters
///
/// One filter finds one thing, so a layer has several, and each makes a map of its own. The next layer then sees not
/// one image but a stack of maps, its **channels** (*canales*), as a colour picture is a stack of three. A filter has
/// a slice for each channel, the sums are added up over the channels, and a bias is added too. So for filter \f$q\f$,
/// with \f$r\f$ running through the channels:
/// \f[ z_{qyx} = b_q + \sum_r \sum_{i,j} F_{qrij} \, I_{r,\,sy+i,\,sx+j} \f]
/// An activation function follows, as in any layer; here it is ReLU. A layer of \f$f\f$ filters on \f$c\f$ channels
/// has \f$f (k^2 c + 1)\f$ parameters, however large the image is.
///
/// ### One matrix product
///
/// Four loops are slow: a processor likes long rows of equal work, and libraries for matrix products have been tuned
/// for decades. So we write the image in another way, each window as a column of a matrix \f$P\f$ (the operation is
/// called *im2col*). A pixel is written up to \f$k^2\f$ times, and then the map is a product, all places of all
/// filters at once:
/// \f[ Z = F P \tag{7.3} \f]
/// A row of \f$F\f$ is a filter, written like a window in \f$P\f$; \f$c\f$ channels make both \f$c\f$ times as long.
mat windows(const mat& image, const nn::Window& window)  // → k²×places
{
  const mat I = padded(image, window.padding);
  const uword k = window.size, rows = places(image.n_rows, window),
              columns = places(image.n_cols, window);
  mat P(k * k, rows * columns);
  for (uword y = 0; y < rows; ++y) {
    for (uword x = 0; x < columns; ++x) {
      const auto seen = I.submat(window.stride * y, window.stride * x, arma::size(k, k));
      P.col(y * columns + x) = arma::vectorise(seen, 1).t();
    }
  }
  return P;
}

/// `nn::Conv2d` computes the same sums for many samples, channels and filters, without writing \f$P\f$. It keeps the
/// channels of a pixel together in memory, so a row of a window is one run of numbers in the image; it reads that run
/// where it is and multiplies it by the weights of many filters at once. Here are the three, on 100 images of 28×28
/// pixels and with 16 filters of 5×5, the fastest of three runs each.
void three_ways(nn::Chapter& chapter)
{
  chapter.experiment("three-ways", "100 images through 16 filters, in three ways");
  const nn::Window window{5};
  nn::Conv2d<mat> layer({28, 28}, 16, window, nn::Activation::identity);
  const mat X(784, 100, arma::fill::randu);
  mat loops(16 * 576, 100), product(arma::size(loops));
  const auto image = [&](uword i) -> mat { return arma::reshape(X.col(i), 28, 28).t(); };
  const auto four_loops = [&] {
    for (uword i = 0; i < 100; ++i) {
      mat Z(16, 576);
      for (uword f = 0; f < 16; ++f) {
        const mat F = arma::reshape(layer.W.row(f), 5, 5).t();
        Z.row(f) = arma::vectorise(convolve(image(i), F, window), 1);
      }
      loops.col(i) = arma::vectorise(Z);
    }
  };
  const auto one_product = [&] {
    for (uword i = 0; i < 100; ++i)
      product.col(i) = arma::vectorise(layer.W * windows(image(i), window));  // (7.3)
  };
  const double slow = nn::fastest(four_loops, 3);
  const double once = nn::fastest(one_product, 3);
  const double tuned = nn::fastest([&] { layer.forward(X); }, 3);
  chapter.say("four loops    {:7.1f} ms", 1000 * slow);
  chapter.say("one product   {:7.1f} ms, relative difference {:.0e}", 1000 * once,
              nn::relative_error(product, loops));
  chapter.say("nn::Conv2d    {:7.1f} ms, relative difference {:.0e}", 1000 * tuned,
              nn::relative_error(layer.A, loops));
  chapter.result("three_ways.product", nn::relative_error(product, loops));
  chapter.result("three_ways.fast", nn::relative_error(layer.A, loops));
}

/// The numbers agree. The product makes all multiplications of the loops, copies pixels besides, and is far ahead.
///
/// ### Max-pooling
///
/// Whether a stroke is there matters more than where it is to the pixel. **Max-pooling** cuts the map into windows,
/// often 2×2 with stride 2, and keeps the largest value of each: the strongest answer of the neighbourhood. The map
/// is half as wide and half as high then, and an answer that moves by a pixel often stays in its window. There are no
/// weights in it. (Before ReLU or after it? No matter: ReLU never makes the larger of two values the smaller.)
/// \f[ a_{yx} = \max_{0 \le i, j < k} z_{sy+i,\,sx+j} \tag{7.4} \f]
mat max_pool(const mat& Z, const nn::Window& window)
{
  mat A(places(Z.n_rows, window), places(Z.n_cols, window));
  const auto k = arma::size(window.size, window.size);
  for (uword y = 0; y < A.n_rows; ++y) {
    for (uword x = 0; x < A.n_cols; ++x)
      A(y, x) = Z.submat(window.stride * y, window.stride * x, k).max();  // (7.4)
  }
  return A;
}

/// ## The cost
///
/// Nothing new: softmax and the categorical cross-entropy (4.3), as for every network that chooses among classes.
///
/// ## The gradient
///
/// Let \f$\delta_{yx} = \partial J / \partial z_{yx}\f$ be the delta of the map: what the layers above hand back,
/// times the slope of the activation function, as in (5.12). A weight \f$F_{ij}\f$ is used at every place, so by the
/// chain rule it collects from every place: the error there times the pixel that it lay on.
/// \f[ \frac{\partial J}{\partial F_{ij}} = \sum_{y,x} \delta_{yx} \, I_{sy+i,\,sx+j} \tag{7.5} \f]
/// A pixel is seen by several windows, and collects from each: the error there times the weight that lay on it.
/// \f[ \frac{\partial J}{\partial I_{uv}} = \sum_{sy+i=u,\; sx+j=v} \delta_{yx} \, F_{ij} \tag{7.6} \f]
/// In the code the sum (7.6) needs no search for the windows of a pixel. We run through the same four loops, and
/// each step gives its share to the weight and to the pixel that took part. The border is cut off at the end.
struct Gradients {
  mat filter, image;
};

Gradients convolve_backward(const mat& image, const mat& filter, const mat& delta,
                            const nn::Window& window)
{
  const mat I = padded(image, window.padding);
  mat dF(arma::size(filter)), dI(arma::size(I));
  for (uword y = 0; y < delta.n_rows; ++y) {
    for (uword x = 0; x < delta.n_cols; ++x) {
      for (uword i = 0; i < window.size; ++i) {
        for (uword j = 0; j < window.size; ++j) {
          const uword u = window.stride * y + i, v = window.stride * x + j;
          dF(i, j) += delta(y, x) * I(u, v);       // (7.5)
          dI(u, v) += delta(y, x) * filter(i, j);  // (7.6)
        }
      }
    }
  }
  return {dF, dI.submat(window.padding, window.padding, arma::size(image))};
}

/// (With the matrix of windows, (7.5) is \f$\partial J / \partial F = \delta P^T\f$, and (7.6) is \f$F^T \delta\f$,
/// whose columns are then added to the pixels they came from. It is chapter 05's pair of products.)
///
/// With more of everything the rule stays: who takes part in a sum collects from it. A bias, a part of every place's
/// sum, collects \f$\sum_{y,x} \delta_{yx}\f$ of its map. Each slice of a filter collects (7.5) from its own channel,
/// and a channel (7.6) from all the filters. A batch adds up what its images give to the weights.
///
/// Of a pooling window only the largest value reached the output. A small change of the others changes nothing, so
/// their slope is 0, and all of the error goes to the winner, or to the first of equals. Overlapping windows add up.
mat max_pool_backward(const mat& Z, const mat& dA, const nn::Window& window)
{
  mat dZ(arma::size(Z));
  const auto k = arma::size(window.size, window.size);
  for (uword y = 0; y < dA.n_rows; ++y) {
    for (uword x = 0; x < dA.n_cols; ++x) {
      const uword u = window.stride * y, v = window.stride * x;
      const mat T = Z.submat(u, v, k).t();  // turned, so that its memory goes row by row
      const uword winner = T.index_max();
      dZ(u + winner / window.size, v + winner % window.size) += dA(y, x);
    }
  }
  return dZ;
}

/// The fast layers must agree with all of this, backward too:
void compare_with_fast(nn::Chapter& chapter, const mat& image, const mat& filter,
                       const Gradients& plain)
{
  nn::Conv2d<mat> conv({image.n_rows, image.n_cols}, 1, {3, 2, 1},
                       nn::Activation::identity);
  nn::MaxPool<mat> pool(conv.output, {2, 1});
  conv.W = arma::vectorise(filter, 1);
  const mat X = arma::vectorise(image, 1).t();
  mat dA = pool.forward(conv.forward(X));
  pool.backward(conv.A, dA);
  mat dZ = pool.input_gradient(dA);
  conv.backward(X, dZ);
  const double of_filter = nn::relative_error(conv.dW, arma::vectorise(plain.filter, 1));
  const double of_image =
      nn::relative_error(conv.input_gradient(dZ), arma::vectorise(plain.image, 1).t());
  chapter.say("fast layers: filter {:.0e}, image {:.0e}", of_filter, of_image);
  chapter.result("gradient.fast_filter", of_filter);
  chapter.result("gradient.fast_image", of_image);
}

/// The check, as always: central differences, for a convolution with stride and padding and a pooling whose windows
/// overlap. The cost is half the sum of the squares of what comes out, so its slope is what comes out. Then the
/// filter's gradient on the image of the slides is printed, which the course's tests compare with PyTorch's.
void check_gradients(nn::Chapter& chapter)
{
  chapter.experiment("gradient-check", "Gradients by hand against differences");
  const nn::Window window{3, 2, 1}, pooling{2, 1};
  mat image(7, 6, arma::fill::randn), filter(3, 3, arma::fill::randn);
  const auto J = [&] {
    return arma::accu(square(max_pool(convolve(image, filter, window), pooling))) / 2;
  };
  const mat Z = convolve(image, filter, window);
  const mat delta = max_pool_backward(Z, max_pool(Z, pooling), pooling);
  const auto [dF, dI] = convolve_backward(image, filter, delta, window);
  const double of_filter = nn::gradient_error(filter, dF, J);
  const double of_image = nn::gradient_error(image, dI, J);
  chapter.say("relative error: filter {:.0e}, image {:.0e}", of_filter, of_image);
  chapter.result("gradient.filter", of_filter);
  chapter.result("gradient.image", of_image);
  compare_with_fast(chapter, image, filter, {dF, dI});

  const mat map = convolve(slides_image, edge_filter, {3}), A = max_pool(map, {2, 1});
  const Gradients on_slides =
      convolve_backward(slides_image, edge_filter, max_pool_backward(map, A, {2, 1}), {3});
  chapter.say("gradient of the filter, on the image of the slides:");
  print(chapter, on_slides.filter);
  chapter.result("reference.pooled", A);
  chapter.result("reference.filter", on_slides.filter);
  chapter.result("reference.image", on_slides.image);
}

/// ## Training
///
/// The network is a small **LeNet**, after the one that read cheques in the nineties: convolution, pooling,
/// convolution, pooling, and then two dense layers that decide. The first filters see strokes, the second ones what
/// strokes make together: 5 places in a row after the pooling are 10 before it, and those see 14 pixels of the image.
///
/// ![The network for 28×28 pixels. Every step to the right has fewer places, each convolution more maps.](lenet.svg)
///
/// Images of 8×8 get smaller filters, with padding, since a second filter of 5×5 would find no place.
nn::ConvNet<fmat> lenet(uword side)
{
  using nn::Activation;
  const nn::Window window = side < 20 ? nn::Window{3, 1, 1} : nn::Window{5}, half{2, 2};
  const nn::Conv2d<fmat> first({side, side}, 16, window, Activation::relu);
  const nn::MaxPool<fmat> first_pool(first.output, half);
  const nn::Conv2d<fmat> second(first_pool.output, 32, window, Activation::relu);
  const nn::MaxPool<fmat> second_pool(second.output, half);
  return nn::ConvNet<fmat>({first, first_pool, second, second_pool,
                            nn::Dense<fmat>(second_pool.outputs(), 64, Activation::relu),
                            nn::Dense<fmat>(64, 10, Activation::identity)});
}

/// Its rivals are dense networks with one hidden layer and with two. All three learn by the same recipe: batches of
/// 16, momentum 0.9, a learning rate that falls from epoch to epoch, and five epochs.
constexpr int epochs = 5;

/// On MNIST this takes longer. Ctrl-C stops it, and `./course run 07 --resume` goes on. For that `nn::Checkpoint` has
/// to keep more than the weights: the velocities of the momentum too, the place in the epoch, the order of the images
/// and the random numbers. Whoever forgets one of them ends with another network than without the pause.
///
/// With `--device gpu`, `nn::on_device` takes network and images to a graphics card, has these lines run there, and
/// brings the network back.
template <nn::Matrix Mat>
arma::vec learn(auto& network, const Mat& X, const Mat& Y, const Mat& X_test,
                const Mat& Y_test, nn::Checkpoint& checkpoint)  // → accuracy by epoch
{
  const auto judge = [&] { return accuracy(network, X_test, Y_test); };
  const nn::Training how = {
      .epochs = epochs, .batch = 16, .alpha = 0.01, .momentum = 0.9, .last_alpha = 0.002};
  return nn::train(network, X, Y, nn::softmax_cross_entropy<Mat>, how, {judge}, checkpoint)
      .judged;
}

/// ## Experiment: three networks
///
/// `./course data mnist` fetches MNIST, 60 000 digits of 28×28 pixels and 10 000 unseen ones; without it, the small
/// digits have to do. With `--fashion` it is Fashion-MNIST, clothes in ten classes, of the same size and a good deal
/// harder.
Data fetched(nn::Chapter& chapter, const std::filesystem::path& folder)
{
  const auto [images, labels] = nn::read_labelled_images(folder, "train");
  const auto [test_images, test_labels] = nn::read_labelled_images(folder, "t10k");
  Data data{images.pixels, nn::one_hot<fmat>(labels, 10), test_images.pixels,
            nn::one_hot<fmat>(test_labels, 10), images.rows};
  nn::require_shape("the training images", data.X, data.side * data.side, data.Y.n_cols);
  nn::require_shape("the test images", data.X_test, data.X.n_rows, data.Y_test.n_cols);
  if (chapter.options().quick && data.X.n_cols > 1500) {
    data.X = data.X.head_cols(1500);
    data.Y = data.Y.head_cols(1500);
  }
  return data;
}

Data load(nn::Chapter& chapter, bool fashion)
{
  if (!fashion && chapter.options().quick) return small_digits(chapter);
  const auto folder = chapter.fetched(fashion ? "fashion-mnist" : "mnist");
  if (!folder && fashion)
    throw nn::Error("--fashion needs fashion-mnist: ./course data fashion-mnist");
  return folder ? fetched(chapter, *folder) : small_digits(chapter);
}

/// One table has it all: the parameters, the share of the unseen images that is right after one epoch and after five,
/// and what is left of it when they are moved to the right by an eighth of their side (at most two pixels).
std::pair<nn::ConvNet<fmat>, Data> compare(nn::Chapter& chapter, bool fashion,
                                           nn::Checkpoint& checkpoint)
{
  chapter.experiment("networks", "Three networks, five epochs");
  const Data data = load(chapter, fashion);
  chapter.say("{} images to learn from, {} unseen", data.X.n_cols, data.X_test.n_cols);
  chapter.result("networks.images", static_cast<double>(data.X.n_cols));
  const uword n = data.X.n_rows, by = std::min<uword>(data.side / 8, 2);
  const fmat shifted = moved(data.X_test, data.side, by);
  nn::Figure figure("Three networks", "epoch", "share of the unseen images right");
  chapter.say("{:<24} {:>10} {:>10} {:>11} {:>8}", "", "parameters", "one epoch",
              "five epochs", "moved");
  const auto row = [&](const char* name, const std::string& key, auto network) {
    const auto work = [&](auto& there, const auto&... images) {
      return learn(there, images..., checkpoint);
    };
    const arma::vec right = nn::on_device(chapter.options(), work, network, data.X, data.Y,
                                          data.X_test, data.Y_test);
    const double far = accuracy(network, shifted, data.Y_test);
    chapter.say("{:<24} {:10} {:10.4f} {:11.4f} {:8.4f}", name, network.parameters(),
                right.front(), right.back(), far);
    chapter.result(key + ".parameters", static_cast<double>(network.parameters()));
    chapter.result(key + ".one", right.front());
    chapter.result(key + ".five", right.back());
    chapter.result(key + ".moved", far);
    figure.path(arma::regspace(1, epochs), right, name);
    return network;
  };
  row("one hidden layer", "one_layer",
      nn::Network<fmat>({n, 128, 10}, nn::Activation::relu));
  row("two hidden layers", "two_layers",
      nn::Network<fmat>({n, 128, 64, 10}, nn::Activation::relu));
  auto network = row("convolutional", "conv", lenet(data.side));
  chapter.draw(figure, "networks");
  return {network, data};
}

/// ![The share of unseen images that are answered rightly, epoch by epoch.](networks.svg)
///
/// In this run the convolutional network has {{conv.parameters|%d}} parameters and reads {{conv.five|%.4f}} of the
/// unseen images rightly. The dense one with one hidden layer has {{one_layer.parameters|%d}} and reads
/// {{one_layer.five|%.4f}}, the one with two {{two_layers.parameters|%d}} and {{two_layers.five|%.4f}}. The answer to
/// our question stands in the last column: of the images that have been moved they read {{conv.moved|%.2f}},
/// {{one_layer.moved|%.2f}} and {{two_layers.moved|%.2f}} rightly. Not everything is forgiven, for the dense layers
/// at the end still know places. But they know them only as coarsely as two poolings have left them.
///
/// How many hidden layers, then, and how many units? The slides give one rule, trial and error (*ensayo y error*).
/// The table is such a trial: the second dense layer brings little here. Another kind of layer brings more.
///
/// ## Experiment: what it sees
///
/// The sixteen filters of the first layer are small pictures, dark where a weight is large and light where it is far
/// below 0: ink in the dark raises the answer, ink in the light lowers it. They share one scale.
void draw_filters(nn::Chapter& chapter, const nn::ConvNet<fmat>& network)
{
  const auto& first = std::get<nn::Conv2d<fmat>>(network.layers[0]);
  nn::Figure figure("The filters of the first layer", "", "");
  const uword k = first.window.size;
  figure.images(arma::conv_to<mat>::from(first.W.t()), k, k, 6);
  chapter.draw(figure, "filters");
}

/// ![What the first layer looks for. Nobody drew these: the gradient did. A few look like an edge or a dot, most are
/// hard to name.](filters.svg)
///
/// Then one digit on its way through the network, with the maps after each layer, the darker the stronger the answer.
/// The channels of a pixel lie together in the layer's output, so a map is a row of the reshaped column.
void draw_maps(nn::Chapter& chapter, nn::ConvNet<fmat>& network, const Data& data)
{
  const fmat x = data.X_test.col(0);
  network.forward(x);
  const auto draw = [&](nn::Figure& figure, auto layer, uword across) {
    const nn::ImageSize size = layer.output;
    const fmat maps = arma::reshape(layer.A.col(0), size.channels, size.pixels()).t();
    figure.images(arma::conv_to<mat>::from(maps), size.height, size.width, across);
  };
  const auto& layers = network.layers;
  nn::Figure first("the image", "", ""), second("after the second convolution", "", "");
  first.images(arma::conv_to<mat>::from(x), data.side, data.side, 1);
  first.panel("after the first convolution", "", "");
  draw(first, std::get<nn::Conv2d<fmat>>(layers[0]), 4);
  first.panel("after its pooling", "", "");
  draw(first, std::get<nn::MaxPool<fmat>>(layers[1]), 4);
  chapter.draw(first, "maps");
  draw(second, std::get<nn::Conv2d<fmat>>(layers[2]), 6);
  second.panel("after its pooling", "", "");
  draw(second, std::get<nn::MaxPool<fmat>>(layers[3]), 6);
  chapter.draw(second, "deeper-maps");
}

/// ![The first unseen image, and its sixteen maps after the first convolution and pooling: strokes of one kind or
/// another, still in their places.](maps.svg)
///
/// ![Its thirty-two maps after the second. It is less a picture now, and more a list of what was found, and roughly
/// where.](deeper-maps.svg)
///
/// And the mistakes in which the network was surest.
void draw_mistakes(nn::Chapter& chapter, nn::ConvNet<fmat>& network, const Data& data)
{
  const fmat Z = answers(network, data.X_test);
  const arma::urowvec said = arma::index_max(Z, 0), truth = arma::index_max(data.Y_test, 0);
  const arma::frowvec sure =
      1 / arma::sum(exp(Z.each_row() - arma::max(Z, 0)), 0);  // (4.1)
  arma::uvec wrong = arma::find(said != truth);
  chapter.say("{} of {} unseen images wrong, the surest (truth → answer):", wrong.n_elem,
              said.n_elem);
  chapter.result("mistakes.count", static_cast<double>(wrong.n_elem));
  wrong = wrong.elem(arma::sort_index(sure.elem(wrong), "descend"));
  wrong = wrong.head(std::min<uword>(wrong.n_elem, 18));
  std::string line;
  for (const uword i : wrong) line += fmt::format(" {}→{}", truth(i), said(i));
  chapter.say("{}", line);
  if (wrong.is_empty()) return;
  nn::Figure figure("The surest mistakes", "", "");
  figure.images(arma::conv_to<mat>::from(data.X_test.cols(wrong)), data.side, data.side, 6);
  chapter.draw(figure, "mistakes");
}

void look_inside(nn::Chapter& chapter, nn::ConvNet<fmat>& network, const Data& data)
{
  chapter.experiment("inside", "Filters, maps and mistakes");
  draw_filters(chapter, network);
  draw_maps(chapter, network, data);
  draw_mistakes(chapter, network, data);
}

/// ![The mistakes, in the order of the output.](mistakes.svg)
///
/// ## Experiment: keep it
///
/// A trained network is a few matrices, and it is worth keeping them. We write them in **HDF5**, a format for named
/// tables of numbers: Python's h5py, MATLAB, R and Julia read it without knowing our program, and each matrix keeps
/// its name and its shape. (A dump of our memory would be shorter to write, and nobody else could read it.)
std::filesystem::path kept(const nn::Chapter& chapter, bool fashion)
{
  return chapter.options().out / (fashion ? "fashion.h5" : "digits.h5");
}

void keep(nn::Chapter& chapter, nn::ConvNet<fmat>& network, const Data& data, bool fashion)
{
  chapter.experiment("keep", "A network goes into a file and comes back");
  nn::Matrices matrices = nn::parameters(network);
  matrices["side"] = fmat{static_cast<float>(data.side)};
  nn::write_hdf5(kept(chapter, fashion), matrices);
  for (const auto& [name, matrix] : matrices)
    chapter.say("{:<9} {:3}×{}", name, matrix.n_rows, matrix.n_cols);
  nn::ConvNet<fmat> other = lenet(data.side);
  nn::set_parameters(other, nn::read_hdf5(kept(chapter, fashion)));
  const fmat few = data.X_test.head_cols(100);
  const double apart = arma::abs(answers(other, few) - answers(network, few)).max();
  chapter.say("largest difference between their answers: {}", apart);
  chapter.result("keep.apart", apart);
}

/// Now draw a digit, in any program and size up to 4096×4096, save it as PNG or PGM, and ask:
/// `./course run 07 --predict three.png`. The network has seen digits of one kind only, cut out, scaled to fit a box
/// and laid with their centre of mass in the middle, so your drawing is made alike first. (Skip this, and a digit in
/// a corner is a stranger to it.) The program says what it did, and shows what the network sees.
void predict(nn::Chapter& chapter, const std::filesystem::path& file, bool fashion)
{
  const nn::Picture picture = nn::read_picture(file);
  if (!std::filesystem::exists(kept(chapter, fashion)))
    throw nn::Error(
        fmt::format("no network has been trained here yet: ./course run 07{} trains one",
                    fashion ? " --fashion" : ""));
  const nn::Matrices matrices = nn::read_hdf5(kept(chapter, fashion));
  const auto side =
      matrices.contains("side") ? static_cast<uword>(matrices.at("side")(0)) : 0;
  if (side != 8 && side != 28) throw nn::Error("the kept network is of another program");
  nn::ConvNet<fmat> network = lenet(side);
  nn::set_parameters(network, matrices);
  const uword box = fashion || side == 8 ? side : 20;
  const fmat x = nn::centred_digit(picture.grey, side, box);
  chapter.say("{}: {}×{} pixels{}, cut to the ink and scaled to {}×{} in {}×{}",
              file.string(), picture.grey.n_cols, picture.grey.n_rows,
              picture.colour ? ", colours turned to greys" : "", box, box, side, side);
  for (uword row = 0; row < side; ++row) {
    std::string line;
    for (uword i = 0; i < side; ++i)
      line += std::string(2, " .:*#"[static_cast<int>(4 * x(row * side + i) + 0.5F)]);
    chapter.say("{}", line);
  }
  const fmat Z = network.forward(x), P = exp(Z - Z.max()) / arma::accu(exp(Z - Z.max()));
  const std::vector<std::string> clothes = {"T-shirt", "trousers", "pullover", "dress",
                                            "coat",    "sandal",   "shirt",    "sneaker",
                                            "bag",     "boot"};
  const arma::uvec order = arma::sort_index(P, "descend");
  for (const uword k : arma::uvec(order.head(3)))
    chapter.say("{:<9} {:.3f}", fashion ? clothes[k] : std::to_string(k), P(k));
}

/// ## What to try
///
/// - Draw a 1 with and without its foot, a 7 with and without its bar. How badly can you draw before it errs?
/// - Leave out both poolings (`first_pool`, `second_pool`) and give the convolutions stride 2. What happens to
///   *moved*?
/// - Mix the pixels of `data.X` and `data.X_test` in `compare`, as in `dense_on_pixels`. Which network suffers, and
///   why?
/// - Train with images moved at random by up to two pixels. How does the column *moved* change, and the accuracy?
/// - Give the first layer 4 filters, then 64. How do accuracy and time follow?
/// - `--fashion`: which two classes are hardest to tell apart?

}  // namespace

int main(int argc, char** argv)
{
  std::optional<std::string> file;
  bool fashion = false, resume = false;
  const auto story = [&](nn::Chapter& chapter) {
    if (file) return predict(chapter, *file, fashion);
    nn::Checkpoint checkpoint(chapter.options().out / "training.h5", resume);
    dense_on_pixels(chapter);
    by_hand(chapter);
    three_ways(chapter);
    check_gradients(chapter);
    auto [network, data] = compare(chapter, fashion, checkpoint);
    look_inside(chapter, network, data);
    keep(chapter, network, data, fashion);
    checkpoint.done();
  };
  return nn::run_chapter("07-convolutional-networks", "Convolutional networks", argc, argv,
                         story,
                         {{"--fashion", "clothes instead of digits", &fashion},
                          {"--resume", "go on with an interrupted training", &resume},
                          {"--predict", "a picture (PNG or PGM) to classify", &file}});
}
