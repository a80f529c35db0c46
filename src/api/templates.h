// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

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
  bool seeded = false;

  static constexpr Doc docs[] = {
      {"", "A kind of compute that jobs can name."},
      {"name", "What to put in a job's compute list.", R"("mig-1g.5gb")"},
      {"kind", "A slice of a GPU, whole GPUs of one node, or processors alone.", R"("slice")"},
      {"profile", "Of a slice: its MIG profile, on any board that has it.", R"("1g.5gb")"},
      {"family", "Of whole GPUs: which.", R"("a100")"},
      {"gpus", "Of whole GPUs: how many.", "2"},
      {"cpu_milli", "A job's share of the processors, unless it asks otherwise.", "4000"},
      {"memory_mib", "A job's share of the machine's memory, unless it asks otherwise.", "18432"},
      {"seeded", "It appeared by itself for hardware that joined.", "true"},
  };
};
BOOST_DESCRIBE_STRUCT(Template, (), (name, kind, profile, family, gpus, cpu_milli, memory_mib, seeded))

}  // namespace nav::api
