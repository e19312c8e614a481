#pragma once

#include <armadillo>
#include <filesystem>

namespace nn {

/// Images of one size, as an IDX file holds them.
struct Images {
  arma::fmat pixels;  ///< (rows·cols)×m, one image a column, its pixels row by row, from 0 (paper) to 1 (ink)
  arma::uword rows;  ///< height of an image, in pixels
  arma::uword cols;  ///< width of an image, in pixels
};

/// Reads images from an IDX file of unsigned bytes (magic number 2051), plain or gzipped: the format of MNIST and
/// Fashion-MNIST (LeCun, Cortes, Burges: The MNIST database of handwritten digits).
/// @param path the file
/// @return the images, with their size
/// @throws Error naming the file when it is missing, cut, too long, or not a file of images
Images read_idx_images(const std::filesystem::path& path);

/// Reads labels from an IDX file of unsigned bytes (magic number 2049), plain or gzipped.
/// @param path the file
/// @return m labels, 0…255
/// @throws Error naming the file when it is missing, cut, too long, or not a file of labels
arma::urowvec read_idx_labels(const std::filesystem::path& path);

}  // namespace nn
