// SPDX-License-Identifier: Apache-2.0
#include "telemetry/dcgm_rows.h"

#include <gtest/gtest.h>

namespace nav::telemetry {
namespace {

std::string const labels = R"(gpu="3",UUID="GPU-1",pci_bus_id="0000:07:00.0",device="nvidia5",modelName="NVIDIA A100",)";

TEST(DcgmRows, AGpuHasTheExportersNamesUnitsAndLabels) {
  Exposition page;
  add_dcgm_rows(page, {.gpu = 3, .uuid = "GPU-1", .pci_bus_id = "0000:07:00.0", .minor = 5, .model = "NVIDIA A100", .host = "rack-7", .driver_version = "550"},
                {{Metric::Activity, 0.5}, {Metric::Energy, 2.5}, {Metric::MemoryUsed, 100}, {Metric::MemoryTotal, 400}});
  std::string const text = page.text();
  std::string const rest = R"(Hostname="rack-7",DCGM_FI_DRIVER_VERSION="550",hpc_job=""} )";
  for (char const* row : {"DCGM_FI_DEV_GPU_UTIL{%} 50\n", "DCGM_FI_PROF_GR_ENGINE_ACTIVE{%} 0.5\n", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{%} 2500\n",
                          "DCGM_FI_DEV_FB_USED{%} 100\n", "DCGM_FI_DEV_FB_FREE{%} 300\n"}) {
    std::string wanted = row;
    auto const at = wanted.find("%} ");
    wanted = wanted.substr(0, at) + labels + rest + wanted.substr(at + 3);
    EXPECT_NE(text.find(wanted), text.npos) << wanted << "is not in\n" << text;
  }
  EXPECT_EQ(text.find("DCGM_FI_DEV_POWER_USAGE"), text.npos) << "what is not known is left out";
}

TEST(DcgmRows, AnInstanceHasItsProfileAndNumberAndNoUtilization) {
  Exposition page;
  add_dcgm_rows(page, {.gpu = 3, .uuid = "GPU-1", .placement = "1g.5gb@4", .instance = 9, .job = "42"}, {{Metric::Activity, 0.25}});
  std::string const text = page.text();
  EXPECT_NE(text.find(R"(GPU_I_PROFILE="1g.5gb",GPU_I_ID="9")"), text.npos) << text;
  EXPECT_NE(text.find(R"(hpc_job="42")"), text.npos);
  EXPECT_EQ(text.find("DCGM_FI_DEV_GPU_UTIL"), text.npos);
}

}  // namespace
}  // namespace nav::telemetry
