// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jobs.h"
#include "api/services.h"

namespace nav::api {

/// One of GET /v1/services
struct ListedService {
  Job job;
  ServiceKind kind = ServiceKind::Workspace;
  ServiceState state;
  Duration idle_after;
  std::string path;
  std::optional<std::string> url;

  static constexpr Doc docs[] = {
      {"", "A workspace or endpoint that is not over."},
      {"job", "The job it is, with its owner and where it runs."},
      {"kind", "What it is for.", R"("endpoint")"},
      {"state", "How it is."},
      {"idle_after", "Ended when nobody used it for so long; zero: never.", "7200000000"},
      {"path", "Where the door shows it.", R"("/jobs/42/")"},
      {"url", "The same with the door's address, for programs: they give their token there. Absent: this controller has no door.",
       R"("http://127.0.0.1:8441/jobs/42/")"},
  };
};
BOOST_DESCRIBE_STRUCT(ListedService, (), (job, kind, state, idle_after, path, url))

}  // namespace nav::api
