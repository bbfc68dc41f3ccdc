#include "cli/terminal_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace pdr {
namespace {

constexpr int64_t kDrawEveryMs = 100;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

TerminalProgress::TerminalProgress() : terminal_(isatty(STDERR_FILENO) == 1) {}

TerminalProgress::~TerminalProgress() { Erase(); }

void TerminalProgress::Phase(std::string_view name, uint64_t total) {
  std::lock_guard lock(mutex_);
  phase_ = name;
  total_ = total;
  done_ = 0;
  if (terminal_) Draw();
}

void TerminalProgress::Advance(uint64_t done) {
  done_ += done;
  if (!terminal_ || NowMs() < next_draw_ms_) return;
  std::lock_guard lock(mutex_);
  Draw();
}

void TerminalProgress::Note(std::string_view message) {
  std::lock_guard lock(mutex_);
  Erase();
  fmt::print(stderr, "{}\n", message);
}

void TerminalProgress::Draw() {
  next_draw_ms_ = NowMs() + kDrawEveryMs;
  drawn_ = true;
  if (total_ == 0) {
    fmt::print(stderr, "\r\x1b[K{} {}", phase_, done_.load());
  } else {
    fmt::print(stderr, "\r\x1b[K{} {} / {}", phase_, done_.load(), total_);
  }
  std::fflush(stderr);
}

void TerminalProgress::Erase() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace pdr
