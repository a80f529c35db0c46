// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

/// POST /v1/jobs/{job}/door
struct DoorLink {
  JobId job;
  std::string url;
  Time expires;

  static constexpr Doc docs[] = {
      {"", "An address that lets a browser in to the port of a job."},
      {"job", "Whose port it is.", "42"},
      {"url", "To be opened once; the browser then has a cookie for this job alone.", R"("http://job-42.localhost:8442/jobs/42/?door=nav_...")"},
      {"expires", "When it opens nothing any more."},
  };
};
BOOST_DESCRIBE_STRUCT(DoorLink, (), (job, url, expires))

}  // namespace nav::api
