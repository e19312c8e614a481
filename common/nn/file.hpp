#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nn {

/// The whole content of a file, unpacked if it is gzipped.
/// @param path a plain or a gzipped file; which of the two is seen from its content, not from its name
/// @return its bytes
/// @throws Error when it is missing, empty, unreadable, or its compressed part is cut or damaged
std::string read_file(const std::filesystem::path& path);

/// Writes a file whole or not at all: into a temporary file beside it, which then takes its name. An interrupt
/// (Ctrl-C) or a full disk leaves the old file, if there was one, as it was.
/// @param path where; its folder must exist
/// @param content the bytes
/// @throws Error naming the file and the system's reason
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace nn
