// SPDX-License-Identifier: Apache-2.0
#include "experiments/filter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/ranges.h>
#include <map>
#include <optional>

#include "base/text.h"

namespace nav::experiments {
namespace {

constexpr std::size_t longest_filter = 20'000;
constexpr char example[] = "as in: metrics.loss < 0.3 AND params.model = 'tree' AND status = 'FINISHED'";

struct Token {
  enum class Kind { Word, Quoted, Name, Number, Sign, End };  ///< Name: in double quotes or backticks
  Kind kind = Kind::End;
  std::string text;
};

bool is_word_sign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' || c == '/' || c == '+';
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

Unexpected not_understood(std::string_view what) { return fail_field("filter", example, "the filter is not understood at \"{}\"", shortened(what, 40)); }

/// Words (with their dots), quoted texts and signs.
Result<std::vector<Token>> tokens_of(std::string_view text) {
  if (text.size() > longest_filter) return fail_field("filter", "a shorter one", "the filter has {} characters", text.size());
  std::vector<Token> found;
  while (!text.empty()) {
    char const c = text[0];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      text.remove_prefix(1);
    } else if (c == '\'' || c == '"' || c == '`') {
      auto const end = text.find(c, 1);
      if (end == text.npos) return not_understood(text);
      found.push_back({c == '\'' ? Token::Kind::Quoted : Token::Kind::Name, std::string(text.substr(1, end - 1))});
      text.remove_prefix(end + 1);
    } else if (is_word_sign(c)) {
      std::size_t end = 0;
      while (end < text.size() && is_word_sign(text[end])) ++end;
      bool const number = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
      found.push_back({number ? Token::Kind::Number : Token::Kind::Word, std::string(text.substr(0, end))});
      text.remove_prefix(end);
    } else {
      std::size_t const size = text.starts_with("!=") || text.starts_with("<=") || text.starts_with(">=") || text.starts_with("==") ? 2 : 1;
      if (std::string_view("=<>!(),").find(c) == std::string_view::npos) return not_understood(text);
      found.push_back({Token::Kind::Sign, std::string(text.substr(0, size))});
      text.remove_prefix(size);
    }
  }
  found.push_back({});
  return found;
}

std::map<std::string_view, std::string_view> const& attributes_of(Subject subject) {
  static std::map<std::string_view, std::string_view> const of_runs{{"run_id", "run_id"},         {"run_name", "run_name"},  {"run name", "run_name"},
                                                                    {"Run name", "run_name"},     {"Run Name", "run_name"},  {"status", "status"},
                                                                    {"start_time", "start_time"}, {"created", "start_time"}, {"Created", "start_time"},
                                                                    {"end_time", "end_time"},     {"user_id", "user_id"},    {"artifact_uri", "artifact_uri"}};
  static std::map<std::string_view, std::string_view> const of_experiments{
      {"name", "name"}, {"experiment_id", "experiment_id"}, {"creation_time", "creation_time"}, {"last_update_time", "last_update_time"}};
  return subject == Subject::Runs ? of_runs : of_experiments;
}

/// "metrics" "loss", from one word with a dot in it, or a word ending with a dot and a name in quotes.
struct Subjected {
  About about;
  std::string key;
};
Result<Subjected> subject_of(std::string const& word, Subject subject, std::optional<std::string> const& name) {
  static std::map<std::string_view, About> const kinds{
      {"metrics", About::Metric},       {"metric", About::Metric},       {"params", About::Param},   {"param", About::Param},
      {"parameter", About::Param},      {"parameters", About::Param},    {"tags", About::Tag},       {"tag", About::Tag},
      {"attributes", About::Attribute}, {"attribute", About::Attribute}, {"attr", About::Attribute}, {"run", About::Attribute}};
  auto const dot = word.find('.');
  Subjected found{About::Attribute, name ? *name : word};
  if (dot != word.npos) {
    auto const kind = kinds.find(std::string_view(word).substr(0, dot));
    if (kind == kinds.end()) return not_understood(word);
    found = {kind->second, name ? *name : word.substr(dot + 1)};
  }
  if (found.key.empty()) return not_understood(word);
  if (subject == Subject::Experiments && (found.about == About::Metric || found.about == About::Param)) return not_understood(word);
  if (found.about != About::Attribute) return found;
  auto const& attributes = attributes_of(subject);
  auto const known = attributes.find(found.key);
  if (known == attributes.end()) {
    std::vector<std::string> names;
    for (auto const& one : attributes) names.emplace_back(one.first);
    return fail_field("filter", fmt::format("one of {}; or metrics., params., tags. before it", fmt::join(names, ", ")), "there is no attribute \"{}\"",
                      shortened(found.key, 60));
  }
  found.key = known->second;
  return found;
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, Subject subject) : tokens_(std::move(tokens)), subject_(subject) {}

  Result<std::vector<Condition>> all() {
    std::vector<Condition> found;
    while (peek().kind != Token::Kind::End) {
      if (!found.empty()) {
        if (upper(peek().text) != "AND") return not_understood(peek().text);
        ++at_;
      }
      TRY(auto condition, one());
      found.push_back(std::move(condition));
    }
    return found;
  }

 private:
  Token const& peek() const { return tokens_[at_]; }
  Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }

  Result<Condition> one() {
    Token const word = take();
    if (word.kind != Token::Kind::Word && word.kind != Token::Kind::Name) return not_understood(word.text);
    std::optional<std::string> name;
    if (word.text.ends_with('.') && peek().kind == Token::Kind::Name) name = take().text;
    TRY(auto const about, subject_of(word.text, subject_, name));
    Condition condition{.about = about.about, .key = about.key, .texts = {}};
    TRY(condition.comparison, comparison());
    bool const several = condition.comparison == Comparison::In || condition.comparison == Comparison::NotIn;
    bool const numeric = about.about == About::Metric || (about.about == About::Attribute && is_number(about.key));
    if (several) {
      if (numeric || take().text != "(") return not_understood(word.text + " IN");
      do {
        Token const text = take();
        if (text.kind != Token::Kind::Quoted && text.kind != Token::Kind::Name) return not_understood(text.text);
        condition.texts.push_back(text.text);
      } while (take().text == ",");
      if (tokens_[at_ - 1].text != ")") return not_understood(word.text + " IN (");
      return condition;
    }
    Token const value = take();
    if (numeric) {
      TRY(condition.number, number_of(value));
    } else if (value.kind == Token::Kind::Quoted || value.kind == Token::Kind::Name) {
      condition.texts.push_back(value.text);
    } else {
      return fail_field("filter", fmt::format("{} is a text: write it in quotes, 'like this'", word.text), "the filter is not understood at \"{}\"",
                        shortened(value.text, 40));
    }
    return condition;
  }

  Result<Comparison> comparison() {
    static std::map<std::string_view, Comparison> const signs{
        {"=", Comparison::Equal},        {"==", Comparison::Equal},         {"!=", Comparison::NotEqual},       {"<", Comparison::Less},
        {"<=", Comparison::LessOrEqual}, {">", Comparison::Greater},        {">=", Comparison::GreaterOrEqual}, {"LIKE", Comparison::Like},
        {"IN", Comparison::In},          {"ILIKE", Comparison::LikeAnyCase}};
    Token const token = take();
    if (upper(token.text) == "NOT" && upper(peek().text) == "IN") return take(), Comparison::NotIn;
    auto const known = signs.find(upper(token.text));
    if (known == signs.end()) return not_understood(token.text);
    return known->second;
  }

  Result<double> number_of(Token const& token) {
    std::string_view text = token.text;
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
      return fail_field("filter", "a number, as in: metrics.loss < 0.3", "\"{}\" is no number", shortened(text, 40));
    return number;
  }

  std::vector<Token> tokens_;
  Subject subject_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_number(std::string_view attribute) {
  return attribute == "start_time" || attribute == "end_time" || attribute == "creation_time" || attribute == "last_update_time";
}

Result<std::vector<Condition>> parse_filter(std::string_view text, Subject subject) {
  TRY(auto tokens, tokens_of(text));
  return Parser(std::move(tokens), subject).all();
}

Result<Order> parse_order(std::string_view text, Subject subject) {
  auto tokens = tokens_of(text);
  auto const wrong = [&] { return fail_field("order_by", "as in: metrics.accuracy DESC", "the order \"{}\" is not understood", shortened(text, 60)); };
  if (!tokens || (*tokens)[0].kind == Token::Kind::End || (*tokens)[0].kind == Token::Kind::Sign) return wrong();
  std::size_t at = 1;
  std::optional<std::string> name;
  if ((*tokens)[0].text.ends_with('.') && (*tokens)[1].kind == Token::Kind::Name) name = (*tokens)[at++].text;
  auto const about = subject_of((*tokens)[0].text, subject, name);
  std::string const direction = upper((*tokens)[at].text);
  bool const known = direction.empty() || direction == "ASC" || direction == "DESC";
  if (!about || !known || (!direction.empty() && (*tokens)[at + 1].kind != Token::Kind::End)) return wrong();
  return Order{about->about, about->key, direction != "DESC"};
}

}  // namespace nav::experiments
