// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace nav {

/// What kind of thing went wrong. One table maps it to an HTTP status (api/status.h), one to an exit code (cli/exit.h).
enum class ErrorKind {
  InvalidArgument,  ///< the request is wrong and stays wrong
  Unauthenticated,  ///< no caller could be made out
  Forbidden,        ///< the caller may not do this
  NotFound,
  Conflict,            ///< does not go with the state things are in
  PreconditionFailed,  ///< changed by somebody else meanwhile
  TooLarge,
  TooMany,      ///< a bounded queue is full: try again later
  Unsupported,  ///< not in this version, or not on this machine
  Unavailable,  ///< cannot be done now: try again later
  StorageFull,
  Timeout,
  Internal,
};

/// What the caller is told: a sentence, the field it speaks of, and what would be right.
struct Error {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;
  std::string hint;   ///< what would be right, or what to do; may be empty
  std::string field;  ///< path of the offending input field ("on[0]"); may be empty

  bool operator==(Error const&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

using Unexpected = tl::unexpected<Error>;

template <class... Args>
Unexpected fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return Unexpected(Error{kind, fmt::format(format, std::forward<Args>(args)...), {}, {}});
}

/// A refusal that names the field: `fail_field("on[0]", "mig-1g.5gb or cpu", "there is no template {}", name)`.
template <class... Args>
Unexpected fail_field(std::string field, std::string hint, fmt::format_string<Args...> format, Args&&... args) {
  return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format(format, std::forward<Args>(args)...), std::move(hint), std::move(field)});
}

/// Each layer adds its part once: `return within("start job 42", error)`.
inline Unexpected within(std::string_view what, Error error) {
  error.message = fmt::format("{}: {}", what, error.message);
  return Unexpected(std::move(error));
}

inline std::string to_text(Error const& error) { return error.hint.empty() ? error.message : fmt::format("{} ({})", error.message, error.hint); }

}  // namespace nav

#define NAV_JOIN_(a, b) a##b
#define NAV_JOIN(a, b) NAV_JOIN_(a, b)

/// `TRY(auto x, f());` declares x from f()'s value or returns f()'s error. `TRY_VOID(f());` for Result<void>.
#define TRY(declaration, expression)                                                                    \
  auto NAV_JOIN(try_, __LINE__) = (expression);                                                         \
  if (!NAV_JOIN(try_, __LINE__)) return ::nav::Unexpected(std::move(NAV_JOIN(try_, __LINE__)).error()); \
  declaration = std::move(*NAV_JOIN(try_, __LINE__))
#define TRY_VOID(expression)                                                                \
  do {                                                                                      \
    if (auto try_ = (expression); !try_) return ::nav::Unexpected(std::move(try_).error()); \
  } while (false)
