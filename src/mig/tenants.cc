// SPDX-License-Identifier: Apache-2.0
#include "mig/tenants.h"

#include <algorithm>

namespace nav::mig {

TenantIndex::TenantIndex(Geometry const& geometry) : geometry_(&geometry) { number_of({}); }

TenantIndex::Id TenantIndex::number_of(std::vector<Tenant> tenants) {
  std::sort(tenants.begin(), tenants.end());
  auto const [known, is_new] = numbers_.try_emplace(tenants, static_cast<Id>(classes_.size()));
  if (!is_new) return known->second;
  Class made;
  for (auto const& tenant : tenants) {
    auto const next = geometry_->after(made.state, tenant.at);
    ensure(next, "tenants sit where they fit");
    made.state = *next;
  }
  made.tenants = std::move(tenants);
  classes_.push_back(std::move(made));
  auto const places = geometry_->profiles() * 16;
  seated_.emplace_back(places * 2, kNone);
  left_.emplace_back(places, kNone);
  return known->second;
}

void TenantIndex::move(std::uint32_t gpu, Id to) {
  classes_[class_of_[gpu]].gpus.erase(gpu);
  classes_[to].gpus.insert(gpu);
  class_of_[gpu] = to;
}

void TenantIndex::insert(std::uint32_t gpu) {
  if (class_of_.size() <= gpu) class_of_.resize(gpu + 1, kNone);
  ensure(class_of_[gpu] == kNone, "a GPU is in the index once");
  class_of_[gpu] = 0;
  classes_[0].gpus.insert(gpu);
}

void TenantIndex::remove(std::uint32_t gpu) {
  ensure(gpu < class_of_.size() && class_of_[gpu] != kNone, "the GPU is in the index");
  classes_[class_of_[gpu]].gpus.erase(gpu);
  class_of_[gpu] = kNone;
}

void TenantIndex::seat(std::uint32_t gpu, Tenant tenant) {
  auto const from = class_of_[gpu];
  auto const step = index(tenant.at) * 2 + (tenant.hold == Hold::Movable);
  if (seated_[from][step] == kNone) {
    auto tenants = classes_[from].tenants;
    tenants.push_back(tenant);
    auto const to = number_of(std::move(tenants));
    seated_[from][step] = to;
  }
  move(gpu, seated_[from][step]);
}

void TenantIndex::leave(std::uint32_t gpu, Placement at) {
  auto const from = class_of_[gpu];
  auto const step = index(at);
  if (left_[from][step] == kNone) {
    auto tenants = classes_[from].tenants;
    auto const gone = std::find_if(tenants.begin(), tenants.end(), [&](Tenant const& tenant) { return tenant.at == at; });
    ensure(gone != tenants.end(), "who leaves was there");
    tenants.erase(gone);
    auto const to = number_of(std::move(tenants));
    left_[from][step] = to;
  }
  move(gpu, left_[from][step]);
}

}  // namespace nav::mig
