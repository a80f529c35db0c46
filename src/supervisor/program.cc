// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstring>

#include "supervisor/supervise.h"

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    bool const asked = argc == 2 && std::strcmp(argv[1], "--help") == 0;
    std::fprintf(asked ? stdout : stderr,
                 "usage: nav-supervisor ATTEMPT-FOLDER\n\n"
                 "Runs one attempt of a job as the folder's file `spec` says, in the background, until it ends. Started by the agent of a\n"
                 "node; it outlives the agent, and its folder tells the next one what became of the job.\n");
    return asked ? 0 : 64;
  }
  return static_cast<int>(nav::supervisor::supervise(argv[1]));
}
