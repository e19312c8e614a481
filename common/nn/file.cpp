#include "nn/file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

#include "nn/error.hpp"

namespace nn {
namespace {

// The temporary file in the making, for the signal handler: it may only touch what exists before the signal.
char unfinished[4096] = "";

void remove_unfinished(int signal)
{
  if (unfinished[0] != '\0') unlink(unfinished);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// A signal that is ignored stays ignored, as nohup wants it, and one that somebody else handles stays theirs.
void handle_signals()
{
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now = {};
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
      std::signal(signal, remove_unfinished);
  }
}

// A temporary file that disappears unless it is kept.
class Temporary {
 public:
  explicit Temporary(const std::filesystem::path& target) : target_{target}
  {
    const std::string name = fmt::format("{}.{}.tmp", target.string(), getpid());
    if (name.size() >= sizeof unfinished) fail(ENAMETOOLONG);
    std::strcpy(unfinished, name.c_str());
    handle_signals();
    descriptor_ = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
      unfinished[0] = '\0';
      fail(errno);
    }
  }

  ~Temporary()
  {
    if (descriptor_ >= 0) close(descriptor_);
    if (unfinished[0] != '\0') unlink(unfinished);
    unfinished[0] = '\0';
  }

  void write(std::string_view content)
  {
    while (!content.empty()) {
      const ssize_t n = ::write(descriptor_, content.data(), content.size());
      if (n < 0 && errno != EINTR) fail(errno);
      if (n > 0) content.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void keep()
  {
    const int status = close(descriptor_);  // some file systems say only here that the disk is full
    descriptor_ = -1;
    if (status != 0 || std::rename(unfinished, target_.c_str()) != 0) fail(errno);
    unfinished[0] = '\0';
  }

 private:
  [[noreturn]] void fail(int reason) const
  {
    throw Error(fmt::format("{}: cannot write: {}", target_.string(), std::strerror(reason)));
  }

  std::filesystem::path target_;
  int descriptor_ = -1;
};

}  // namespace

std::string read_file(const std::filesystem::path& path)
{
  const auto fail = [&](std::string_view reason) {
    throw Error(fmt::format("{}: {}", path.string(), reason));
  };
  if (path.empty()) throw Error("the name of a file is empty");
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) fail("is a folder, expected a file");
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file{gzopen(path.c_str(), "rb"), gzclose};
  if (!file) fail(errno == ENOENT ? "no such file" : errno == 0 ? "cannot be opened" : std::strerror(errno));

  std::string content;
  char buffer[1 << 16];
  int n = 0;
  while ((n = gzread(file.get(), buffer, sizeof buffer)) > 0)
    content.append(buffer, static_cast<std::size_t>(n));
  int status = Z_OK;
  gzerror(file.get(), &status);  // a cut file reads without an error until its end is missed
  if (status == Z_BUF_ERROR) fail("the compressed file is cut short");
  if (n < 0) fail("the compressed file is damaged");
  if (content.empty()) fail("the file is empty");
  return content;
}

void write_file(const std::filesystem::path& path, std::string_view content)
{
  Temporary file{path};
  file.write(content);
  file.keep();
}

}  // namespace nn
