#include <sys/resource.h>
#include <sys/wait.h>
#include <zlib.h>
#include <csignal>

#include "nn/file.hpp"
#include "support.hpp"

namespace {

std::string gzipped(const Folder& folder, const std::string& content)
{
  const auto path = folder / "packed";
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t files_in(const std::filesystem::path& folder)
{
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("a file reads the same plain and gzipped")
{
  const Folder folder;
  const std::string content = "one\ntwo\n" + std::string(100000, 'x');
  CHECK(nn::read_file(folder.file("plain", content)) == content);
  CHECK(nn::read_file(folder.file("anything.gz", gzipped(folder, content))) == content);
}

TEST_CASE("a file that can't be read says why")
{
  const Folder folder;
  const std::string packed = gzipped(folder, std::string(100000, 'x') + "end");
  CHECK_ERROR(nn::read_file(folder / "none.csv"), "none.csv: no such file");
  CHECK_ERROR(nn::read_file(""), "the name of a file is empty");
  CHECK_ERROR(nn::read_file(folder / ""), "is a folder, expected a file");
  CHECK_ERROR(nn::read_file(folder.file("empty", "")), "empty: the file is empty");
  CHECK_ERROR(nn::read_file(folder.file("cut.gz", packed.substr(0, packed.size() / 2))),
              "cut.gz: the compressed file is cut");
  std::string damaged = packed;
  damaged[packed.size() - 6] = static_cast<char>(~damaged[packed.size() - 6]);  // in the checksum
  CHECK_ERROR(nn::read_file(folder.file("bad.gz", damaged)), "bad.gz: the compressed file is damaged");
}

TEST_CASE("writing replaces a file whole and leaves nothing else behind")
{
  const Folder folder;
  const auto path = folder.file("results", "old");
  nn::write_file(path, "new");
  CHECK(nn::read_file(path) == "new");
  CHECK(files_in(folder / "") == 1);
}

TEST_CASE("a failed write says why and keeps the old file")
{
  const Folder folder;
  CHECK_ERROR(nn::write_file(folder / "no/such/results", "x"),
              "results: cannot write: No such file or directory");

  const auto path = folder.file("results", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full{1000, before.rlim_max};  // files beyond 1000 bytes fail, as on a full disk
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &full);
  std::string said;
  try {
    nn::write_file(path, std::string(5000, 'x'));
  } catch (const nn::Error& error) {
    said = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK(said.find("results: cannot write: File too large") != std::string::npos);
  CHECK(nn::read_file(path) == "old");
  CHECK(files_in(folder / "") == 1);
}

TEST_CASE("an interrupt while writing keeps the old file and leaves nothing else behind")
{
  const Folder folder;
  const auto path = folder.file("results", "old");
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);  // instead of Catch's handler
    const std::string content(std::size_t{1} << 20, 'x');
    for (;;)
      nn::write_file(folder / "other", content);  // whenever the signal comes, a write is under way or next
  }
  while (!std::filesystem::exists(folder / "other")) usleep(1000);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
  CHECK(nn::read_file(folder / "other").size() == std::size_t{1} << 20);
  CHECK(files_in(folder / "") == 2);
}
