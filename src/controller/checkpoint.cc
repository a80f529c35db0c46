// SPDX-License-Identifier: Apache-2.0
#include "controller/checkpoint.h"

#include "core/image.h"

namespace nav {

namespace {

/// A kept answer with its age.
struct StampedAnswer {
  Time at;
  AnswerKept kept;
};
BOOST_DESCRIBE_STRUCT(StampedAnswer, (), (at, kept))

/// What stands in an image beside the pool and access. The first version had a list of answers there and nothing else.
struct Beside {
  std::vector<StampedAnswer> answers;
  Json flows{"{}"};
};
BOOST_DESCRIBE_STRUCT(Beside, (), (answers, flows))

}  // namespace

std::string save_checkpoint(Pool const& pool, Access const& access, Flows const& flows, Answers const& answers) {
  Beside beside{.answers = {}, .flows = Json{save_flows(flows)}};
  for (auto const& [at, who] : answers.by_age) {
    auto const& one = answers.by_key.at(who);
    if (one.at == at) beside.answers.push_back({at, {who.first, who.second, one.request, one.answer}});
  }
  return save_image(pool, access, json_write(beside));
}

Result<Restored> load_checkpoint(std::string const& body) {
  TRY(Image image, load_image(body));
  Beside beside;
  if (image.answers.starts_with('[')) {
    TRY(beside.answers, json_read<std::vector<StampedAnswer>>(image.answers, Unknown::Ignore));
  } else {
    TRY(beside, json_read<Beside>(image.answers, Unknown::Ignore));
  }
  TRY(auto flows, load_flows(beside.flows.text));
  Restored restored{std::move(image.pool), std::move(image.access), std::move(flows), {}};
  for (auto& one : beside.answers) apply(restored.answers, AnswersEvent{std::move(one.kept)}, Stamp{.at = one.at});
  return restored;
}

}  // namespace nav
