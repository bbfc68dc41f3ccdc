// pravega-dr dr report: everything the workspace knows about a run, for people and for programs.
#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/output.h"
#include "recovery/workspace.h"
#include "report/report_formats.h"
#include "tier2/posix_disk.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;

struct ReportArguments {
  std::string workspace = "pravega-dr-workspace";
  bool rehearse = false;
  std::optional<Format> format;
  std::string out;
};

// Without --format the name of the file says what it is.
Format FormatOf(const ReportArguments& options) {
  if (options.format) return *options.format;
  const std::string extension = fs::path(options.out).extension().string();
  if (extension == ".html") return Format::kHtml;
  if (extension == ".json") return Format::kJson;
  return extension == ".csv" ? Format::kCsv : Format::kText;
}

std::string Render(const RunReport& report, Format format) {
  switch (format) {
    case Format::kHtml:
      return ReportHtml(report);
    case Format::kCsv:
      return ReportCsv(report);
    case Format::kText:
      return ReportText(report);
    case Format::kJson:
      break;
  }
  std::string lines;
  ReportJson(report, [&](const JsonRecord& record) {
    lines += JsonText(record.type, record.fields) + '\n';
  });
  return lines;
}

// Under another name until it is whole, and never over another file.
Status WriteReport(const std::string& out, const std::string& text) {
  const fs::path path = fs::absolute(out);
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> disk,
                   OpenPosixDisk(path.parent_path().string(), DiskAccess::kReadWrite));
  const std::string name = path.filename().string();
  ASSIGN_OR_RETURN(const bool present, IsPresent(*disk, name));
  if (present) {
    return InvalidArgument("'{}' already exists and is not overwritten; choose another --out", out);
  }
  const std::string unfinished = name + ".unfinished";
  RETURN_IF_ERROR(WriteFileDurably(*disk, unfinished, text, 0644));
  return disk->Rename(unfinished, name);
}

Status ReportRun(const ReportArguments& options) {
  ASSIGN_OR_RETURN(
      std::unique_ptr<Workspace> workspace,
      Workspace::OpenReadOnly(options.workspace + (options.rehearse ? "/rehearsal" : "")));
  ASSIGN_OR_RETURN(RunRecord record, LoadRunRecord(*workspace));
  const std::string text = Render(MakeRunReport(record), FormatOf(options));
  if (!options.out.empty()) return WriteReport(options.out, text);
  PrintText(text);
  return OkStatus();
}

}  // namespace

void AddReport(CLI::App& dr, Action& action) {
  auto options = std::make_shared<ReportArguments>();
  CLI::App* command =
      dr.add_subcommand("report", "What came back, what did not and why: text, HTML, JSON or CSV");
  command->add_option("--workspace", options->workspace, "where the run is remembered")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--rehearse", options->rehearse, "look at the rehearsal");
  command
      ->add_option_function<std::string>(
          "--format", [options](const std::string& name) { options->format = FormatNamed(name); },
          "how the report is written; default: as the ending of --out says, else text")
      ->check(CLI::IsMember({"text", "json", "csv", "html"}));
  command->add_option("--out", options->out, "write into this new file, not to standard output")
      ->type_name("FILE");
  AddExamples(*command, {"pravega-dr dr report --workspace /var/tmp/dr",
                         "pravega-dr dr report --workspace /var/tmp/dr --out report.html",
                         "pravega-dr dr report --workspace /var/tmp/dr --format json"});
  command->callback([options, &action] {
    action = [options] {
      Status done = ReportRun(*options);
      return done.ok() ? Finish(ExitCode::kDone) : Fail(done);
    };
  });
}

}  // namespace pdr
