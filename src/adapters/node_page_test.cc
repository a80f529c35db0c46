// SPDX-License-Identifier: Apache-2.0
#include "adapters/node_page.h"

#include <gtest/gtest.h>

#include "telemetry/exposition.h"

namespace nav {
namespace {

using namespace telemetry;

Readings reading(Subject subject, Time at, std::map<std::string, std::optional<double>> const& values) {
  Readings made{.subject = std::move(subject), .source = Source::Simulated, .at = {at}, .values = {}};
  for (auto const& [metric, value] : values) made.values[metric] = {value};
  return made;
}

Subject slice(std::uint32_t id, Time born) { return {.kind = SubjectKind::Instance, .gpu = "GPU-1", .placement = "1g.5gb@4", .born = born, .id = id}; }

struct Scraped {
  NodePage page{"rack-7"};
  Time now{1'800'000'000'000'000};

  Scraped() {
    Inventory inventory{.hostname = "rack-7", .driver_version = "550"};
    inventory.gpus.push_back({.index = 2, .uuid = "GPU-1", .model = "NVIDIA A100", .minor = 2});
    page.know(inventory, {AttemptSpec{.id = {JobId{42}, 1}, .gpus = {"GPU-1"}, .placement = "1g.5gb@4"}});
  }
  /// The values of a name, by the driver's number of the instance.
  std::map<std::string, double> values(std::string const& name) const {
    auto const rows = read_exposition(page.text(now));
    EXPECT_TRUE(rows) << to_text(rows.error());
    std::map<std::string, double> found;
    for (auto const& row : *rows) {
      if (row.name != name) continue;
      EXPECT_TRUE(found.emplace(row.labels.contains("GPU_I_ID") ? row.labels.at("GPU_I_ID") : "", row.value).second) << name << " is there twice";
    }
    return found;
  }
};

TEST(NodePage, ShowsTheNewestOfEachGpuAndInstanceWithWhoseItIs) {
  Scraped scraped;
  scraped.page.measured({reading({.kind = SubjectKind::Gpu, .gpu = "GPU-1"}, scraped.now, {{"power", 200}, {"temperature", std::nullopt}}),
                         reading(slice(9, Time{1}), scraped.now - seconds(5), {{"activity", 0.25}}),
                         reading(slice(9, Time{1}), scraped.now, {{"activity", 0.75}})});
  EXPECT_EQ(scraped.values("DCGM_FI_PROF_GR_ENGINE_ACTIVE"), (std::map<std::string, double>{{"9", 0.75}}));
  EXPECT_EQ(scraped.values("DCGM_FI_DEV_POWER_USAGE"), (std::map<std::string, double>{{"", 200}}));
  EXPECT_TRUE(scraped.values("DCGM_FI_DEV_GPU_TEMP").empty()) << "not known is not zero";
  EXPECT_NE(scraped.page.text(scraped.now).find(R"(hpc_job="42")"), std::string::npos);
}

TEST(NodePage, ForgetsWhatIsNotMeasuredAnyMoreAndWhatAnotherHasTakenThePlaceOf) {
  Scraped scraped;
  scraped.page.measured({reading(slice(9, Time{1}), scraped.now, {{"activity", 0.25}})});
  scraped.page.measured({reading(slice(9, Time{2}), scraped.now, {{"activity", 0.5}})});
  EXPECT_EQ(scraped.values("DCGM_FI_PROF_GR_ENGINE_ACTIVE"), (std::map<std::string, double>{{"9", 0.5}}));
  scraped.now = scraped.now + seconds(21);
  EXPECT_TRUE(scraped.values("DCGM_FI_PROF_GR_ENGINE_ACTIVE").empty());
  EXPECT_EQ(scraped.values("opennav_agent_attempts"), (std::map<std::string, double>{{"", 1}}));
}

TEST(NodePage, LeavesOutWhatNothingCanHaveMeasuredAndGpusItDoesNotKnow) {
  Scraped scraped;
  scraped.page.measured({reading({.kind = SubjectKind::Gpu, .gpu = "GPU-1"}, scraped.now, {{"power", -5}, {"colour", 3}, {"temperature", 1e300}}),
                         reading({.kind = SubjectKind::Gpu, .gpu = "GPU-2"}, scraped.now, {{"power", 200}})});
  for (char const* name : {"DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_GPU_TEMP"}) EXPECT_TRUE(scraped.values(name).empty()) << name;
}

}  // namespace
}  // namespace nav
