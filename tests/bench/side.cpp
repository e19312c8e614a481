#include "side.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "nn/error.hpp"

namespace bench {
namespace {

// Starts a program with a standard input and output of its own; -1 leaves one as it is.
pid_t start(const std::vector<std::string>& command, const std::vector<std::string>& settings, int in,
            int out, int err)
{
  std::vector<char*> arguments, environment;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  for (const std::string& setting : settings) environment.push_back(const_cast<char*>(setting.c_str()));
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view name(*variable, std::strcspn(*variable, "=") + 1);
    const bool replaced =
        std::any_of(settings.begin(), settings.end(), [&](auto& s) { return s.starts_with(name); });
    if (!replaced) environment.push_back(*variable);
  }
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (in >= 0) posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  if (err >= 0) posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw nn::Error(fmt::format("{} can't be started: {}", command[0], std::strerror(error)));
  return pid;
}

int wait_for_end(pid_t pid)
{
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Side our_side()
{
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return {"ours", "ours", "", {here / "bench-ours"}, false};
}

Worker::Worker(const Side& side, const std::filesystem::path& folder, int threads)
    : name_{side.name}, threads_{threads}
{
  std::array<int, 2> to{}, from{};
  if (pipe2(to.data(), O_CLOEXEC) != 0 || pipe2(from.data(), O_CLOEXEC) != 0)
    throw nn::Error(fmt::format("no pipe to {}: {}", name_, std::strerror(errno)));
  to_ = fdopen(to[1], "w");
  from_ = fdopen(from[0], "r");
  std::vector<std::string> command = side.command;
  command.insert(command.end(), {folder.string(), std::to_string(threads)});
  try {
    pid_ = start(command,
                 {fmt::format("OMP_NUM_THREADS={}", threads),
                  fmt::format("OPENBLAS_NUM_THREADS={}", side.one_thread_of_blas ? 1 : threads)},
                 to[0], from[1], -1);
  } catch (...) {
    fclose(to_);
    fclose(from_);
    throw;
  }
  close(to[0]);
  close(from[1]);
  version_ = read_line();
  if (!version_.starts_with("ready "))
    throw nn::Error(fmt::format("{} said '{}', expected ready", name_, version_));
  version_ = version_.substr(6);
}

Worker::~Worker()
{
  try {
    end();
  } catch (const nn::Error&) {  // another error is on its way already
  }
}

Answer Worker::ask(const std::string& line)
{
  fmt::print(to_, "{}\n", line);
  std::fflush(to_);
  const std::string said = read_line();
  Answer answer{};
  if (std::sscanf(said.c_str(), "%lf %lf %lf", &answer.seconds, &answer.cost, &answer.right) != 3)
    throw nn::Error(fmt::format("{} said '{}', expected seconds, cost and share right", name_, said));
  return answer;
}

void Worker::end()
{
  if (!to_) return;
  fclose(to_);
  to_ = nullptr;
  const int status = wait_for_end(pid_);
  fclose(from_);
  if (status != 0) throw nn::Error(fmt::format("{} ended with status {}", name_, status));
}

double Worker::peak_memory() const
{
  std::ifstream file(fmt::format("/proc/{}/status", pid_));
  for (std::string line; std::getline(file, line);) {
    double kibibytes = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %lf", &kibibytes) == 1) return kibibytes * 1024e-6;
  }
  throw nn::Error(fmt::format("the memory of {} isn't in /proc", name_));
}

std::string Worker::read_line()
{
  std::string line;
  for (int c = std::fgetc(from_); c != '\n'; c = std::fgetc(from_)) {
    if (c == EOF) throw nn::Error(fmt::format("{} ended before it answered, see above", name_));
    line += static_cast<char>(c);
  }
  return line;
}

bool succeeds(const std::vector<std::string>& command)
{
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  int status = 1;
  try {
    status = wait_for_end(start(command, {}, nowhere, nowhere, nowhere));
  } catch (const nn::Error&) {  // there is no such program
  }
  close(nowhere);
  return status == 0;
}

}  // namespace bench
