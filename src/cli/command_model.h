// The command line as data, taken from the definitions that parse it: what the manual pages and
// the completions are made from, so that they cannot say anything else.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace pdr {

struct OptionModel {
  std::vector<std::string> names;    // "--format", "-h"; of a positional its name
  std::string value;                 // "DIR", "KEY=VALUE"; empty: a flag
  std::vector<std::string> choices;  // all values there are; empty: anything
  std::string description;
  std::string default_value;
  bool positional = false;
  bool required = false;
};

struct CommandModel {
  std::vector<std::string> path;  // "pravega-dr", "dr", "plan"
  std::string description;
  std::string footer;                  // examples
  std::vector<OptionModel> options;    // positionals first
  std::vector<CommandModel> commands;  // of a group

  std::string Name(char separator) const;  // "pravega-dr dr plan"
};

CommandModel DescribeCommands(const CLI::App& program);

// A command and all below it.
std::vector<const CommandModel*> AllCommands(const CommandModel& program);

// "pravega-dr dr plan [OPTIONS] root".
std::string Synopsis(const CommandModel& command);

}  // namespace pdr
