// Ctrl-C, a lost terminal, and kill: the run can be killed anywhere, so an interrupt only has to
// say how to go on. The program ends with exit code 7.
#pragma once

#include <string>
#include <vector>

namespace pdr {

// The words of a command as they are typed: quoted where a shell needs it.
std::string ShellWords(const std::vector<std::string>& words);

// From now on SIGINT, SIGTERM and SIGHUP end the program with this command line as what to run
// next. A signal that is ignored (nohup) stays ignored.
void SayWhatToRunWhenInterrupted(const std::vector<std::string>& arguments);

// A second line of advice, from the moment there is something to take back.
void SayHowToTakeBack(const std::vector<std::string>& arguments);

}  // namespace pdr
