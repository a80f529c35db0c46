// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/ensure.h"

namespace nav {

/// A value that many may read and that is copied only when one of several holders changes it.
template <class T>
class Cow {
 public:
  Cow() : value_(std::make_shared<T>()) {}
  T const& operator*() const { return *value_; }
  T const* operator->() const { return value_.get(); }
  T& edit() {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }

 private:
  std::shared_ptr<T> value_;
};

/// Records by number in copy-on-write pages, so that a snapshot of a large table copies page roots and no records. A root covers
/// 256 pages of `PageSize` records; pages without records are given back, so numbers may grow for ever.
template <class T, std::size_t PageSize = 32>
class Table {
  static_assert(std::has_single_bit(PageSize) && PageSize <= 64);
  static constexpr std::size_t pages_a_root = 256;

  struct Page {
    std::uint64_t used = 0;  // a bit a slot
    std::array<std::optional<T>, PageSize> slots;
  };
  struct Root {
    std::size_t pages_used = 0;
    std::array<std::shared_ptr<Page>, pages_a_root> pages;
  };

 public:
  T const* find(std::uint64_t number) const {
    auto const [root, page, slot] = place_of(number);
    if (root >= roots_.size() || !roots_[root] || !roots_[root]->pages[page]) return nullptr;
    auto const& found = roots_[root]->pages[page]->slots[slot];
    return found ? &*found : nullptr;
  }

  T const& at(std::uint64_t number) const {
    T const* found = find(number);
    ensure(found, "a record that must be there is missing");
    return *found;
  }

  /// The record for changing; it must exist.
  T& edit(std::uint64_t number) {
    auto const [root, page, slot] = place_of(number);
    ensure(find(number), "a record that must be there is missing");
    return *owned_page(root, page).slots[slot];
  }

  T& insert(std::uint64_t number, T value) {
    auto const [root, page, slot] = place_of(number);
    if (root >= roots_.size()) roots_.resize(root + 1);
    Page& owned = owned_page(root, page);
    ensure(!owned.slots[slot], "a number is given twice");
    owned.used |= std::uint64_t{1} << slot;
    ++size_;
    return owned.slots[slot].emplace(std::move(value));
  }

  void erase(std::uint64_t number) {
    auto const [root, page, slot] = place_of(number);
    if (!find(number)) return;
    Page& owned = owned_page(root, page);
    owned.slots[slot].reset();
    owned.used &= ~(std::uint64_t{1} << slot);
    --size_;
    if (owned.used != 0) return;
    roots_[root]->pages[page].reset();
    if (--roots_[root]->pages_used == 0) roots_[root].reset();
  }

  std::size_t size() const { return size_; }

  /// Calls f(record) in the order of numbers.
  template <class F>
  void each(F&& f) const {
    for (auto const& root : roots_) {
      if (!root) continue;
      for (auto const& page : root->pages) {
        if (!page) continue;
        for (std::uint64_t used = page->used; used != 0; used &= used - 1) f(*page->slots[static_cast<std::size_t>(std::countr_zero(used))]);
      }
    }
  }

 private:
  struct Place {
    std::size_t root, page, slot;
  };
  static Place place_of(std::uint64_t number) { return {number / (PageSize * pages_a_root), number / PageSize % pages_a_root, number % PageSize}; }

  Page& owned_page(std::size_t root, std::size_t page) {
    auto& r = roots_[root];
    if (!r) r = std::make_shared<Root>();
    else if (r.use_count() > 1) r = std::make_shared<Root>(*r);
    auto& p = r->pages[page];
    if (!p) p = std::make_shared<Page>(), ++r->pages_used;
    else if (p.use_count() > 1) p = std::make_shared<Page>(*p);
    return *p;
  }

  std::vector<std::shared_ptr<Root>> roots_;
  std::size_t size_ = 0;
};

}  // namespace nav
