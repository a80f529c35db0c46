// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A variant with many alternatives costs a second to compile in every file that so much as passes one on: its copies, its moves and its end are a
/// jump table each. A struct that derives from it and is sealed has them in one file.
///
///     struct PoolEvent : std::variant<JobQueued, JobPlaced> {
///       NAV_SEALED(PoolEvent)
///     };
///     NAV_SEALED_HERE(PoolEvent)  // in its .cc
#define NAV_SEALED(Type)            \
  using variant::variant;           \
  Type();                           \
  Type(Type const&);                \
  Type(Type&&) noexcept;            \
  Type& operator=(Type const&);     \
  Type& operator=(Type&&) noexcept; \
  ~Type();

#define NAV_SEALED_HERE(Type)                       \
  Type::Type() = default;                           \
  Type::Type(Type const&) = default;                \
  Type::Type(Type&&) noexcept = default;            \
  Type& Type::operator=(Type const&) = default;     \
  Type& Type::operator=(Type&&) noexcept = default; \
  Type::~Type() = default;
