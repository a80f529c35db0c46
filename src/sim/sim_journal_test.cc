// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_journal.h"

#include "controller/journal_contract.h"

namespace nav {
namespace {

/// It outlives its controllers, so a restart is nothing to it.
struct Home final : JournalHome {
  sim::SimJournal body{Random(1)};

  Journal& journal() override { return body; }
  void restart() override {}
  void spoil_checkpoint() override { body.spoil_checkpoint(); }
};

INSTANTIATE_TEST_SUITE_P(Sim, JournalContract, testing::Values(MakeJournalHome([] { return std::make_unique<Home>(); })));

}  // namespace
}  // namespace nav
