// SPDX-License-Identifier: Apache-2.0
#include "telemetry/exposition.h"

#include <charconv>
#include <cmath>

namespace nav::telemetry {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out;
}

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':'; }

/// Reads one line from its left to its right.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  bool read(Exposed& out) {
    out.name = word();
    if (out.name.empty()) return false;
    blank();
    if (take('{') && !labels(out.labels)) return false;
    blank();
    std::string_view const number = rest_.substr(0, rest_.find_first_of(" \t"));
    return !number.empty() && value(number, out.value);
  }

 private:
  void blank() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string word() {
    std::size_t size = 0;
    while (size < rest_.size() && is_name(rest_[size])) ++size;
    std::string out(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return out;
  }
  bool labels(std::map<std::string, std::string>& out) {
    while (true) {
      blank();
      if (take('}')) return true;
      std::string const name = word();
      blank();
      if (name.empty() || !take('=')) return false;
      blank();
      if (!take('"') || !quoted(out[name])) return false;
      blank();
      if (!take(',') && (rest_.empty() || rest_.front() != '}')) return false;
    }
  }
  bool quoted(std::string& out) {
    while (!rest_.empty()) {
      char const c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (rest_.empty()) return false;
      out += rest_.front() == 'n' ? '\n' : rest_.front();
      rest_.remove_prefix(1);
    }
    return false;
  }
  static bool value(std::string_view text, double& out) {
    if (text == "NaN") return out = std::nan(""), true;
    if (text == "+Inf" || text == "Inf") return out = HUGE_VAL, true;
    if (text == "-Inf") return out = -HUGE_VAL, true;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
  }

  std::string_view rest_;
};

}  // namespace

void Exposition::add(std::string const& name, Type type, std::string_view help, Labels labels, double value) {
  Family& family = families_.try_emplace(name, Family{type, std::string(help), {}}).first->second;
  family.lines += name;
  char separator = '{';
  for (auto const& [label, text] : labels) {
    family.lines += fmt::format("{}{}=\"{}\"", separator, label, escaped(text));
    separator = ',';
  }
  if (separator == ',') family.lines += '}';
  family.lines += std::isnan(value) ? " NaN\n" : fmt::format(" {}\n", value);
}

std::string Exposition::text() const {
  std::string out;
  for (auto const& [name, family] : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name, family.type == Type::Counter ? "counter" : "gauge");
    out += family.lines;
  }
  return out;
}

Result<std::vector<Exposed>> read_exposition(std::string_view page) {
  std::vector<Exposed> all;
  for (std::size_t number = 1; !page.empty(); ++number) {
    std::size_t const size = page.find('\n');
    std::string_view line = page.substr(0, size);
    page.remove_prefix(size == std::string_view::npos ? page.size() : size + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    Exposed one;
    if (!Line(line).read(one)) return fail(ErrorKind::InvalidArgument, "line {} is no sample: {}", number, line.substr(0, 80));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace nav::telemetry
