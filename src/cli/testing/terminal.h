// Running the real program on a pseudo terminal, as a person sees it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

namespace pdr {

class Terminal {
 public:
  // `command` is for sh.
  Terminal(const std::string& command, unsigned short columns) {
    winsize size{24, columns, 0, 0};
    pid_ = forkpty(&fd_, nullptr, nullptr, &size);
    if (pid_ != 0) return;
    execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
    _exit(127);
  }
  ~Terminal() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      Wait();
    }
    close(fd_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Everything that was shown since the last call, until it has `text` in it.
  std::string ReadUntil(const std::string& text) {
    std::string seen;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (seen.find(text) == std::string::npos) {
      if (std::chrono::steady_clock::now() > deadline || !ReadSome(seen)) {
        ADD_FAILURE() << "'" << text << "' is not in: " << seen;
        break;
      }
    }
    return seen;
  }
  std::string ReadToEnd() {
    std::string seen;
    while (ReadSome(seen)) {
    }
    return seen;
  }
  void Resize(unsigned short columns) {
    winsize size{24, columns, 0, 0};
    ASSERT_EQ(ioctl(fd_, TIOCSWINSZ, &size), 0);
  }
  void Type(const std::string& keys) {
    ASSERT_EQ(write(fd_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  bool ReadSome(std::string& seen) {
    pollfd ready{fd_, POLLIN, 0};
    if (poll(&ready, 1, 60000) <= 0) return false;
    char buffer[4096];
    const ssize_t n = read(fd_, buffer, sizeof buffer);
    if (n <= 0) return false;  // EIO: the program has ended
    seen.append(buffer, static_cast<size_t>(n));
    return true;
  }

  int fd_ = -1;
  pid_t pid_ = -1;
};

// The lines that were drawn, without what moves the cursor or sets colours.
inline std::vector<std::string> Drawn(const std::string& shown) {
  std::vector<std::string> lines(1);
  for (size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == '\x1b') {
      while (i < shown.size() && std::isalpha(static_cast<unsigned char>(shown[i])) == 0) ++i;
    } else if (shown[i] == '\r' || shown[i] == '\n') {
      if (!lines.back().empty()) lines.emplace_back();
    } else {
      lines.back() += shown[i];
    }
  }
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace pdr
