#include "nn/picture.hpp"

#include <fmt/core.h>
#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "nn/error.hpp"
#include "nn/file.hpp"

namespace nn {
namespace {

constexpr arma::uword largest = 4096;

void require_size(arma::uword height, arma::uword width)
{
  if (height == 0 || width == 0 || height > largest || width > largest) {
    throw Error(
        fmt::format("a picture of {}×{} pixels, expected 1×1 to {}×{}", width, height, largest, largest));
  }
}

Picture read_png(const std::string& content)
{
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto fail = [&] { throw Error(fmt::format("the PNG file is damaged: {}", image.message)); };
  if (!png_image_begin_read_from_memory(&image, content.data(), content.size())) fail();
  const bool colour = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  try {
    require_size(image.height, image.width);
  } catch (...) {
    png_image_free(&image);
    throw;
  }
  image.format = PNG_FORMAT_GRAY;
  std::vector<png_byte> bytes(PNG_IMAGE_SIZE(image));
  const png_color white{255, 255, 255};
  if (!png_image_finish_read(&image, &white, bytes.data(), 0, nullptr)) fail();
  const arma::Mat<png_byte> rows(bytes.data(), image.width, image.height, false);
  return {arma::conv_to<arma::fmat>::from(rows.t()) / 255, colour};
}

// One number of a PGM header; what follows a # up to the end of the line is a comment.
arma::uword header_number(std::istream& in)
{
  while (in >> std::ws && in.peek() == '#') in.ignore(1 << 20, '\n');
  arma::sword number = -1;  // of an unsigned one a minus sign would make a large number
  if (!(in >> number) || number < 0)
    throw Error("the PGM file is damaged: its header ends too early or holds no number from 0 on");
  return static_cast<arma::uword>(number);
}

Picture read_pgm(const std::string& content)
{
  std::istringstream in(content);
  const bool binary = content[1] == '5';
  in.ignore(2);
  const arma::uword width = header_number(in), height = header_number(in), white = header_number(in);
  require_size(height, width);
  if (white == 0 || white > 65535)
    throw Error(fmt::format("the PGM file's white is {}, expected 1 to 65535", white));
  if (binary) in.ignore(1);
  arma::fmat rows(width, height);
  for (float& pixel : rows) {
    arma::uword value = 0;
    if (binary) {
      value = static_cast<arma::uword>(in.get());
      if (white > 255) value = value << 8 | static_cast<arma::uword>(in.get());
    } else {
      in >> value;
    }
    if (!in) throw Error(fmt::format("the PGM file is cut: expected {}×{} pixels", width, height));
    if (value > white)
      throw Error(fmt::format("a pixel of the PGM file is {}, expected 0 to {}", value, white));
    pixel = static_cast<float>(value) / static_cast<float>(white);
  }
  return {rows.t(), false};
}

// The mean of the part of a row of pixels that lies between two places, which may cut pixels: a row of a
// matrix of weights, so that R·grey·Rᵀ scales a picture.
arma::fmat averaging(arma::uword from, arma::uword to)  // to×from
{
  arma::fmat R(to, from);
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (arma::uword i = 0; i < to; ++i) {
    for (arma::uword j = 0; j < from; ++j) {
      const double begin = std::max(static_cast<double>(i) * step, static_cast<double>(j));
      const double end = std::min(static_cast<double>(i + 1) * step, static_cast<double>(j + 1));
      R(i, j) = static_cast<float>(std::max(0.0, end - begin) / step);
    }
  }
  return R;
}

// Cut to the ink and scaled to fit the box.
arma::fmat fitted(const arma::fmat& ink, arma::uword box)
{
  const arma::umat marks = ink > 0.25F;
  const arma::uvec rows = arma::find(arma::any(marks, 1)), cols = arma::find(arma::any(marks, 0));
  const arma::fmat cut = ink.submat(rows.front(), cols.front(), rows.back(), cols.back());
  const double scale = static_cast<double>(box) / static_cast<double>(std::max(cut.n_rows, cut.n_cols));
  const auto scaled = [&](arma::uword n) {
    return std::clamp<arma::uword>(static_cast<arma::uword>(std::lround(scale * static_cast<double>(n))), 1,
                                   box);
  };
  const arma::fmat small =
      averaging(cut.n_rows, scaled(cut.n_rows)) * cut * averaging(cut.n_cols, scaled(cut.n_cols)).t();
  return small / small.max();
}

// Where a length of n begins so that its centre of mass, with these masses, lies in the middle of the side.
arma::uword begin(const arma::fvec& masses, arma::uword side)
{
  const auto n = static_cast<double>(masses.n_elem);
  const double centre =
      arma::dot(arma::regspace<arma::fvec>(0, masses.n_elem - 1), masses) / arma::accu(masses);
  const double free = static_cast<double>(side) - n;
  return static_cast<arma::uword>(
      std::lround(std::clamp((static_cast<double>(side) - 1) / 2 - centre, 0.0, free)));
}

}  // namespace

Picture read_picture(const std::filesystem::path& path)
{
  const std::string content = read_file(path);
  try {
    if (content.starts_with("\x89PNG")) return read_png(content);
    if (content.starts_with("P2") || content.starts_with("P5")) return read_pgm(content);
    throw Error("is no picture of a kind that we read, expected PNG or PGM");
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path.string(), error.what()));
  }
}

arma::fmat centred_digit(const arma::fmat& grey, arma::uword side, arma::uword box)
{
  if (box == 0 || box > side)
    throw Error(fmt::format("a box of {} in a side of {}, expected 1 to {}", box, side, side));
  if (grey.is_empty()) throw Error("the picture is empty");
  const arma::fmat edge = arma::join_cols(arma::join_cols(grey.head_rows(1).t(), grey.tail_rows(1).t()),
                                          arma::join_cols(grey.head_cols(1), grey.tail_cols(1)));
  arma::fmat ink = arma::abs(grey - arma::as_scalar(arma::median(edge)));
  if (ink.max() < 0.1F) throw Error("nothing is drawn: the picture has one grey all over");
  ink /= ink.max();
  const arma::fmat small = fitted(ink, box);
  arma::fmat digit(side, side);
  digit.submat(begin(arma::sum(small, 1), side), begin(arma::sum(small, 0).t(), side), arma::size(small)) =
      small;
  return arma::vectorise(digit, 1).t();
}

}  // namespace nn
