#pragma once

#include <stdexcept>
#include <string>

namespace nn {

/// What every function of this library throws on bad input: a message of one line that names the argument or
/// file, what was found and what was expected.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Work was interrupted by Ctrl-C or from outside, and what is done is kept.
struct Interrupted : Error {
  /// @param number of the signal, SIGINT or SIGTERM
  /// @param text as of any error
  Interrupted(int number, const std::string& text) : Error(text), signal{number} {}

  int signal;  ///< its number
};

}  // namespace nn
