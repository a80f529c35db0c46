// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

/// The commands that are not clients of the API: they run a part of nav, or look at this machine. The command line knows their options
/// and help; what they do is wired in main/ and handed to `run_cli`. Every value is complete: defaults have been filled in.
namespace nav::cli {

/// Where the API listens unless told otherwise: loopback, so without TLS.
inline constexpr char default_listen[] = "127.0.0.1:8440";
/// Where agents of other machines dial in unless told otherwise, with mutual TLS.
inline constexpr char default_agents_listen[] = "0.0.0.0:8443";

/// Where ports of jobs are reached: an origin of its own, so that what jobs serve shares nothing with the API's pages.
struct DoorListen {
  std::string listen;  ///< HOST:PORT; empty: loopback, the first free port after the API's
  std::string name;    ///< in links; "*.door.example.org" gives every job a host of its own. Empty: "*.localhost" on loopback, else this machine's name
};

/// `--simulate dgx-a100:3`.
struct SimulatedNodes {
  std::string board;
  std::uint32_t count = 1;

  bool operator==(SimulatedNodes const&) const = default;
};

/// `--simulate-cloud v100:4,boot=5s,price=2.50,idle=1m`.
struct SimulatedCloudOptions {
  std::string machine;
  std::uint32_t most = 1;  ///< machines at once
  Duration boot = seconds(30);
  Duration idle = minutes(5);    ///< given back after
  std::int64_t price_micro = 0;  ///< an hour of one

  bool operator==(SimulatedCloudOptions const&) const = default;
};

struct UpOptions {
  std::vector<SimulatedNodes> simulate;
  std::vector<SimulatedCloudOptions> clouds;
  std::string data;                    ///< the folder of the installation
  std::string listen;                  ///< HOST:PORT of the API; port 0: any that is free
  std::string agents_listen;           ///< HOST:PORT for agents of other machines; empty: none may join
  std::vector<std::string> tls_names;  ///< names and addresses the certificates are to hold besides this machine's own
  DoorListen door = {};
  std::string nvml;                    ///< path of libnvidia-ml.so.1; empty: the system's
  std::string artifacts;               ///< "s3://bucket/prefix", where they are kept; empty: in the data folder
  Duration keep_artifacts = days(30);  ///< that nobody needs; zero: for ever
  bool no_agent = false;               ///< this machine itself brings nothing into the pool
  bool background = false;             ///< return once it serves
  bool stop_jobs = false;              ///< end running jobs when it stops
};

struct DownOptions {
  std::string data;
  bool stop_jobs = false;
};

struct ControllerOptions {
  std::string data;
  std::string listen;
  std::string agents_listen;
  std::vector<std::string> tls_names;
  std::string artifacts;
  Duration keep_artifacts = days(30);
  DoorListen door = {};
};

struct AgentOptions {
  std::string join;        ///< "https://host:8443#sha256:..."; empty: the node has joined before, its identity is in `data`
  std::string token_file;  ///< holds the join token; empty when `join` is
  std::string name;        ///< empty: the host's name
  std::string site;        ///< empty: the controller's own
  std::map<std::string, std::string> labels;
  std::string data;
  std::string nvml;
  std::string simulate;       ///< a board or machine to simulate instead of this machine's GPUs; empty: none
  std::string dcgm_exporter;  ///< address of a dcgm-exporter on this machine; empty: none
  std::string metrics;        ///< HOST:PORT on loopback, where a Prometheus scrapes this node; empty: nowhere
  std::string address;        ///< by which other nodes reach this one; empty: the one it has towards the controller
};

struct DoctorOptions {
  std::string data;
  std::string nvml;
  bool json = false;
};

struct SimListOptions {
  std::string data;
  bool json = false;
};

/// `nav sim env|reboot|clear NODE`.
struct SimNodeOptions {
  std::string data;
  std::string node;  ///< name of a simulated node
};

/// `nav sim fault NODE ...`: just one of the faults is set.
struct SimFaultOptions {
  std::string data;
  std::string node;
  std::uint32_t gpu = 0;
  std::optional<std::uint32_t> xid;            ///< report this XID ...
  std::string slice;                           ///< ... on this placement ("1g.5gb@4"); empty: on the whole GPU
  std::optional<std::uint32_t> refuse_create;  ///< so many creations of an instance fail
  std::optional<std::uint32_t> busy_destroy;   ///< so many destructions answer "in use"
  std::optional<std::uint32_t> slow_ms;        ///< every call waits so long
  bool gone = false;                           ///< the GPU has fallen off the bus
  bool worn_out = false;                       ///< a row of its memory went bad, and no spare one is left
};

struct SimulateFaultsOptions {
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;  ///< how many, from `seed` on
  std::uint64_t steps = 0;  ///< of each world; 0: as many as its own default
  bool trace = false;       ///< print every step
  bool json = false;
};

/// `nav simulate trace`.
struct SimulateTraceOptions {
  std::string file;                                ///< empty: `journal` is read
  std::string journal;                             ///< data folder of an installation
  std::vector<std::vector<SimulatedNodes>> pools;  ///< empty: the journal's own nodes
  std::vector<std::string> policies;
  std::string want;  ///< "p95 wait < 10m"; empty: the pools are taken as they are
  std::optional<double> load;
  std::optional<double> time_limits;
  std::optional<double> restartable;
  Duration checkpoint = minutes(30);
  std::optional<std::int64_t> price_micro;  ///< of a GPU-hour
  std::uint64_t seed = 1;
  std::vector<std::string> by;
  std::string csv, jobs, svg, html;  ///< paths; empty: not wanted
  bool json = false;
};

struct BenchOptions {
  std::vector<std::string> only;  ///< parts of names of measurements; empty: all
  std::uint32_t seconds = 5;      ///< at most for each
  std::uint32_t clients = 64;     ///< at once, where clients load the API
  std::string data;               ///< folder to work in (its disk is measured); empty: a temporary one
  bool json = false;
};

/// `nav bench placement`: one run for each combination of what is listed.
struct BenchPlacementOptions {
  std::string board;
  std::vector<std::string> mix;
  std::vector<double> rho;  ///< load: memory slices asked for, as a part of those there are
  std::vector<std::uint32_t> gpus;
  std::vector<std::uint64_t> seed;
  std::vector<std::string> policy;
  std::uint64_t arrivals = 40'000;
  std::optional<std::uint32_t> moves;  ///< at most so many in one plan; none given: as many as the policy has
  bool json = false;
};

/// `nav bench queue`: one run for each combination of what is listed.
struct BenchQueueOptions {
  std::string board;
  std::vector<std::string> mix;
  std::vector<double> rho;
  std::vector<std::uint32_t> gpus;
  std::vector<std::uint64_t> seed;
  std::vector<std::string> policy;
  std::vector<std::string> discipline;  ///< fifo, backfill
  std::vector<std::string> price;       ///< free, P1, P2, P3
  std::vector<double> movable;          ///< part of the jobs that may be moved
  std::optional<double> kappa;          ///< none given: the one of the prices
  std::uint64_t arrivals = 40'000;
  std::optional<std::uint32_t> moves;
  bool json = false;
};

/// `nav bench packing`.
struct BenchPackingOptions {
  std::string board;
  std::vector<std::string> mix;
  std::uint64_t requests = 1'000;
  std::vector<std::uint64_t> seed;
  bool mixed = false;  ///< on a pool of several boards
  bool json = false;
};

/// `nav bench openb`.
struct BenchOpenbOptions {
  std::string nodes;  ///< path
  std::vector<std::string> pods;
  std::vector<std::string> policy;
  std::vector<std::uint64_t> seed;
  bool bound = false;
  bool json = false;
};

/// A machine that can be simulated.
struct MachineName {
  std::string name;  ///< "dgx-a100"
  std::string description;
};

/// What main/ wires. Each returns the process's exit code (exit_code.h) and prints its own errors, with error_text().
struct LocalCommands {
  std::string version = "0.1.0";                                ///< of this build
  std::vector<MachineName> machines;                            ///< what --simulate takes
  std::function<Result<void>(std::string_view)> check_machine;  ///< refuses other names, and says why
  std::function<int(UpOptions const&)> up;
  std::function<int(DownOptions const&)> down;
  std::function<int(ControllerOptions const&)> controller;
  std::function<int(AgentOptions const&)> agent;
  std::function<int(DoctorOptions const&)> doctor;
  std::function<int(SimListOptions const&)> sim_list;
  std::function<int(SimNodeOptions const&)> sim_env;
  std::function<int(SimFaultOptions const&)> sim_fault;
  std::function<int(SimNodeOptions const&)> sim_reboot;
  std::function<int(SimNodeOptions const&)> sim_clear;
  std::function<int(SimulateFaultsOptions const&)> simulate_faults;
  std::function<int(SimulateTraceOptions const&)> simulate_trace;
  std::function<int(BenchOptions const&)> bench;
  std::function<int(BenchPlacementOptions const&)> bench_placement;
  std::function<int(BenchQueueOptions const&)> bench_queue;
  std::function<int(BenchPackingOptions const&)> bench_packing;
  std::function<int(BenchOpenbOptions const&)> bench_openb;
};

/// A variable of the process's environment, if it is set. Given by main/, so that nothing below reads the environment by itself.
using Variables = std::function<std::optional<std::string>(char const* name)>;

/// The whole program: reads the arguments, does what they say, returns the exit code.
int run_cli(int argc, char** argv, LocalCommands const& local, Variables const& variables);

}  // namespace nav::cli
