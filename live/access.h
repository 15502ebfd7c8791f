// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include <libsoup/soup.h>

namespace fomo::live {

/// 128 random bits in hexadecimal. Throws Error where the system has no random numbers.
std::string new_token();

/// Whether the texts are equal, in a time that depends on the lengths alone.
bool equal_in_constant_time(const std::string& a, const std::string& b);

/// Whether this IP address is one of the loopback device. Throws Error if it is no IP address.
bool is_loopback(const std::string& address);

/// Who may use the page.
class Access {
 public:
  /// An empty `token` demands none. `hosts`: names besides localhost and IP addresses.
  Access(std::string token, std::vector<std::string> hosts);

  /// The server's port, which the cookie's name has: browsers send cookies to all ports of a host.
  void set_port(int port) { cookie_ = "fomo-live-" + std::to_string(port); }

  /// The reason for which a request is refused; null: it is not.
  ///
  /// * The header Host must name an IP address, localhost or one of `hosts`: a page of another
  ///   site whose name was made to resolve to this machine (DNS rebinding) has its own name there.
  /// * A header Origin must name the same host and port: browsers send it with every request that
  ///   a page makes by a method other than GET and with every websocket.
  /// * The token, if there is one, is in the cookie or in the header Authorization.
  const char* refusal(SoupServerMessage* message) const;

  /// Whether a request without the right token brings it in its query (?token=).
  bool brings_token(GHashTable* query) const;
  /// "?token=...", or "" where none is demanded.
  std::string query() const { return token_.empty() ? "" : "?token=" + token_; }
  /// The value of the header Set-Cookie that stores the token in the browser.
  std::string cookie() const;

 private:
  bool has_token(SoupMessageHeaders* headers) const;
  bool knows_host(const std::string& host) const;

  std::string token_, cookie_;
  std::vector<std::string> hosts_;
};

} // namespace fomo::live
