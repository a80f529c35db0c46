// SPDX-License-Identifier: Apache-2.0
// nav-nvmlsim: the simulated driver's command line, for tests and for people without an installation at hand.
#include <cstdio>

#include "nvmlsim/command.h"

int main(int count, char** arguments) {
  auto answer = nav::nvmlsim::run_command({arguments + 1, arguments + count});
  if (answer) {
    std::fputs(answer->c_str(), stdout);
    return 0;
  }
  std::fprintf(stderr, "nav-nvmlsim: %s\n", nav::to_text(answer.error()).c_str());
  return answer.error().kind == nav::ErrorKind::InvalidArgument ? 2 : 1;
}
