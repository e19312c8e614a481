#include <png.h>

#include <vector>

#include "nn/file.hpp"
#include "nn/picture.hpp"
#include "support.hpp"

using arma::fmat;

namespace {

// A PNG file with these bytes.
std::string png(unsigned width, unsigned height, unsigned format, const std::vector<png_byte>& bytes)
{
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&image, nullptr, &size, 0, bytes.data(), 0, nullptr);
  std::string content(size, '\0');
  png_image_write_to_memory(&image, content.data(), &size, 0, bytes.data(), 0, nullptr);
  content.resize(size);
  return content;
}

}  // namespace

TEST_CASE("a picture is a matrix of greys, from PGM of both kinds and from PNG")
{
  const Folder folder;
  const fmat expected = {{0, 1, 0.2F}, {0.4F, 0.6F, 0.8F}};
  const auto same = [&](const fmat& grey) { return arma::approx_equal(grey, expected, "absdiff", 1e-6); };
  const nn::Picture text = nn::read_picture(folder.file("p", "P2\n# a comment\n3 2\n5\n0 5 1\n2 3 4\n"));
  CHECK(same(text.grey));
  CHECK_FALSE(text.colour);
  CHECK(
      same(nn::read_picture(folder.file("p", std::string("P5 3 2 255\n\x00\xff\x33\x66\x99\xcc", 17))).grey));
  CHECK(same(
      nn::read_picture(folder.file("p", std::string("P5 3 2 1280\n\0\0\5\0\1\0\2\0\3\0\4\0", 24))).grey));
  const nn::Picture grey =
      nn::read_picture(folder.file("p", png(3, 2, PNG_FORMAT_GRAY, {0, 255, 51, 102, 153, 204})));
  CHECK(same(grey.grey));
  CHECK_FALSE(grey.colour);
}

TEST_CASE("colours become greys, and what is transparent lies on white")
{
  const Folder folder;
  const nn::Picture picture =
      nn::read_picture(folder.file("p", png(2, 1, PNG_FORMAT_RGBA, {0, 0, 255, 255, 0, 0, 0, 0})));
  CHECK(picture.colour);
  CHECK(picture.grey(0) > 0.01);
  CHECK(picture.grey(0) < 0.4);
  CHECK(picture.grey(1) == 1);
}

TEST_CASE("a picture that is missing, cut, damaged, too large or of another kind is refused")
{
  const Folder folder;
  const auto read = [&](const std::string& content) { return nn::read_picture(folder.file("f", content)); };
  CHECK_ERROR(nn::read_picture(folder / "none.png"), "none.png: no such file");
  CHECK_ERROR(read("\xff\xd8\xff\xe0 JFIF"), "f: is no picture of a kind that we read, expected PNG or PGM");
  const std::string whole = png(3, 2, PNG_FORMAT_GRAY, {0, 1, 2, 3, 4, 5});
  CHECK_ERROR(read(whole.substr(0, whole.size() / 2)), "f: the PNG file is damaged");
  CHECK_ERROR(read(png(5000, 1, PNG_FORMAT_GRAY, std::vector<png_byte>(5000))),
              "f: a picture of 5000×1 pixels, expected 1×1 to 4096×4096");
  CHECK_ERROR(read("P2 3 2 5 0 5 1 2"), "f: the PGM file is cut: expected 3×2 pixels");
  CHECK_ERROR(read("P5 3 2 255\n123"), "f: the PGM file is cut");
  CHECK_ERROR(read("P2 3 x"), "f: the PGM file is damaged: its header ends too early");
  CHECK_ERROR(read("P2 3 -3 255"),
              "f: the PGM file is damaged: its header ends too early or holds no number from 0");
  CHECK_ERROR(read("P2 0 2 5"), "f: a picture of 0×2 pixels");
  CHECK_ERROR(read("P2 1 1 5 6"), "f: a pixel of the PGM file is 6, expected 0 to 5");
  CHECK_ERROR(read("P2 1 1 0 0"), "f: the PGM file's white is 0, expected 1 to 65535");
}

TEST_CASE("a drawing is cut out, scaled and centred, dark on light or light on dark")
{
  fmat grey(60, 80, arma::fill::ones);
  grey.submat(10, 5, 49, 14).zeros();  // a stroke of 40×10 pixels, in a corner
  for (const fmat& drawing : {grey, fmat(1 - grey), fmat(0.9F - 0.6F * grey)}) {
    const fmat digit = arma::reshape(nn::centred_digit(drawing, 28, 20), 28, 28).t();
    CHECK(digit.min() >= 0);
    CHECK(digit.max() == Approx(1));
    CHECK(arma::accu(digit) == Approx(20 * 5).epsilon(1e-4));  // half the size, as full as before
    CHECK(arma::accu(digit.submat(4, 11, 23, 16)) == Approx(20 * 5).epsilon(1e-4));  // in the middle
  }
}

TEST_CASE("the centre of mass of a drawing comes to the middle")
{
  fmat grey(20, 20, arma::fill::ones);
  grey.submat(2, 2, 15, 4).zeros();
  grey.submat(13, 2, 15, 15).zeros();  // an L
  const fmat digit = arma::reshape(nn::centred_digit(grey, 28, 20), 28, 28).t();
  const arma::fvec places = arma::regspace<arma::fvec>(0, 27);
  CHECK(arma::dot(places, arma::sum(digit, 1)) / arma::accu(digit) == Approx(13.5).margin(0.51));
  CHECK(arma::dot(places, arma::sum(digit, 0)) / arma::accu(digit) == Approx(13.5).margin(0.51));
}

TEST_CASE("an empty page and an impossible box are refused")
{
  CHECK_ERROR(nn::centred_digit(fmat(5, 5, arma::fill::ones), 28, 20), "nothing is drawn");
  CHECK_ERROR(nn::centred_digit(fmat(5, 5, arma::fill::eye), 28, 29),
              "a box of 29 in a side of 28, expected 1 to 28");
  CHECK_ERROR(nn::centred_digit(fmat(), 28, 20), "the picture is empty");
}
