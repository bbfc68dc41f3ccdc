// Manual pages in the man(7) macros, one per command, from the definitions that parse it.
#pragma once

#include <string>

#include "cli/command_model.h"

namespace pdr {

// "pravega-dr-dr-plan.1"
std::string ManualFile(const CommandModel& command);
// `program` is the whole; `command` is it or one of its commands.
std::string ManualPage(const CommandModel& program, const CommandModel& command);

}  // namespace pdr
