// SPDX-License-Identifier: Apache-2.0
#include "client/s3_bucket.h"

#include <algorithm>
#include <cerrno>
#include <curl/curl.h>
#include <fmt/format.h>
#include <tuple>
#include <unistd.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/text.h"
#include "client/curl_error.h"

namespace nav::client {
namespace {

constexpr std::string_view empty_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::size_t most_in_a_listing = 1'000;  // S3's own limit
constexpr std::size_t largest_answer = 16u << 20;
constexpr long patience_s = 30;  // without a byte

/// Names that need no escape anywhere: in a path, in a query, in XML.
bool is_plain(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || also.find(c) != also.npos;
  });
}

std::string query_text(std::string_view text) {
  std::string out;
  for (char const c : text) out += c == '/' ? std::string("%2F") : std::string(1, c);
  return out;
}

std::string_view between_tags(std::string_view xml, std::string_view name, std::size_t from = 0) {
  std::string const open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
  auto const begin = xml.find(open, from);
  if (begin == xml.npos) return {};
  auto const end = xml.find(close, begin);
  return end == xml.npos ? std::string_view{} : xml.substr(begin + open.size(), end - begin - open.size());
}

/// "2026-11-23T13:05:00.000Z"; zero if it is no such time.
Time time_of(std::string_view text) {
  std::uint64_t part[6];
  constexpr std::size_t begins[] = {0, 5, 8, 11, 14, 17}, lengths[] = {4, 2, 2, 2, 2, 2};
  for (std::size_t i = 0; i < 6; ++i)
    if (text.size() < 19 || !read_number(text.substr(begins[i], lengths[i]), part[i])) return {};
  Date const date{static_cast<std::int64_t>(part[0]), static_cast<unsigned>(part[1]), static_cast<unsigned>(part[2])};
  std::int64_t const of_day = static_cast<std::int64_t>((part[3] * 60 + part[4]) * 60 + part[5]);
  return Time{(days_since_1970(date) * seconds_per_day + of_day) * 1'000'000};
}

}  // namespace

struct S3Bucket::Exchange {
  std::string method = "GET";
  std::string url;
  std::string sha256 = std::string(empty_sha256);
  std::string range = {};
  int fd = -1;  // of what is sent
  std::uint64_t size = 0, sent = 0;

  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body = {}, content_range = {};
  std::uint64_t length = 0;
  char detail[CURL_ERROR_SIZE] = "";

  bool is_success() const { return code == CURLE_OK && status >= 200 && status < 300; }
  Error error(S3Options const& options) const;
};

namespace {

std::size_t read_file_part(char* into, std::size_t size, std::size_t count, void* from) {
  auto& [fd, sent, left] = *static_cast<std::tuple<int, std::uint64_t, std::uint64_t>*>(from);
  ssize_t const n = ::pread(fd, into, std::min<std::uint64_t>(size * count, left), static_cast<off_t>(sent));
  if (n < 0) return CURL_READFUNC_ABORT;
  sent += static_cast<std::uint64_t>(n);
  left -= static_cast<std::uint64_t>(n);
  return static_cast<std::size_t>(n);
}

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + count > largest_answer) return 0;
  body.append(bytes, count);
  return count;
}

std::size_t take_s3_header(char* bytes, std::size_t, std::size_t count, void* to) {
  std::string_view line(bytes, count);
  constexpr std::string_view wanted = "content-range:";
  if (line.size() > wanted.size() && std::equal(wanted.begin(), wanted.end(), line.begin(), [](char a, char b) { return a == (b | 0x20); }))
    *static_cast<std::string*>(to) = line.substr(wanted.size());
  return count;
}

}  // namespace

Error S3Bucket::Exchange::error(S3Options const& options) const {
  if (code != CURLE_OK) {
    Error const way = error_of_curl(code, options.endpoint.empty() ? "S3" : options.endpoint, detail);
    return {ErrorKind::Unavailable,
            fmt::format("the store s3://{} does not answer: {}", options.bucket, way.message),
            "an administrator can look at its endpoint",
            {}};
  }
  auto const what = between_tags(body, "Code"), why = between_tags(body, "Message");
  if (status == 404 && what != "NoSuchBucket") return {ErrorKind::NotFound, "there is no such object", {}, {}};
  bool const passes = status >= 500 || status == 429;
  return {passes ? ErrorKind::Unavailable : ErrorKind::Internal,
          fmt::format("the store s3://{} answered {} {}: {}", options.bucket, status, what, why),
          status == 403 ? "the keys of the store may be wrong, or may not do this" : "",
          {}};
}

Result<S3Options> s3_options(std::string const& address, std::function<std::string(char const*)> const& variable) {
  constexpr std::string_view scheme = "s3://";
  auto const wrong = [&](std::string what, std::string hint) {
    return Unexpected(Error{ErrorKind::InvalidArgument, std::move(what), std::move(hint), "artifacts"});
  };
  if (!address.starts_with(scheme)) return wrong(fmt::format("\"{}\" is no address of a bucket", shortened(address, 80)), "s3://BUCKET, or s3://BUCKET/PREFIX");
  std::string_view rest = std::string_view(address).substr(scheme.size());
  S3Options options;
  options.bucket = rest.substr(0, rest.find('/'));
  if (options.bucket.size() != rest.size()) options.prefix = rest.substr(options.bucket.size() + 1);
  while (options.prefix.ends_with('/')) options.prefix.pop_back();
  if (!options.prefix.empty()) options.prefix += '/';
  if (options.bucket.size() < 3 || options.bucket.size() > 63 || !is_plain(options.bucket, ""))
    return wrong(fmt::format("\"{}\" is no name of a bucket", shortened(options.bucket, 80)), "3 to 63 letters, digits, dots and hyphens");
  if (!is_plain(options.prefix, "/") || options.prefix.find("//") != options.prefix.npos || options.prefix.find("..") != options.prefix.npos)
    return wrong(fmt::format("the prefix \"{}\" will not do", shortened(options.prefix, 80)), "letters, digits, . _ - and / between them");
  auto const first_of = [&](char const* a, char const* b) {
    auto found = variable(a);
    return found.empty() ? variable(b) : found;
  };
  options.access_key = variable("AWS_ACCESS_KEY_ID");
  options.secret_key = variable("AWS_SECRET_ACCESS_KEY");
  options.session_token = variable("AWS_SESSION_TOKEN");
  if (auto region = first_of("AWS_REGION", "AWS_DEFAULT_REGION"); !region.empty()) options.region = std::move(region);
  options.endpoint = first_of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
  for (auto const* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
    if (variable(name).empty()) return wrong(fmt::format("{} is not set", name), "the keys of the store come in the environment, as for Amazon's own tools");
  if (!is_plain(options.region, "")) return wrong(fmt::format("AWS_REGION is \"{}\"", shortened(options.region, 80)), "such as eu-central-1");
  if (!options.endpoint.empty() && !options.endpoint.starts_with("http://") && !options.endpoint.starts_with("https://"))
    return wrong(fmt::format("AWS_ENDPOINT_URL is \"{}\"", shortened(options.endpoint, 80)), "such as https://minio.example.org:9000");
  return options;
}

S3Bucket::S3Bucket(S3Options options) : options_(std::move(options)) { prepare_curl(); }

S3Bucket::~S3Bucket() {
  for (void* handle : idle_) curl_easy_cleanup(handle);
}

std::string S3Bucket::address() const { return fmt::format("s3://{}/{}", options_.bucket, options_.prefix); }

std::string S3Bucket::url_of(std::string const& key) const {
  if (options_.endpoint.empty()) return fmt::format("https://{}.s3.{}.amazonaws.com/{}", options_.bucket, options_.region, key);
  return fmt::format("{}/{}/{}", options_.endpoint, options_.bucket, key);
}

void S3Bucket::run(Exchange& exchange) const {
  CURL* curl = nullptr;
  {
    std::lock_guard const lock(mutex_);
    if (!idle_.empty()) curl = idle_.back(), idle_.pop_back();
  }
  if (curl == nullptr) curl = curl_easy_init();
  else curl_easy_reset(curl);  // its connection stays
  std::string const signer = fmt::format("aws:amz:{}:s3", options_.region), who = fmt::format("{}:{}", options_.access_key, options_.secret_key);
  curl_slist* headers = curl_slist_append(nullptr, fmt::format("x-amz-content-sha256: {}", exchange.sha256).c_str());
  if (!options_.session_token.empty()) headers = curl_slist_append(headers, fmt::format("x-amz-security-token: {}", options_.session_token).c_str());
  std::tuple<int, std::uint64_t, std::uint64_t> source{exchange.fd, 0, exchange.size};
  curl_easy_setopt(curl, CURLOPT_URL, exchange.url.c_str());
  curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, signer.c_str());
  curl_easy_setopt(curl, CURLOPT_USERPWD, who.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, patience_s);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange.detail);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_s3_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange.content_range);
  if (!exchange.range.empty()) curl_easy_setopt(curl, CURLOPT_RANGE, exchange.range.c_str());
  if (exchange.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  else if (exchange.method == "DELETE") curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
  else if (exchange.method == "PUT") {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_file_part);
    curl_easy_setopt(curl, CURLOPT_READDATA, &source);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(exchange.size));
  }
  exchange.code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange.status);
  curl_off_t length = -1;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length > 0) exchange.length = static_cast<std::uint64_t>(length);
  curl_slist_free_all(headers);
  std::lock_guard const lock(mutex_);
  idle_.push_back(curl);
}

Result<void> S3Bucket::put(std::string const& key, int fd, std::uint64_t size, std::string const& sha256) const {
  Exchange exchange{.method = "PUT", .url = url_of(options_.prefix + key), .sha256 = sha256, .fd = fd, .size = size};
  run(exchange);
  if (!exchange.is_success()) return Unexpected(exchange.error(options_));
  return {};
}

Result<S3Bucket::Part> S3Bucket::get(std::string const& key, std::uint64_t offset, std::size_t limit) const {
  Exchange exchange{.method = limit == 0 ? "HEAD" : "GET", .url = url_of(options_.prefix + key)};
  if (limit > 0) exchange.range = fmt::format("{}-{}", offset, offset + limit - 1);
  run(exchange);
  if (limit > 0 && exchange.code == CURLE_OK && exchange.status == 416) {  // beyond its end, or of an empty one
    TRY(auto const whole, get(key, 0, 0));
    return Part{{}, whole.size};
  }
  if (!exchange.is_success()) return Unexpected(exchange.error(options_));
  if (limit == 0) return Part{{}, exchange.length};
  Part part{std::move(exchange.body), exchange.length};
  if (exchange.status == 206) {  // "bytes 0-99/1234"
    auto const slash = exchange.content_range.rfind('/');
    std::string_view total = slash == std::string::npos ? std::string_view{} : std::string_view(exchange.content_range).substr(slash + 1);
    while (!total.empty() && (total.back() == '\r' || total.back() == '\n' || total.back() == ' ')) total.remove_suffix(1);
    if (!read_number(total, part.size)) return fail(ErrorKind::Unavailable, "the store s3://{} sent a part and did not say of how much", options_.bucket);
  } else {
    part.size = part.bytes.size();  // it does not know of parts and sent the whole
    part.bytes.erase(0, offset);
    if (part.bytes.size() > limit) part.bytes.resize(limit);
  }
  return part;
}

Result<std::vector<S3Object>> S3Bucket::list(std::string const& under, std::string const& after, std::size_t limit) const {
  std::string const prefix = options_.prefix + under;
  std::vector<S3Object> all;
  while (all.size() < limit) {
    std::size_t const most = std::min(limit - all.size(), most_in_a_listing);
    std::string const last = all.empty() ? after : all.back().key;
    // In the order in which names are signed.
    std::string query = fmt::format("?list-type=2&max-keys={}&prefix={}", most, query_text(prefix));
    if (!last.empty()) query += "&start-after=" + query_text(options_.prefix + last);
    Exchange exchange{.url = url_of("") + query};
    run(exchange);
    if (!exchange.is_success()) return Unexpected(exchange.error(options_));
    TRY(auto page, read_s3_listing(exchange.body, options_.prefix));
    bool const full = page.size() >= most;
    all.insert(all.end(), std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
    if (!full) break;
  }
  return all;
}

Result<void> S3Bucket::remove(std::string const& key) const {
  Exchange exchange{.method = "DELETE", .url = url_of(options_.prefix + key)};
  run(exchange);
  if (!exchange.is_success() && !(exchange.code == CURLE_OK && exchange.status == 404)) return Unexpected(exchange.error(options_));
  return {};
}

Result<std::vector<S3Object>> read_s3_listing(std::string_view xml, std::string_view prefix) {
  auto const not_one = [] { return fail(ErrorKind::Unavailable, "the store's listing cannot be read"); };
  if (xml.find("<ListBucketResult") == xml.npos) return not_one();
  std::vector<S3Object> found;
  for (auto at = xml.find("<Contents>"); at != xml.npos; at = xml.find("<Contents>", at + 1)) {
    auto const one = between_tags(xml, "Contents", at);
    auto const key = between_tags(one, "Key"), size = between_tags(one, "Size"), modified = between_tags(one, "LastModified");
    S3Object object;
    if (!key.starts_with(prefix) || !read_number(size, object.size)) return not_one();
    object.key = key.substr(prefix.size());
    object.modified = time_of(modified);
    found.push_back(std::move(object));
  }
  return found;
}

}  // namespace nav::client
