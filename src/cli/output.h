// Results on standard output, everything else on standard error.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/printable.h"
#include "base/status.h"
#include "cli/exit_codes.h"

namespace pdr {

using Json = nlohmann::ordered_json;

enum class Format { kText, kCsv, kJson, kHtml };
Format FormatNamed(std::string_view name);

// Collects nothing: every line goes to standard output as it is made.
void PrintText(std::string_view text);
void PrintLine(std::string_view line);  // with an end of line
// One JSON object on one line; `type` comes first. Bytes that are no UTF-8 become U+FFFD.
std::string JsonText(std::string_view type, const Json& fields);
void PrintJson(std::string_view type, const Json& fields);
// Flushes standard output; an error if anything could not be written.
Status FinishOutput();

// --format text|json, with `csv` also csv; the variable's value is the default.
void AddFormatOption(CLI::App& command, Format& format, bool csv = false);

// What --help and the manual page show as examples: whole command lines.
void AddExamples(CLI::App& command, const std::vector<std::string>& lines);

// "pravega-dr: <message>" on standard error; returns the exit code.
ExitCode Fail(const Status& status);
// The end of every command: its results are out, or the failure is reported.
ExitCode Finish(ExitCode code);
ExitCode Finish(const StatusOr<ExitCode>& done);
// The same for a command that changes something: its last JSON line is how it ended.
ExitCode FinishWithOutcome(const StatusOr<ExitCode>& done, Format format);

}  // namespace pdr
