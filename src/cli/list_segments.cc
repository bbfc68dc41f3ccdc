// pravega-dr storage list-segments: what production would know of every segment.
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "cli/open_tier2.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeader = "name,sealed,length,start_offset";

struct Options {
  std::string root;
  std::string out;
  Format format = Format::kCsv;
  std::optional<int> containers;
};

std::string CsvRow(const SegmentRow& row) {
  return fmt::format("{},{},{},{}", CsvField(row.name), row.sealed, row.length, row.start_offset);
}

void PrintRows(const std::vector<SegmentRow>& rows, Format format) {
  if (format == Format::kCsv) PrintLine(fmt::format("container,{}", kHeader));
  if (format == Format::kText) {
    PrintLine(fmt::format("{:>9} {:<6} {:>16} {:>16} {}", "CONTAINER", "SEALED", "LENGTH", "START",
                          "NAME"));
  }
  for (const SegmentRow& row : rows) {
    switch (format) {
      case Format::kCsv:
        PrintLine(fmt::format("{},{}", row.container, CsvRow(row)));
        break;
      case Format::kText:
        PrintLine(fmt::format("{:>9} {:<6} {:>16} {:>16} {}", row.container,
                              row.sealed ? "sealed" : "-", row.length, row.start_offset,
                              Printable(row.name)));
        break;
      case Format::kJson:
        PrintJson("segment", {{"container", row.container},
                              {"name", row.name},
                              {"sealed", row.sealed},
                              {"length", row.length},
                              {"start_offset", row.start_offset}});
        break;
    }
  }
}

// Tier-2 must stay as it is: the lists may not go below its root.
Status CheckOutside(const std::string& out, const std::string& root) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(out, error);
  const fs::path tree = fs::canonical(root, error);
  const fs::path relative = target.lexically_relative(tree);
  if (error || relative.empty() || *relative.begin() == "..") return OkStatus();
  return InvalidArgument("--out {} is inside the Tier-2 root; choose a directory elsewhere", out);
}

StatusOr<std::unique_ptr<Disk>> OpenOutput(const std::string& out) {
  std::error_code error;
  fs::create_directories(out, error);
  if (error) return Unavailable("making directory '{}': {}", out, error.message());
  return OpenPosixDisk(out, DiskAccess::kReadWrite);
}

Status WriteFiles(const Tier2View& view, const std::vector<SegmentRow>& rows,
                  const Options& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> disk, OpenOutput(options.out));
  std::map<int, std::pair<std::string, uint64_t>> files;  // text and rows, by container
  for (const ContainerView& container : view.containers) {
    files[container.container].first = fmt::format("{}\n", kHeader);
    const std::string name = fmt::format("segToContainer_{}", container.container);
    if (Exists(*disk, name)) {
      return InvalidArgument("'{}/{}' already exists and is not overwritten; choose another --out",
                             options.out, name);
    }
  }
  for (const SegmentRow& row : rows) {
    auto& [text, count] = files[row.container];
    text += CsvRow(row);
    text += '\n';
    ++count;
  }
  for (const auto& [container, file] : files) {
    const std::string name = fmt::format("segToContainer_{}", container);
    RETURN_IF_ERROR(WriteFileDurably(*disk, name, file.first, 0644));
    const std::string path = fmt::format("{}/{}", options.out, name);
    if (options.format == Format::kJson) {
      PrintJson("file", {{"container", container}, {"path", path}, {"segments", file.second}});
    } else {
      fmt::print(stderr, "{}: {} segments\n", path, file.second);
    }
  }
  return OkStatus();
}

Status Run(const Options& options) {
  TerminalProgress progress;
  ASSIGN_OR_RETURN(OpenedTier2 tier2, OpenTier2(options.root, DiskAccess::kReadOnly, progress));
  RETURN_IF_ERROR(CheckConfigured(tier2.inventory, options.containers, {}));
  if (!options.out.empty()) RETURN_IF_ERROR(CheckOutside(options.out, options.root));
  ASSIGN_OR_RETURN(Tier2View view, ReadOpened(tier2, progress));
  const std::vector<SegmentRow> rows = ListSegments(view);
  if (const size_t anomalies = view.AllAnomalies().size(); anomalies > 0) {
    progress.Note(
        fmt::format("{} anomalies in Tier-2; `pravega-dr storage check` names them", anomalies));
  }
  if (!options.out.empty()) return WriteFiles(view, rows, options);
  PrintRows(rows, options.format);
  return OkStatus();
}

}  // namespace

void AddListSegments(CLI::App& storage, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      storage.add_subcommand("list-segments", "List every segment with its container");
  command->add_option("root", options->root, "Tier-2 root directory")->type_name("DIR")->required();
  command
      ->add_option("--out", options->out,
                   "write DIR/segToContainer_<id> (CSV), one file per container")
      ->type_name("DIR");
  AddFormatOption(*command, options->format, /*csv=*/true);
  command
      ->add_option("--containers", options->containers,
                   "fail unless Tier-2 holds this many containers")
      ->check(CLI::PositiveNumber);
  AddExamples(*command, {"pravega-dr storage list-segments /mnt/tier2",
                         "pravega-dr storage list-segments /mnt/tier2 --out /var/tmp/segments"});
  command->callback([options, &action] {
    action = [options] {
      Status done = Run(*options);
      return done.ok() ? Finish(ExitCode::kDone) : Fail(done);
    };
  });
}

}  // namespace pdr
