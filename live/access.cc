// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/access.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <sys/random.h>

#include "common/error.h"
#include "live/handles.h"

namespace fomo::live {

namespace {

constexpr const char* kBearer = "Bearer ";

/// The host of a header Host: without the port, without the brackets of an IPv6 address.
std::string host_of(const std::string& header) {
  if (!header.empty() && header[0] == '[')
    return header.substr(1, header.find(']') - 1);
  return header.substr(0, header.find(':'));
}

} // namespace

std::string new_token() {
  std::array<unsigned char, 16> random;
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw Error(FOMO_FAILED, "The system gives no random numbers for a token.");
  std::string text;
  for (const unsigned char byte : random) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

bool equal_in_constant_time(const std::string& a, const std::string& b) {
  unsigned different = a.size() != b.size();
  for (size_t i = 0; i < std::min(a.size(), b.size()); i++)
    different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return different == 0;
}

bool is_loopback(const std::string& address) {
  GInetAddress* parsed = g_inet_address_new_from_string(address.c_str());
  if (!parsed)
    throw Error(FOMO_SETTINGS,
                "--address '" + address + "' is no IP address. Use 127.0.0.1, or 0.0.0.0 for all.");
  const bool loopback = g_inet_address_get_is_loopback(parsed);
  g_object_unref(parsed);
  return loopback;
}

Access::Access(std::string token, std::vector<std::string> hosts)
    : token_(std::move(token)), hosts_(std::move(hosts)) {}

bool Access::knows_host(const std::string& host) const {
  return g_hostname_is_ip_address(host.c_str()) ||
         g_ascii_strcasecmp(host.c_str(), "localhost") == 0 ||
         std::any_of(hosts_.begin(), hosts_.end(), [&host](const std::string& known) {
           return g_ascii_strcasecmp(known.c_str(), host.c_str()) == 0;
         });
}

bool Access::has_token(SoupMessageHeaders* headers) const {
  const char* authorization = soup_message_headers_get_one(headers, "Authorization");
  if (authorization && g_str_has_prefix(authorization, kBearer))
    return equal_in_constant_time(authorization + std::strlen(kBearer), token_);
  const char* cookies = soup_message_headers_get_list(headers, "Cookie");
  const Owned<gchar*> pairs(g_strsplit(cookies ? cookies : "", ";", -1));
  for (gchar** pair = pairs.get(); *pair; pair++) {
    const std::string text = g_strstrip(*pair);
    if (text.compare(0, cookie_.size() + 1, cookie_ + "=") == 0 &&
        equal_in_constant_time(text.substr(cookie_.size() + 1), token_))
      return true;
  }
  return false;
}

const char* Access::refusal(SoupServerMessage* message) const {
  SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
  const char* host = soup_message_headers_get_one(headers, "Host");
  if (!host || !knows_host(host_of(host)))
    return "This name is not one of this machine: call it by its IP address, or name it with "
           "--host.";
  const char* origin = soup_message_headers_get_one(headers, "Origin");
  if (origin && std::string("http://") + host != origin && std::string("https://") + host != origin)
    return "Another site's page may not steer this one.";
  if (!token_.empty() && !has_token(headers))
    return "The token is missing or wrong: open the address that fomo-live printed.";
  return nullptr;
}

bool Access::brings_token(GHashTable* query) const {
  const auto* given =
      query ? static_cast<const char*>(g_hash_table_lookup(query, "token")) : nullptr;
  return given && !token_.empty() && equal_in_constant_time(given, token_);
}

std::string Access::cookie() const {
  return cookie_ + "=" + token_ + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000";
}

} // namespace fomo::live
