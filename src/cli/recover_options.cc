#include "cli/recover_options.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.h"
#include "base/printable.h"
#include "cli/open_tier2.h"
#include "recovery/anomaly_codes.h"
#include "recovery/preflight.h"
#include "recovery/scratch.h"

namespace pdr {
namespace {

// Sorts by time; the process id tells two runs of one second apart.
std::string NewRunId() {
  const auto seconds = static_cast<std::time_t>(Clock::Real().NowMillis() / 1000);
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{}", fmt::gmtime(seconds), getpid());
}

// The same place from any working directory; what cannot be resolved stays as it was given.
std::string RealPath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}

// A slip of the pen would otherwise be found only when its permission is needed.
std::string UnknownCode(const std::string& code) {
  const auto& obstacles = kAllowableObstacles;
  if (std::find(obstacles.begin(), obstacles.end(), code) != obstacles.end()) return "";
  for (const AnomalyCode& known : AnomalyCodes()) {
    if (known.code == code) return "";
  }
  return "no anomaly or obstacle has the code '" + Printable(code) +
         "'; dr plan names those that need it";
}

}  // namespace

void AddRecoverFlags(CLI::App& command, RecoverFlags& flags) {
  command.add_option("--allow", flags.allow, "accept one kind of anomaly or obstacle: its code")
      ->type_name("CODE")
      ->check(CLI::Validator(UnknownCode, ""))
      ->allow_extra_args(false);
  command
      .add_option("--tail-check", flags.tail_check,
                  "full: walk every event; fast: from the newest known boundary")
      ->check(CLI::IsMember({"full", "fast"}))
      ->capture_default_str();
  command.add_flag("--forget-writers", flags.forget_writers,
                   "drop writer event numbers: prefer duplicates to loss");
  command
      .add_option("--open-transactions", flags.open_transactions,
                  "keep: their writers may go on, else they time out; abort: end them all")
      ->check(CLI::IsMember({"keep", "abort"}))
      ->capture_default_str();
  command
      .add_option("--memory", flags.memory_mib,
                  "for what is known of the segments; what does not fit waits in the workspace")
      ->type_name("MIB")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 30))
      ->capture_default_str();
}

RecoverOptions MakeRecoverOptions(const TargetOptions& target, const RecoverFlags& flags,
                                  const PravegaConfig& config, bool rehearsal) {
  RecoverOptions options;
  options.root = RealPath(target.root);
  options.config_file = RealPath(target.config_file);
  for (const std::string& setting : target.overrides) {
    const std::string key = setting.substr(0, setting.find('='));
    const bool secret = key.ends_with(".pwd") || key.ends_with("assword");
    if (!secret && setting.find('\n') == std::string::npos) options.settings.push_back(setting);
  }
  options.run_id = NewRunId();
  options.container_count = config.container_count;
  options.layout = config.layout;
  options.allow = {flags.allow.begin(), flags.allow.end()};
  options.gather.tail_check = flags.tail_check == "fast" ? TailCheck::kFast : TailCheck::kFull;
  options.threads = WorkerThreads();
  options.gather.threads = options.threads;
  options.gather.scratch = std::make_shared<Scratch>(target.workspace, flags.memory_mib << 20);
  options.plan.forget_writers = flags.forget_writers;
  options.plan.flush_interval_ms = config.flush_interval_ms;
  options.plan.abort_open_transactions = flags.open_transactions == "abort";
  options.plan.retention_buckets = config.retention_buckets;
  options.plan.watermark_buckets = config.watermark_buckets;
  options.rehearsal = rehearsal;
  options.quiet_window_ms = int64_t{flags.quiet_seconds} * 1000;
  return options;
}

ExitCode ReportNotAllowed(const std::set<std::string>& codes) {
  fmt::print(stderr, "pravega-dr: these anomalies could cost data that a human might save:\n");
  for (const std::string& code : codes) {
    for (const AnomalyCode& known : AnomalyCodes()) {
      if (known.code == code) {
        fmt::print(stderr, "  {}: {}; {}\n", code, known.meaning, known.remedy);
      }
    }
  }
  fmt::print(stderr, "to go on all the same, add:");
  for (const std::string& code : codes) fmt::print(stderr, " --allow {}", code);
  fmt::print(stderr, "\n");
  return ExitCode::kNeedsAllow;
}

}  // namespace pdr
