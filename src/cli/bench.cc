// SPDX-License-Identifier: Apache-2.0
// nav bench: measurements of this machine, and of how well work is placed.
#include <memory>

#include "cli/commands.h"
#include "cli/local_syntax.h"

namespace nav::cli {

namespace {

Command placement_command(LocalCommands const& local) {
  auto asked = std::make_shared<BenchPlacementOptions>();
  *asked = {.board = "a100-40gb", .mix = {"uniform"}, .rho = {1}, .gpus = {100}, .seed = {1}, .policy = {"nav"}};
  Command command("placement", "How much of what is asked for is placed, beside the best there could be");
  command.about(
      "Steady loss: requests come at random, stay for a random time, and are refused when they do not fit. Printed are the parts of requests and of "
      "memory slices accepted, the moves for each accepted job, and what an oracle that packs everything anew each time accepts of the very same "
      "requests. Lists give one run for each combination.");
  command.option("--board NAME", "a board that can be simulated (a100-40gb)", into(asked->board));
  command.option("--mix LIST", "uniform, skew-small, skew-big, bimodal (uniform)", into_list(asked->mix));
  command.option("--rho LIST", "load: memory slices asked for, as a part of those there are (1)", into_list(asked->rho));
  command.option("--gpus LIST", "GPUs (100)", into_list(asked->gpus));
  command.option("--seed LIST", "seeds, as 1,2,3 or 1-8 (1)", into_list(asked->seed));
  command.option("--policy LIST",
                 "nav, nav-known-mix, nav-even-mix, "
                 "random, round-robin, first-fit, best-fit, worst-fit, mfi, fgd, hami, static, potential (nav)",
                 into_list(asked->policy));
  command.option("--moves N", "at most so many moves for one request (nav: 3; others: 0)", into(asked->moves));
  command.option("--arrivals N", "requests counted, after five mean service times that are not (40000)", into(asked->arrivals));
  command.option("--json", "one JSON object a run, a line each", into_switch(asked->json));
  command.example("nav beside MFI, four mixes", "nav bench placement --policy nav,mfi --mix uniform,skew-small,skew-big,bimodal");
  command.runs(handed_to(local.bench_placement, asked));
  return command;
}

Command queue_command(LocalCommands const& local) {
  auto asked = std::make_shared<BenchQueueOptions>();
  *asked = {.board = "a100-40gb",
            .mix = {"uniform"},
            .rho = {0.92},
            .gpus = {100},
            .seed = {1},
            .policy = {"nav"},
            .discipline = {"backfill"},
            .price = {"P2"},
            .movable = {1}};
  Command command("queue", "How long requests wait where nobody is refused, and what moves cost");
  command.about(
      "Requests come at random and wait until they fit. Moves have a price: the work since the last checkpoint, the restart, the cutting. Waits are in mean "
      "service times. The oracle packs everything anew, for nothing, whenever that lets somebody in.");
  command.option("--board NAME", "a board that can be simulated (a100-40gb)", into(asked->board));
  command.option("--mix LIST", "uniform, skew-small, skew-big, bimodal (uniform)", into_list(asked->mix));
  command.option("--rho LIST", "load: memory slices asked for, as a part of those there are (0.92)", into_list(asked->rho));
  command.option("--gpus LIST", "GPUs (100)", into_list(asked->gpus));
  command.option("--seed LIST", "seeds, as 1,2,3 or 1-8 (1)", into_list(asked->seed));
  command.option("--policy LIST", "as of nav bench placement (nav)", into_list(asked->policy));
  command.option("--discipline LIST", "fifo, backfill (backfill)", into_list(asked->discipline));
  command.option("--price LIST", "checkpoint, restart, cutting in service times: free, P1 (0 .005 .002), P2 (.02 .01 .002), P3 (.1 .02 .005) (P2)",
                 into_list(asked->price));
  command.option("--kappa K", "how eagerly time is bought with moves (P1: 0.5, P2: 1.5, P3: 2.5)", into(asked->kappa));
  command.option("--movable LIST", "part of the jobs that may be moved (1)", into_list(asked->movable));
  command.option("--moves N", "at most so many moves for one request (nav: 2)", into(asked->moves));
  command.option("--arrivals N", "requests counted, after twenty mean service times that are not (40000)", into(asked->arrivals));
  command.option("--json", "one JSON object a run, a line each", into_switch(asked->json));
  command.runs(handed_to(local.bench_queue, asked));
  return command;
}

Command packing_command(LocalCommands const& local) {
  auto asked = std::make_shared<BenchPackingOptions>();
  *asked = {.board = "a100-40gb", .mix = {"uniform"}, .requests = 1'000, .seed = {1}};
  Command command("packing", "On how few GPUs a batch is packed, beside the fewest there can be");
  command.option("--board NAME", "a board that can be simulated (a100-40gb)", into(asked->board));
  command.option("--mix LIST", "uniform, skew-small, skew-big, bimodal (uniform)", into_list(asked->mix));
  command.option("--requests N", "in the batch (1000)", into(asked->requests));
  command.option("--seed LIST", "seeds, as 1,2,3 or 1-8 (1)", into_list(asked->seed));
  command.option("--mixed", "on a pool of A100, H100 and A30 instead, beside the bound of a linear program", into_switch(asked->mixed));
  command.option("--json", "one JSON object a run, a line each", into_switch(asked->json));
  command.runs(handed_to(local.bench_packing, asked));
  return command;
}

Command openb_command(LocalCommands const& local) {
  auto asked = std::make_shared<BenchOpenbOptions>();
  *asked = {.policy = {"fgdm"}, .seed = {1}};
  Command command("openb", "How much of Alibaba's openb trace is placed, as FGD was measured");
  command.about(
      "The trace (2023) is read from the paths given: https://github.com/alibaba/clusterdata. Pods come in random order, copies behind them, until 130 % of "
      "the GPUs are asked for; printed is what part of the GPUs is allocated when 100 % were.");
  command.option("--nodes FILE!", "openb_node_list_gpu_node.csv", into_path(asked->nodes), Names::File);
  command.option("--pods FILE!", "openb_pod_list_default.csv; several with commas", into_list(asked->pods), Names::File);
  command.option("--policy LIST", "fgdm, fgd, best-fit (fgdm)", into_list(asked->policy));
  command.option("--seeds LIST", "seeds, as 1,2,3 or 1-10 (1)", into_list(asked->seed));
  command.option("--bound", "also the bound of a linear program, for the first seed", into_switch(asked->bound));
  command.option("--json", "one JSON object a run, a line each", into_switch(asked->json));
  command.runs(handed_to(local.bench_openb, asked));
  return command;
}

}  // namespace

Command bench_command(LocalCommands const& local) {
  auto asked = std::make_shared<BenchOptions>();
  Command command("bench", "Measure this build on this machine");
  command.about("Prints a table: from submission to durable and to running, placements a second, jobs a second through the API, memory of a waiting job.");
  command.argument("[MEASUREMENT...]", "only those whose name holds one of these", into(asked->only));
  command.option("--seconds N", "at most for each measurement (5)", into(asked->seconds));
  command.option("--clients N", "at once, where clients load the API (64)", into(asked->clients));
  command.option("--data DIR", "work in this folder, so that its disk is measured (a temporary one)", into_path(asked->data), Names::Folder);
  command.option("--json", "print the results as JSON", into_switch(asked->json));
  command.example("Only what has to do with placing", "nav bench placements");
  command.add(placement_command(local));
  command.add(queue_command(local));
  command.add(packing_command(local));
  command.add(openb_command(local));
  command.runs(handed_to(local.bench, asked));
  return command;
}

}  // namespace nav::cli
