// What stands in for device.cpp where OpenCL or CLBlast isn't installed.

#include "nn/error.hpp"
#include "nn/gpu/device.hpp"

namespace nn::gpu {
namespace {

[[noreturn]] void missing()
{
  throw Error(
      "this build has no GPU support, because OpenCL or CLBlast isn't installed: ./course setup --gpu");
}

}  // namespace

std::vector<Device> devices() { missing(); }
void choose(std::size_t) { missing(); }
Buffer allocate(std::size_t, std::string_view) { missing(); }
void upload(const Buffer&, const void*, std::size_t) { missing(); }
void download(const Buffer&, std::size_t, void*, std::size_t) { missing(); }
void launch(const std::string&, std::size_t, const std::vector<Argument>&) { missing(); }
void multiply(float, const Factor&, const Factor&, const Buffer&) { missing(); }
void finish() { missing(); }
Counters counters() { missing(); }

}  // namespace nn::gpu
