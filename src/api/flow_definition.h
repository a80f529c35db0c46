// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "api/on_out_of_memory.h"
#include "base/json.h"

/// What a person writes to say what a flow is. A YAML file of the same fields is read by the command line; everything that has a unit is
/// written as people write it ("15m", "8G"), so that file and API are one form.
namespace nav::api {

/// What a component unfolds into.
enum class ComponentKind { Job, Sweep, Workspace, Endpoint };
BOOST_DESCRIBE_ENUM(ComponentKind, Job, Sweep, Workspace, Endpoint)

/// Which trial of a sweep is the best.
enum class SweepGoal { Max, Min };
BOOST_DESCRIBE_ENUM(SweepGoal, Max, Min)

/// Where a parameter of a random sweep is drawn from.
struct SweepRange {
  std::vector<std::string> choices = {};
  std::optional<double> low = {};
  std::optional<double> high = {};
  bool log = false;
  bool whole = false;

  static constexpr Doc docs[] = {
      {"", "Where a parameter is drawn from: `choices`, or from `low` to `high`."},
      {"choices", "One of these, each as likely.", R"(["relu","tanh"])"},
      {"low", "The least it can be.", "0.0001"},
      {"high", "The most it can be.", "0.1"},
      {"log", "Drawn so that each power of ten is as likely; `low` is then above zero.", "true"},
      {"whole", "Only whole numbers.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(SweepRange, (), (choices, low, high, log, whole))

/// Which trials of a sweep are ended before their time.
enum class StoppingRule {
  Median,  ///< who is worse than the median of the others
  Asha,    ///< who is not among the best of its rung
};
BOOST_DESCRIBE_ENUM(StoppingRule, Median, Asha)

struct EarlyStopping {
  StoppingRule rule = StoppingRule::Median;
  std::string metric = {};
  std::optional<SweepGoal> goal = {};
  std::uint32_t after = 1;
  std::uint32_t every = 1;
  std::uint32_t others = 3;
  std::uint32_t eta = 3;

  static constexpr Doc docs[] = {
      {"", "Which trials are ended before their time, by what they log while they run."},
      {"rule",
       "`median`: who is worse than the median of the others. `asha`: who is not among the best of those that have come to the same rung, which are the steps "
       "`after`, `after` times `eta`, and so on.",
       R"("asha")"},
      {"metric", "What is compared, as it was at best up to the same step. Empty: the sweep's metric.", R"("accuracy")"},
      {"goal", "Whether more of it is better, or less. Without it as the sweep's.", R"("max")"},
      {"after", "The first step at which trials are compared.", "1", R"("minimum":1)"},
      {"every", "Of `median`: so many steps from one comparison to the next.", "1", R"("minimum":1)"},
      {"others", "Of `median`: so many others must have come so far.", "3", R"("minimum":1)"},
      {"eta", "Of `asha`: one in so many goes on beyond each rung.", "3", R"("minimum":2)"},
  };
};
BOOST_DESCRIBE_STRUCT(EarlyStopping, (), (rule, metric, goal, after, every, others, eta))

struct FlowComponent {
  ComponentKind kind = ComponentKind::Job;
  std::vector<std::string> on = {};
  std::vector<std::string> command = {};
  std::map<std::string, std::string> env = {};
  std::string workdir = {};
  std::string time_limit = {};
  std::string memory = {};
  std::string cpus = {};
  std::uint32_t retries = 0;
  bool restartable = false;
  std::int32_t priority = 0;
  std::optional<OnOutOfMemory> on_out_of_memory = {};
  std::vector<std::string> after = {};
  std::map<std::string, std::string> inputs = {};
  std::vector<std::string> outputs = {};
  std::string when = {};
  std::string approval = {};
  std::vector<std::string> approvers = {};
  std::map<std::string, std::vector<std::string>> grid = {};
  std::map<std::string, SweepRange> random = {};
  std::uint32_t trials = 0;
  std::uint64_t seed = 0;
  std::uint32_t parallel = 0;
  std::string metric = {};
  SweepGoal goal = SweepGoal::Max;
  std::uint32_t may_fail = 0;
  std::optional<EarlyStopping> early_stopping = {};
  std::optional<bool> cache = {};
  std::string health = {};
  std::string idle_after = {};
  bool keep = false;

  static constexpr std::array required{"on", "command"};
  static constexpr Doc docs[] = {
      {"", "One step of a flow: a job, a sweep of jobs that differ in their parameters, or a service that others use while it is there."},
      {"kind",
       "`job`, `sweep`, `workspace` or `endpoint`. A service, which the last two are, is there once it answers: what comes after it begins then, and it is "
       "ended when "
       "the rest of the run is over.",
       R"("job")"},
      {"on", "The compute list: names of templates in order of preference.", R"(["mig-1g.5gb","cpu"])", R"("minItems":1,"maxItems":32)"},
      {"command",
       "The program and its arguments. `{{name}}` stands for a parameter. It starts in the job's folder, which has `inputs` and `outputs`. Of a workspace it "
       "may be "
       "empty: Jupyter, as it is installed on the node.",
       R"(["python","inputs/train.py","--rate","{{rate}}"])", R"("maxItems":10000)"},
      {"env", "Environment variables, with `{{name}}` for parameters.", R"({"SEED":"{{seed}}"})"},
      {"workdir", "A folder on the node to start in. Empty: a new folder of the attempt's own.", R"("")"},
      {"time_limit", "After this long an attempt is ended: 90s, 15m, 2h. Empty: no limit.", R"("15m")"},
      {"memory", "Memory of the machine: 512M, 16G. Empty: the template's share.", R"("8G")"},
      {"cpus", "Processors: 4, 0.5. Empty: the template's share.", R"("4")"},
      {"retries", "How often a failed attempt is tried again.", "2", R"("maximum":1000)"},
      {"restartable", "It may be stopped and begun anew.", "true"},
      {"priority", "Higher goes first.", "0", R"("minimum":-1000,"maximum":1000)"},
      {"on_out_of_memory",
       "`climb`: a job or trial that ran out of memory begins anew where there is more, alone: on a rung of its list, else on the next larger slice of the "
       "same GPU. Without it trials of a sweep climb, and a job fails.",
       R"("climb")"},
      {"after", "Components that must have succeeded before, beside those its inputs come from.", R"(["prepare"])"},
      {"inputs",
       "Files it finds under $NAV_INPUTS, by name: `prepare.data` is the output of a component, `train.best.model` that of a sweep's best trial, "
       "`sha256:...` an artifact; in a YAML file `./train.py` is a file beside it.",
       R"({"data":"prepare.data"})"},
      {"outputs", "Files it leaves under $NAV_OUTPUTS, by name.", R"(["model"])"},
      {"when", "Run only if this holds: a metric of a component, a comparison, a number. Else it is skipped, and what needs it too.",
       R"("train.best.metrics.accuracy > 0.9")"},
      {"approval", "What a person is asked before it starts, when all it needs is there. It waits until somebody approves; rejected, it is skipped.",
       R"("Is the model good enough to be served?")"},
      {"approvers", "Names of the users who may answer, beside administrators. Empty: every member of the project.", R"(["ada"])", R"("maxItems":100)"},
      {"grid", "Of a sweep: every combination of these values.", R"({"rate":["0.01","0.1"],"units":["16","32"]})"},
      {"random", "Of a sweep: drawn anew for each trial."},
      {"trials", "Of a sweep: so many trials. Zero: every combination of the grid.", "18"},
      {"seed", "Of a random sweep: the same seed draws the same parameters.", "7"},
      {"parallel", "Of a sweep: at most so many trials at once. Zero: all.", "0"},
      {"metric", "Of a sweep: which metric says what the best trial is.", R"("accuracy")"},
      {"goal", "Of a sweep: whether more of it is better, or less.", R"("max")"},
      {"may_fail", "Of a sweep: so many trials may fail without the sweep failing.", "0"},
      {"early_stopping", "Of a sweep: trials that do worse than the others are ended before their time. They count as over, not as failed."},
      {"cache",
       "`true`: where the project has a kept run in which a job with the same name of component, command, environment, parameters, inputs by content and names "
       "of "
       "outputs succeeded, its outputs and metrics are handed on and nothing runs. Of a sweep: trial by trial. Without it the flow's `cache` counts.",
       "true"},
      {"health", "Of a service: a path that is asked every few seconds; 2xx and 3xx mean well. Empty: it is well as long as it listens.", R"("/healthz")"},
      {"idle_after", "Of a service: ended when nobody used it for so long. Empty: a workspace after 2h, an endpoint never.", R"("30m")"},
      {"keep", "Of a service: it goes on when the run is over, and the component has succeeded as soon as it answers.", "true"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowComponent, (),
                      (kind, on, command, env, workdir, time_limit, memory, cpus, retries, restartable, priority, on_out_of_memory, after, inputs, outputs,
                       when, approval, approvers, grid, random, trials, seed, parallel, metric, goal, may_fail, early_stopping, cache, health, idle_after,
                       keep))

struct FlowDefinition {
  std::string name = {};
  std::string description = {};
  std::map<std::string, std::string> parameters = {};
  std::map<std::string, FlowComponent> components = {};
  bool cache = false;

  static constexpr std::array required{"name", "components"};
  static constexpr Doc docs[] = {
      {"", "A graph of components, by name. A component starts when all it needs has succeeded."},
      {"name", "What the flow is called; a changed definition of the same name is its next version.", R"("digits")", R"("minLength":1,"maxLength":63)"},
      {"description", "For people.", R"("Prepares, trains, serves.")"},
      {"parameters", "Parameters with their defaults; a run may give others.", R"({"rows":"1000"})"},
      {"components", "The components by name.", R"({"prepare":{"on":["cpu"],"command":["python","prepare.py"],"outputs":["data"]}})",
       R"("minProperties":1,"maxProperties":200)"},
      {"cache", "What counts for components that do not say it themselves.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowDefinition, (), (name, description, parameters, components, cache))

}  // namespace nav::api
