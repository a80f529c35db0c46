// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "adapters/nvml_devices.h"
#include "adapters/nvml_events.h"
#include "adapters/nvml_library.h"
#include "agent/ports.h"

namespace nav {

struct NvmlOptions {
  std::string library = {};           ///< path of libnvidia-ml.so.1; empty: the system's
  bool simulated = false;             ///< the library is the simulated driver: the inventory says so, and jobs get no device files
  std::function<void()> on_xid = {};  ///< called from a thread of the port when xids() has something new
  nvml::DeviceFolders folders = {};
  Duration patience = seconds(20);  ///< with a GPU that does not answer while all are being found
};

/// The GPUs behind an NVIDIA driver. Every method may be called from any thread, and may hang where the driver does: callers that must not hang
/// call from a thread of their own. Calls for one GPU come one after another.
class NvmlPort final : public GpuPort {
 public:
  explicit NvmlPort(NvmlOptions options);
  ~NvmlPort() override;

  Result<Inventory> discover() override;
  Result<GpuStatus> look(std::string const& gpu) override;
  Result<void> set_mode(std::string const& gpu, GpuMode mode) override;
  Result<InstanceStatus> create(std::string const& gpu, std::string const& placement) override;
  Result<void> destroy(std::string const& gpu, std::string const& placement) override;
  std::vector<XidStatus> xids() override { return watch_.take(); }

  /// The device files a job needs on this GPU (placement empty) or on this instance of it, as it was when last looked at. None under a
  /// simulated driver.
  std::vector<std::string> device_files(std::string const& gpu, std::string const& placement) const;

  struct Ids {
    unsigned gpu_instance = 0, compute_instance = 0;

    bool operator==(Ids const&) const = default;
  };
  /// A GPU with its instances as they were when last looked at, for who measures them.
  struct Seen {
    std::shared_ptr<nvml::Library> library;
    nvml::Device device = nullptr;
    std::string uuid;
    std::map<std::string, Ids> instances;  ///< by placement
  };
  std::vector<Seen> seen() const;

 private:
  struct Gpu;
  struct Instance;
  struct Compute;

  Result<std::shared_ptr<nvml::Library>> open();
  Result<std::shared_ptr<Gpu const>> find(std::string const& uuid) const;
  Result<InstanceStatus> complete(Gpu const& gpu, Instance const& instance);
  bool is_worn_out(Gpu const& gpu);
  void remember(Gpu const& gpu, std::map<std::string, Ids> ids);

  NvmlOptions options_;
  nvml::XidWatch watch_;

  mutable std::mutex mutex_;  // of everything below; never held during a call of the driver
  std::shared_ptr<nvml::Library> library_;
  std::map<std::string, std::shared_ptr<Gpu const>> gpus_;
  std::vector<std::pair<nvml::Device, std::string>> watched_;
  std::map<std::string, std::map<std::string, Ids>> ids_;  ///< by GPU and placement
  std::set<std::string> worn_out_;                         ///< GPUs with a row of memory that has no spare one left
};

}  // namespace nav
