// pravega-dr storage check: every file classified, every inconsistency named; changes nothing.
#include <map>
#include <memory>

#include "cli/commands.h"
#include "cli/open_tier2.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"

namespace pdr {
namespace {

struct CheckArguments {
  ProgressOptions progress;
  std::string root;
  DiskReading reading;
  Format format = Format::kText;
};

struct ClassTotal {
  uint64_t files = 0;
  uint64_t bytes = 0;
};

std::map<FileClass, ClassTotal> Totals(const Inventory& inventory) {
  std::map<FileClass, ClassTotal> totals;
  for (const InventoryFile& file : inventory.files) {
    ClassTotal& total = totals[file.file_class];
    ++total.files;
    total.bytes += file.size;
  }
  return totals;
}

struct Counts {
  uint64_t records = 0;
  uint64_t stored = 0;
};

Counts Count(const Tier2View& view) {
  Counts counts;
  for (const ContainerView& container : view.containers) {
    counts.records += container.records.size();
    counts.stored += container.stored.size();
  }
  return counts;
}

// Files that a person should know about, one by one.
bool IsNamed(FileClass c) {
  return c == FileClass::kForeign || c == FileClass::kSpecial || c == FileClass::kBackup;
}

void PrintText(const Inventory& inventory, const Tier2View& view) {
  PrintLine(fmt::format("layout {}, {} containers, highest epoch {}", LayoutName(view.layout),
                        inventory.container_count, view.max_epoch));
  const Counts counts = Count(view);
  PrintLine(fmt::format("{} segment records, {} segments with data, {} files", counts.records,
                        counts.stored, inventory.files.size()));
  for (const auto& [file_class, total] : Totals(inventory)) {
    PrintLine(fmt::format("  {:<16} {:>10} files {:>16} bytes", FileClassName(file_class),
                          total.files, total.bytes));
  }
  for (const InventoryFile& file : inventory.files) {
    if (IsNamed(file.file_class)) {
      PrintLine(fmt::format("{}: {}", FileClassName(file.file_class), Printable(file.path)));
    }
  }
  for (const std::string& path : view.unreferenced) {
    PrintLine(fmt::format("unreferenced: {}", Printable(path)));
  }
  for (const Unreadable& entry : inventory.unreadable) {
    PrintLine(fmt::format("unreadable: {}", Printable(entry.reason)));
  }
  const std::vector<Anomaly> anomalies = view.AllAnomalies();
  for (const Anomaly& a : anomalies) {
    const std::string where = a.container < 0 ? "" : fmt::format(" container {}", a.container);
    PrintLine(
        fmt::format("{}:{} {}: {}", a.code, where, Printable(a.subject), Printable(a.message)));
  }
  PrintLine(fmt::format("{} unreferenced chunk files, {} unreadable, {} anomalies",
                        view.unreferenced.size(), inventory.unreadable.size(), anomalies.size()));
}

void PrintJsonLines(const Inventory& inventory, const Tier2View& view) {
  for (const auto& [file_class, total] : Totals(inventory)) {
    PrintJson(
        "class",
        {{"class", FileClassName(file_class)}, {"files", total.files}, {"bytes", total.bytes}});
  }
  for (const InventoryFile& file : inventory.files) {
    if (!IsNamed(file.file_class)) continue;
    PrintJson("file", {{"class", FileClassName(file.file_class)}, {"path", file.path}});
  }
  for (const std::string& path : view.unreferenced) PrintJson("unreferenced", {{"path", path}});
  for (const Unreadable& entry : inventory.unreadable) {
    PrintJson("unreadable", {{"path", entry.path}, {"reason", entry.reason}});
  }
  const std::vector<Anomaly> anomalies = view.AllAnomalies();
  for (const Anomaly& a : anomalies) {
    PrintJson("anomaly", {{"code", a.code},
                          {"container", a.container},
                          {"subject", a.subject},
                          {"message", a.message}});
  }
  const Counts counts = Count(view);
  PrintJson("summary", {{"layout", LayoutName(view.layout)},
                        {"containers", inventory.container_count},
                        {"max_epoch", view.max_epoch},
                        {"files", inventory.files.size()},
                        {"records", counts.records},
                        {"stored", counts.stored},
                        {"unreferenced", view.unreferenced.size()},
                        {"unreadable", inventory.unreadable.size()},
                        {"anomalies", anomalies.size()}});
}

StatusOr<ExitCode> RunCheck(const CheckArguments& options) {
  TerminalProgress progress(options.progress);
  ASSIGN_OR_RETURN(OpenedTier2 tier2, OpenTier2(options.root, options.reading, progress));
  ASSIGN_OR_RETURN(Tier2View view, ReadOpened(tier2, progress));
  progress.End();
  if (options.format == Format::kJson) {
    PrintJsonLines(tier2.inventory, view);
  } else {
    PrintText(tier2.inventory, view);
  }
  if (!tier2.inventory.unreadable.empty()) return ExitCode::kTier2Unreadable;
  return view.AllAnomalies().empty() ? ExitCode::kDone : ExitCode::kNeedsAllow;
}

}  // namespace

void AddCheck(CLI::App& storage, Action& action) {
  auto options = std::make_shared<CheckArguments>();
  CLI::App* command = storage.add_subcommand(
      "check", "Classify every file and name every inconsistency (exit code 4 if there are any)");
  command->add_option("root", options->root, "Tier-2 root directory")->type_name("DIR")->required();
  AddReadingOptions(*command, options->reading);
  AddFormatOption(*command, options->format);
  AddProgressOptions(*command, options->progress);
  AddExamples(*command, {"pravega-dr storage check /mnt/tier2"});
  command->callback(
      [options, &action] { action = [options] { return Finish(RunCheck(*options)); }; });
}

}  // namespace pdr
