// SPDX-License-Identifier: Apache-2.0
#include "api/reference.h"
#include "api/system.h"
#include "http/handlers.h"

namespace nav::http {
namespace {

/// Pages of ours load nothing from anywhere and run nothing.
void answer_page(Call& call, std::string html) {
  call.reply.send(Response{
      .status = 200,
      .body = std::move(html),
      .content_type = std::string(call.route->answer_type),
      .headers = {{"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
                  {"X-Content-Type-Options", "nosniff"},
                  {"Referrer-Policy", "no-referrer"}}});
}

}  // namespace

Result<void> get_health(Api&, CallPtr const& call) {
  answer(*call, api::Health{});
  return {};
}

Result<void> get_version(Api& api, CallPtr const& call) {
  Snapshot const& snapshot = *call->snapshot;
  answer(*call, api::Version{.version = api.options.version,
                             .installation = snapshot.installation,
                             .epoch = snapshot.pool.epoch,
                             .sequence = snapshot.sequence(),
                             .started = api.started});
  return {};
}

Result<void> get_document(Api& api, CallPtr const& call) {
  answer_json(*call, api.document);
  return {};
}

Result<void> show_reference(Api& api, CallPtr const& call) {
  answer_page(*call, api.reference);
  return {};
}

Result<void> show_landing(Api& api, CallPtr const& call) {
  answer_page(*call, api::landing_page(api.options.version));
  return {};
}

}  // namespace nav::http
