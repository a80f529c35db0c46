// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/command.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>

#include "base/text.h"
#include "nvmlsim/control.h"

namespace nav::nvmlsim {
namespace {

Result<unsigned> number(std::string const& field, std::string const& text) {
  unsigned value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return fail_field(field, "a number", "{} is not a number", text);
  return value;
}

Result<unsigned> gpu_number(std::string const& text) {
  if (text == "all") return every_gpu;
  return number("gpu", text);
}

Result<unsigned> times(std::string const& text) {
  if (text == "always") return until_cleared;
  return number("times", text);
}

Result<std::string> done(Result<void> result) {
  if (!result) return Unexpected(std::move(result).error());
  return std::string();
}

using Words = std::vector<std::string>;

struct Command {
  char const* name;
  char const* arguments;
  char const* purpose;
  std::size_t least, most;  ///< how many arguments
  std::function<Result<std::string>(Words const&)> run;
};

Result<std::string> create(Words const& words) {
  TRY(Simulation simulation, parse_simulation(words[1]));
  TRY(unsigned seed, number("seed", words.size() > 3 ? words[3] : "1"));
  return done(create_node(words[0], *simulation.machine, words.size() > 2 ? words[2] : "sim", seed));
}

Result<std::string> describe(Words const& words) {
  TRY(NodeDescription node, describe_node(words[0]));
  return fmt::format("{}: {} ({} GPUs, {} threads, {}), simulated{}{}\n", node.name, node.description, node.gpus, node.cpus, mib_text(node.memory_mib),
                     node.caveat.empty() ? "" : "; ", node.caveat);
}

Result<std::string> environment(Words const& words) {
  TRY_VOID(describe_node(words[0]));
  TRY(std::string library, library_folder());
  std::string text;
  for (auto const& [name, value] : env_for(words[0], library)) text += fmt::format("export {}='{}'\n", name, value);
  return text;
}

Result<std::string> list_machines(Words const&) {
  std::string text;
  for (Machine const& machine : machines()) text += fmt::format("{:<14} {}\n", machine.name, machine.description);
  return text;
}

Result<std::string> xid(Words const& words) {
  TRY(unsigned gpu, number("gpu", words[1]));
  TRY(unsigned code, number("xid", words[2]));
  if (words.size() == 3) return done(inject_xid(words[0], gpu, code));
  TRY(unsigned instance, number("gpu instance", words[3]));
  TRY(unsigned compute, number("compute instance", words.size() > 4 ? words[4] : "0"));
  return done(inject_xid(words[0], gpu, code, instance, compute));
}

Result<std::string> refuse(Words const& words) {
  TRY(unsigned gpu, gpu_number(words[1]));
  TRY(unsigned count, times(words[2]));
  std::string with = words.size() > 3 ? words[3] : "insufficient-resources";
  if (with == "insufficient-resources") return done(refuse_creations(words[0], gpu, count, Refusal::InsufficientResources));
  if (with == "in-use") return done(refuse_creations(words[0], gpu, count, Refusal::InUse));
  if (with == "unknown") return done(refuse_creations(words[0], gpu, count, Refusal::Unknown));
  return fail_field("error", "insufficient-resources, in-use or unknown", "there is no refusal {}", with);
}

Result<std::string> busy(Words const& words) {
  TRY(unsigned gpu, gpu_number(words[1]));
  TRY(unsigned count, times(words[2]));
  return done(keep_busy(words[0], gpu, count));
}

Result<std::string> slow(Words const& words) {
  TRY(unsigned gpu, gpu_number(words[1]));
  TRY(unsigned milliseconds, number("milliseconds", words[2]));
  return done(slow_down(words[0], gpu, milliseconds));
}

Result<std::string> lose(Words const& words) {
  TRY(unsigned gpu, gpu_number(words[1]));
  return done(lose_gpu(words[0], gpu));
}

Result<std::string> wear(Words const& words) {
  TRY(unsigned gpu, gpu_number(words[1]));
  return done(wear_out(words[0], gpu));
}

Result<std::string> reset_one(Words const& words) {
  TRY(unsigned gpu, number("gpu", words[1]));
  return done(reset_gpu(words[0], gpu));
}

std::vector<Command> const& commands() {
  static std::vector<Command> const all = {
      {"machines", "", "list what can be simulated", 0, 0, list_machines},
      {"create", "FOLDER MACHINE [NAME [SEED]]", "make a simulated node", 2, 4, create},
      {"describe", "FOLDER", "say what a node is", 1, 1, describe},
      {"env", "FOLDER", "print the variables that point any NVML program at it", 1, 1, environment},
      {"xid", "FOLDER GPU XID [GI [CI]]", "report an error of the GPU or of one instance", 3, 5, xid},
      {"refuse", "FOLDER GPU|all TIMES|always [ERROR]", "refuse the next creations (insufficient-resources, in-use, unknown)", 3, 4, refuse},
      {"busy", "FOLDER GPU|all TIMES|always", "answer the next destructions with IN_USE", 3, 3, busy},
      {"slow", "FOLDER GPU|all MILLISECONDS", "make every call wait", 3, 3, slow},
      {"lose", "FOLDER GPU|all", "let the GPU fall off the bus", 2, 2, lose},
      {"wear", "FOLDER GPU|all", "let a row of its memory go bad, with no spare one left", 2, 2, wear},
      {"clear", "FOLDER", "end all of these", 1, 1, [](Words const& words) { return done(clear_faults(words[0])); }},
      {"reset", "FOLDER GPU", "reset a GPU: instances go, a pending MIG mode counts", 2, 2, reset_one},
      {"reboot", "FOLDER", "reboot the node: only Ampere's MIG mode stays", 1, 1, [](Words const& words) { return done(reboot_node(words[0])); }},
  };
  return all;
}

}  // namespace

std::string usage() {
  std::string text;
  for (Command const& command : commands()) text += fmt::format("  {:<44} {}\n", fmt::format("{} {}", command.name, command.arguments), command.purpose);
  return text;
}

Result<std::string> run_command(Words const& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "help") return usage();
  std::vector<std::string> known;
  for (Command const& command : commands()) {
    known.emplace_back(command.name);
    if (command.name != words[0]) continue;
    Words const arguments(words.begin() + 1, words.end());
    if (arguments.size() < command.least || arguments.size() > command.most)
      return fail_field(command.name, fmt::format("{} {}", command.name, command.arguments), "wrong number of arguments");
    return command.run(arguments);
  }
  std::vector<std::string> near = nearest(words[0], known);
  return fail_field("command", near.empty() ? "help lists them" : "did you mean " + near.front(), "there is no command {}", words[0]);
}

}  // namespace nav::nvmlsim
