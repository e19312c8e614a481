#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace taller {

// What a program that we don't trust may use.
struct Limits {
  int cpu_seconds;
  std::chrono::milliseconds wall;
  std::size_t address_space;  // bytes
  std::size_t file_size;      // bytes of a file that it writes
  bool confined;  // no new process, no file opened for writing, no network: nothing but memory and its own
                  // pipes
};

// How it ended.
struct Ended {
  bool timed_out = false;
  int status = 0;       // as waitpid gives it; 0 when it was ended after its reply
  std::string printed;  // standard output and error together, the first 16 KiB
  std::string reply;    // what it wrote to descriptor 3
};

// Runs a program with an environment of its own, gives it `request` on standard input, and takes its reply
// from descriptor 3: a length of eight bytes, then as many bytes. It ends when the reply is complete;
// whatever still runs then is killed.
Ended run(const std::vector<std::string>& command, const std::filesystem::path& folder,
          const std::string& request, const Limits& limits);

// A folder for one piece of work, gone afterwards.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace taller
