#include "student.hpp"

#include <fmt/core.h>
#include <sys/wait.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <regex>
#include <sstream>

#include "nn/error.hpp"
#include "nn/file.hpp"

namespace taller {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t MiB = 1 << 20;
constexpr Limits call_limits{
    .cpu_seconds = 2, .wall = 5s, .address_space = 512 * MiB, .file_size = 0, .confined = true};
constexpr Limits compile_limits{
    .cpu_seconds = 60, .wall = 120s, .address_space = 4096 * MiB, .file_size = 64 * MiB, .confined = false};

void put(std::string& bytes, std::uint64_t value)
{
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Reads a reply; anything that isn't one (the student's code can write to its descriptor) makes it throw.
class Reader {
 public:
  explicit Reader(const std::string& bytes) : bytes_{bytes} { number(); }
  std::uint64_t number()
  {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  std::string text()
  {
    const std::uint64_t size = number();
    return {take(size), size};
  }
  arma::mat matrix()
  {
    const std::uint64_t rows = number(), cols = number();
    if (rows > bytes_.size() || cols > bytes_.size()) throw nn::Error("no reply");
    const char* from = take(rows * cols * sizeof(double));
    arma::mat value(rows, cols);
    if (!value.empty()) std::memcpy(value.memptr(), from, value.n_elem * sizeof(double));
    return value;
  }

 private:
  const char* take(std::uint64_t size)
  {
    if (size > bytes_.size() - at_) throw nn::Error("no reply");
    at_ += size;
    return bytes_.data() + at_ - size;
  }
  const std::string& bytes_;
  std::size_t at_ = 0;
};

Answer read_reply(const std::string& bytes)
{
  Reader reader{bytes};
  switch (reader.number()) {  // probe::Tag
    case 0: {
      const bool changed = reader.number() != 0;
      const std::uint64_t count = reader.number();
      Answer answer{.outcome = changed ? Outcome::changed_inputs : Outcome::passed};
      for (std::uint64_t i = 0; i < count; ++i) answer.results.push_back(reader.matrix());
      return answer;
    }
    case 1:
      return {.outcome = Outcome::not_implemented};
    case 2:
      return {.outcome = Outcome::exception, .text = reader.text()};
    case 3:
      return {.outcome = Outcome::out_of_memory};
    case 4:
      return {.outcome = Outcome::missing};
    default:
      throw nn::Error("no reply");
  }
}

Answer read_end(const Ended& ended)
{
  if (ended.timed_out) return {.outcome = Outcome::timed_out};
  if (!WIFSIGNALED(ended.status)) {
    return {.outcome = Outcome::exited_early, .text = fmt::format("status {}", WEXITSTATUS(ended.status))};
  }
  const int signal = WTERMSIG(ended.status);
  if (signal == SIGXCPU || signal == SIGKILL) return {.outcome = Outcome::timed_out};
  return {.outcome = Outcome::crash, .text = strsignal(signal)};
}

}  // namespace

const char* name(Outcome outcome)
{
  constexpr const char* names[] = {"not run",      "passed",    "wrong value",    "wrong shape",
                                   "not finite",   "to do",     "exception",      "crash",
                                   "exited early", "timed out", "out of memory",  "changed its inputs",
                                   "blocked",      "missing",   "did not compile"};
  return names[static_cast<int>(outcome)];
}

Student::Student(const std::string& exercise, const std::filesystem::path& file)
{
  source_ = nn::read_file(file);
  if (source_.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw nn::Error(file.string() + ": holds only blanks, expected the functions of the exercise");
  }
  nn::write_file(folder_.path() / "taller.hpp", source_);
  compile(exercise);
}

void Student::compile(const std::string& exercise)
{
  std::istringstream flags{PROBE_FLAGS};
  std::vector<std::string> command{PROBE_COMPILER};
  for (std::string flag; flags >> flag;) command.push_back(flag);
  for (const char* more :
       {"-w", "-fdiagnostics-color=never", "-fmax-errors=20", "-MD", "-I" PROBE_BUILD, "-I."}) {
    command.emplace_back(more);
  }
  command.insert(command.end(), {fmt::format("{}/{}.cpp", PROBE_BUILD, exercise), "-o", "probe", PROBE_BLAS});
  const Ended ended = run(command, folder_.path(), "", compile_limits);
  log_ = ended.printed;
  if (ended.timed_out) errors_ = {"the compiler found no end in two minutes"};
  if (ended.timed_out) return;
  if (ended.status == 0) return check_includes();
  const std::regex place{R"((?:^|/)taller\.hpp:(\d+):(?:\d+:)? (?:fatal )?error: (.*))"};
  std::istringstream lines{log_};
  std::smatch found;
  for (std::string line; std::getline(lines, line) && errors_.size() < 3;) {
    if (std::regex_search(line, found, place))
      errors_.push_back(fmt::format("line {}: {}", found.str(1), found.str(2)));
  }
  if (!errors_.empty()) return;
  errors_ = {WIFSIGNALED(ended.status)
                 ? "the compiler needed more time or memory than it may use"
                 : "the file doesn't fit between the lines around it: is a bracket or a macro open?"};
}

// The first three errors in the student's file; one inside Armadillo counts for the line that led there.
void Student::find_errors()
{
  const std::regex from{R"((?:^|/)taller\.hpp:(\d+):\d+:   required from)"},
      error{R"(^([^ ]*):(\d+):(?:\d+:)? (?:fatal )?error: (.*))"};
  std::istringstream lines{log_};
  std::smatch found;
  std::string led_by;
  for (std::string line; std::getline(lines, line) && errors_.size() < 3;) {
    if (std::regex_search(line, found, from)) led_by = found.str(1);
    if (!std::regex_search(line, found, error)) continue;
    const bool ours = found.str(1).ends_with("taller.hpp");
    if (ours || !led_by.empty())
      errors_.push_back(fmt::format("line {}: {}", ours ? found.str(2) : led_by, found.str(3)));
    led_by.clear();
  }
}

// Only the standard library and Armadillo: what stands in another file of this machine is not the student's.
void Student::check_includes()
{
  std::ifstream dependencies{folder_.path() / "probe.d"};
  for (std::string file; dependencies >> file;) {
    const bool ours = file.ends_with(":") || file == "\\" || file.starts_with(PROBE_BUILD) ||
                      file == "taller.hpp" || file == "./taller.hpp";
    const auto real = std::filesystem::weakly_canonical(folder_.path() / file).string();
    if (ours || real.starts_with("/usr/include/") || real.starts_with("/usr/lib/")) continue;
    errors_ = {fmt::format("includes {}, expected nothing but the standard library and Armadillo", file)};
  }
}

Answer Student::call(const std::string& function, const std::vector<arma::mat>& arguments)
{
  std::string request;
  put(request, function.size());
  request += function;
  put(request, arguments.size());
  for (const arma::mat& argument : arguments) {
    put(request, argument.n_rows);
    put(request, argument.n_cols);
    request.append(reinterpret_cast<const char*>(argument.memptr()), argument.n_elem * sizeof(double));
  }
  const Ended ended = run({folder_.path() / "probe"}, empty_.path(), request, call_limits);
  Answer answer;
  try {
    answer = ended.reply.empty() ? read_end(ended) : read_reply(ended.reply);
  } catch (const nn::Error&) {
    answer = {.outcome = Outcome::exited_early, .text = "what came back can't be read"};
  }
  answer.printed = ended.printed;
  if (answer.outcome == Outcome::timed_out) timed_out_.insert(function);
  return answer;
}

}  // namespace taller
