// SPDX-License-Identifier: Apache-2.0
#include "http/tls.h"

#include <fmt/format.h>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace nav::http {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, Free>;

Unexpected wrong(std::string field, std::string_view what) {
  char reason[160] = "unknown reason";
  if (auto const code = ERR_peek_last_error()) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  return fail_field(std::move(field), "a PEM text, as nav itself writes it", "{}: {}", what, reason);
}

std::vector<Certificate> certificates_of(std::string const& pem) {
  std::unique_ptr<BIO, Free> const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> all;
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) all.emplace_back(one);
  ERR_clear_error();  // the end of the text counts as an error
  return all;
}

int no_password(char*, int, int, void*) { return 0; }

}  // namespace

Result<void> configure(SSL_CTX* context, Tls const& tls) {
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);

  auto chain = certificates_of(tls.certificate_pem);
  if (chain.empty()) return fail_field("certificate", "a PEM text, as nav itself writes it", "there is no certificate to serve with");
  if (SSL_CTX_use_certificate(context, chain[0].get()) != 1) return wrong("certificate", "this certificate cannot be served with");
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) return wrong("certificate", "this certificate chain cannot be served with");

  std::unique_ptr<BIO, Free> const key_text(BIO_new_mem_buf(tls.key_pem.data(), static_cast<int>(tls.key_pem.size())));
  std::unique_ptr<EVP_PKEY, Free> const key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_password, nullptr));
  if (!key) return wrong("key", "this private key cannot be read");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return wrong("key", "this private key does not go with the certificate");

  if (tls.client == ClientCertificate::None) return {};
  auto const authorities = certificates_of(tls.client_ca_pem);
  if (authorities.empty()) return fail_field("client_ca", "a PEM text, as nav itself writes it", "there is no CA to hold client certificates against");
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  for (auto const& authority : authorities) {
    X509_STORE_add_cert(store, authority.get());
    SSL_CTX_add_client_CA(context, authority.get());
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (tls.client == ClientCertificate::Required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  // A resumed session would carry an old proof past its expiry: every connection proves itself afresh.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  return {};
}

std::optional<Request::Certificate> peer_certificate(SSL const* ssl) {
  Certificate const certificate(SSL_get1_peer_certificate(ssl));
  if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return std::nullopt;
  Request::Certificate proof;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest, &size) != 1) return std::nullopt;
  for (unsigned int i = 0; i < size; ++i) proof.sha256 += fmt::format("{:02x}", digest[i]);
  X509_NAME const* const subject = X509_get_subject_name(certificate.get());
  if (int const at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0) {
    unsigned char* text = nullptr;
    int const length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (length >= 0) {
      proof.common_name.assign(reinterpret_cast<char*>(text), static_cast<std::size_t>(length));
      OPENSSL_free(text);
    }
  }
  return proof;
}

}  // namespace nav::http
