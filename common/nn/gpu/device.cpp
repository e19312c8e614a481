#include "nn/gpu/device.hpp"

#define CL_HPP_ENABLE_EXCEPTIONS
#define CL_HPP_TARGET_OPENCL_VERSION 120
#define CL_HPP_MINIMUM_OPENCL_VERSION 120
#define CL_TARGET_OPENCL_VERSION 120
#include <clblast.h>
#include <fmt/core.h>

#include <CL/opencl.hpp>
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <unordered_map>

#include "nn/error.hpp"

namespace nn::gpu {

struct Memory {
  cl::Buffer buffer;
};

namespace {

constexpr double GiB = 1 << 30;

// Graphics cards first, in the order of their drivers.
std::vector<cl::Device> find_devices()
{
  std::vector<cl::Platform> platforms;
  try {
    cl::Platform::get(&platforms);
  } catch (const cl::Error&) {  // the loader's way to say that there is none
  }
  std::vector<cl::Device> found;
  for (const cl::Platform& platform : platforms) {
    std::vector<cl::Device> some;
    try {
      platform.getDevices(CL_DEVICE_TYPE_ALL, &some);
    } catch (const cl::Error&) {  // a driver without a device
    }
    found.insert(found.end(), some.begin(), some.end());
  }
  std::stable_partition(found.begin(), found.end(), [](const cl::Device& device) {
    return (device.getInfo<CL_DEVICE_TYPE>() & CL_DEVICE_TYPE_GPU) != 0;
  });
  return found;
}

const std::vector<cl::Device>& all_devices()
{
  static const std::vector<cl::Device> found = find_devices();
  return found;
}

// The memory that a buffer really gets: rounded up, so that sizes that differ by little share it.
std::size_t rounded(std::size_t bytes)
{
  const std::size_t step = std::max<std::size_t>(256, std::bit_floor(bytes) / 8);
  return (bytes + step - 1) / step * step;
}

// One device with its queue, its kernels and its pool.
class Runtime {
 public:
  explicit Runtime(std::size_t number)
      : index{number}, device_{all_devices().at(number)}, context_{device_}, queue_{context_, device_}
  {
  }

  const std::size_t index;

  std::string name() const { return std::string(device_.getInfo<CL_DEVICE_NAME>().c_str()); }

  // Runs work and makes one line of what goes wrong in it.
  void attempt(std::string_view what, const auto& work)
  {
    try {
      work();
    } catch (const cl::Error& error) {
      throw Error(
          fmt::format("{}: {} failed with OpenCL's error {} on {}", what, error.what(), error.err(), name()));
    }
  }

  Buffer allocate(std::size_t bytes, std::string_view what);
  void launch(const std::string& source, std::size_t groups, const std::vector<Argument>& arguments);
  cl::CommandQueue& queue() { return queue_; }

  Counters counters;

 private:
  cl::Buffer create(std::size_t size, std::string_view what);
  cl::Kernel& kernel(const std::string& source);
  void give_back(cl::Buffer&& buffer, std::size_t bytes) noexcept;

  cl::Device device_;
  cl::Context context_;
  cl::CommandQueue queue_;
  std::unordered_map<std::string, cl::Kernel> kernels_;                      // by source
  std::multimap<std::size_t, cl::Buffer> pool_;                              // by bytes
  const std::size_t memory_ = device_.getInfo<CL_DEVICE_GLOBAL_MEM_SIZE>();  // bytes
  std::size_t in_use_ = 0;                                                   // bytes handed out
  std::size_t held_ = 0;                                                     // and those in the pool
};

Buffer Runtime::allocate(std::size_t bytes, std::string_view what)
{
  const std::size_t size = rounded(bytes);
  cl::Buffer buffer;
  if (const auto pooled = pool_.find(size); pooled != pool_.end()) {
    buffer = std::move(pooled->second);
    pool_.erase(pooled);
  } else {
    buffer = create(size, what);
  }
  in_use_ += size;
  ++counters.buffers;
  return {new Memory{std::move(buffer)}, [this, size](Memory* memory) {
            give_back(std::move(memory->buffer), size);
            delete memory;
          }};
}

// Drivers hand out memory when it is first used and fail only then, so we keep the account ourselves.
cl::Buffer Runtime::create(std::size_t size, std::string_view what)
{
  for (const bool last : {false, true}) {
    try {
      if (held_ + size <= memory_) {
        cl::Buffer buffer(context_, CL_MEM_READ_WRITE, size);
        held_ += size;
        return buffer;
      }
    } catch (const cl::Error&) {  // more than the device gives in one piece, or has left
    }
    if (last) break;
    queue_.finish();
    pool_.clear();
    held_ = in_use_;
  }
  throw Error(fmt::format("{} needs {:.2f} GiB; {} has {:.2f} GiB, {:.2f} of them in use", what,
                          static_cast<double>(size) / GiB, name(), static_cast<double>(memory_) / GiB,
                          static_cast<double>(in_use_) / GiB));
}

void Runtime::give_back(cl::Buffer&& buffer, std::size_t bytes) noexcept
{
  in_use_ -= bytes;
  --counters.buffers;
  pool_.emplace(bytes,
                std::move(buffer));  // work queued earlier may still use it: what comes next waits for that
}

cl::Kernel& Runtime::kernel(const std::string& source)
{
  if (const auto known = kernels_.find(source); known != kernels_.end()) return known->second;
  cl::Program program(context_, source);
  try {
    program.build({device_}, "-cl-std=CL1.2");
  } catch (const cl::Error&) {
    const std::string log = program.getBuildInfo<CL_PROGRAM_BUILD_LOG>(device_);
    const std::size_t first = std::min(log.find("error:"), log.size());
    throw Error(fmt::format("a kernel doesn't compile on {}: {}", name(),
                            log.substr(first, log.find('\n', first) - first)));
  }
  return kernels_.emplace(source, cl::Kernel(program, "run")).first->second;
}

void Runtime::launch(const std::string& source, std::size_t groups, const std::vector<Argument>& arguments)
{
  cl::Kernel& run = kernel(source);
  for (cl_uint i = 0; i < arguments.size(); ++i) {
    std::visit(
        [&]<class T>(const T& value) {
          if constexpr (std::is_same_v<T, Buffer>) {
            run.setArg(i, value->buffer);
          } else {
            run.setArg(i, value);
          }
        },
        arguments[i]);
  }
  queue_.enqueueNDRangeKernel(run, cl::NullRange, cl::NDRange(groups * group), cl::NDRange(group));
  ++counters.kernels;
}

// The last one is never destroyed, since matrices may outlive any other object of the program.
Runtime*& slot()
{
  static Runtime* runtime = nullptr;
  return runtime;
}

// What is queued is done before the end, while the compiler of kernels is still there. The end goes backward,
// so this must have been asked for after the compiler's own first work.
void finish_at_exit()
{
  static const int registered = std::atexit([] {
    try {
      slot()->queue().finish();
    } catch (const cl::Error&) {  // nobody is left to hear of it
    }
  });
  static_cast<void>(registered);
}

void open(std::size_t index)
{
  if (all_devices().empty()) {
    throw Error(
        "there is no OpenCL device on this machine: a graphics card needs the driver of its maker; ./course "
        "setup "
        "--gpu installs PoCL, which computes on the processor");
  }
  if (index >= all_devices().size()) {
    throw Error(fmt::format("--device gpu:{}: there is no such device, ./course devices lists them", index));
  }
  try {
    auto runtime = std::make_unique<Runtime>(index);
    delete slot();
    slot() = runtime.release();
  } catch (const cl::Error& error) {
    throw Error(
        fmt::format("--device gpu:{}: {} failed with OpenCL's error {}", index, error.what(), error.err()));
  }
}

Runtime& runtime()
{
  if (!slot()) open(0);
  return *slot();
}

}  // namespace

std::vector<Device> devices()
{
  std::vector<Device> list;
  for (const cl::Device& device : all_devices()) {
    list.push_back(
        {fmt::format("{} ({})", device.getInfo<CL_DEVICE_NAME>().c_str(),
                     cl::Platform(device.getInfo<CL_DEVICE_PLATFORM>()).getInfo<CL_PLATFORM_NAME>().c_str()),
         device.getInfo<CL_DEVICE_GLOBAL_MEM_SIZE>()});
  }
  return list;
}

void choose(std::size_t number)
{
  if (slot() && slot()->index == number) return;
  if (slot() && slot()->counters.buffers > 0) {
    throw Error(fmt::format("--device gpu:{}: there are matrices on gpu:{} already", number, slot()->index));
  }
  open(number);
}

Buffer allocate(std::size_t bytes, std::string_view what) { return runtime().allocate(bytes, what); }

void upload(const Buffer& buffer, const void* data, std::size_t bytes)
{
  runtime().attempt(fmt::format("a copy of {} bytes to the device", bytes),
                    [&] { runtime().queue().enqueueWriteBuffer(buffer->buffer, CL_TRUE, 0, bytes, data); });
  ++runtime().counters.uploads;
}

void download(const Buffer& buffer, std::size_t offset, void* data, std::size_t bytes)
{
  runtime().attempt(fmt::format("a copy of {} bytes from the device", bytes), [&] {
    runtime().queue().enqueueReadBuffer(buffer->buffer, CL_TRUE, offset, bytes, data);
  });
  ++runtime().counters.downloads;
}

void launch(const std::string& source, std::size_t groups, const std::vector<Argument>& arguments)
{
  runtime().attempt(fmt::format("a kernel of {} work-items", groups * group),
                    [&] { runtime().launch(source, groups, arguments); });
  finish_at_exit();
}

void multiply(float s, const Factor& A, const Factor& B, const Buffer& C)
{
  const auto transpose = [](const Factor& factor) {
    return factor.transposed ? clblast::Transpose::kYes : clblast::Transpose::kNo;
  };
  const std::size_t m = A.transposed ? A.columns : A.rows;
  const std::size_t k = A.transposed ? A.rows : A.columns;
  const std::size_t n = B.transposed ? B.rows : B.columns;
  cl_command_queue queue = runtime().queue()();
  const auto status = clblast::Gemm<float>(clblast::Layout::kColMajor, transpose(A), transpose(B), m, n, k, s,
                                           A.buffer->buffer(), A.offset, A.rows, B.buffer->buffer(), B.offset,
                                           B.rows, 0, C->buffer(), 0, m, &queue);
  if (status != clblast::StatusCode::kSuccess) {
    throw Error(fmt::format("the product of {}×{} and {}×{} failed with CLBlast's error {} on {}", m, k, k, n,
                            static_cast<int>(status), runtime().name()));
  }
  ++runtime().counters.products;
  finish_at_exit();
}

void finish()
{
  runtime().attempt("waiting for the device", [] { runtime().queue().finish(); });
}

Counters counters() { return runtime().counters; }

}  // namespace nn::gpu
