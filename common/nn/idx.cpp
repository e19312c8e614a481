#include "nn/idx.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "nn/error.hpp"
#include "nn/file.hpp"

namespace nn {
namespace {

constexpr std::uint32_t labels_magic = 0x801;  // unsigned bytes, 1 dimension
constexpr std::uint32_t images_magic = 0x803;  // unsigned bytes, 3 dimensions

std::string describe(std::uint32_t magic)
{
  if (magic == labels_magic) return "IDX labels (magic number 2049)";
  if (magic == images_magic) return "IDX images (magic number 2051)";
  return fmt::format("magic number {}", magic);
}

struct Idx {
  std::string content;
  std::vector<std::size_t> sizes;  // of each dimension
  std::size_t header;              // bytes before the data

  const unsigned char* data() const
  {
    return reinterpret_cast<const unsigned char*>(content.data()) + header;
  }
};

// IDX: magic number, one 32-bit size a dimension, big-endian, then the bytes.
Idx read_idx(const std::filesystem::path& path, std::uint32_t expected_magic)
{
  Idx idx{read_file(path), {}, 4 + 4 * (expected_magic & 0xff)};  // the last byte counts the dimensions
  const auto* bytes = reinterpret_cast<const unsigned char*>(idx.content.data());
  const auto fail = [&](const std::string& found, const std::string& expected) {
    throw Error(fmt::format("{}: found {}, expected {}", path.string(), found, expected));
  };
  const auto word = [&](std::size_t i) -> std::uint32_t {
    if (idx.content.size() < 4 * i + 4) {
      fail(fmt::format("{} bytes", idx.content.size()), fmt::format("a header of at least {}", 4 * i + 4));
    }
    const unsigned char* b = bytes + 4 * i;
    return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 |
           std::uint32_t{b[3]};
  };

  if (const std::uint32_t magic = word(0); magic != expected_magic)
    fail(describe(magic), describe(expected_magic));
  for (std::size_t i = 1; i < idx.header / 4; ++i) idx.sizes.push_back(word(i));
  std::size_t left =
      idx.content.size() - idx.header;  // divided, since a product of sizes may not fit into its type
  bool fits = true;
  for (const std::size_t size : idx.sizes) {
    fits = fits && size > 0 && left % size == 0;
    if (fits) left /= size;
  }
  if (!fits || left != 1) {
    fail(fmt::format("{} bytes of data", idx.content.size() - idx.header),
         fmt::format("{}", fmt::join(idx.sizes, "×")));
  }
  return idx;
}

}  // namespace

Images read_idx_images(const std::filesystem::path& path)
{
  const Idx idx = read_idx(path, images_magic);
  Images images{arma::fmat(idx.sizes[1] * idx.sizes[2], idx.sizes[0]), idx.sizes[1], idx.sizes[2]};
  std::transform(idx.data(), idx.data() + images.pixels.n_elem, images.pixels.begin(),
                 [](unsigned char ink) { return static_cast<float>(ink) / 255; });
  return images;
}

arma::urowvec read_idx_labels(const std::filesystem::path& path)
{
  const Idx idx = read_idx(path, labels_magic);
  arma::urowvec labels(idx.sizes[0]);
  std::copy(idx.data(), idx.data() + labels.n_elem, labels.begin());
  return labels;
}

LabelledImages read_labelled_images(const std::filesystem::path& folder, std::string_view part)
{
  const auto file = [&](std::string_view kind) {
    const std::filesystem::path plain = folder / fmt::format("{}-{}-ubyte", part, kind);
    const std::filesystem::path zipped = plain.string() + ".gz";
    return !std::filesystem::exists(plain) && std::filesystem::exists(zipped) ? zipped : plain;
  };
  LabelledImages read{read_idx_images(file("images-idx3")), read_idx_labels(file("labels-idx1"))};
  if (read.labels.n_elem != read.images.pixels.n_cols) {
    throw Error(fmt::format("{}, {}: {} labels for {} images", folder.filename().string(), part,
                            read.labels.n_elem, read.images.pixels.n_cols));
  }
  return read;
}

}  // namespace nn
