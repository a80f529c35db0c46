// SPDX-License-Identifier: Apache-2.0
#include "core/rung.h"

#include "base/text.h"

namespace nav {

namespace {

constexpr std::string_view form = "TEMPLATE[:wait=2m][:price=3.00]";

/// A length of time that reads back as itself.
std::string exact(Duration d) {
  if (d.us % 1'000'000 == 0) return fmt::format("{}s", d.us / 1'000'000);
  return d.us % 1000 == 0 ? fmt::format("{}ms", d.us / 1000) : fmt::format("{}us", d.us);
}

Unexpected wrong(std::string_view key, Error error) {
  return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("{}: {}", key, error.message), std::move(error.hint), std::string(key)});
}

}  // namespace

Result<Rung> parse_rung(std::string_view text) {
  auto const parts = split(text, ':');
  Rung rung{std::string(parts[0]), {}};
  if (rung.on.empty()) return Unexpected(Error{ErrorKind::InvalidArgument, "it names no template", fmt::format("write {}", form), {}});
  bool has_wait = false;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    auto const equals = parts[i].find('=');
    std::string_view const key = parts[i].substr(0, equals);
    std::string_view const value = equals == parts[i].npos ? std::string_view() : parts[i].substr(equals + 1);
    if (key != "wait" && key != "price")
      return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("\"{}\" is nothing a rung has", shortened(key, 40)), fmt::format("write {}", form),
                              shortened(key, 40)});
    if (equals == parts[i].npos) return wrong(key, {ErrorKind::InvalidArgument, "it has no value", fmt::format("write {}", form), {}});
    if (key == "wait" ? has_wait : rung.limits.price_micro.has_value())
      return wrong(key, {ErrorKind::InvalidArgument, "it is given twice", fmt::format("write {}", form), {}});
    if (key == "wait") {
      auto const wait = parse_duration(value);
      if (!wait) return wrong(key, wait.error());
      has_wait = true;
      rung.limits.wait = *wait;
    } else {
      auto const price = parse_money(value);
      if (!price) return wrong(key, price.error());
      rung.limits.price_micro = *price;
    }
  }
  return rung;
}

std::string to_text(Rung const& rung) {
  std::string text = rung.on;
  if (rung.limits.wait.us != 0) text += fmt::format(":wait={}", exact(rung.limits.wait));
  if (rung.limits.price_micro) text += fmt::format(":price={}", money_text(*rung.limits.price_micro));
  return text;
}

}  // namespace nav
