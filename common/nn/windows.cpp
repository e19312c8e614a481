#include "nn/windows.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "nn/parallel.hpp"

// Convolution without laying windows out. The channels of a pixel lie together, so a row of a window is one
// run of numbers in the image; the kernels below read it where it is. They keep the sums of several places,
// for as many filters as fit into a vector register, in registers until a sum is complete: each weight that
// is loaded serves several places, each pixel all of those filters.

namespace nn {
namespace {

using std::size_t;

// L numbers that are computed with at once.
template <class T, size_t L>
struct Lanes {
  typedef T vector __attribute__((vector_size(L * sizeof(T))));
  typedef T unaligned __attribute__((vector_size(L * sizeof(T)), aligned(alignof(T)), may_alias));
};

template <class T, size_t L>
auto load(const T* from)
{
  return typename Lanes<T, L>::vector(*reinterpret_cast<const typename Lanes<T, L>::unaligned*>(from));
}

template <class T, size_t L>
void store(typename Lanes<T, L>::vector value, T* to)
{
  *reinterpret_cast<typename Lanes<T, L>::unaligned*>(to) = value;
}

// Numbers in the largest vector register.
template <class T>
constexpr size_t widest = 64 / sizeof(T);

// How filters see an image that has its padding already.
struct Walk {
  size_t rows, columns;                      // places
  size_t down, right;                        // numbers from one place to the next
  size_t height, run;                        // rows of a window, and the numbers in one of them
  size_t line;                               // numbers from one row of the window to the next
  size_t full_from = 0, full_to = SIZE_MAX;  // the rows of the image outside these hold only zeros
};

// The filters, f at a time: what `block` filters of them need lies together, their number filled up to full
// registers.
template <class T>
struct Block {
  size_t first, count, lanes, vectors;
  std::vector<T> weights, start;  // (numbers of a window)×(lanes·vectors), and where the sums begin
};

// Cuts f filters into blocks. `weight(q, f)` is what filter f multiplies the q-th number of a window by.
template <class T>
std::vector<Block<T>> blocks(size_t filters, size_t window, auto&& weight, auto&& bias)
{
  constexpr size_t L = widest<T>;
  std::vector<Block<T>> all;
  for (size_t f = 0; f < filters;) {
    const size_t left = filters - f;
    const size_t lanes = left > L / 2 ? L : L / 2, vectors = left > L ? 2 : 1, wide = lanes * vectors;
    Block<T> block{f,       std::min(left, wide),          lanes,
                   vectors, std::vector<T>(window * wide), std::vector<T>(wide)};
    for (size_t q = 0; q < window; ++q)
      for (size_t j = 0; j < block.count; ++j) block.weights[q * wide + j] = weight(q, f + j);
    for (size_t j = 0; j < block.count; ++j) block.start[j] = bias(f + j);
    f += block.count;
    all.push_back(std::move(block));
  }
  return all;
}

// P places beside each other, for one block of filters, as much as the rows `from` to before `to` of the
// window add. Where `whole`, registers are stored whole: what is too much goes where the next place will be
// written.
template <class T, size_t L, size_t V, size_t P>
void places(const T* in, const Walk& walk, size_t from, size_t to, const Block<T>& block, T* out,
            size_t filters, bool whole)
{
  typename Lanes<T, L>::vector sums[P][V];
  for (size_t p = 0; p < P; ++p)
    for (size_t v = 0; v < V; ++v) sums[p][v] = load<T, L>(block.start.data() + v * L);
  const T* w = block.weights.data() + from * walk.run * V * L;
  for (size_t y = from; y < to; ++y) {
    const T* row = in + y * walk.line;
    for (size_t r = 0; r < walk.run; ++r, w += V * L) {
      typename Lanes<T, L>::vector weights[V];
      for (size_t v = 0; v < V; ++v) weights[v] = load<T, L>(w + v * L);
      for (size_t p = 0; p < P; ++p)
        for (size_t v = 0; v < V; ++v) sums[p][v] += row[p * walk.right + r] * weights[v];
    }
  }
  for (size_t p = 0; p < P; ++p) {
    T* const place = out + p * filters + block.first;
    if (whole) {
      for (size_t v = 0; v < V; ++v) store<T, L>(sums[p][v], place + v * L);
      continue;
    }
    T kept[V * L];
    for (size_t v = 0; v < V; ++v) store<T, L>(sums[p][v], kept + v * L);
    std::copy_n(kept, block.count, place);
  }
}

// One row of places. `last` says that nothing may be written behind it.
template <class T, size_t L, size_t V>
void row_of_places(const T* in, const Walk& walk, size_t from, size_t to, const Block<T>& block, T* out,
                   size_t filters, bool last)
{
  const bool fits = block.count == V * L;
  const bool alone =
      filters == block.count && 2 * filters >= V * L;  // no more than the next place is overwritten
  size_t x = 0;
  const auto take = [&]<size_t P>() {
    for (; x + P <= walk.columns; x += P) {
      const bool end = last && x + P == walk.columns;
      if (P > 1 && end && !fits) break;  // its last place is done alone
      places<T, L, V, P>(in + x * walk.right, walk, from, to, block, out + x * filters, filters,
                         fits || (alone && !end));
    }
  };
  if constexpr (V == 1) take.template operator()<12>();
  take.template operator()<6>();
  take.template operator()<3>();
  take.template operator()<1>();
}

// One sample: what every filter says at every place.
template <class T>
void filter_image(const T* in, const Walk& walk, const std::vector<Block<T>>& all, size_t filters, T* out)
{
  for (size_t y = 0; y < walk.rows; ++y) {
    const size_t top = y * (walk.down / walk.line),
                 to = std::min(walk.height, std::max(walk.full_to, top) - top);
    const size_t from = std::min(to, std::max(walk.full_from, top) - top);
    for (const Block<T>& block : all) {
      const auto row = block.vectors == 2         ? row_of_places<T, widest<T>, 2>
                       : block.lanes == widest<T> ? row_of_places<T, widest<T>, 1>
                                                  : row_of_places<T, widest<T> / 2, 1>;
      row(in + y * walk.down, walk, from, to, block, out + y * walk.columns * filters, filters,
          y + 1 == walk.rows);
    }
  }
}

// Copies images into larger ones, with zeros around them and between their pixels.
template <class T>
class Frame {
 public:
  Frame(size_t rows, size_t columns, size_t channels)
      : line{columns * channels}, memory_(rows * line), channels_{channels}
  {
  }

  // Puts an image in, its first pixel at row `y`, column `x`, its pixels `apart`; the rest is zero for good.
  const T* around(const T* image, size_t rows, size_t columns, size_t y, size_t x, size_t apart)
  {
    for (size_t i = 0; i < rows; ++i) {
      T* const to = memory_.data() + (y + i * apart) * line + x * channels_;
      const T* const from = image + i * columns * channels_;
      if (apart == 1) {
        std::copy_n(from, columns * channels_, to);
      } else {
        for (size_t j = 0; j < columns; ++j)
          std::copy_n(from + j * channels_, channels_, to + j * apart * channels_);
      }
    }
    return memory_.data();
  }

  size_t line;  // numbers in a row

 private:
  std::vector<T> memory_;
  size_t channels_;
};

// The images of a layer with their padding: those without any are read where they are.
template <class T>
class Padded {
 public:
  explicit Padded(const Windows& windows)
      : size_{windows.input},
        padding_{windows.window.padding},
        frame_(padding_ == 0 ? 0 : size_.height + 2 * padding_, size_.width + 2 * padding_, size_.channels)
  {
  }

  const T* operator()(const T* image)
  {
    if (padding_ == 0) return image;
    return frame_.around(image, size_.height, size_.width, padding_, padding_, 1);
  }

 private:
  ImageSize size_;
  size_t padding_;
  Frame<T> frame_;
};

Walk walk_of(const Windows& w)
{
  const size_t line = (w.input.width + 2 * w.window.padding) * w.input.channels;
  return {.rows = w.output.height,
          .columns = w.output.width,
          .down = w.window.stride * line,
          .right = w.window.stride * w.input.channels,
          .height = w.window.height,
          .run = w.window.size * w.input.channels,
          .line = line,
          .full_from = w.window.padding,
          .full_to = w.window.padding + w.input.height};
}

// Errors of so few filters that a register would reach over several places: each place filled up to a
// register.
template <class T>
const T* widened(const T* errors, size_t filters, size_t places, std::vector<T>& memory)
{
  constexpr size_t wide = widest<T> / 2;
  memory.assign(places * wide, 0);
  for (size_t place = 0; place < places; ++place)
    std::copy_n(errors + place * filters, filters, memory.data() + place * wide);
  return memory.data();
}

double operations(const Windows& w, size_t samples)
{
  return static_cast<double>(w.elements() * w.output.elements() * samples);
}

// Adds to R rows of the gradient what one row of places says: the errors of L·V filters times the numbers
// that these filters saw, `from` on.
template <class T, size_t L, size_t V, size_t R>
void add_products(const T* const (&from)[R], size_t right, const T* errors, size_t filters, size_t count,
                  typename Lanes<T, L>::vector (&sums)[R][V])
{
  for (size_t x = 0; x < count; ++x) {
    typename Lanes<T, L>::vector error[V];
    for (size_t v = 0; v < V; ++v) error[v] = load<T, L>(errors + x * filters + v * L);
    for (size_t r = 0; r < R; ++r)
      for (size_t v = 0; v < V; ++v) sums[r][v] += from[r][x * right] * error[v];
  }
}

// Adds the errors of L·V filters at `count` places to `db`.
template <class T, size_t L, size_t V>
void add_errors(const T* errors, size_t filters, size_t count, T* db)
{
  typename Lanes<T, L>::vector sums[V];
  for (size_t v = 0; v < V; ++v) sums[v] = load<T, L>(db + v * L);
  for (size_t place = 0; place < count; ++place)
    for (size_t v = 0; v < V; ++v) sums[v] += load<T, L>(errors + place * filters + v * L);
  for (size_t v = 0; v < V; ++v) store<T, L>(sums[v], db + v * L);
}

// Adds one sample to the gradient of L·V filters from `first` on, R numbers of the window at a time. dW has a
// row of `wide` numbers for each of them.
template <class T, size_t L, size_t V>
void add_sample(const T* in, const Walk& walk, const T* errors, size_t filters, size_t first, T* dW,
                size_t wide)
{
  constexpr size_t R = V == 2 ? 5 : 8;
  const size_t window = walk.height * walk.run, last = walk.rows * walk.columns - 1;
  add_errors<T, L, V>(errors + first, filters, last, dW + window * wide + first);
  T tail[V * L] = {};  // the last place, filled up: behind it the image of errors ends
  std::copy_n(errors + last * filters + first, std::min(filters - first, V * L), tail);
  add_errors<T, L, V>(tail, 0, 1, dW + window * wide + first);
  for (size_t q = 0; q < window; q += R) {
    typename Lanes<T, L>::vector sums[R][V] = {};
    const T* from[R];
    for (size_t r = 0; r < R; ++r) {
      const size_t number = std::min(q + r, window - 1);
      from[r] = in + number / walk.run * walk.line + number % walk.run;
    }
    for (size_t y = 0; y < walk.rows; ++y) {
      const bool end = y + 1 == walk.rows;
      add_products<T, L, V, R>(from, walk.right, errors + y * walk.columns * filters + first, filters,
                               walk.columns - (end ? 1 : 0), sums);
      if (!end)
        for (const T*& p : from) p += walk.down;
    }
    for (const T*& p : from) p += (walk.columns - 1) * walk.right;
    add_products<T, L, V, R>(from, 0, tail, 0, 1, sums);
    for (size_t r = 0; r < R && q + r < window; ++r) {
      T* const row = dW + (q + r) * wide + first;
      for (size_t v = 0; v < V; ++v) store<T, L>(load<T, L>(row + v * L) + sums[r][v], row + v * L);
    }
  }
}

// Calls f(i, place, filter, error) for every error of samples `first` to before `last` that isn't zero,
// looking at a few at a time.
template <class T>
void each_error(const arma::Mat<T>& dZ, size_t filters, size_t first, size_t last, auto&& f)
{
  constexpr size_t L = widest<T>;
  for (size_t i = first; i < last; ++i) {
    const T* const errors = dZ.colptr(i);
    for (size_t from = 0; from < dZ.n_rows; from += L) {
      const size_t to = std::min<size_t>(from + L, dZ.n_rows);
      bool any = false;
      for (size_t j = from; j < to; ++j) any |= errors[j] != 0;
      if (!any) continue;
      for (size_t j = from; j < to; ++j)
        if (errors[j] != 0) f(i, j / filters, j % filters, errors[j]);
    }
  }
}

// Whether so few errors aren't zero, as after a pooling over long windows, that it pays to look for them.
template <class T>
bool sparse(const arma::Mat<T>& dZ)
{
  size_t count = 0;
  for (const T error : dZ) count += error != 0;
  return count * 16 < dZ.n_elem;
}

// Where in a framed image the window of a place begins.
size_t corner(const Walk& walk, size_t place)
{
  return place / walk.columns * walk.down + place % walk.columns * walk.right;
}

// The gradient of one thread's samples from the errors that aren't zero: (filters)×(window), then the biases.
template <class T>
void add_sparse(const Windows& windows, const Columns<T>& X, const arma::Mat<T>& dZ, size_t first,
                size_t last, std::vector<T>& sums)
{
  const size_t filters = windows.output.channels, window = windows.elements();
  const Walk walk = walk_of(windows);
  Padded<T> padded(windows);
  const T* image = nullptr;
  size_t sample = last;
  each_error(dZ, filters, first, last, [&](size_t i, size_t place, size_t f, T error) {
    if (i != sample) image = padded(X.colptr(i));
    sample = i;
    for (size_t y = 0; y < walk.height; ++y) {
      const T* const from = image + corner(walk, place) + y * walk.line;
      T* const to = sums.data() + f * window + y * walk.run;
      for (size_t r = 0; r < walk.run; ++r) to[r] += error * from[r];
    }
    sums[window * filters + f] += error;
  });
}

// The same from all errors: (window)×(filters filled up to registers), then the biases.
template <class T>
void add_dense(const Windows& windows, const Columns<T>& X, const arma::Mat<T>& dZ, size_t first, size_t last,
               std::vector<T>& sums)
{
  constexpr size_t L = widest<T>;
  const size_t filters = windows.output.channels, wide = (filters + L - 1) / L * L;
  const Walk walk = walk_of(windows);
  Padded<T> padded(windows);
  std::vector<T> memory;
  const bool narrow = 2 * filters < L / 2;
  for (size_t i = first; i < last; ++i) {
    const T* const image = padded(X.colptr(i));
    const T* const errors =
        narrow ? widened(dZ.colptr(i), filters, windows.output.pixels(), memory) : dZ.colptr(i);
    for (size_t f = 0; f < filters;) {
      const size_t left = filters - f;
      const auto add = left > L       ? add_sample<T, L, 2>
                       : left > L / 2 ? add_sample<T, L, 1>
                                      : add_sample<T, L / 2, 1>;
      add(image, walk, errors, narrow ? L / 2 : filters, f, sums.data(), wide);
      f += left > L ? 2 * L : L;
    }
  }
}

// What the error says of the images, from the errors that aren't zero.
template <class T>
arma::Mat<T> sparse_image_gradient(const Windows& windows, const arma::Mat<T>& W, const arma::Mat<T>& dZ)
{
  const auto [input, window, output] = windows;
  const size_t c = input.channels, k = window.size, p = window.padding;
  const arma::Mat<T> weights = W.t();  // a filter a column
  arma::Mat<T> dX(input.elements(), dZ.n_cols);
  share_out(dZ.n_cols, operations(windows, dZ.n_cols) / 16, [&](arma::uword first, arma::uword last, int) {
    each_error(dZ, output.channels, first, last, [&](size_t i, size_t place, size_t f, T error) {
      const size_t top = place / output.width * window.stride, left = place % output.width * window.stride;
      const size_t from = std::max(left, p) - left;
      const size_t to = std::min(left + k, std::max<size_t>(left, input.width + p)) - left;
      for (size_t y = std::max(top, p); y < std::min<size_t>(top + window.height, input.height + p); ++y) {
        const T* const w = weights.colptr(f) + (y - top) * k * c;
        T* const row = dX.colptr(i) + (y - p) * input.width * c;
        for (size_t j = from * c; j < to * c; ++j) row[(left - p) * c + j] += error * w[j];
      }
    });
  });
  return dX;
}

// The largest of L channels from `channel` on in one window, whose first pixel is `corner`, and which
// elements these are.
template <class T, size_t L>
void pool_place(const Windows& w, const T* image, size_t corner, size_t channel, T* value,
                std::uint32_t* which)
{
  using Integer = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  const size_t c = w.input.channels;
  auto best = load<T, L>(image + corner * c + channel);
  const typename Lanes<Integer, L>::vector none = {};
  auto place = none + static_cast<Integer>(corner);  // of the pixel in the image
  for (size_t y = 0; y < w.window.height; ++y) {
    for (size_t x = 0; x < w.window.size; ++x) {
      const size_t pixel = corner + y * w.input.width + x;
      const auto here = load<T, L>(image + pixel * c + channel);
      place = here > best ? none + static_cast<Integer>(pixel) : place;
      best = here > best ? here : best;
    }
  }
  store<T, L>(best, value);
  for (size_t j = 0; j < L; ++j) which[j] = static_cast<std::uint32_t>(place[j] * c + channel + j);
}

template <class T>
void pool_image(const Windows& w, const T* image, T* value, std::uint32_t* which)
{
  constexpr size_t L = widest<T> / 2;
  const size_t c = w.input.channels;
  for (size_t y = 0; y < w.output.height; ++y) {
    for (size_t x = 0; x < w.output.width; ++x, value += c, which += c) {
      const size_t corner = (y * w.input.width + x) * w.window.stride;
      size_t j = 0;
      const auto take = [&]<size_t lanes>() {
        for (; j + lanes <= c; j += lanes) pool_place<T, lanes>(w, image, corner, j, value + j, which + j);
      };
      take.template operator()<L>();
      take.template operator()<L / 2>();
      take.template operator()<L / 4>();
      take.template operator()<1>();
    }
  }
}

}  // namespace

template <class T>
void convolve(const Windows& windows, const arma::Mat<T>& W, const arma::Mat<T>& b,
              const std::type_identity_t<Columns<T>>& X, arma::Mat<T>& A)
{
  A.set_size(windows.output.elements(), X.n_cols);
  const size_t filters = W.n_rows;
  const auto all = blocks<T>(
      filters, W.n_cols, [&](size_t q, size_t f) { return W(f, q); }, [&](size_t f) { return b(f); });
  share_out(X.n_cols, operations(windows, X.n_cols), [&](arma::uword first, arma::uword last, int) {
    Padded<T> padded(windows);
    const Walk walk = walk_of(windows);
    for (arma::uword i = first; i < last; ++i)
      filter_image(padded(X.colptr(i)), walk, all, filters, A.colptr(i));
  });
}

template <class T>
void filter_gradients(const Windows& windows, const std::type_identity_t<Columns<T>>& X,
                      const arma::Mat<T>& dZ, arma::Mat<T>& dW, arma::Mat<T>& db)
{
  const size_t filters = windows.output.channels, window = windows.elements();
  const size_t wide = (filters + widest<T> - 1) / widest<T> * widest<T>;
  const bool few = sparse(dZ);
  std::vector<std::vector<T>> partial(threads());
  const double work = operations(windows, X.n_cols) / (few ? 16 : 1);
  share_out(X.n_cols, work, [&](arma::uword first, arma::uword last, int piece) {
    partial[piece].assign((window + 1) * wide, 0);
    (few ? add_sparse<T> : add_dense<T>)(windows, X, dZ, first, last, partial[piece]);
  });
  dW.zeros(filters, window);
  db.zeros(filters, 1);
  for (const std::vector<T>& sums : partial) {
    if (sums.empty()) continue;
    if (few) {
      for (size_t q = 0; q < window; ++q)
        for (size_t f = 0; f < filters; ++f) dW(f, q) += sums[f * window + q];
    } else {
      for (size_t q = 0; q < window; ++q)
        for (size_t f = 0; f < filters; ++f) dW(f, q) += sums[q * wide + f];
    }
    for (size_t f = 0; f < filters; ++f) db(f) += sums[window * (few ? filters : wide) + f];
  }
}

template <class T>
arma::Mat<T> image_gradient(const Windows& windows, const arma::Mat<T>& W, const arma::Mat<T>& dZ)
{
  if (sparse(dZ)) return sparse_image_gradient(windows, W, dZ);
  const auto [input, window, output] = windows;
  const size_t k = window.size, h = window.height, c = input.channels, f = output.channels;
  // A pixel gets from each filter the errors of the places that saw it, times the weight with which they did:
  // a convolution of the errors, far enough apart and with zeros around them, with the filters turned upside
  // down.
  const auto turned = [&](size_t q, size_t channel) {
    const size_t y = q / (k * f), x = q / f % k;
    return W(q % f, ((h - 1 - y) * k + k - 1 - x) * c + channel);
  };
  const auto all = blocks<T>(c, h * k * f, turned, [](size_t) { return T(0); });
  arma::Mat<T> dX(input.elements(), dZ.n_cols, arma::fill::none);
  share_out(dZ.n_cols, operations(windows, dZ.n_cols), [&](arma::uword first, arma::uword last, int) {
    Frame<T> frame(input.height + 2 * window.padding + h - 1, input.width + 2 * window.padding + k - 1, f);
    const Walk walk{.rows = input.height,
                    .columns = input.width,
                    .down = frame.line,
                    .right = f,
                    .height = h,
                    .run = k * f,
                    .line = frame.line,
                    .full_from = std::max<size_t>(h - 1, window.padding) - window.padding,
                    .full_to = h - 1 + (output.height - 1) * window.stride + 1 - window.padding};
    for (arma::uword i = first; i < last; ++i) {
      const T* const errors =
          frame.around(dZ.colptr(i), output.height, output.width, h - 1, k - 1, window.stride);
      filter_image(errors + window.padding * (frame.line + f), walk, all, c, dX.colptr(i));
    }
  });
  return dX;
}

template <class T>
void max_pool(const Windows& windows, const std::type_identity_t<Columns<T>>& X, arma::Mat<T>& A,
              arma::Mat<std::uint32_t>& largest)
{
  A.set_size(windows.output.elements(), X.n_cols);
  largest.set_size(A.n_rows, A.n_cols);
  share_out(X.n_cols, static_cast<double>(X.n_rows * X.n_cols),
            [&](arma::uword first, arma::uword last, int) {
              for (arma::uword i = first; i < last; ++i)
                pool_image(windows, X.colptr(i), A.colptr(i), largest.colptr(i));
            });
}

template <class T>
arma::Mat<T> unpool(const Windows& windows, const arma::Mat<std::uint32_t>& largest, const arma::Mat<T>& dA)
{
  arma::Mat<T> dX(windows.input.elements(), dA.n_cols);
  for (arma::uword i = 0; i < dA.n_cols; ++i) {
    T* const image = dX.colptr(i);
    const T* const error = dA.colptr(i);
    const std::uint32_t* const which = largest.colptr(i);
    for (arma::uword j = 0; j < dA.n_rows; ++j) image[which[j]] += error[j];
  }
  return dX;
}

#define NN_FOR(T)                                                                                       \
  template void convolve(const Windows&, const arma::Mat<T>&, const arma::Mat<T>&, const Columns<T>&,   \
                         arma::Mat<T>&);                                                                \
  template void filter_gradients(const Windows&, const Columns<T>&, const arma::Mat<T>&, arma::Mat<T>&, \
                                 arma::Mat<T>&);                                                        \
  template arma::Mat<T> image_gradient(const Windows&, const arma::Mat<T>&, const arma::Mat<T>&);       \
  template void max_pool(const Windows&, const Columns<T>&, arma::Mat<T>&, arma::Mat<std::uint32_t>&);  \
  template arma::Mat<T> unpool(const Windows&, const arma::Mat<std::uint32_t>&, const arma::Mat<T>&);
NN_FOR(float)
NN_FOR(double)
#undef NN_FOR

}  // namespace nn
