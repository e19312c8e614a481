#pragma once

#include <stdexcept>

namespace nn {

/// What every function of this library throws on bad input: a message of one line that names the argument or
/// file, what was found and what was expected.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace nn
