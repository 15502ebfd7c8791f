// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/exchange.h"

#include "live/handles.h"

namespace fomo::live {

namespace {

using nlohmann::json;

std::string error_text(const std::string& words) {
  return json{{"error", words}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

void answer(SoupServerMessage* message, guint status, const json& body) {
  const std::string text = body.dump(-1, ' ', false, json::error_handler_t::replace);
  soup_server_message_set_status(message, status, nullptr);
  soup_server_message_set_response(message, "application/json", SOUP_MEMORY_COPY, text.data(),
                                   text.size());
}

void answer_error(SoupServerMessage* message, guint status, const std::string& words) {
  soup_server_message_set_status(message, status, nullptr);
  const std::string text = error_text(words);
  soup_server_message_set_response(message, "application/json", SOUP_MEMORY_COPY, text.data(),
                                   text.size());
}

void answer_error(SoupServerMessage* message, const Error& error) {
  guint status = SOUP_STATUS_UNPROCESSABLE_ENTITY;
  if (error.status() == FOMO_NOT_FOUND)
    status = SOUP_STATUS_NOT_FOUND;
  else if (error.status() == FOMO_SETTINGS)
    status = SOUP_STATUS_BAD_REQUEST;
  answer_error(message, status, error.what());
}

void answer_file(SoupServerMessage* message, const char* type, const std::string& contents) {
  soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
  soup_server_message_set_response(message, type, SOUP_MEMORY_COPY, contents.data(),
                                   contents.size());
}

// libsoup sends an answer after the whole body has come. So this one goes to the socket directly;
// what still comes of the body is read and forgotten, since closing the connection earlier could
// make the system discard the answer.
void refuse_early(SoupServerMessage* message, guint status, const std::string& words) {
  soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
  answer_error(message, status, words);
  const std::string body = error_text(words);
  const std::string text = "HTTP/1.1 " + std::to_string(status) + " " +
                           soup_status_get_phrase(status) +
                           "\r\nContent-Type: application/json\r\nConnection: close\r\n"
                           "Content-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body;
  GSocket* socket = soup_server_message_get_socket(message);
  if (!socket)
    return;
  g_socket_send(socket, text.data(), text.size(), nullptr, nullptr);
  g_socket_shutdown(socket, FALSE, TRUE, nullptr);
}

json body_of(SoupServerMessage* message) {
  const Owned<GBytes> bytes(
      soup_message_body_flatten(soup_server_message_get_request_body(message)));
  gsize size = 0;
  const auto* data = static_cast<const char*>(g_bytes_get_data(bytes.get(), &size));
  json body = json::parse(data, data + size, nullptr, false);
  if (body.is_discarded())
    throw Error(FOMO_SETTINGS, "The request's body is no JSON.");
  return body;
}

std::string text_in(const json& object, const char* member) {
  if (!object.is_object() || !object.contains(member) || !object[member].is_string())
    throw Error(FOMO_SETTINGS, std::string("The request lacks the text '") + member + "'.");
  return object[member].get<std::string>();
}

void set_safe_headers(SoupServerMessage* message) {
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  const char* host =
      soup_message_headers_get_one(soup_server_message_get_request_headers(message), "Host");
  // Some browsers do not count websockets to the same host as 'self'. The host has been checked.
  const std::string policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
                             "'self' blob:; media-src 'self'; connect-src 'self' ws://" +
                             std::string(host ? host : "localhost") +
                             "; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
  soup_message_headers_replace(headers, "Content-Security-Policy", policy.c_str());
  soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace(headers, "Referrer-Policy", "no-referrer");
  soup_message_headers_replace(headers, "Cross-Origin-Resource-Policy", "same-origin");
  soup_message_headers_replace(headers, "Cache-Control", "no-store");
}

} // namespace fomo::live
