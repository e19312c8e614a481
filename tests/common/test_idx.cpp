#include "nn/idx.hpp"
#include "support.hpp"

namespace {

std::string word(unsigned value)
{
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

// Two images of 2 rows and 3 columns.
const std::string images =
    word(2051) + word(2) + word(2) + word(3) + std::string("\0\1\2\3\4\5\6\7\x08\x09\x0a\xff", 12);
const std::string labels = word(2049) + word(3) + std::string("\7\0\x09", 3);

}  // namespace

TEST_CASE("IDX images are columns of pixels, row by row, from 0 to 1")
{
  const Folder folder;
  const nn::Images read = nn::read_idx_images(folder.file("images", images));
  CHECK(read.rows == 2);
  CHECK(read.cols == 3);
  REQUIRE(read.pixels.n_rows == 6);
  REQUIRE(read.pixels.n_cols == 2);
  CHECK(read.pixels(0, 0) == 0);
  CHECK(read.pixels(3, 0) == 3.0f / 255);
  CHECK(read.pixels(5, 1) == 1);
}

TEST_CASE("IDX labels are a row of numbers")
{
  const Folder folder;
  CHECK(arma::all(nn::read_idx_labels(folder.file("labels", labels)) == arma::urowvec{7, 0, 9}));
}

TEST_CASE("a part of MNIST is its images and as many labels, in files with or without .gz")
{
  const Folder folder;
  const auto read = [&] { return nn::read_labelled_images(folder / "mnist", "train"); };
  std::filesystem::create_directory(folder / "mnist");
  CHECK_ERROR(read(), "mnist/train-images-idx3-ubyte: no such file");
  folder.file("mnist/train-images-idx3-ubyte.gz", images);
  CHECK_ERROR(read(), "mnist/train-labels-idx1-ubyte: no such file");
  folder.file("mnist/train-labels-idx1-ubyte", word(2049) + word(2) + std::string("\7\x09", 2));
  CHECK(read().images.pixels(3, 0) == 3.0f / 255);
  CHECK(read().images.cols == 3);
  CHECK(arma::all(read().labels == arma::urowvec{7, 9}));
  folder.file("mnist/train-labels-idx1-ubyte.gz", "the other one is read");
  CHECK(arma::all(read().labels == arma::urowvec{7, 9}));
  folder.file("mnist/train-labels-idx1-ubyte", labels);
  CHECK_ERROR(read(), "mnist, train: 3 labels for 2 images");
}

TEST_CASE("an IDX file that is missing, cut, too long or of the other kind is refused")
{
  const Folder folder;
  const auto read_images = [&](const std::string& content) {
    return nn::read_idx_images(folder.file("f", content));
  };
  CHECK_ERROR(nn::read_idx_images(folder / "none"), "none: no such file");
  CHECK_ERROR(read_images(""), "f: the file is empty");
  CHECK_ERROR(read_images(images.substr(0, 3)), "f: found 3 bytes, expected a header of at least 4");
  CHECK_ERROR(read_images(images.substr(0, 13)), "f: found 13 bytes, expected a header of at least 16");
  CHECK_ERROR(read_images(images.substr(0, 20)), "f: found 4 bytes of data, expected 2×2×3");
  CHECK_ERROR(read_images(images + "x"), "f: found 13 bytes of data, expected 2×2×3");
  CHECK_ERROR(read_images(word(2051) + word(1 << 22) + word(1 << 21) + word(1 << 21)),
              "f: found 0 bytes of data, expected 4194304×2097152×2097152");
  CHECK_ERROR(read_images(word(2051) + word(2) + word(0) + word(3)),
              "f: found 0 bytes of data, expected 2×0×3");
  CHECK_ERROR(read_images(labels),
              "f: found IDX labels (magic number 2049), expected IDX images (magic number 2051)");
  CHECK_ERROR(nn::read_idx_labels(folder.file("f", images)),
              "found IDX images (magic number 2051), expected IDX labels");
  CHECK_ERROR(read_images("plain text"), "f: found magic number 1886151017, expected IDX images");
}
