#pragma once

#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "nn/error.hpp"

namespace nn {

/// Reads a command line into the options of a CLI11 application. `--help` prints itself. Only for programs that link
/// CLI11, which `nn` keeps to itself; the chapters have `parse_options`.
/// @param app with all its options
/// @param argc, argv as `main` gets them
/// @return whether to go on: not after `--help`
/// @throws Error for an unknown argument, or what CLI11 finds wrong with one
inline bool parse_command_line(CLI::App& app, int argc, char** argv)
{
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return false;
  } catch (const CLI::ExtrasError&) {
    throw Error(fmt::format("unknown argument '{}' (see --help)", app.remaining().front()));
  } catch (const CLI::ParseError& error) {
    throw Error(fmt::format("{} (see --help)", error.what()));
  }
  return true;
}

}  // namespace nn
