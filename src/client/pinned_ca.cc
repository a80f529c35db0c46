// SPDX-License-Identifier: Apache-2.0
#include "client/pinned_ca.h"

#include <curl/curl.h>
#include <memory>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "client/address.h"
#include "client/curl_error.h"

namespace nav::client {
namespace {

std::string sha256_of_certificate(std::string const& pem) {
  std::unique_ptr<BIO, decltype(&BIO_free)> const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  std::unique_ptr<X509, decltype(&X509_free)> const certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest, &size) != 1) return {};
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

Result<std::string> fetch_pinned_ca(std::string const& url, std::string const& sha256, Duration connect_timeout) {
  prepare_curl();
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const curl(curl_easy_init(), &curl_easy_cleanup);
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  if (is_loopback(url)) curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(connect_timeout.ms()));
  // Shake hands and look at the chain; not one byte of a request is sent to a server nobody has verified.
  curl_easy_setopt(curl.get(), CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CERTINFO, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  if (CURLcode const code = curl_easy_perform(curl.get()); code != CURLE_OK) return Unexpected(error_of_curl(code, url, detail));

  curl_certinfo* chain = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_CERTINFO, &chain);
  for (int i = 0; chain && i < chain->num_of_certs; ++i)
    for (curl_slist const* line = chain->certinfo[i]; line; line = line->next) {
      std::string_view const text = line->data;
      if (!text.starts_with("Cert:")) continue;
      std::string pem(text.substr(5));
      if (sha256_of_certificate(pem) == sha256) return pem;
    }
  return Unexpected(Error{ErrorKind::Unauthenticated,
                          fmt::format("the server at {} does not have the fingerprint of the join address", url),
                          "take a fresh join address from the administrator; if it is the same, somebody else answers there",
                          {}});
}

}  // namespace nav::client
