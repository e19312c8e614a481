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

// Numbers in the largest vector register of the processor that this is compiled for.
#ifdef __AVX512F__
constexpr size_t register_bytes = 64;
#else
constexpr size_t register_bytes = 32;
#endif
template <class T>
constexpr size_t widest = register_bytes / sizeof(T);

// How filters see an image that has its padding already.
struct Walk {
  size_t rows, columns;  // places
  size_t down, right;    // numbers from one place to the next
  size_t height, run;    // rows of a window, and the numbers in one of them
  size_t line;           // numbers from one row of the window to the next
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

// P places beside each other, for one block of filters. Where `whole`, registers are stored whole: what is
// too much goes where the next place will be written.
template <class T, size_t L, size_t V, size_t P>
void places(const T* in, const Walk& walk, const Block<T>& block, T* out, size_t filters, bool whole)
{
  typename Lanes<T, L>::vector sums[P][V];
  for (size_t p = 0; p < P; ++p)
    for (size_t v = 0; v < V; ++v) sums[p][v] = load<T, L>(block.start.data() + v * L);
  const T* w = block.weights.data();
  for (size_t y = 0; y < walk.height; ++y) {
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
void row_of_places(const T* in, const Walk& walk, const Block<T>& block, T* out, size_t filters, bool last)
{
  const bool fits = block.count == V * L;
  const bool alone =
      filters == block.count && 2 * filters >= V * L;  // no more than the next place is overwritten
  size_t x = 0;
  const auto take = [&]<size_t P>() {
    for (; x + P <= walk.columns; x += P) {
      const bool end = last && x + P == walk.columns;
      if (P > 1 && end && !fits) break;  // its last place is done alone
      places<T, L, V, P>(in + x * walk.right, walk, block, out + x * filters, filters,
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
    for (const Block<T>& block : all) {
      const auto row = block.vectors == 2         ? row_of_places<T, widest<T>, 2>
                       : block.lanes == widest<T> ? row_of_places<T, widest<T>, 1>
                                                  : row_of_places<T, widest<T> / 2, 1>;
      row(in + y * walk.down, walk, block, out + y * walk.columns * filters, filters, y + 1 == walk.rows);
    }
  }
}

// The images of a layer with their padding: those without any are read where they are.
template <class T>
class Padded {
 public:
  explicit Padded(const Windows& windows)
      : size_{windows.input},
        padding_{windows.window.padding},
        line_{(size_.width + 2 * padding_) * size_.channels},
        memory_(padding_ == 0 ? 0 : (size_.height + 2 * padding_) * line_)
  {
  }

  const T* operator()(const T* image)
  {
    if (padding_ == 0) return image;
    const size_t row = size_.width * size_.channels;
    for (size_t y = 0; y < size_.height; ++y)
      std::copy_n(image + y * row, row, memory_.data() + (y + padding_) * line_ + padding_ * size_.channels);
    return memory_.data();
  }

 private:
  ImageSize size_;
  size_t padding_, line_;  // line_: numbers in a row with its padding
  std::vector<T> memory_;  // zero around the image for good
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
          .line = line};
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

// The errors of some filters at one place that aren't zero.
template <class T>
struct Errors {
  explicit Errors(size_t filters) : which(filters), error(filters) {}

  // Lists those of a place. The processor can't foresee which ones aren't zero, so it doesn't have to: each
  // is written down, and a zero is written over by the next.
  void list(const T* errors)
  {
    constexpr size_t L = widest<T>;
    count = 0;
    for (size_t from = 0; from < which.size(); from += L) {
      const size_t to = std::min(from + L, which.size());
      bool any = false;
      for (size_t f = from; f < to; ++f) any |= errors[f] != 0;
      if (!any) continue;
      for (size_t f = from; f < to; ++f) {
        which[count] = f;
        error[count] = errors[f];
        count += errors[f] != 0;
      }
    }
  }

  size_t count = 0;
  std::vector<size_t> which;
  std::vector<T> error;
};

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
  Errors<T> errors(filters);
  for (size_t i = first; i < last; ++i) {
    const T* const image = padded(X.colptr(i));
    for (size_t place = 0; place < walk.rows * walk.columns; ++place) {
      errors.list(dZ.colptr(i) + place * filters);
      if (errors.count == 0) continue;
      const T* const seen = image + corner(walk, place);
      for (size_t k = 0; k < errors.count; ++k) {
        const size_t f = errors.which[k];
        const T error = errors.error[k];
        for (size_t y = 0; y < walk.height; ++y) {
          const T* const from = seen + y * walk.line;
          T* const to = sums.data() + f * window + y * walk.run;
          for (size_t r = 0; r < walk.run; ++r) to[r] += error * from[r];
        }
        sums[window * filters + f] += error;
      }
    }
  }
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

// What V registers of an image get from a place: the filters' weights times their errors there.
template <class T, size_t V>
void add_filters(const T* weights, size_t next, const Errors<T>& errors, T* image)
{
  constexpr size_t L = widest<T>;
  typename Lanes<T, L>::vector sums[V];
  for (size_t v = 0; v < V; ++v) sums[v] = load<T, L>(image + v * L);
  for (size_t k = 0; k < errors.count; ++k) {
    const T* const w = weights + errors.which[k] * next;
    for (size_t v = 0; v < V; ++v) sums[v] += errors.error[k] * load<T, L>(w + v * L);
  }
  for (size_t v = 0; v < V; ++v) store<T, L>(sums[v], image + v * L);
}

// The filters as they are spread over an image: of each, row by row of the window, filled up to full
// registers.
template <class T>
struct Spread {
  explicit Spread(const Windows& windows, const arma::Mat<T>& W)
      : run{windows.window.size * windows.input.channels},
        vectors{(run + widest<T> - 1) / widest<T>},
        rows{windows.window.height},
        weights(W.n_rows * rows * vectors * widest<T>)
  {
    for (size_t q = 0; q < W.n_cols; ++q)
      for (size_t f = 0; f < W.n_rows; ++f) row(f, q / run)[q % run] = W(f, q);
  }

  T* row(size_t f, size_t y) { return weights.data() + (f * rows + y) * vectors * widest<T>; }

  // Adds row y of a window to an image, of which `to` is where that row begins.
  void add(const Errors<T>& errors, size_t y, T* to)
  {
    constexpr size_t L = widest<T>;
    size_t v = 0;
    const auto take = [&]<size_t V>() {
      for (; v + V <= vectors; v += V)
        add_filters<T, V>(row(0, y) + v * L, rows * vectors * L, errors, to + v * L);
    };
    take.template operator()<8>();
    take.template operator()<4>();
    take.template operator()<2>();
    take.template operator()<1>();
  }

  size_t run, vectors, rows;
  std::vector<T> weights;
};

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

// The channels of one window, at most L at a time.
template <class T, size_t L>
void pool_channels(const Windows& w, const T* image, size_t corner, size_t from, T* value,
                   std::uint32_t* which)
{
  for (; from + L <= w.input.channels; from += L)
    pool_place<T, L>(w, image, corner, from, value + from, which + from);
  if constexpr (L > 1) pool_channels<T, L / 2>(w, image, corner, from, value, which);
}

// One sample. Where a register holds a few numbers more than there are channels, these are computed too and
// go where the next place will be written; only the last place is done exactly.
template <class T>
void pool_image(const Windows& w, const T* image, T* value, std::uint32_t* which)
{
  constexpr size_t L = 32 / sizeof(T);
  const size_t c = w.input.channels, last = w.output.pixels() - 1;
  const bool alone = L / 2 < c && c < L;
  for (size_t place = 0; place <= last; ++place, value += c, which += c) {
    const size_t corner = (place / w.output.width * w.input.width + place % w.output.width) * w.window.stride;
    (alone && place < last ? pool_place<T, L> : pool_channels<T, L>)(w, image, corner, 0, value, which);
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
  const size_t filters = W.n_rows, row = windows.input.width * windows.input.channels;
  const Walk walk = walk_of(windows);
  const size_t padding = windows.window.padding, first_pixel = padding * (walk.line + windows.input.channels);
  Spread<T> spread(windows, W);
  arma::Mat<T> dX(windows.input.elements(), dZ.n_cols, arma::fill::none);
  share_out(dZ.n_cols, operations(windows, dZ.n_cols), [&](arma::uword first, arma::uword last, int) {
    // An image with its padding, and room for what a register holds too much.
    std::vector<T> image((windows.input.height + 2 * padding) * walk.line + widest<T>);
    Errors<T> errors(filters);
    for (arma::uword i = first; i < last; ++i) {
      std::fill(image.begin(), image.end(), T(0));
      for (size_t place = 0; place < windows.output.pixels(); ++place) {
        errors.list(dZ.colptr(i) + place * filters);
        if (errors.count == 0) continue;
        T* const to = image.data() + corner(walk, place);
        for (size_t y = 0; y < walk.height; ++y) spread.add(errors, y, to + y * walk.line);
      }
      for (size_t y = 0; y < windows.input.height; ++y)
        std::copy_n(image.data() + first_pixel + y * walk.line, row, dX.colptr(i) + y * row);
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
  arma::Mat<T> dX(windows.input.elements(), dA.n_cols, arma::fill::none);
  share_out(dA.n_cols, static_cast<double>(dX.n_elem), [&](arma::uword first, arma::uword last, int) {
    for (arma::uword i = first; i < last; ++i) {
      T* const image = dX.colptr(i);
      const T* const error = dA.colptr(i);
      const std::uint32_t* const which = largest.colptr(i);
      std::fill_n(image, dX.n_rows, T(0));
      for (arma::uword j = 0; j < dA.n_rows; ++j) image[which[j]] += error[j];
    }
  });
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
