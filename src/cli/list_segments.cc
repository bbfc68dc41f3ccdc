// pravega-dr storage list-segments: what production would know of every segment.
#include <filesystem>
#include <iterator>
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "cli/open_tier2.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "tier2/listing.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeader = "name,sealed,length,start_offset";

struct ListArguments {
  ProgressOptions progress;
  std::string root;
  DiskReading reading;
  std::string out;
  Format format = Format::kCsv;
  std::optional<int> containers;
};

void AppendNumber(std::string& out, uint64_t number) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
}

void AppendCsvRow(std::string& out, const SegmentRow& row) {
  AppendCsvField(out, row.name);
  out += row.sealed ? ",true," : ",false,";
  AppendNumber(out, row.length);
  out += ',';
  AppendNumber(out, row.start_offset);
  out += '\n';
}

// `line`: room to work in.
void PrintRow(size_t container, const SegmentRow& row, Format format, std::string& line) {
  switch (format) {
    case Format::kCsv:
      line.clear();
      AppendNumber(line, container);
      line += ',';
      AppendCsvRow(line, row);
      PrintText(line);
      break;
    case Format::kText:
      PrintLine(fmt::format("{:>9} {:<6} {:>16} {:>16} {}", container, row.sealed ? "sealed" : "-",
                            row.length, row.start_offset, Printable(row.name)));
      break;
    case Format::kJson:
      PrintJson("segment", {{"container", container},
                            {"name", row.name},
                            {"sealed", row.sealed},
                            {"length", row.length},
                            {"start_offset", row.start_offset}});
      break;
    case Format::kHtml:  // offered by dr report only
      break;
  }
}

void PrintRows(const Listing& listing, Format format) {
  if (format == Format::kCsv) PrintLine(fmt::format("container,{}", kHeader));
  if (format == Format::kText) {
    PrintLine(fmt::format("{:>9} {:<6} {:>16} {:>16} {}", "CONTAINER", "SEALED", "LENGTH", "START",
                          "NAME"));
  }
  std::string line;
  for (size_t c = 0; c < listing.containers.size(); ++c) {
    for (const SegmentRow& row : listing.containers[c]) PrintRow(c, row, format, line);
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

Status WriteFiles(const Listing& listing, const ListArguments& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> disk, OpenOutput(options.out));
  const auto name_of = [](size_t c) { return fmt::format("segToContainer_{}", c); };
  for (size_t c = 0; c < listing.containers.size(); ++c) {
    ASSIGN_OR_RETURN(const bool present, IsPresent(*disk, name_of(c)));
    if (present) {
      return InvalidArgument("'{}/{}' already exists and is not overwritten; choose another --out",
                             options.out, name_of(c));
    }
  }
  for (size_t c = 0; c < listing.containers.size(); ++c) {
    const std::vector<SegmentRow>& rows = listing.containers[c];
    std::string text = fmt::format("{}\n", kHeader);
    for (const SegmentRow& row : rows) AppendCsvRow(text, row);
    RETURN_IF_ERROR(WriteFileDurably(*disk, name_of(c), text, 0644));
    const std::string path = fmt::format("{}/{}", options.out, name_of(c));
    if (options.format == Format::kJson) {
      PrintJson("file", {{"container", c}, {"path", path}, {"segments", rows.size()}});
    } else {
      fmt::print(stderr, "{}: {} segments\n", path, rows.size());
    }
  }
  return OkStatus();
}

Status RunList(const ListArguments& options) {
  TerminalProgress progress(options.progress);
  ASSIGN_OR_RETURN(OpenedTier2 tier2, OpenTier2(options.root, options.reading, progress));
  RETURN_IF_ERROR(CheckConfigured(tier2.inventory, options.containers, {}));
  if (!options.out.empty()) RETURN_IF_ERROR(CheckOutside(options.out, options.root));
  StatusOr<Listing> listing = ListTier2(*tier2.disk, tier2.inventory, WorkerThreads(), progress);
  RETURN_IF_ERROR(AboutTree(listing.status()));
  progress.End();
  if (listing->anomalies > 0) {
    progress.Note(fmt::format("{} anomalies in Tier-2; `pravega-dr storage check` names them",
                              listing->anomalies));
  }
  if (!options.out.empty()) return WriteFiles(*listing, options);
  PrintRows(*listing, options.format);
  return OkStatus();
}

}  // namespace

void AddListSegments(CLI::App& storage, Action& action) {
  auto options = std::make_shared<ListArguments>();
  CLI::App* command =
      storage.add_subcommand("list-segments", "List every segment with its container");
  command->add_option("root", options->root, "Tier-2 root directory")->type_name("DIR")->required();
  AddReadingOptions(*command, options->reading);
  command
      ->add_option("--out", options->out,
                   "write DIR/segToContainer_<id> (CSV), one file per container")
      ->type_name("DIR");
  AddFormatOption(*command, options->format, /*csv=*/true);
  command
      ->add_option("--containers", options->containers,
                   "fail unless Tier-2 holds this many containers")
      ->check(CLI::PositiveNumber);
  AddProgressOptions(*command, options->progress);
  AddExamples(*command, {"pravega-dr storage list-segments /mnt/tier2",
                         "pravega-dr storage list-segments /mnt/tier2 --out /var/tmp/segments"});
  command->callback([options, &action] {
    action = [options] {
      Status done = RunList(*options);
      return done.ok() ? Finish(ExitCode::kDone) : Fail(done);
    };
  });
}

}  // namespace pdr
