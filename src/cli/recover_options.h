// The flags that shape a plan, shared by dr plan and dr recover.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "cli/exit_codes.h"
#include "cli/target.h"
#include "recovery/recover.h"

namespace pdr {

struct RecoverFlags {
  std::vector<std::string> allow;
  std::string tail_check = "full";
  bool forget_writers = false;
  std::string open_transactions = "keep";
  int quiet_seconds = 30;
  uint64_t memory_mib = 512;
};

void AddRecoverFlags(CLI::App& command, RecoverFlags& flags);
RecoverOptions MakeRecoverOptions(const TargetOptions& target, const RecoverFlags& flags,
                                  const PravegaConfig& config, bool rehearsal);
// Names the codes and the flags to give, on standard error.
ExitCode ReportNotAllowed(const std::set<std::string>& codes);

}  // namespace pdr
