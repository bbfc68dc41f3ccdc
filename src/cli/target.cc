#include "cli/target.h"

#include <filesystem>

#include "cli/open_tier2.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEmbeddedPrefix = "embedded:";

bool IsRehearsal(const TargetOptions& options, const PravegaConfig& config) {
  return options.rehearse || !options.tier1.empty() || !config.has_tier1;
}

// A forgotten --config must not look like the run that it was to resume.
Status CheckNoRunUnderWay(const std::string& workspace) {
  StatusOr<std::unique_ptr<Workspace>> real = Workspace::OpenReadOnly(workspace);
  if (absl::IsNotFound(real.status())) return OkStatus();
  RETURN_IF_ERROR(real.status());
  ASSIGN_OR_RETURN(const Phase phase, (*real)->GetPhase());
  if (!HoldsRun(phase)) return OkStatus();
  ASSIGN_OR_RETURN(const std::optional<Identity> identity, (*real)->LoadIdentity());
  return InvalidArgument(
      "{} holds a real run ({}), and no ZooKeeper is configured: name the run's configuration with "
      "--config {}, or say --rehearse",
      workspace, PhaseName(phase),
      identity && !identity->config_file.empty() ? identity->config_file : "FILE");
}

Status MakeDirectories(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return Unavailable("making directory '{}': {}", path, error.message());
  return OkStatus();
}

// A rehearsal that ended is scratch; one that was interrupted is resumed like the real thing.
Status DiscardFinished(const std::string& directory) {
  StatusOr<std::unique_ptr<Workspace>> old = Workspace::OpenReadOnly(directory);
  if (absl::IsNotFound(old.status())) return OkStatus();
  RETURN_IF_ERROR(old.status());
  ASSIGN_OR_RETURN(Phase phase, (*old)->GetPhase());
  if (phase >= Phase::kBuilt && phase < Phase::kDone) return OkStatus();
  old->reset();
  std::error_code error;
  fs::remove_all(directory, error);
  if (error) return Unavailable("removing the old rehearsal '{}': {}", directory, error.message());
  return OkStatus();
}

Status OpenRehearsal(const TargetOptions& options, Target& target) {
  const std::string embedded = options.tier1.empty() ? target.rehearsal_dir + "/tier1"
                                                     : options.tier1.substr(kEmbeddedPrefix.size());
  const std::string upper = target.rehearsal_dir + "/overlay";
  RETURN_IF_ERROR(MakeDirectories(embedded));
  RETURN_IF_ERROR(MakeDirectories(upper));
  ASSIGN_OR_RETURN(target.base, OpenRoot(options.root, DiskAccess::kReadOnly, options.reading));
  ASSIGN_OR_RETURN(target.upper, OpenPosixDisk(upper, DiskAccess::kReadWrite));
  ASSIGN_OR_RETURN(target.overlay, OverlayDisk::Open(*target.base, *target.upper));
  ASSIGN_OR_RETURN(target.tier1, OpenEmbeddedTier1(embedded, target.config.tier1));
  return OkStatus();
}

}  // namespace

void AddTargetOptions(CLI::App& command, TargetOptions& options, bool with_root) {
  if (with_root) {
    command.add_option("root", options.root, "Tier-2 root directory")->type_name("DIR")->required();
    AddReadingOptions(command, options.reading);
  }
  command.add_option("--config", options.config_file, "Pravega's own properties file")
      ->type_name("FILE");
  command.add_option("--set", options.overrides, "override one key: KEY=VALUE")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_option("--tier1", options.tier1, "embedded:DIR, a directory in place of Tier-1")
      ->type_name("embedded:DIR")
      ->check([](const std::string& v) {
        const bool good = v.starts_with(kEmbeddedPrefix) && v.size() > kEmbeddedPrefix.size();
        return good ? std::string() : std::string("must be embedded:DIR");
      });
  command.add_option("--workspace", options.workspace, "where the run is remembered")
      ->type_name("DIR")
      ->capture_default_str();
}

std::string RunWorkspace(const TargetOptions& options, const PravegaConfig& config) {
  return IsRehearsal(options, config) ? options.workspace + "/rehearsal" : options.workspace;
}

StatusOr<Target> OpenTarget(const TargetOptions& options, Rehearsal rehearsal) {
  Target target;
  ASSIGN_OR_RETURN(target.config, LoadConfig(options.config_file, options.overrides));
  target.rehearsal = IsRehearsal(options, target.config);
  target.unasked = target.rehearsal && !options.rehearse && options.tier1.empty();
  target.rehearsal_dir = options.workspace + "/rehearsal";
  // The root first: the commonest mistake is the wrong directory.
  RETURN_IF_ERROR(OpenRoot(options.root, DiskAccess::kReadOnly).status());
  RETURN_IF_ERROR(CheckOutside(options.root, options.workspace, "--workspace"));
  if (!options.tier1.empty()) {
    RETURN_IF_ERROR(
        CheckOutside(options.root, options.tier1.substr(options.tier1.find(':') + 1), "--tier1"));
  }
  if (target.unasked) RETURN_IF_ERROR(CheckNoRunUnderWay(options.workspace));
  const std::string directory = RunWorkspace(options, target.config);
  if (target.rehearsal && rehearsal == Rehearsal::kFresh) {
    RETURN_IF_ERROR(DiscardFinished(directory));
  }
  RETURN_IF_ERROR(MakeDirectories(directory));
  ASSIGN_OR_RETURN(target.workspace, Workspace::Open(directory));
  if (target.rehearsal) {
    RETURN_IF_ERROR(OpenRehearsal(options, target));
    return target;
  }
  ASSIGN_OR_RETURN(target.base, OpenRoot(options.root, DiskAccess::kReadWrite, options.reading));
  ASSIGN_OR_RETURN(target.limits, OpenPosixLimits(options.root));
  StatusOr<Tier1> tier1 = OpenBookKeeperTier1(target.config.tier1);
  target.tier1_status = tier1.status();
  if (tier1.ok()) target.tier1 = *std::move(tier1);
  return target;
}

}  // namespace pdr
