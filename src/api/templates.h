// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

enum class TemplateKind { Slice, Gpus, Cpu };
BOOST_DESCRIBE_ENUM(TemplateKind, Slice, Gpus, Cpu)

/// GET /v1/templates
struct Template {
  std::string name;
  TemplateKind kind = TemplateKind::Cpu;
  std::optional<std::string> profile;
  std::optional<std::string> family;
  std::optional<std::uint32_t> gpus;
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  std::vector<std::string> nodes;
  std::vector<std::string> sites;
  std::map<std::string, std::string> labels;
  std::vector<std::string> teams;
  std::vector<std::string> projects;
  std::vector<std::string> users;
  std::int64_t price_micro = 0;
  std::optional<Duration> longest;
  std::optional<std::int32_t> priority_ceiling;
  std::optional<std::string> description;
  bool seeded = false;
  std::optional<std::uint64_t> free;

  static constexpr Doc docs[] = {
      {"", "A kind of compute that jobs can name."},
      {"name", "What to put in a job's compute list.", R"("mig-1g.5gb")"},
      {"kind", "A slice of a GPU, whole GPUs of one node, or processors alone.", R"("slice")"},
      {"profile", "Of a slice: its MIG profile, on any board that has it.", R"("1g.5gb")"},
      {"family", "Of whole GPUs: which.", R"("a100")"},
      {"gpus", "Of whole GPUs: how many.", "2"},
      {"cpu_milli", "A job's share of the processors, unless it asks otherwise.", "4000"},
      {"memory_mib", "A job's share of the machine's memory, unless it asks otherwise.", "18432"},
      {"nodes", "Taken on these nodes alone; empty: on any.", R"([])"},
      {"sites", "Taken at these sites alone; empty: at any.", R"([])"},
      {"labels", "Taken on nodes with all of these labels.", R"({})"},
      {"teams", "For the projects of these teams. With none of teams, projects and users it is for everybody.", R"([])"},
      {"projects", "For these projects.", R"(["vision"])"},
      {"users", "For these users.", R"([])"},
      {"price_micro", "What an hour costs, in millionths of the installation's currency.", "2500000"},
      {"longest", "No attempt runs longer; a job without a time limit gets this one.", "14400000000"},
      {"priority_ceiling", "Jobs of a higher priority are not taken.", "10"},
      {"description", "For people.", R"("the slices of the room downstairs")"},
      {"seeded", "It appeared by itself for hardware that joined, and nobody changed it since.", "true"},
      {"free", "In the list: how many jobs could begin on it now, if nobody asked for anything else.", "9"},
  };
};
BOOST_DESCRIBE_STRUCT(Template, (),
                      (name, kind, profile, family, gpus, cpu_milli, memory_mib, nodes, sites, labels, teams, projects, users, price_micro, longest,
                       priority_ceiling, description, seeded, free))

/// POST /v1/templates, PUT /v1/templates/{template}: the whole of it. What it is follows from `profile` or `family`.
struct SetTemplate {
  std::string name;
  std::optional<TemplateKind> kind;
  std::optional<std::string> profile;
  std::optional<std::string> family;
  std::optional<std::uint32_t> gpus;
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  std::vector<std::string> nodes;
  std::vector<std::string> sites;
  std::map<std::string, std::string> labels;
  std::vector<std::string> teams;
  std::vector<std::string> projects;
  std::vector<std::string> users;
  std::int64_t price_micro = 0;
  std::optional<Duration> longest;
  std::optional<std::int32_t> priority_ceiling;
  std::optional<std::string> description;
  bool for_later = false;

  static constexpr Doc docs[] = {
      {"", "A template as it is to be."},
      {"name", "Lower-case letters, digits and inner `-._`. In a change it may be left out; it cannot become another.", R"("small")", R"("maxLength":63)"},
      {"kind", "May be left out: a template with a profile is a slice, one with a family whole GPUs, any other processors alone.", R"("slice")"},
      {"profile", "A slice of this MIG profile, on any board that has it.", R"("1g.5gb")", R"("maxLength":64)"},
      {"family", "Whole GPUs of this family.", R"("a100")", R"("maxLength":64)"},
      {"gpus", "How many of them, on one node; 1 unless said.", "2", R"("minimum":1,"maximum":32)"},
      {"cpu_milli", "A job's share of the processors. Zero: that of the hardware which goes with it.", "4000"},
      {"memory_mib", "A job's share of the machine's memory. Zero: that of the hardware which goes with it.", "18432", R"("maximum":1099511627776)"},
      {"nodes", "Only on these nodes, by name.", R"(["dgx-0"])", R"("maxItems":1000)"},
      {"sites", "Only at these sites.", R"(["local"])", R"("maxItems":1000)"},
      {"labels", "Only on nodes with all of these labels.", R"({"rack":"7"})"},
      {"teams", "For the projects of these teams, by name.", R"(["research"])"},
      {"projects", "For these projects, by name.", R"(["vision"])"},
      {"users", "For these users, by name.", R"(["ada"])"},
      {"price_micro", "What an hour costs, in millionths of the installation's currency.", "2500000", R"("minimum":0)"},
      {"longest", "No attempt runs longer.", "14400000000", R"("minimum":0)"},
      {"priority_ceiling", "Jobs of a higher priority are not taken.", "10", R"("minimum":-1000,"maximum":1000)"},
      {"description", "For people.", R"("the slices of the room downstairs")", R"("maxLength":1000)"},
      {"for_later", "Make it although nothing in the pool can give it yet.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(SetTemplate, (),
                      (name, kind, profile, family, gpus, cpu_milli, memory_mib, nodes, sites, labels, teams, projects, users, price_micro, longest,
                       priority_ceiling, description, for_later))

}  // namespace nav::api
