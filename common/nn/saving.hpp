#pragma once

#include <fmt/core.h>

#include <armadillo>
#include <filesystem>
#include <map>
#include <string>

#include "nn/error.hpp"
#include "nn/network.hpp"

namespace nn {

/// Matrices by name.
template <class Number>
using MatricesOf = std::map<std::string, arma::Mat<Number>>;
/// Matrices of floats by name.
using Matrices = MatricesOf<float>;

/// Writes matrices into an HDF5 file, whole or not at all. NumPy (h5py), MATLAB, R and Julia read this format too: each
/// matrix is a data set of its name, with rows and columns as here.
/// @tparam Number float or double
/// @param path where; its folder must exist
/// @param matrices what to write
/// @throws Error naming the file when it can't be written
template <class Number = float>
void write_hdf5(const std::filesystem::path& path, const MatricesOf<Number>& matrices);

/// Reads the data sets of two dimensions from an HDF5 file, of this program or of another.
/// @tparam Number float or double
/// @param path the file
/// @return the matrices; other kinds of numbers have become such
/// @throws Error naming the file when it is missing, isn't HDF5 or is damaged
template <class Number = float>
MatricesOf<Number> read_hdf5(const std::filesystem::path& path);

/// @param network of float matrices
/// @return its weights and biases by name: `layer1.W`, `layer1.b` and so on
template <class Layer>
Matrices parameters(Network<arma::fmat, Layer> network)
{
  Matrices found;
  network.each_parameter(
      [&](const std::string& name, const arma::fmat& theta, const auto&) { found[name] = theta; });
  return found;
}

/// Gives a network the weights and biases of another of the same build.
/// @param network what to change
/// @param matrices as `parameters` returns them; more may be there, under names that don't begin with `layer`
/// @throws Error naming the parameter that is missing, of another shape, or too many; then nothing has changed
template <class Layer>
void set_parameters(Network<arma::fmat, Layer>& network, const Matrices& matrices)
{
  Matrices left = matrices;
  Network<arma::fmat, Layer> changed = network;
  changed.each_parameter([&](const std::string& name, arma::fmat& theta, const auto&) {
    const auto given = left.extract(name);
    if (given.empty()) throw Error(fmt::format("parameters of another network: no {} among them", name));
    require_shape(name, given.mapped(), theta.n_rows, theta.n_cols);
    theta = given.mapped();
  });
  for (const auto& [name, theta] : left) {
    if (name.starts_with("layer"))
      throw Error(fmt::format("parameters of another network: {} isn't in this one", name));
  }
  network = std::move(changed);
}

}  // namespace nn
