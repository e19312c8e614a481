#pragma once

#include <armadillo>
#include <filesystem>

namespace nn {

/// A picture in greys.
struct Picture {
  arma::fmat grey;      ///< height×width, from 0 (black) to 1 (white); what was transparent lies on white
  bool colour = false;  ///< whether the file had colours, which have become greys
};

/// Reads a picture: PNG of any kind, or PGM (P2 or P5).
/// @param path the file; its content says which of the two it is
/// @return the picture
/// @throws Error naming the file when it is missing, cut, damaged, of another kind, or larger than 4096×4096
Picture read_picture(const std::filesystem::path& path);

/// Makes a drawing look like a digit of MNIST. The paper is the grey of the edge, and what differs from it is ink, dark on
/// light or light on dark. The ink is cut out, scaled to fit a smaller square, its strongest pixel 1, and laid with its
/// centre of mass in the middle.
/// Source: LeCun, Cortes, Burges: *The MNIST database of handwritten digits*, which were made so.
/// @param grey the drawing, height×width
/// @param side of the digit in pixels
/// @param box side of the square that the ink fits in, at most `side`
/// @return side²×1, row by row, from 0 (paper) to 1 (ink)
/// @throws Error when nothing is drawn, or the box is 0 or larger than the side
arma::fmat centred_digit(const arma::fmat& grey, arma::uword side, arma::uword box);

}  // namespace nn
