#include <CLI/CLI.hpp>
#include <string>

#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace {

CLI::App* AddGroup(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* group = app.add_subcommand(name, description);
  group->require_subcommand(1);
  return group;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Rebuilds a Pravega cluster's segment containers from Tier-2", "pravega-dr");
  app.set_version_flag("--version", PDR_VERSION);
  app.require_subcommand(1);
  pdr::Action action;

  CLI::App* storage = AddGroup(app, "storage", "Look at Tier-2; changes nothing");
  pdr::AddListSegments(*storage, action);
  pdr::AddCheck(*storage, action);
  pdr::AddShow(*storage, action);

  CLI::App* dr = AddGroup(app, "dr", "Bring a cluster back whose Tier-1 is lost");
  pdr::AddPlan(*dr, action);
  pdr::AddRecover(*dr, action);
  pdr::AddVerify(*dr, action);
  pdr::AddUndo(*dr, action);
  pdr::AddStatus(*dr, action);
  pdr::AddReport(*dr, action);
  pdr::AddExplain(*dr, action);

  CLI::App* log = AddGroup(app, "log", "Look at durable logs; changes nothing");
  pdr::AddLogShow(*log, action);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(pdr::ExitCode::kUsage);
  }
  return static_cast<int>(action());
}
