// SPDX-License-Identifier: Apache-2.0
// nav doctor: what on this machine keeps OpenNav from working, and the remedy.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/machine.h"
#include "adapters/nvml.h"
#include "base/json.h"
#include "base/text.h"
#include "main/address.h"
#include "main/commands.h"
#include "main/data_folder.h"
#include "main/local_agents.h"
#include "main/running.h"

namespace nav {

namespace fs = std::filesystem;

namespace {

enum class Verdict { Good, Limited, Bad };
BOOST_DESCRIBE_ENUM(Verdict, Good, Limited, Bad)

struct Finding {
  std::string about;
  Verdict verdict = Verdict::Good;
  std::string found;
  std::string remedy;
};
BOOST_DESCRIBE_STRUCT(Finding, (), (about, verdict, found, remedy))

Finding rights() {
  if (geteuid() == 0) return {"rights", Verdict::Good, "root: jobs run as users of their own", ""};
  return {"rights", Verdict::Limited, "not root: jobs run as this user, so the agent should serve one owner only, and MIG cannot be changed",
          "run the agent as root (packaged: systemctl start opennav-agent) to serve several people"};
}

std::vector<Finding> gpus(cli::DoctorOptions const& options) {
  NvmlPort driver({.library = options.nvml});
  auto const inventory = driver.discover();
  if (!inventory)
    return {{"driver", Verdict::Bad, to_text(inventory.error()), "see that nvidia-smi works; name the library with --nvml if it is not in its usual place"}};
  if (inventory->driver_version.empty())
    return {{"driver", Verdict::Limited, "no NVIDIA driver: this machine gives processors and memory only",
             "nav up --simulate dgx-a100 tries everything without a GPU"}};
  std::vector<Finding> findings{{"driver", Verdict::Good, fmt::format("NVIDIA {} with {} GPUs", inventory->driver_version, inventory->gpus.size()), ""}};
  for (auto const& gpu : inventory->gpus) {
    Finding finding{fmt::format("gpu {}", gpu.index), Verdict::Good, gpu.model, ""};
    auto const status = driver.look(gpu.uuid);
    if (!status) {
      finding.verdict = Verdict::Bad;
      finding.found += fmt::format(": {}", status.error().message);
      finding.remedy = status.error().hint;
    } else if (!gpu.mig_capable) {
      finding.found += ", cannot be cut: given whole";
    } else {
      auto const& board = gpu.board < inventory->boards.size() ? inventory->boards[gpu.board] : mig::Board{};
      finding.found += fmt::format(", MIG {}{}", status->mode == GpuMode::Mig ? "on" : "off",
                                   board.profiles.empty() ? ", profiles unknown until MIG is on" : fmt::format(", {} profiles", board.profiles.size()));
      if (status->reset_needed) {
        finding.verdict = Verdict::Bad;
        finding.found += ", a mode is pending until the GPU is reset";
        finding.remedy = fmt::format("stop its clients, then as root: nvidia-smi --gpu-reset -i {}", gpu.index);
      } else if (!status->problem.empty()) {
        finding.verdict = Verdict::Limited;
        finding.remedy = status->problem;
      }
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

bool can_make(std::string const& parent) {
  std::string const probe = fmt::format("{}/nav-doctor-{}", parent, getpid());
  std::error_code error;
  bool const made = fs::create_directory(probe, error) && !error;
  fs::remove(probe, error);
  return made;
}

Finding cgroups() {
  Finding finding{"cgroups", Verdict::Good, "", ""};
  if (std::ifstream controllers("/sys/fs/cgroup/cgroup.controllers"); controllers) {
    std::string all;
    std::getline(controllers, all);
    finding.found = fmt::format("version 2 with {}", all.empty() ? "no controllers" : all);
    if (all.find("memory") == std::string::npos || !can_make("/sys/fs/cgroup")) finding.verdict = Verdict::Limited;
  } else if (fs::exists("/sys/fs/cgroup/memory")) {
    finding.found = "version 1";
    if (!can_make("/sys/fs/cgroup/memory")) finding.verdict = Verdict::Limited;
  } else {
    finding = {"cgroups", Verdict::Limited, "none are mounted", ""};
  }
  if (finding.verdict == Verdict::Limited) {
    finding.found += "; limits of jobs on memory and processors will not be enforced";
    finding.remedy = "run the agent as root, with the memory and cpu controllers";
  }
  return finding;
}

Finding namespaces() {
  pid_t const child = fork();
  if (child == 0) _exit(unshare(CLONE_NEWPID | CLONE_NEWNS) == 0 ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return {"namespaces", Verdict::Good, "a job's processes end surely with it and see only their own files", ""};
  return {"namespaces", Verdict::Limited, "not allowed here: jobs share this machine's process list and /tmp", "run the agent as root"};
}

Finding supervisor() {
  std::string const program = fs::path(own_program()).parent_path() / "nav-supervisor";
  if (access(program.c_str(), X_OK) == 0) return {"supervisor", Verdict::Good, program, ""};
  return {"supervisor", Verdict::Bad, fmt::format("there is no program {}", program), "install nav and nav-supervisor side by side"};
}

Finding disk(std::string const& data) {
  fs::path folder = fs::absolute(data);
  std::error_code unseen;  // what may not be looked at is as good as absent: the nearest that may is told of
  while (!fs::exists(folder, unseen) && folder.has_parent_path() && folder != folder.parent_path()) folder = folder.parent_path();
  struct statvfs space {};
  if (statvfs(folder.c_str(), &space) != 0)
    return {"disk", Verdict::Bad, fmt::format("{} cannot be looked at", folder.string()), "choose another folder with --data"};
  std::uint64_t const mib = space.f_bavail * (space.f_frsize / 1024) / 1024;
  Finding finding{"disk", Verdict::Good, fmt::format("{} free for {}", mib_text(mib), data), ""};
  if (access(folder.c_str(), W_OK) != 0)
    finding = {"disk", Verdict::Bad, fmt::format("{} cannot be written by this user", folder.string()), "choose another folder with --data, or use sudo"};
  else if (mib < 1024) finding.verdict = Verdict::Limited, finding.remedy = "free some space: the journal refuses new jobs when the disk is full";
  return finding;
}

/// Why nothing can listen there; 0 when it can.
int fault_of_listening(ListenAddress const& address) {
  int const listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return errno;
  int const yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &where.sin_addr);
  bool const listens = bind(listener, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0 && listen(listener, 1) == 0;
  int const fault = listens ? 0 : errno;
  close(listener);
  return fault;
}

Finding port(std::string const& about, char const* listen, std::string const& option) {
  auto const address = parse_listen(listen, option);
  int const fault = address ? fault_of_listening(*address) : EINVAL;
  if (fault == 0) return {about, Verdict::Good, fmt::format("{} is free", listen), ""};
  return {about, Verdict::Limited, fmt::format("{}: {}", listen, fault == EADDRINUSE ? "another program listens there" : std::strerror(fault)),
          fmt::format("choose another with nav up {} HOST:PORT; ss -ltnp says who has it", option)};
}

/// What runs on the data folder, and whether it could be reached where it would listen by itself.
std::vector<Finding> service(std::string const& data) {
  DataFolder const folder{fs::absolute(data).lexically_normal()};
  auto const running = running_in(folder);
  if (!running) return {{"service", Verdict::Limited, running.error().message, running.error().hint}};
  if (auto const pid = *running) {
    auto url = read_file(folder.url()).value_or("");
    while (!url.empty() && url.back() == '\n') url.pop_back();
    auto door = read_file(folder.door_url()).value_or("");
    while (!door.empty() && door.back() == '\n') door.pop_back();
    return {{"service", Verdict::Good, fmt::format("process {} serves at {}", *pid, url), ""},
            {"door", Verdict::Good, door.empty() ? "not open" : fmt::format("ports of jobs are reached at {}", door), ""}};
  }
  return {{"service", Verdict::Good, "nothing runs on this data folder", ""},
          port("port", cli::default_listen, "--listen"),
          port("agents port", cli::default_agents_listen, "--agents-listen")};
}

}  // namespace

int run_doctor(cli::DoctorOptions const& options) {
  std::vector<Finding> findings{rights()};
  for (auto& finding : gpus(options)) findings.push_back(std::move(finding));
  findings.insert(findings.end(), {cgroups(), namespaces(), supervisor(), disk(options.data)});
  for (auto& finding : service(options.data)) findings.push_back(std::move(finding));
  bool bad = false;
  for (auto const& finding : findings) bad = bad || finding.verdict == Verdict::Bad;
  if (options.json) {
    std::puts(json_write(findings).c_str());
    return bad ? 1 : 0;
  }
  for (auto const& finding : findings) {
    std::printf("%-8s %-12s %s\n", enum_text(finding.verdict).c_str(), finding.about.c_str(), finding.found.c_str());
    if (!finding.remedy.empty()) std::printf("%-8s %-12s -> %s\n", "", "", finding.remedy.c_str());
  }
  return bad ? 1 : 0;
}

}  // namespace nav
