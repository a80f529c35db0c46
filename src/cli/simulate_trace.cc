// SPDX-License-Identifier: Apache-2.0
// nav simulate trace: how a pool would do with the work of a recorded year.
#include <algorithm>
#include <memory>

#include "base/id.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/local_syntax.h"

namespace nav::cli {

namespace {

constexpr std::uint32_t most_nodes = 20'000;

/// dgx-a100:20,dgx-h100:4
Take into_pools(std::vector<std::vector<SimulatedNodes>>& pools, std::function<Result<void>(std::string_view)> check) {
  return [&pools, check = std::move(check)](std::string_view text) -> Result<void> {
    std::vector<SimulatedNodes> pool;
    for (auto const part : split(text, ',')) {
      auto const colon = part.find(':');
      std::uint64_t count = 1;
      if (colon != std::string_view::npos && (!read_number(part.substr(colon + 1), count) || count < 1 || count > most_nodes))
        return Unexpected(Error{ErrorKind::InvalidArgument,
                                fmt::format("\"{}\" is not a number of nodes", shortened(part.substr(colon + 1), 40)),
                                fmt::format("write 1 to {}, as in dgx-a100:20,dgx-h100:4", most_nodes),
                                {}});
      pool.push_back({std::string(part.substr(0, colon)), static_cast<std::uint32_t>(count)});
      if (check) TRY_VOID(check(pool.back().board));
      for (std::size_t i = 0; i + 1 < pool.size(); ++i)
        if (pool[i].board == pool.back().board)
          return Unexpected(
              Error{ErrorKind::InvalidArgument, fmt::format("{} is named twice in one pool", pool.back().board), "another --pool is another pool", {}});
    }
    pools.push_back(std::move(pool));
    return {};
  };
}

}  // namespace

Command simulate_trace_command(LocalCommands const& local) {
  auto asked = std::make_shared<SimulateTraceOptions>();
  Command command("trace", "Try recorded work on pools that need not exist");
  command.about(
      "Submits the jobs of a trace, one after another as they came, to a pool that need not exist, and places, starts and ends them through the planner that "
      "is in the controller, in virtual time. Read are Alibaba's openb pods, Philly, Acme and Helios as CSV, told apart by the names of their columns, and "
      "plain files with the columns submitted,duration,gpus and, where known, gpu_milli,cpus,memory_gib,user,team. A part of a GPU becomes the smallest MIG "
      "profile that covers it. Lines that cannot be read are skipped, counted and told. docs/planning.md says more.");
  command.argument("[FILE]", "the trace, a CSV file", into_path(asked->file), Names::File);
  command.option("--journal DIR", "instead of a file: what the installation with this data folder did; its own nodes are the pool unless --pool names one",
                 into_path(asked->journal), Names::Folder);
  command.option("--pool MACHINE:N,...", "nodes of the pool, as dgx-a100:20,dgx-h100:4; given again: another pool beside it (dgx-a100:10)",
                 into_pools(asked->pools, local.check_machine), Names::Machine);
  command.option("--policy LIST", "nav (as shipped), fcfs (first come first served, nobody passes), whole (as nav, but no GPU is cut) (nav)",
                 into_words(asked->policies, {"nav", "fcfs", "whole"}), Names::Word, {"nav", "fcfs", "whole"});
  command.option("--want WISH",
                 "find how many nodes of each pool's first kind that takes, as \"p95 wait < 10m\"; mean, p50, p95, p99 or longest; wait or completion",
                 into(asked->want));
  command.option("--load F", "jobs come F times as fast (1)", into(asked->load));
  command.option("--time-limits F", "each job states F times what it ran as its time limit (none states any)", into(asked->time_limits));
  command.option("--restartable F", "this part of the jobs may be stopped and begun anew (0)", into(asked->restartable));
  command.option("--checkpoint T", "those save their work so often (30m)", into(asked->checkpoint));
  command.option("--price P", "of a GPU for an hour", into_money(asked->price_micro));
  command.option("--seed S", "decides which jobs are restartable (1)", into(asked->seed));
  command.option("--by LIST", "print tables by team, user or template; the ten with most GPU-hours each", into_words(asked->by, {"team", "user", "template"}),
                 Names::Word, {"team", "user", "template"});
  command.option("--csv FILE", "save all figures, a line a team, user and template of each run", into_path(asked->csv), Names::File);
  command.option("--jobs FILE", "save what became of each job", into_path(asked->jobs), Names::File);
  command.option("--svg FILE", "save a picture: who waited how long, and use over time", into_path(asked->svg), Names::File);
  command.option("--html FILE", "save a page with the tables and the picture", into_path(asked->html), Names::File);
  command.option("--json", "one JSON object a run, a line each", into_switch(asked->json));
  command.example("What cutting GPUs saves", "nav simulate trace openb_pod_list_default.csv --pool dgx-a100:8 --policy nav,whole");
  command.example("How many nodes it takes", "nav simulate trace philly.csv --pool dgx-a100 --want 'p95 wait < 10m'");
  command.example("The work of this installation on twice as many nodes", "nav simulate trace --journal /var/lib/opennav --pool dgx-a100:40");
  command.example("A purchase beside another", "nav simulate trace jobs.csv --pool dgx-a100:20 --pool dgx-a100:12,dgx-h100:4 --by team --html plan.html");
  command.checked([asked]() -> Result<void> {
    auto const refuse = [](char const* message, char const* hint) -> Result<void> { return Unexpected(Error{ErrorKind::InvalidArgument, message, hint, {}}); };
    if (asked->load && !(*asked->load >= 0.001 && *asked->load <= 1000)) return refuse("--load is out of range", "0.001 to 1000");
    if (asked->time_limits && !(*asked->time_limits >= 1 && *asked->time_limits <= 1000))
      return refuse("--time-limits is out of range", "1 to 1000: a job is not to be ended before its work is done");
    if (asked->restartable && !(*asked->restartable >= 0 && *asked->restartable <= 1)) return refuse("--restartable is out of range", "a part, 0 to 1");
    if (asked->policies.empty()) asked->policies = {"nav"};
    if (asked->file.empty() == asked->journal.empty()) return refuse("one trace is replayed", "name a FILE, or --journal DIR");
    if (asked->pools.empty() && asked->journal.empty()) asked->pools = {{{"dgx-a100", 10}}};
    return {};
  });
  command.runs(handed_to(local.simulate_trace, asked));
  return command;
}

}  // namespace nav::cli
