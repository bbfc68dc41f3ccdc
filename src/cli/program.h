// The command line as a whole: which commands there are, and from arguments to an exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace pdr {

// All commands. Parsing puts the work of the one that was asked for into `action`.
std::unique_ptr<CLI::App> BuildProgram(Action& action);

// Says which word was probably mistyped and what was meant: a line without its end, or nothing.
std::string Suggestion(const CLI::App& program, const std::vector<std::string>& arguments);

ExitCode RunProgram(int argc, const char* const* argv);

}  // namespace pdr
