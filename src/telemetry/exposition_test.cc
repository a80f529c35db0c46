// SPDX-License-Identifier: Apache-2.0
#include "telemetry/exposition.h"

#include <cmath>
#include <gtest/gtest.h>

#include "base/random.h"
#include "telemetry/dcgm_page.h"

namespace nav::telemetry {
namespace {

TEST(Exposition, KeepsEachMetricsLinesTogetherAndEscapesWhatOthersWrote) {
  Exposition page;
  page.add("b", Exposition::Type::Counter, "Second.", {}, 1);
  page.add("a", Exposition::Type::Gauge, "First.", {{"name", "x\"y\\z\n"}}, 0.5);
  page.add("b", Exposition::Type::Counter, "Second.", {{"k", "v"}, {"l", "w"}}, 2);
  EXPECT_EQ(page.text(),
            "# HELP a First.\n# TYPE a gauge\na{name=\"x\\\"y\\\\z\\n\"} 0.5\n"
            "# HELP b Second.\n# TYPE b counter\nb 1\nb{k=\"v\",l=\"w\"} 2\n");
  auto const back = read_exposition(page.text());
  ASSERT_TRUE(back);
  EXPECT_EQ((*back)[0], (Exposed{"a", {{"name", "x\"y\\z\n"}}, 0.5}));
}

TEST(Exposition, IsReadAsOthersWriteIt) {
  auto const read = read_exposition("# a comment\n\nx 1 1395066363000\r\ny{ a = \"1\" , b=\"2\", } 2e3\nz NaN\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)[0], (Exposed{"x", {}, 1}));
  EXPECT_EQ((*read)[1], (Exposed{"y", {{"a", "1"}, {"b", "2"}}, 2000}));
  EXPECT_TRUE(std::isnan((*read)[2].value));
}

TEST(Exposition, ThatIsNoneIsRefusedWithTheLine) {
  for (char const* page : {"<html>\n", "x\n", "x{a=\"1\" 2\n", "x{a=1} 2\n", "x 1x\n", "{} 1\n"}) EXPECT_FALSE(read_exposition(page)) << page;
  EXPECT_NE(read_exposition("x 1\n404 page not found").error().message.find("line 2"), std::string::npos);
}

/// A row in the form of dcgm-exporter 4, as its documentation and sources give it; the values are invented.
std::string row(std::string const& name, int gpu, std::string const& uuid, std::string const& instance, std::string const& value) {
  std::string const of_instance = instance.empty() ? "" : fmt::format(R"(,GPU_I_PROFILE="1g.5gb",GPU_I_ID="{}")", instance);
  return fmt::format(R"({}{{gpu="{}",UUID="{}",pci_bus_id="00000000:07:00.0",device="nvidia{}",modelName="NVIDIA A100-SXM4-40GB"{},Hostname="dgx",)"
                     R"(DCGM_FI_DRIVER_VERSION="535.161.08"}} {})"
                     "\n",
                     name, gpu, uuid, gpu, of_instance, value);
}

/// Of an A100 that is cut and of one that is whole.
std::string const page = "# HELP DCGM_FI_DEV_GPU_TEMP GPU temperature (in C).\n# TYPE DCGM_FI_DEV_GPU_TEMP gauge\n" +
                         row("DCGM_FI_DEV_GPU_TEMP", 0, "GPU-aa", "7", "31") + row("DCGM_FI_DEV_FB_USED", 0, "GPU-aa", "7", "2048") +
                         row("DCGM_FI_DEV_FB_USED", 1, "GPU-bb", "", "12") + row("DCGM_FI_PROF_GR_ENGINE_ACTIVE", 0, "GPU-aa", "7", "0.873214") +
                         row("DCGM_FI_PROF_GR_ENGINE_ACTIVE", 1, "GPU-bb", "", "9223372036854775794") + row("DCGM_FI_DEV_MEMORY_TEMP", 0, "GPU-aa", "7", "40");

TEST(DcgmPage, TellsTheActivityOfInstancesAndNothingItDoesNotKnow) {
  auto const values = read_dcgm_page(page);
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(*values, (std::vector<DcgmValue>{
                         {"GPU-aa", 7, Metric::MemoryUsed, 2048}, {"GPU-bb", {}, Metric::MemoryUsed, 12}, {"GPU-aa", 7, Metric::Activity, 0.873214}}));
}

TEST(DcgmPage, OfAnotherProgramIsRefused) {
  EXPECT_FALSE(read_dcgm_page("go_goroutines 7\n"));
  EXPECT_FALSE(read_dcgm_page("404 page not found\n"));
  EXPECT_FALSE(read_dcgm_page(""));
}

TEST(DcgmPage, SurvivesAnyBytes) {
  Random random(11);
  for (int i = 0; i < 5000; ++i) {
    std::string broken = page;
    for (int k = 0; k < 8; ++k) broken[random.below(broken.size())] = static_cast<char>(random.next());
    (void)read_dcgm_page(broken);
  }
}

}  // namespace
}  // namespace nav::telemetry
