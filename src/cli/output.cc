#include "cli/output.h"

#include <cstdio>

namespace pdr {

void PrintText(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void PrintLine(std::string_view line) {
  PrintText(line);
  std::fputc('\n', stdout);
}

std::string JsonText(std::string_view type, const Json& fields) {
  Json object = {{"type", type}};
  object.update(fields);
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void PrintJson(std::string_view type, const Json& fields) { PrintLine(JsonText(type, fields)); }

Status FinishOutput() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return OkStatus();
  return Unavailable("writing to standard output failed");
}

Format FormatNamed(std::string_view name) {
  return name == "json"   ? Format::kJson
         : name == "csv"  ? Format::kCsv
         : name == "html" ? Format::kHtml
                          : Format::kText;
}

void AddFormatOption(CLI::App& command, Format& format, bool csv) {
  std::vector<std::string> names = {"text", "json"};
  if (csv) names.insert(names.begin() + 1, "csv");
  auto set = [&format](const std::string& name) { format = FormatNamed(name); };
  command.add_option_function<std::string>("--format", set, "how results are printed")
      ->check(CLI::IsMember(names))
      ->default_str(format == Format::kCsv ? "csv" : "text");
}

void AddExamples(CLI::App& command, const std::vector<std::string>& lines) {
  std::string text = "Examples:";
  for (const std::string& line : lines) text += "\n  " + line;
  command.footer(text);
}

ExitCode Fail(const Status& status) {
  std::fflush(stdout);
  fmt::print(stderr, "pravega-dr: {}\n", PrintableLines(Message(status)));
  return ExitCodeFor(status);
}

ExitCode Finish(ExitCode code) {
  Status written = FinishOutput();
  return written.ok() ? code : Fail(written);
}

ExitCode FinishWithOutcome(const StatusOr<ExitCode>& done, Format format) {
  const ExitCode code = done.ok() ? *done : ExitCodeFor(done.status());
  if (format == Format::kJson) {
    const ExitCodeText& text = ExitCodeTexts()[static_cast<size_t>(code)];
    PrintJson("outcome", {{"exit_code", static_cast<int>(code)},
                          {"meaning", text.meaning},
                          {"next", text.remedy},
                          {"message", Message(done.status())}});
  }
  return Finish(done);
}

ExitCode Finish(const StatusOr<ExitCode>& done) {
  return done.ok() ? Finish(*done) : Fail(done.status());
}

}  // namespace pdr
