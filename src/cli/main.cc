#include <malloc.h>

#include <csignal>

#include "cli/program.h"

int main(int argc, char** argv) {
#ifdef M_MXFAST
  // Millions of small blocks, and now and then a large one: at each of those glibc would look
  // through all the small ones that were freed since. Without its lists of them, a scan is a third
  // faster.
  mallopt(M_MXFAST, 0);
#endif
  // A limit on the size of files is an error like a full disk, and not the end without a word.
  std::signal(SIGXFSZ, SIG_IGN);
  return static_cast<int>(pdr::RunProgram(argc, argv));
}
