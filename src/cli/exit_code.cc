// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

namespace nav::cli {

std::string exit_codes_text() {
  return "Exit codes\n"
         "  0    it was done\n"
         "  1    something failed that is not listed here\n"
         "  2    the command line is wrong; nothing was asked of the server\n"
         "  3    refused: the input, or the state things are in, does not allow it\n"
         "  4    there is no such thing\n"
         "  5    not allowed: no token, a wrong one, or one without the right\n"
         "  6    not reachable, or too busy now: trying again later may help\n"
         "  7    timed out\n"
         "  130  interrupted with Ctrl-C\n"
         "\n"
         "nav run --wait exits with the code of the job, and besides\n"
         "  128+N  the job was ended by signal N\n"
         "  124    it reached its time limit\n"
         "  125    it ended without a code: cancelled, lost, or never started\n"
         "With --count, the first code that is not 0 counts; of a gang, that of the member that failed.\n";
}

std::string error_text(Error const& error) {
  std::string out = fmt::format("nav: {}\n", error.message);
  if (!error.field.empty()) out += fmt::format("  field: {}\n", error.field);
  if (!error.hint.empty()) out += fmt::format("  {}\n", error.hint);
  return out;
}

}  // namespace nav::cli
