#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// \dir gpu
/// \brief The matrices of a device, and the seam behind which it lies.

/// A device's matrices (`nn::gpu::Mat`), and the seam behind which the device itself lies.
///
/// mat.hpp knows matrices and no device. device.hpp is all it asks of one: memory, copies, kernels written in OpenCL C,
/// and products. device.cpp answers with OpenCL and CLBlast; another runtime, such as CUDA, would be one more such file.
/// Where neither is installed, no_device.cpp stands in and says how to get them.
///
/// Work is queued in order and not waited for, except by `download` and `finish`. One thread may use a device.
namespace nn::gpu {

/// A device that `--device gpu:N` can choose.
struct Device {
  std::string name;      ///< its own and its driver's
  std::uint64_t memory;  ///< bytes
};

/// @return the devices of this machine, graphics cards first; gpu:N is the N-th, counted from 0
/// @throws Error when this build has no OpenCL
std::vector<Device> devices();

/// Chooses the device for all that follows. Without a choice the first one is taken when it is needed.
/// @param number N of gpu:N
/// @throws Error when there is no such device, this build has none, or another one holds matrices
void choose(std::size_t number);

/// Memory of the device.
struct Memory;

/// A handle on memory of the device. When its last copy goes, the memory returns to a pool, for the next of its size.
using Buffer = std::shared_ptr<Memory>;

/// @param bytes how many, at least 1; what they hold is not defined
/// @param what what they are for, such as `a matrix of 3×4`, for the message
/// @return the memory
/// @throws Error naming `what` and the device when it has not that much left
Buffer allocate(std::size_t bytes, std::string_view what);

/// Copies to the device.
/// @param buffer where to
/// @param data where from; may change as soon as this returns
/// @param bytes how many
/// @throws Error when the device fails
void upload(const Buffer& buffer, const void* data, std::size_t bytes);

/// Copies from the device, after all the work queued before.
/// @param buffer where from
/// @param offset how many bytes to skip there
/// @param data where to
/// @param bytes how many
/// @throws Error when the device fails
void download(const Buffer& buffer, std::size_t offset, void* data, std::size_t bytes);

/// What a kernel takes: a pointer to memory, a number, or a count.
using Argument = std::variant<Buffer, float, std::uint32_t>;

/// Work-items in a work-group, everywhere.
constexpr std::size_t group = 64;

/// Queues a kernel. It is compiled when it comes for the first time and kept by its text.
/// @param source OpenCL C with one kernel, `run`
/// @param groups number of work-groups of `group` work-items, at least 1
/// @param arguments of `run`, in order
/// @throws Error when the kernel doesn't compile or the device fails
void launch(const std::string& source, std::size_t groups, const std::vector<Argument>& arguments);

/// A factor of a product: r×c floats, column by column, without a gap.
struct Factor {
  Buffer buffer;        ///< where
  std::size_t offset;   ///< floats to skip there
  std::size_t rows;     ///< r, before it is transposed
  std::size_t columns;  ///< c, before it is transposed
  bool transposed;      ///< whether the product takes the transpose
};

/// Queues the product C = s·A·B.
/// @param s a number
/// @param A, B factors whose shapes fit, none of them empty
/// @param C where to
/// @throws Error when the device fails
void multiply(float s, const Factor& A, const Factor& B, const Buffer& C);

/// Waits until all queued work is done.
/// @throws Error when the device fails
void finish();

/// What has been asked of the device since the start, for tests and measurements.
struct Counters {
  std::size_t kernels = 0;    ///< kernels launched, without those of products
  std::size_t products = 0;   ///< products
  std::size_t uploads = 0;    ///< copies to the device
  std::size_t downloads = 0;  ///< copies from it; each has waited
  std::size_t buffers = 0;    ///< handed out and not returned yet
};

/// @return the counters as they stand
Counters counters();

}  // namespace nn::gpu
