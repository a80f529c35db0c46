// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>
#include <optional>

#include "base/result.h"
#include "http/server.h"

namespace nav::http {

/// Makes an OpenSSL server context serve as `tls` says: TLS 1.2 or newer. InvalidArgument when a PEM text is not what it should be
/// or the key does not go with the certificate.
Result<void> configure(SSL_CTX* context, Tls const& tls);

/// Who the client of a finished handshake proved to be, if it did.
std::optional<Request::Certificate> peer_certificate(SSL const* ssl);

}  // namespace nav::http
