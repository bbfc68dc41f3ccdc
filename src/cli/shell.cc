// pravega-dr completion and pravega-dr man: what a shell is given to help with this program.
#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/manual.h"
#include "cli/output.h"
#include "cli/program.h"
#include "tier2/posix_disk.h"

namespace pdr {
namespace {

CommandModel WholeProgram() {
  Action none;
  return DescribeCommands(*BuildProgram(none));
}

Status PrintCompletion(const std::string& shell) {
  const CommandModel program = WholeProgram();
  PrintText(shell == "bash"  ? BashCompletion(program)
            : shell == "zsh" ? ZshCompletion(program)
                             : FishCompletion(program));
  return OkStatus();
}

Status WriteManuals(const CommandModel& program, const std::string& out) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) return Unavailable("making directory '{}': {}", out, error.message());
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> disk, OpenPosixDisk(out, DiskAccess::kReadWrite));
  for (const CommandModel* command : AllCommands(program)) {
    const std::string page = ManualPage(program, *command);
    RETURN_IF_ERROR(WriteFileDurably(*disk, ManualFile(*command), page, 0644));
  }
  return OkStatus();
}

Status PrintManual(const std::vector<std::string>& words, const std::string& out) {
  const CommandModel program = WholeProgram();
  if (!out.empty()) return WriteManuals(program, out);
  std::vector<std::string> path = {program.path.front()};
  path.insert(path.end(), words.begin(), words.end());
  for (const CommandModel* command : AllCommands(program)) {
    if (command->path != path) continue;
    PrintText(ManualPage(program, *command));
    return OkStatus();
  }
  return InvalidArgument("no command '{}'; pravega-dr --help lists them", fmt::join(words, " "));
}

}  // namespace

void AddCompletion(CLI::App& app, Action& action) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print the completion script of a shell");
  command->add_option("shell", *shell, "whose script")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  AddExamples(*command,
              {"pravega-dr completion bash > /etc/bash_completion.d/pravega-dr",
               "pravega-dr completion fish > ~/.config/fish/completions/pravega-dr.fish"});
  command->callback([shell, &action] {
    action = [shell] {
      Status done = PrintCompletion(*shell);
      return done.ok() ? Finish(ExitCode::kDone) : Fail(done);
    };
  });
}

void AddMan(CLI::App& app, Action& action) {
  struct Options {
    std::vector<std::string> words;
    std::string out;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("man", "Print the manual page of a command");
  command->add_option("command", options->words, "its words; none: the whole program")
      ->type_name("COMMAND");
  command->add_option("--out", options->out, "write all pages into this directory")
      ->type_name("DIR");
  AddExamples(*command, {"pravega-dr man dr recover | man -l -", "pravega-dr man --out man1"});
  command->callback([options, &action] {
    action = [options] {
      Status done = PrintManual(options->words, options->out);
      return done.ok() ? Finish(ExitCode::kDone) : Fail(done);
    };
  });
}

}  // namespace pdr
