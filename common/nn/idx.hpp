#pragma once

#include <armadillo>
#include <filesystem>
#include <string_view>

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

/// Images with a label each.
struct LabelledImages {
  Images images;         ///< m images
  arma::urowvec labels;  ///< m labels, 0…255
};

/// Reads a part of MNIST or of a set with files of the same names, as Fashion-MNIST has: images and labels.
/// @param folder where `PART-images-idx3-ubyte` and `PART-labels-idx1-ubyte` lie, each with or without `.gz` at its end
/// @param part `train` or `t10k`
/// @return the images, with their labels
/// @throws Error as `read_idx_images` and `read_idx_labels`, or naming the folder and the part when there aren't as many
/// labels as images
LabelledImages read_labelled_images(const std::filesystem::path& folder, std::string_view part);

}  // namespace nn
