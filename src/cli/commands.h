// The commands, one file each. A command adds itself to its group of the command line and, when it
// is the one that was asked for, puts its work into the action that main runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/exit_codes.h"

namespace pdr {

using Action = std::function<ExitCode()>;

// storage ...
void AddListSegments(CLI::App& storage, Action& action);
void AddCheck(CLI::App& storage, Action& action);
void AddShow(CLI::App& storage, Action& action);

// dr ...
void AddPlan(CLI::App& dr, Action& action);
void AddRecover(CLI::App& dr, Action& action);
void AddVerify(CLI::App& dr, Action& action);
void AddUndo(CLI::App& dr, Action& action);
void AddStatus(CLI::App& dr, Action& action);
void AddReport(CLI::App& dr, Action& action);
void AddExplain(CLI::App& dr, Action& action);

// log ...
void AddLogShow(CLI::App& log, Action& action);

// for the shell
void AddCompletion(CLI::App& app, Action& action);
void AddMan(CLI::App& app, Action& action);

}  // namespace pdr
