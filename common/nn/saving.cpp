#include "nn/saving.hpp"

#include <hdf5.h>
#include <hdf5_hl.h>

#include <concepts>
#include <vector>

#include "nn/error.hpp"
#include "nn/file.hpp"

namespace nn {
namespace {

// A handle of the HDF5 library, closed at the end. What fails there is said by our own errors.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_{id}, close_{close} {}
  ~Handle()
  {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

template <class Number>
hid_t number_type()
{
  return std::same_as<Number, float> ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

void silence() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

// The matrix called `name`, whose rows HDF5 keeps together. Nothing when it isn't a matrix of numbers.
template <class Number>
bool read(hid_t file, const char* name, arma::Mat<Number>& matrix)
{
  int dimensions = 0;
  hsize_t size[2] = {};
  H5T_class_t kind = H5T_NO_CLASS;
  std::size_t bytes = 0;
  const Handle set(H5Dopen2(file, name, H5P_DEFAULT), H5Dclose);
  if (set < 0 || H5LTget_dataset_ndims(file, name, &dimensions) < 0 || dimensions != 2 ||
      H5LTget_dataset_info(file, name, size, &kind, &bytes) < 0 ||
      (kind != H5T_FLOAT && kind != H5T_INTEGER)) {
    return false;
  }
  arma::Mat<Number> rows(size[1], size[0]);
  if (H5Dread(set, number_type<Number>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.memptr()) < 0)
    throw Error(fmt::format("data set {} is damaged", name));
  matrix = rows.t();
  return true;
}

}  // namespace

// The file is made in memory, so that write_file can put it in its place whole. It doesn't say when, so the
// same matrices make the same file.
template <class Number>
void write_hdf5(const std::filesystem::path& path, const MatricesOf<Number>& matrices)
{
  silence();
  const Handle memory(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(memory, 1 << 20, false);
  const Handle file(H5Fcreate("memory", H5F_ACC_TRUNC, H5P_DEFAULT, memory), H5Fclose);
  const Handle timeless(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(timeless, false);
  for (const auto& [name, matrix] : matrices) {
    const hsize_t size[2] = {matrix.n_rows, matrix.n_cols};
    const Handle space(H5Screate_simple(2, size, nullptr), H5Sclose);
    const Handle set(
        H5Dcreate2(file, name.c_str(), number_type<Number>(), space, H5P_DEFAULT, timeless, H5P_DEFAULT),
        H5Dclose);
    const arma::Mat<Number> rows = matrix.t();
    if (H5Dwrite(set, number_type<Number>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.memptr()) < 0)
      throw Error(fmt::format("{}: cannot store '{}'", path.string(), name));
  }
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  std::string content(static_cast<std::size_t>(std::max<ssize_t>(0, H5Fget_file_image(file, nullptr, 0))),
                      '\0');
  H5Fget_file_image(file, content.data(), content.size());
  write_file(path, content);
}

template <class Number>
MatricesOf<Number> read_hdf5(const std::filesystem::path& path)
{
  silence();
  std::string content = read_file(path);
  const Handle memory(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(memory, 1 << 20, false);
  H5Pset_file_image(memory, content.data(), content.size());
  const Handle file(H5Fopen("memory", H5F_ACC_RDONLY, memory), H5Fclose);
  if (file < 0) throw Error(fmt::format("{}: isn't an HDF5 file, or is damaged", path.string()));
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
    static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    return 0;
  };
  H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
  MatricesOf<Number> matrices;
  for (const std::string& name : names) {
    try {
      arma::Mat<Number> matrix;
      if (read(file, name.c_str(), matrix)) matrices[name] = std::move(matrix);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", path.string(), error.what()));
    }
  }
  return matrices;
}

template void write_hdf5(const std::filesystem::path&, const MatricesOf<float>&);
template void write_hdf5(const std::filesystem::path&, const MatricesOf<double>&);
template MatricesOf<float> read_hdf5(const std::filesystem::path&);
template MatricesOf<double> read_hdf5(const std::filesystem::path&);

}  // namespace nn
