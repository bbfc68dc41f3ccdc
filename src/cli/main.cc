#include "cli/program.h"

int main(int argc, char** argv) { return static_cast<int>(pdr::RunProgram(argc, argv)); }
