#include "process.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

#include "nn/error.hpp"

namespace taller {
namespace {

constexpr std::size_t kept_output = 16 << 10;
constexpr std::size_t largest_reply = 16 << 20;
constexpr int reply_descriptor = 3;

[[noreturn]] void fail(const char* what)
{
  throw nn::Error(fmt::format("{}: {}", what, std::strerror(errno)));
}

class Pipe {
 public:
  Pipe()
  {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) fail("pipe");
  }
  ~Pipe()
  {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int end(int which) const { return ends_[which]; }
  void close_end(int which)
  {
    if (ends_[which] >= 0) close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

void limit(int resource, std::size_t value)
{
  const rlimit both{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

// What arithmetic, printing and the start of a program need. Everything else fails with EPERM: fork, exec
// (but for the one that starts the program, which this must allow), sockets, kill, unlink, and opening a file
// for anything but reading.
// clang-format off
constexpr int allowed[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close),
    SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fcntl), SCMP_SYS(access),
    SCMP_SYS(readlink), SCMP_SYS(getcwd), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap),
    SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(exit),
    SCMP_SYS(exit_group), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep), SCMP_SYS(pause), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(arch_prctl),
    SCMP_SYS(set_tid_address), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(execve),
    SCMP_SYS(restart_syscall),
};
// clang-format on

bool confine()
{
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (!filter) return false;
  bool good = true;
  for (const int call : allowed) good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  const auto only = [&](int call, scmp_arg_cmp condition) {
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, condition) == 0;
  };
  constexpr auto writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  only(SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, writing, 0));
  only(SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, writing, 0));
  only(SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid())));  // abort()
  only(SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0));                                 // asking, not setting
  return good && seccomp_load(filter) == 0;
}

// In the child: everything between fork and exec. It comes back only when something failed, and says what.
const char* become(const std::vector<std::string>& command, const std::filesystem::path& folder,
                   const Limits& limits, const Pipe& request, const Pipe& printed, const Pipe& reply)
{
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (dup2(request.end(0), 0) < 0 || dup2(printed.end(1), 1) < 0 || dup2(printed.end(1), 2) < 0)
    return "dup2";
  if (reply.end(1) == reply_descriptor) fcntl(reply_descriptor, F_SETFD, 0);
  if (reply.end(1) != reply_descriptor && dup2(reply.end(1), reply_descriptor) < 0) return "dup2";
  close_range(reply_descriptor + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (chdir(folder.c_str()) != 0) return "its folder";
  limit(RLIMIT_CPU, static_cast<std::size_t>(limits.cpu_seconds));
  limit(RLIMIT_FSIZE, limits.file_size);
  limit(RLIMIT_CORE, 0);
  const std::string home = "HOME=" + folder.string(), temporary = "TMPDIR=" + folder.string();
  const char* environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8",  "OPENBLAS_NUM_THREADS=1",
                               home.c_str(),         temporary.c_str(), nullptr};
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  if (limits.confined) {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
      prctl(PR_CAPBSET_DROP, capability);  // a teacher may be root; the student's code is not
    }
    if (!confine()) return "seccomp";
  }
  execve(arguments[0], arguments.data(), const_cast<char**>(environment));
  return "exec";
}

// Reads once what is there. → bytes, 0 at the end of the stream, -1 when there is nothing now
ssize_t take(int descriptor, std::string& into, std::size_t keep)
{
  char buffer[1 << 16];
  const ssize_t n = read(descriptor, buffer, sizeof buffer);
  if (n > 0) into.append(buffer, std::min(static_cast<std::size_t>(n), keep - std::min(keep, into.size())));
  return n;
}

bool complete(const std::string& reply)
{
  std::uint64_t size = 0;
  if (reply.size() < sizeof size) return false;
  std::memcpy(&size, reply.data(), sizeof size);
  return size > largest_reply || reply.size() >= sizeof size + size;
}

// Talks to the child until its reply is complete, it has ended, or its time is over. → whether it has been
// waited for
bool converse(Ended& ended, pid_t child, Pipe& request, Pipe& printed, Pipe& reply, std::string asked,
              std::chrono::milliseconds wall)
{
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + wall;
  for (const int end : {request.end(1), printed.end(0), reply.end(0)}) fcntl(end, F_SETFL, O_NONBLOCK);
  while (Clock::now() < until) {
    std::array<pollfd, 3> waiting{
        {{request.end(1), POLLOUT, 0}, {printed.end(0), POLLIN, 0}, {reply.end(0), POLLIN, 0}}};
    poll(waiting.data(), waiting.size(), 20);
    const bool over = waitpid(child, &ended.status, WNOHANG) == child;  // first: what it left is read below
    if (waiting[0].revents != 0) {
      const ssize_t n = write(request.end(1), asked.data(), asked.size());
      if (n > 0) asked.erase(0, static_cast<std::size_t>(n));
      if (asked.empty() || (n < 0 && errno != EAGAIN)) request.close_end(1);
    }
    ssize_t n = 0;
    do {
      n = printed.end(0) < 0 ? -1 : take(printed.end(0), ended.printed, kept_output);
      if (n == 0) printed.close_end(0);
    } while (n > 0 && over && ended.printed.size() < kept_output);
    do {
      n = reply.end(0) < 0 ? -1 : take(reply.end(0), ended.reply, largest_reply);
      if (n == 0) reply.close_end(0);
    } while (n > 0 && !complete(ended.reply));
    if (over || complete(ended.reply)) return over;
  }
  ended.timed_out = true;
  return false;
}

}  // namespace

Ended run(const std::vector<std::string>& command, const std::filesystem::path& folder,
          const std::string& request, const Limits& limits)
{
  Pipe in, printed, reply, trouble;
  std::signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_DUMPABLE, 0);  // what we know can't be read through /proc
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    const std::string why =
        fmt::format("{}: {}", become(command, folder, limits, in, printed, reply), std::strerror(errno));
    const ssize_t ignored = write(trouble.end(1), why.data(), why.size());
    _exit(ignored < 0 ? 126 : 127);
  }
  in.close_end(0);
  printed.close_end(1);
  reply.close_end(1);
  trouble.close_end(1);
  std::string why;
  while (take(trouble.end(0), why, kept_output) > 0) {  // it ends when the program starts
  }
  // Only now: before the program is there, this process and its libraries need more.
  const rlimit memory{limits.address_space, limits.address_space};
  prlimit(child, RLIMIT_AS, &memory, nullptr);
  Ended ended;
  const bool over = converse(ended, child, in, printed, reply, request, limits.wall);
  kill(-child, SIGKILL);
  if (!over) {
    waitpid(child, nullptr, 0);
    ended.status = 0;
  }
  prctl(PR_SET_DUMPABLE, 1);
  if (!why.empty()) throw nn::Error(fmt::format("{}: cannot be started: {}", command.front(), why));
  return ended;
}

TemporaryFolder::TemporaryFolder()
{
  std::string name = std::filesystem::temp_directory_path() / "taller-XXXXXX";
  if (!mkdtemp(name.data())) fail(name.c_str());
  path_ = name;
}

TemporaryFolder::~TemporaryFolder()
{
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace taller
