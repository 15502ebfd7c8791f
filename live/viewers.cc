// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/viewers.h"

namespace fomo::live {

namespace {

using nlohmann::json;

constexpr size_t kMostViewers = 32;
constexpr uint64_t kMostUnseen = 4; // messages
constexpr std::chrono::seconds kLongestSilence{10};
constexpr unsigned kWatchInterval = 1000;    // ms
constexpr guint64 kMostIncomingBytes = 1024; // of a message
constexpr guint kKeepAlive = 5;              // s

bool is_open(SoupWebsocketConnection* connection) {
  return soup_websocket_connection_get_state(connection) == SOUP_WEBSOCKET_STATE_OPEN;
}

} // namespace

Viewers::Viewers(std::function<void()> changed)
    : changed_(std::move(changed)), watch_(kWatchInterval, [this] { close_silent(); }) {}

Viewers::~Viewers() {
  for (const Viewer& viewer : viewers_) {
    g_signal_handlers_disconnect_by_data(viewer.connection, const_cast<Viewer*>(&viewer));
    if (is_open(viewer.connection))
      soup_websocket_connection_close(viewer.connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, nullptr);
    g_object_unref(viewer.connection);
  }
}

void Viewers::add(SoupWebsocketConnection* connection, const json& first) {
  if (viewers_.size() >= kMostViewers) {
    soup_websocket_connection_close(connection, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION,
                                    "Too many pages are open.");
    return;
  }
  soup_websocket_connection_set_max_incoming_payload_size(connection, kMostIncomingBytes);
  soup_websocket_connection_set_keepalive_interval(connection, kKeepAlive);
  g_object_ref(connection);
  Viewer& viewer = viewers_.emplace_back(Viewer{this, connection});
  g_signal_connect(connection, "message", G_CALLBACK(on_text), &viewer);
  g_signal_connect(connection, "closed", G_CALLBACK(on_closed), &viewer);
  send_text(viewer, first.dump());
  if (viewers_.size() == 1)
    changed_();
}

void Viewers::on_text(SoupWebsocketConnection*, gint, GBytes* message, Viewer* viewer) {
  gsize size = 0;
  const auto* data = static_cast<const char*>(g_bytes_get_data(message, &size));
  const json answer = json::parse(data, data + size, nullptr, false);
  if (!answer.is_object() || !answer.contains("seen") || !answer["seen"].is_number_unsigned())
    return;
  const auto seen = answer["seen"].get<uint64_t>();
  if (seen > viewer->seen && seen <= viewer->sent) {
    viewer->seen = seen;
    viewer->answered = Clock::now();
  }
}

void Viewers::on_closed(SoupWebsocketConnection* connection, Viewer* viewer) {
  Viewers* self = viewer->owner;
  g_signal_handlers_disconnect_by_data(connection, viewer);
  self->viewers_.remove_if([viewer](const Viewer& other) { return &other == viewer; });
  if (self->viewers_.empty())
    self->changed_();
  g_object_unref(connection);
}

void Viewers::count_sent(Viewer& viewer) {
  if (viewer.sent++ == viewer.seen)
    viewer.answered = Clock::now();
}

void Viewers::send_text(Viewer& viewer, const std::string& text) {
  if (!is_open(viewer.connection))
    return;
  count_sent(viewer);
  soup_websocket_connection_send_text(viewer.connection, text.c_str());
}

void Viewers::tell(const json& news) {
  const std::string text = news.dump(-1, ' ', false, json::error_handler_t::replace);
  for (Viewer& viewer : viewers_)
    send_text(viewer, text);
}

void Viewers::tell_if_ready(const json& news) {
  const std::string text = news.dump(-1, ' ', false, json::error_handler_t::replace);
  for (Viewer& viewer : viewers_)
    if (viewer.sent - viewer.seen < kMostUnseen)
      send_text(viewer, text);
}

void Viewers::show(GBytes* jpeg) {
  for (Viewer& viewer : viewers_) {
    if (viewer.sent - viewer.seen >= kMostUnseen || !is_open(viewer.connection))
      continue;
    count_sent(viewer);
    gsize size = 0;
    const gconstpointer data = g_bytes_get_data(jpeg, &size);
    soup_websocket_connection_send_binary(viewer.connection, data, size);
  }
}

// A page that has vanished does not always close its connection: a telephone out of reach does not.
void Viewers::close_silent() {
  std::list<Viewer*> silent;
  for (Viewer& viewer : viewers_)
    if (viewer.sent > viewer.seen && Clock::now() - viewer.answered > kLongestSilence)
      silent.push_back(&viewer);
  for (Viewer* viewer : silent) {
    // The closing handshake would wait for the page: the stream is closed under it.
    SoupWebsocketConnection* connection = viewer->connection;
    g_io_stream_close(soup_websocket_connection_get_io_stream(connection), nullptr, nullptr);
    on_closed(connection, viewer);
  }
}

void Viewers::close_all() {
  for (const Viewer& viewer : viewers_)
    if (is_open(viewer.connection))
      soup_websocket_connection_close(viewer.connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, nullptr);
}

} // namespace fomo::live
