// Completion scripts for shells, from the definitions that parse the command line.
#pragma once

#include <string>

#include "cli/command_model.h"

namespace pdr {

std::string BashCompletion(const CommandModel& program);
std::string ZshCompletion(const CommandModel& program);
std::string FishCompletion(const CommandModel& program);

// What a value is completed with when it is not one of a list.
enum class ValueKind { kFile, kDirectory, kOther };
ValueKind KindOf(const OptionModel& option);

}  // namespace pdr
