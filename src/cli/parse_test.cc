// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/no_variable.h"
#include "cli/run.h"

namespace nav::cli {
namespace {

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  for (auto const word : split(line, ' ')) out.emplace_back(word);
  return out;
}

/// What a person is told about a command line that is wrong; empty if it is right.
std::string told(std::string_view line) {
  LocalCommands local;
  local.machines = {{"dgx-a100", "8 A100"}, {"dgx-h100", "8 H100"}};
  local.check_machine = [](std::string_view name) -> Result<void> {
    if (name == "dgx-a100" || name == "dgx-h100") return {};
    return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("there is no simulated machine \"{}\"", name), "did you mean dgx-a100 or dgx-h100?", {}});
  };
  Command const nav = nav_command(local, no_variable);
  auto const parsed = parse(nav, words(line));
  return parsed ? "" : error_text(parsed.error());
}

RunOptions run_options(std::string_view line) {
  auto asked = std::make_shared<RunOptions>();
  Command nav("nav", "");
  nav.add(run_command_into(asked));
  auto const parsed = parse(nav, words(line));
  EXPECT_TRUE(parsed) << error_text(parsed.error());
  return *asked;
}

TEST(Run, TakesEveryOptionOfAJob) {
  auto const asked = run_options(
      "run --on mig-1g.5gb --on cpu --name train --project vision --env SEED=7 --env=A=b=c --workdir /data --time-limit 1h30m --memory 8G --cpus 0.5 "
      "--retries 2 --restartable --priority -3 --count 18 --wait -- python train.py --epochs 10");
  EXPECT_EQ(asked.job.on, (std::vector<std::string>{"mig-1g.5gb", "cpu"}));
  EXPECT_EQ(asked.job.name, "train");
  EXPECT_EQ(asked.job.project, "vision");
  EXPECT_EQ(asked.job.env, (std::map<std::string, std::string>{{"SEED", "7"}, {"A", "b=c"}}));
  EXPECT_EQ(asked.job.workdir, "/data");
  EXPECT_EQ(asked.job.time_limit, minutes(90));
  EXPECT_EQ(asked.job.memory_mib, 8192u);
  EXPECT_EQ(asked.job.cpu_milli, 500u);
  EXPECT_EQ(asked.job.retries, 2u);
  EXPECT_TRUE(asked.job.restartable);
  EXPECT_EQ(asked.job.priority, -3);
  EXPECT_EQ(asked.job.count, 18u);
  EXPECT_TRUE(asked.wait);
  EXPECT_EQ(asked.job.command, (std::vector<std::string>{"python", "train.py", "--epochs", "10"}));
}

TEST(Run, LeavesOptionsAfterTheProgramToTheProgram) {
  EXPECT_EQ(run_options("run --on cpu ls -l --help -- x").job.command, (std::vector<std::string>{"ls", "-l", "--help", "--", "x"}));
  EXPECT_EQ(run_options("run --on cpu -- -odd").job.command, (std::vector<std::string>{"-odd"}));
}

TEST(Up, ASimulatedCloudIsReadWithItsTerms) {
  EXPECT_EQ(told("up --simulate-cloud v100:4,boot=5s,idle=1m,price=2.50"), "");
  for (auto const& [line, part] : std::map<std::string, std::string>{
           {"v100:0", "1 to 100"}, {"v100,color=red", "nothing a cloud has"}, {"v100,boot=x", "length of time"}, {"v100,price=much", "amount of money"}}) {
    auto const said = told("up --simulate-cloud " + line);
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }
}

TEST(Run, WantsATemplateAndACommand) {
  EXPECT_EQ(told("run -- hostname"), "nav: --on TEMPLATE is missing\n  nav run --help shows how it is used\n");
  EXPECT_EQ(told("run --on cpu"), "nav: COMMAND is missing: the program and its arguments\n  nav run --help shows how it is used\n");
}

TEST(CommandLine, SaysWhatWasPerhapsMeant) {
  EXPECT_EQ(told("job 42 --jsno"), "nav: nav job has no option --jsno\n  did you mean --json?\n");
  EXPECT_EQ(told("rnu"), "nav: there is no command \"nav rnu\"\n  did you mean run?\n");
  EXPECT_EQ(told("node drian a"), "nav: there is no command \"nav node drian\"\n  did you mean drain?\n");
  EXPECT_EQ(told("up --simulate dgx-a10"), "nav: --simulate: there is no simulated machine \"dgx-a10\"\n  did you mean dgx-a100 or dgx-h100?\n");
}

TEST(CommandLine, NamesTheOptionAndTheValueThatAreWrong) {
  EXPECT_EQ(told("run --on cpu --time-limit soon -- x"), "nav: --time-limit: \"soon\" is not a length of time\n  write 90s, 15m, 1h30m or 2d\n");
  EXPECT_EQ(told("run --on cpu --time-limit 0s -- x"), "nav: --time-limit: 0s is no length of time\n  write 90s, 15m, 1h30m or 2d; leave it out for none\n");
  EXPECT_EQ(told("run --on cpu --memory 8X -- x"), "nav: --memory: \"8X\" is not an amount of memory\n  write 512M, 16G or 1T\n");
  EXPECT_EQ(told("run --on cpu --count -1 -- x"), "nav: --count: \"-1\" is not a whole number\n");
  EXPECT_EQ(told("run --on cpu --count 5000000000 -- x"), "nav: --count: 5000000000 is too large\n  at most 4294967295\n");
  EXPECT_EQ(told("run --on cpu --env SEED -- x"), "nav: --env: \"SEED\" has no name before a =\n  write KEY=VALUE\n");
  EXPECT_EQ(told("run --on cpu --cpus none -- x"), "nav: --cpus: \"none\" is not a number of processors\n  write 4 or 0.5\n");
  EXPECT_EQ(told("job 42.1"), "nav: JOB: \"42.1\" is not the number of a job\n  nav jobs lists them\n");
  EXPECT_EQ(told("jobs --state queued,idle"),
            "nav: --state: \"idle\" is not one of the words possible here\n  one of queued, starting, running, succeeded, failed, cancelled, lost\n");
  EXPECT_EQ(told("up --listen 8440"), "nav: --listen: \"8440\" is not an address to listen at\n  write HOST:PORT, as 127.0.0.1:8440 or [::1]:8440\n");
  EXPECT_EQ(told("up --simulate dgx-a100:0"), "nav: --simulate: \"0\" is not a number of machines\n  write 1 to 100, as in dgx-a100:3\n");
}

TEST(CommandLine, RefusesWhatIsTooMuchOrTooLittle) {
  EXPECT_EQ(told("job 42 43"), "nav: \"43\" is one word too many\n  nav job --help shows how it is used\n");
  EXPECT_EQ(told("job"), "nav: JOB is missing: the number of a job\n  nav job --help shows how it is used\n");
  EXPECT_EQ(told("logs -x 42"), "nav: nav logs has no option -x\n  nav logs --help shows how it is used\n");
  EXPECT_EQ(told("logs 42 --follow=yes"), "nav: --follow takes no value\n  nav logs --help shows how it is used\n");
  EXPECT_EQ(told("jobs --limit"), "nav: --limit wants a value: N\n  nav jobs --help shows how it is used\n");
}

TEST(CommandLine, RefusesWhatDoesNotGoTogether) {
  EXPECT_EQ(told("sim fault a"), "nav: no fault is named\n  give one of --xid, --refuse-create, --busy-destroy, --slow, --gone, --worn-out\n");
  EXPECT_EQ(told("sim fault a --gone --xid 79"),
            "nav: one fault at a time\n  give one of --xid, --refuse-create, --busy-destroy, --slow, --gone, --worn-out\n");
  EXPECT_EQ(told("agent --join https://a:1#sha256:00"),
            "nav: --token-file is missing\n  a first join needs both: nav token create --join prints the whole command\n");
  EXPECT_EQ(told("run --on cpu --json --wait -- x"), "nav: --json and --wait do not go together: standard output is the job's\n");
}

TEST(CommandLine, ReadsLettersTogetherAndValuesBesideThem) {
  EXPECT_EQ(told("events -fn5"), "");
  EXPECT_EQ(told("events -f -n 5 --kind JobPlaced"), "");
  EXPECT_EQ(told("node drain a -m later"), "");
}

TEST(CommandLine, ShowsTheHelpOfANounLeftAlone) {
  Command const nav = nav_command({}, no_variable);
  auto const parsed = parse(nav, {"node"});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->wants_help);
  EXPECT_EQ(words_of(parsed->path), "nav node");
}

TEST(CommandLine, AsksForHelpEvenWhereSomethingIsMissing) {
  Command const nav = nav_command({}, no_variable);
  for (auto const* line : {"run --help", "run --on cpu -h", "--help", "node drain -h"}) EXPECT_TRUE(parse(nav, words(line))->wants_help) << line;
}

TEST(Up, HandsItsOptionsOverWithDefaultsFilledIn) {
  UpOptions got;
  LocalCommands local;
  local.up = [&](UpOptions const& options) {
    got = options;
    return 17;
  };
  auto const variables = [](char const* name) -> std::optional<std::string> {
    return std::string_view(name) == "NAV_DATA" ? std::optional<std::string>("/srv/nav") : std::nullopt;
  };
  std::vector<std::string> line{"nav", "up", "--simulate", "dgx-a100:3", "--simulate", "a30", "--background"};
  std::vector<char*> argv;
  for (auto& word : line) argv.push_back(word.data());
  EXPECT_EQ(run_cli(static_cast<int>(argv.size()), argv.data(), local, variables), 17);
  EXPECT_EQ(got.simulate, (std::vector<SimulatedNodes>{{"dgx-a100", 3}, {"a30", 1}}));
  EXPECT_EQ(got.data, "/srv/nav");
  EXPECT_EQ(got.listen, default_listen);
  EXPECT_TRUE(got.background);
  EXPECT_FALSE(got.stop_jobs);
}

TEST(Sim, HandsOverTheFault) {
  SimFaultOptions got;
  LocalCommands local;
  local.sim_fault = [&](SimFaultOptions const& options) {
    got = options;
    return 0;
  };
  std::vector<std::string> line{"nav", "sim", "fault", "dgx-1", "--gpu", "3", "--xid", "94", "--slice", "1g.5gb@4"};
  std::vector<char*> argv;
  for (auto& word : line) argv.push_back(word.data());
  EXPECT_EQ(run_cli(static_cast<int>(argv.size()), argv.data(), local, no_variable), 0);
  EXPECT_EQ(got.node, "dgx-1");
  EXPECT_EQ(got.gpu, 3u);
  EXPECT_EQ(got.xid, 94u);
  EXPECT_EQ(got.slice, "1g.5gb@4");
}

}  // namespace
}  // namespace nav::cli
