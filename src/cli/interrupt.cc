#include "cli/interrupt.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <string_view>

#include "cli/exit_codes.h"

namespace pdr {
namespace {

// What a signal handler may use: text that is made before, and never freed.
std::atomic<const std::string*> go_on = nullptr;
std::atomic<const std::string*> take_back = nullptr;

void Say(const std::string* text) {
  if (text == nullptr) return;
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text->data(), text->size());
}

extern "C" void OnSignal(int) {
  Say(go_on);
  Say(take_back);
  _exit(static_cast<int>(ExitCode::kInterrupted));
}

bool IsPlain(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  return !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string CommandLine(const std::vector<std::string>& arguments) {
  return "  pravega-dr " + ShellWords(arguments) + "\n";
}

}  // namespace

std::string ShellWords(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    if (IsPlain(word)) {
      out += word;
      continue;
    }
    out += '\'';
    for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out;
}

void SayWhatToRunWhenInterrupted(const std::vector<std::string>& arguments) {
  // On a terminal the line that was being drawn ends here.
  go_on = new std::string("\npravega-dr: interrupted; to go on where it stopped, run again:\n" +
                          CommandLine(arguments));
  for (int signal : std::array{SIGINT, SIGTERM, SIGHUP}) {
    if (std::signal(signal, OnSignal) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

void SayHowToTakeBack(const std::vector<std::string>& arguments) {
  take_back = new std::string("or take back what was done:\n" + CommandLine(arguments));
}

}  // namespace pdr
