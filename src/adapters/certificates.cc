// SPDX-License-Identifier: Apache-2.0
#include "adapters/certificates.h"

#include <arpa/inet.h>
#include <ctime>
#include <memory>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace nav {
namespace {

/// Clocks of machines that meet for the first time differ a little.
constexpr Duration backdating = hours(1);

struct Free {
  void operator()(ASN1_INTEGER* p) const { ASN1_INTEGER_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(X509_REQ* p) const { X509_REQ_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Unexpected openssl_failed(std::string_view what) {
  char reason[160] = "unknown reason";
  if (auto const code = ERR_get_error()) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  return fail(ErrorKind::Internal, "{}: {}", what, reason);
}

Owned<BIO> reading(std::string const& text) { return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

template <class Write>
std::string written(Write write) {
  Owned<BIO> const bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* text = nullptr;
  long const length = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(length));
}

std::string pem_of(X509* certificate) {
  return written([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}
std::string pem_of(EVP_PKEY* key) {
  return written([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

int no_password(char*, int, int, void*) { return 0; }

Result<Owned<X509>> certificate_of(std::string const& pem) {
  Owned<X509> certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (!certificate) return fail_field("certificate", "a PEM text, as nav itself writes it", "this is not a certificate");
  return certificate;
}

Result<Owned<EVP_PKEY>> key_of(std::string const& pem) {
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (!key) return fail_field("key", "a PEM text, as nav itself writes it", "this is not a private key");
  return key;
}

struct Authority {
  Owned<X509> certificate;
  Owned<EVP_PKEY> key;
};

Result<Authority> authority_of(KeyPair const& ca) {
  TRY(auto certificate, certificate_of(ca.certificate_pem));
  TRY(auto key, key_of(ca.key_pem));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return fail_field("key", "the key that was made with the CA", "the CA's key does not go with its certificate");
  }
  return Authority{std::move(certificate), std::move(key)};
}

Result<Owned<EVP_PKEY>> new_key() {
  Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  if (!key) return openssl_failed("make a key");
  return key;
}

bool set_name(X509_NAME* name, std::string_view common_name) {
  return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool set_time(ASN1_TIME* field, Time at) { return ASN1_TIME_set(field, static_cast<std::time_t>(at.us / 1'000'000)) != nullptr; }

/// 127 random bits, as RFC 5280 (4.1.2.2) and common sense want: positive, never twice.
bool set_serial(X509* certificate) {
  Owned<BIGNUM> const number(BN_new());
  return BN_rand(number.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool add(X509* certificate, X509* issuer, int extension, char const* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Owned<X509_EXTENSION> const made(X509V3_EXT_conf_nid(nullptr, &context, extension, value));
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

/// A certificate with all that ours have in common, still without uses and unsigned. `issuer` null: it is its own.
Result<Owned<X509>> begin(std::string_view common_name, EVP_PKEY* key, X509* issuer, Time now, Duration lifetime) {
  Owned<X509> certificate(X509_new());
  X509* const raw = certificate.get();
  bool const made = X509_set_version(raw, X509_VERSION_3) == 1 && set_serial(raw) && set_name(X509_get_subject_name(raw), common_name) &&
                    X509_set_issuer_name(raw, X509_get_subject_name(issuer ? issuer : raw)) == 1 && set_time(X509_getm_notBefore(raw), now - backdating) &&
                    set_time(X509_getm_notAfter(raw), now + lifetime) && X509_set_pubkey(raw, key) == 1 &&
                    add(raw, issuer ? issuer : raw, NID_subject_key_identifier, "hash") &&
                    add(raw, issuer ? issuer : raw, NID_authority_key_identifier, "keyid:always");
  if (!made) return openssl_failed(fmt::format("make a certificate for {}", common_name));
  return certificate;
}

/// "*.jobs.example" stands for all hosts one level below.
bool is_host_name(std::string const& wanted) {
  std::string const name = wanted.starts_with("*.") ? wanted.substr(2) : wanted;
  constexpr char const* allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  return !name.empty() && name.size() <= 253 && name.find_first_not_of(allowed) == name.npos;
}

Result<void> add_names(X509* certificate, std::vector<std::string> const& names) {
  Owned<GENERAL_NAMES> const all(sk_GENERAL_NAME_new_null());
  for (auto const& name : names) {
    unsigned char address[sizeof(in6_addr)];
    int const size = inet_pton(AF_INET, name.c_str(), address) == 1 ? 4 : inet_pton(AF_INET6, name.c_str(), address) == 1 ? 16 : 0;
    if (size == 0 && !is_host_name(name)) return fail_field("names", "host names and IP addresses", "\"{}\" is neither a host name nor an IP address", name);
    ASN1_STRING* const value = ASN1_STRING_type_new(size > 0 ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    if (size > 0) ASN1_STRING_set(value, address, size);
    else ASN1_STRING_set(value, name.data(), static_cast<int>(name.size()));
    GENERAL_NAME* const one = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(one, size > 0 ? GEN_IPADD : GEN_DNS, value);
    sk_GENERAL_NAME_push(all.get(), one);
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, all.get(), 0, X509V3_ADD_DEFAULT) != 1) return openssl_failed("add the names of a certificate");
  return {};
}

/// "node-7" or "10.0.0.1"; the first name that fits the 64 characters a common name may have.
std::string_view common_name_of(std::vector<std::string> const& names) {
  for (auto const& name : names)
    if (!name.empty() && name.size() <= 64) return name;
  return "nav";
}

Time time_of(ASN1_TIME const* field) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(field, &parts) != 1) return {};
  return {static_cast<std::int64_t>(timegm(&parts)) * 1'000'000};
}

std::string text_of(ASN1_STRING const* string) {
  unsigned char* text = nullptr;
  int const length = ASN1_STRING_to_UTF8(&text, string);
  if (length < 0) return {};
  std::string out(reinterpret_cast<char*>(text), static_cast<std::size_t>(length));
  OPENSSL_free(text);
  return out;
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  Owned<GENERAL_NAMES> const all(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    GENERAL_NAME const* const one = sk_GENERAL_NAME_value(all.get(), i);
    if (one->type == GEN_DNS) {
      names.push_back(text_of(one->d.dNSName));
    } else if (one->type == GEN_IPADD) {
      int const size = ASN1_STRING_length(one->d.iPAddress);
      char text[INET6_ADDRSTRLEN] = "";
      if (size == 4 || size == 16) inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(one->d.iPAddress), text, sizeof text);
      names.emplace_back(text);
    }
  }
  return names;
}

}  // namespace

Result<KeyPair> make_ca(std::string_view name, Time now) {
  TRY(auto key, new_key());
  TRY(auto certificate, begin(name, key.get(), nullptr, now, ca_lifetime));
  X509* const raw = certificate.get();
  if (!add(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") || !add(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      X509_sign(raw, key.get(), EVP_sha256()) == 0)
    return openssl_failed("make a CA");
  return KeyPair{pem_of(raw), pem_of(key.get())};
}

Result<KeyPair> issue_server_certificate(KeyPair const& ca, std::vector<std::string> const& names, Time now) {
  TRY(auto const authority, authority_of(ca));
  TRY(auto key, new_key());
  TRY(auto certificate, begin(common_name_of(names), key.get(), authority.certificate.get(), now, server_certificate_lifetime));
  X509* const raw = certificate.get();
  TRY_VOID(add_names(raw, names));
  if (!add(raw, authority.certificate.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !add(raw, authority.certificate.get(), NID_key_usage, "critical,digitalSignature") ||
      !add(raw, authority.certificate.get(), NID_ext_key_usage, "serverAuth") || X509_sign(raw, authority.key.get(), EVP_sha256()) == 0)
    return openssl_failed("issue a server certificate");
  return KeyPair{pem_of(raw) + pem_of(authority.certificate.get()), pem_of(key.get())};
}

Result<CertificateRequest> make_certificate_request() {
  TRY(auto key, new_key());
  Owned<X509_REQ> const request(X509_REQ_new());
  if (X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 || X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0)
    return openssl_failed("make a certificate request");
  return CertificateRequest{written([&](BIO* bio) { PEM_write_bio_X509_REQ(bio, request.get()); }), pem_of(key.get())};
}

Result<std::string> sign_node_certificate(KeyPair const& ca, std::string const& request_pem, std::string_view node, Time now) {
  TRY(auto const authority, authority_of(ca));
  Owned<X509_REQ> const request(PEM_read_bio_X509_REQ(reading(request_pem).get(), nullptr, no_password, nullptr));
  EVP_PKEY* const key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  ERR_clear_error();
  if (!key) return fail_field("request", "a PEM text, as `nav agent --join` makes it", "this is not a certificate request");
  char group[32] = "";
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1 || std::string_view(group) != "prime256v1")
    return fail_field("request", "an ECDSA key on P-256", "a key of this kind is not certified");
  if (X509_REQ_verify(request.get(), key) != 1) {
    ERR_clear_error();
    return fail_field("request", "sign it with the key it is for", "this certificate request does not prove possession of its key");
  }
  if (node.empty() || node.size() > 64) return fail_field("node", "1 to 64 characters", "\"{}\" cannot be the name of a node", node);
  TRY(auto certificate, begin(node, key, authority.certificate.get(), now, node_certificate_lifetime));
  X509* const raw = certificate.get();
  if (!add(raw, authority.certificate.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !add(raw, authority.certificate.get(), NID_key_usage, "critical,digitalSignature") ||
      !add(raw, authority.certificate.get(), NID_ext_key_usage, "clientAuth") || X509_sign(raw, authority.key.get(), EVP_sha256()) == 0)
    return openssl_failed("sign a node certificate");
  return pem_of(raw);
}

Result<CertificateFacts> read_certificate(std::string const& pem) {
  TRY(auto const certificate, certificate_of(pem));
  X509* const raw = certificate.get();
  CertificateFacts facts;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(raw, EVP_sha256(), digest, &size) != 1) return openssl_failed("read a certificate");
  for (unsigned int i = 0; i < size; ++i) facts.sha256 += fmt::format("{:02x}", digest[i]);
  X509_NAME const* const subject = X509_get_subject_name(raw);
  if (int const at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0)
    facts.common_name = text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  facts.not_before = time_of(X509_get0_notBefore(raw));
  facts.not_after = time_of(X509_get0_notAfter(raw));
  facts.names = names_of(raw);
  return facts;
}

bool is_renewal_due(CertificateFacts const& certificate, Time now) {
  return certificate.not_after - now <= (certificate.not_after - certificate.not_before) / 3;
}

}  // namespace nav
