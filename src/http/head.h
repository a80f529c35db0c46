// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

/// Responses as the bytes of HTTP/1.1.
namespace nav::http {

/// How the client learns where the body ends.
enum class Framing {
  Length,   ///< Content-Length, and the connection goes on
  Chunked,  ///< in chunks, and the connection goes on
  Close,    ///< the connection ends after it (with its length, where that is known)
};

enum class Body { Sent, Omitted };

/// The head alone, for a body whose length is not known: Chunked or Close.
std::string response_head(Response const& response, Framing framing);
/// Head and body: Length or Close. `Omitted` (HEAD) tells the length of the body all the same.
std::string response_text(Response response, Framing framing, Body body);

/// The head after which the connection is another protocol's, named in its header Upgrade.
std::string upgrade_text(Response const& response);

/// One chunk of a chunked body; must not be empty, since that would end it.
std::string chunk_text(std::string_view bytes);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace nav::http
