// dr verify --live: the running cluster against the recorded plan.
#pragma once

#include <string>

#include "cli/exit_codes.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"

namespace pdr {

struct LiveFlags {
  bool live = false;
  std::string controller;  // URI
  int wait_seconds = 120;
};

void AddLiveFlags(CLI::App& command, LiveFlags& flags);
StatusOr<ExitCode> VerifyLive(const LiveFlags& flags, const std::string& workspace, Format format,
                              const ProgressOptions& shown);

}  // namespace pdr
