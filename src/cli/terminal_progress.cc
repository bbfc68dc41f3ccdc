#include "cli/terminal_progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace pdr {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kDrawEvery(100);
constexpr milliseconds kLineEvery(10000);

int64_t NowMs() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool IsTerminal() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

// https://no-color.org: present and not empty.
bool NoColor() {
  const char* value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

// Asked for with every line, so that a terminal that was resized is drawn right.
size_t Columns() {
  constexpr size_t kUsual = 80;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

}  // namespace

void AddProgressOptions(CLI::App& command, ProgressOptions& options) {
  CLI::Option* quiet = command.add_flag("-q,--quiet", options.quiet,
                                        "no progress and no notes while it works; how it ended "
                                        "is said");
  command.add_flag("-v,--verbose", options.verbose, "also say what each phase came to")
      ->excludes(quiet);
}

TerminalProgress::TerminalProgress(const ProgressOptions& options)
    : options_(options), terminal_(IsTerminal()), color_(terminal_ && !NoColor()) {
  if (!options_.quiet) ticker_ = std::thread([this] { Tick(); });
}

TerminalProgress::~TerminalProgress() {
  {
    std::lock_guard lock(mutex_);
    FinishPhase();
    stop_ = true;
  }
  wake_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

void TerminalProgress::Begin(const PhaseInfo& phase) {
  std::lock_guard lock(mutex_);
  FinishPhase();
  phase_ = {};
  phase_.name = phase.name;
  phase_.unit = phase.unit;
  phase_.total = phase.total;
  phase_.containers = phase.containers;
  done_ = bytes_ = containers_done_ = 0;
  began_ms_ = NowMs();
  active_ = true;
}

void TerminalProgress::Expect(uint64_t more) {
  std::lock_guard lock(mutex_);
  phase_.total += more;
}

void TerminalProgress::End() {
  std::lock_guard lock(mutex_);
  FinishPhase();
}

void TerminalProgress::Note(std::string_view message) {
  if (options_.quiet) return;
  std::lock_guard lock(mutex_);
  Erase();
  fmt::print(stderr, "{}\n", message);
}

void TerminalProgress::Tick() {
  std::unique_lock lock(mutex_);
  const milliseconds every = terminal_ ? kDrawEvery : kLineEvery;
  while (!wake_.wait_for(lock, every, [this] { return stop_; })) {
    if (!active_) continue;
    if (terminal_) {
      Draw();
    } else {
      fmt::print(stderr, "{}\n", ProgressText(State()));
    }
  }
}

PhaseState TerminalProgress::State() const {
  PhaseState state = phase_;
  state.done = done_;
  state.bytes = bytes_;
  state.containers_done = containers_done_;
  state.elapsed_ms = NowMs() - began_ms_;
  return state;
}

void TerminalProgress::Draw() {
  // The last column stays free: some terminals begin a new line after it.
  const std::string line = ProgressLine(State(), std::max<size_t>(2, Columns()) - 1);
  Erase();
  const size_t name = std::min(line.size(), color_ ? phase_.name.size() : 0);
  if (name > 0) {
    fmt::print(stderr, "\x1b[1m{}\x1b[0m{}", line.substr(0, name), line.substr(name));
  } else {
    fmt::print(stderr, "{}", line);
  }
  std::fflush(stderr);
  drawn_ = line.size();
}

void TerminalProgress::Erase() {
  if (drawn_ == 0) return;
  // A terminal that became narrower has folded the line.
  for (size_t row = (drawn_ - 1) / Columns(); row > 0; --row) fmt::print(stderr, "\x1b[A");
  fmt::print(stderr, "\r\x1b[J");
  drawn_ = 0;
}

void TerminalProgress::FinishPhase() {
  if (!active_) return;
  active_ = false;
  Erase();
  if (options_.verbose) fmt::print(stderr, "{}\n", PhaseSummary(State()));
}

}  // namespace pdr
