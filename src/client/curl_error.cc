// SPDX-License-Identifier: Apache-2.0
#include "client/curl_error.h"

#include <mutex>

namespace nav::client {

namespace {

/// In TLS 1.3 the server looks at our certificate after we take the connection for made: its refusal arrives in place of an answer.
bool is_refusal_of_certificate(std::string const& detail) {
  return detail.find(" alert ") != std::string::npos && (detail.find("certificate") != std::string::npos || detail.find("unknown ca") != std::string::npos);
}

}  // namespace

Error error_of_curl(CURLcode code, std::string const& url, std::string const& detail) {
  std::string const why = detail.empty() ? curl_easy_strerror(code) : detail;
  if (is_refusal_of_certificate(detail))
    return {ErrorKind::Unauthenticated,
            fmt::format("the server at {} refuses our certificate: {}", url, why),
            "it may have expired or been revoked, or be of another installation: join again with a fresh token",
            {}};
  switch (code) {
    case CURLE_COULDNT_CONNECT:
      return {ErrorKind::Unavailable,
              fmt::format("nobody answers at {}", url),
              "is `nav up` running there? Another address is given with NAV_URL or `nav login`",
              {}};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorKind::Unavailable, fmt::format("the host of {} is not known here", url), "check its spelling and this machine's name service", "url"};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::Timeout, fmt::format("{} did not answer in time", url), "it may be busy, or a firewall swallows the packets", {}};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return {ErrorKind::Unauthenticated,
              fmt::format("the server at {} is not the one that was expected: {}", url, why),
              "use the join address (https://...#sha256:...) its administrator gives, and a host name its certificate has",
              {}};
    case CURLE_SSL_CONNECT_ERROR:
      return {ErrorKind::Unauthenticated,
              fmt::format("no secure connection to {}: {}", url, why),
              "does that port speak TLS, and is our certificate still valid?",
              {}};
    case CURLE_SSL_CERTPROBLEM: return {ErrorKind::InvalidArgument, fmt::format("the client certificate or its key cannot be used: {}", why), {}, {}};
    case CURLE_SSL_CACERT_BADFILE: return {ErrorKind::InvalidArgument, fmt::format("the CA certificate cannot be used: {}", why), {}, {}};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return {ErrorKind::InvalidArgument, fmt::format("\"{}\" is not an address", url), "such as https://host:8443", "url"};
    case CURLE_FILESIZE_EXCEEDED: return {ErrorKind::TooLarge, fmt::format("the answer of {} is larger than taken here", url), "ask for less at once", {}};
    case CURLE_OUT_OF_MEMORY: return {ErrorKind::Internal, why, {}, {}};
    default:
      // The connection broke on the way: closed, reset, cut short.
      return {ErrorKind::Unavailable, fmt::format("the connection to {} broke: {}", url, why), "the server may be restarting: try again", {}};
  }
}

void prepare_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace nav::client
