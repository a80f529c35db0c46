// SPDX-License-Identifier: Apache-2.0
#include "main/bench_site.h"

#include <filesystem>
#include <unistd.h>

#include "adapters/clock.h"
#include "nvmlsim/control.h"

namespace nav::bench {

Result<std::unique_ptr<Site>> Site::start(std::string const& folder) {
  std::string const supervisor = std::filesystem::path(own_program()).parent_path() / "nav-supervisor";
  if (access(supervisor.c_str(), X_OK) != 0)
    return Unexpected(Error{ErrorKind::NotFound, fmt::format("there is no program {}", supervisor), "install nav and nav-supervisor side by side", ""});
  TRY_VOID(nvmlsim::library_folder());
  std::unique_ptr<Site> site(new Site);
  TRY(site->installation_, Installation::start({.data = folder, .listen = "127.0.0.1:0", .agents_listen = "127.0.0.1:0", .tls_names = {}}));
  DataFolder const& data = site->installation_->folder();
  TRY(site->token_, read_file(data.admin_token()));
  site->token_ = site->token_.substr(0, site->token_.find('\n'));
  TRY(auto const join, site->installation_->make_join_token(1));
  TRY_VOID(write_private_file(data.join_token(), join + "\n"));
  site->agents_ = std::make_unique<LocalAgents>(data, site->installation_->agents_url(), site->installation_->url());
  site->agents_->start({{site->node_, "dgx-a100", {}}});
  for (Time const patience = clock_now() + seconds(60); site->installation_->nodes().first == 0; usleep(20'000)) {
    site->agents_->watch(clock_now());
    if (clock_now() > patience) return fail(ErrorKind::Timeout, "the simulated node has not joined within a minute");
  }
  return site;
}

Site::~Site() {
  // Whoever starts jobs ends them; these are the last moments of one that has just been cancelled.
  if (agents_ && installation_)
    for (Time const patience = clock_now() + seconds(20); !installation_->running_jobs().empty() && clock_now() < patience;) usleep(20'000);
  agents_.reset();
  installation_.reset();
}

client::Options Site::as_admin() const {
  client::Options options;
  options.url = installation_->url();
  options.token = token_;
  options.retries = 0;
  return options;
}

client::Options Site::through_door() const {
  client::Options options = as_admin();
  std::string const url = installation_->door_url();
  options.url = "http://127.0.0.1" + url.substr(url.rfind(':'));
  return options;
}

Result<Site*> site_of(Bench& bench) {
  if (!bench.site) {
    TRY(auto site, Site::start(bench.folder + "/site"));
    bench.site = std::move(site);
  }
  return bench.site.get();
}

}  // namespace nav::bench
