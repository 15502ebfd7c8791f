// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/server.h"

#include <filesystem>

#include "live/exchange.h"
#include "live/parameters.h"

namespace fomo::live {

namespace {

using nlohmann::json;

constexpr goffset kMostBodyBytes = 64 << 10; // but for uploads
constexpr unsigned kNewsInterval = 200;      // ms
constexpr unsigned kEndInterval = 50;        // ms
constexpr gint64 kLongestEnd = 10 * G_USEC_PER_SEC;
constexpr const char* kUploads = "/api/uploads/";
constexpr const char* kThumbnails = "/api/thumbnails/";
constexpr const char* kRecordings = "/recordings/";
constexpr const char* kProperties = "/api/properties/";

bool begins(const std::string& text, const char* with) { return text.rfind(with, 0) == 0; }

std::string after(const std::string& text, const char* beginning) {
  return text.substr(std::char_traits<char>::length(beginning));
}

std::vector<Folder> open_folders(const Options& options) {
  std::vector<Folder> folders;
  for (const std::string& path : options.pictures)
    folders.emplace_back(path, picture_endings(), Folder::Missing::refuse);
  folders.emplace_back(options.uploads, picture_endings(), Folder::Missing::make);
  return folders;
}

std::string first_picture(const std::vector<Folder>& folders) {
  for (const Folder& folder : folders)
    if (const auto files = folder.files(); !files.empty())
      return folder.path_of(files.front());
  throw Error(FOMO_NOT_FOUND, "There is no picture in '" + folders.front().path() +
                                  "'. Name a folder with pictures by --pictures.");
}

std::string token_for(const Options& options) {
  return options.token || !is_loopback(options.address) ? new_token() : "";
}

} // namespace

Server::Server(const Options& options, std::function<void()> quit)
    : options_(options), quit_(std::move(quit)), access_(token_for(options), options.hosts),
      pictures_(open_folders(options)),
      recordings_(options.recordings, {".mp4"}, Folder::Missing::make),
      viewers_([this] { animation_->show_preview(viewers_.count() > 0); }) {
  remove_old_uploads();
  Animation::Listener listener;
  listener.tell = [this](const json& news) {
    viewers_.tell(news);
    if (news["type"] == "event" && news["event"] == "source-changed")
      viewers_.tell({{"type", "picture"}, {"picture", picture_place()}});
  };
  listener.show = [this](GBytes* jpeg) { viewers_.show(jpeg); };
  listener.ended = [this](const std::string& words) { end(words); };
  animation_ = std::make_unique<Animation>(options, first_picture(pictures_), std::move(listener));
  server_.reset(G_OBJECT(soup_server_new("server-header", "fomo-live ", nullptr)));
  auto* server = SOUP_SERVER(server_.get());
  soup_server_add_early_handler(server, nullptr, on_headers, this, nullptr);
  soup_server_add_handler(server, nullptr, on_request, this, nullptr);
  soup_server_add_early_handler(server, "/api/live", on_headers, this, nullptr);
  soup_server_add_websocket_handler(server, "/api/live", nullptr, nullptr, on_page, this, nullptr);
  listen(options);
  news_ = std::make_unique<Timer>(kNewsInterval, [this] {
    if (viewers_.count() > 0)
      viewers_.tell_if_ready(
          {{"type", "stats"}, {"stats", animation_->stats()}, {"outputs", outputs()}});
  });
}

Server::~Server() { soup_server_disconnect(SOUP_SERVER(server_.get())); }

void Server::listen(const Options& options) {
  GError* error = nullptr;
  GSocketAddress* address = g_inet_socket_address_new_from_string(options.address.c_str(),
                                                                  static_cast<guint>(options.port));
  soup_server_listen(SOUP_SERVER(server_.get()), address, {}, &error);
  g_object_unref(address);
  const Owned<GError> owned(error);
  if (error)
    throw Error(FOMO_FAILED, "No server at " + options.address + ", port " +
                                 std::to_string(options.port) + ": " + error->message +
                                 ". Choose another --port.");
  GSList* uris = soup_server_get_uris(SOUP_SERVER(server_.get()));
  access_.set_port(g_uri_get_port(static_cast<GUri*>(uris->data)));
  g_slist_free_full(uris, reinterpret_cast<GDestroyNotify>(g_uri_unref));
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> list;
  GSList* uris = soup_server_get_uris(SOUP_SERVER(server_.get()));
  for (GSList* uri = uris; uri; uri = uri->next)
    list.push_back(take_text(g_uri_to_string(static_cast<GUri*>(uri->data))) + access_.query());
  g_slist_free_full(uris, reinterpret_cast<GDestroyNotify>(g_uri_unref));
  return list;
}

void Server::remove_old_uploads() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(pictures_.back().path(), error))
    if (begins(entry.path().filename().string(), kHiddenUpload))
      pictures_.back().remove(entry.path().filename().string());
}

// ---- requests ----

// No exception leaves the functions that libsoup calls.
void Server::on_headers(SoupServer*, SoupServerMessage* message, const char* path,
                        GHashTable* query, gpointer server) {
  try {
    static_cast<Server*>(server)->admit(message, path, query);
  } catch (const Error& error) {
    refuse_early(message, SOUP_STATUS_UNPROCESSABLE_ENTITY, error.what());
  } catch (const std::exception& error) {
    refuse_early(message, SOUP_STATUS_INTERNAL_SERVER_ERROR, error.what());
  }
}

void Server::admit(SoupServerMessage* message, const std::string& path, GHashTable* query) {
  SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
  const std::string method = soup_server_message_get_method(message);
  const bool has_body = soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CHUNKED ||
                        soup_message_headers_get_content_length(headers) > 0;
  const char* refusal = access_.refusal(message);
  if (refusal && method == "GET" && path == "/" && access_.brings_token(query)) {
    soup_message_headers_replace(soup_server_message_get_response_headers(message), "Set-Cookie",
                                 access_.cookie().c_str());
    soup_server_message_set_redirect(message, SOUP_STATUS_SEE_OTHER, "/");
    return;
  }
  if (refusal) {
    if (has_body)
      refuse_early(message, SOUP_STATUS_FORBIDDEN, refusal);
    else
      answer_error(message, SOUP_STATUS_FORBIDDEN, refusal);
    return;
  }
  set_safe_headers(message);
  if (!has_body)
    return;
  if (soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CHUNKED)
    return refuse_early(message, SOUP_STATUS_LENGTH_REQUIRED, "The request has no Content-Length.");
  const bool upload = method == "PUT" && begins(path, kUploads);
  const goffset most = upload ? static_cast<goffset>(options_.upload_limit << 20) : kMostBodyBytes;
  if (soup_message_headers_get_content_length(headers) > most)
    return refuse_early(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
                        "That is too large: the limit is " +
                            (upload ? std::to_string(options_.upload_limit) + " MiB."
                                    : std::to_string(kMostBodyBytes) + " bytes."));
  if (upload)
    begin_upload(message, after(path, kUploads));
}

void Server::on_request(SoupServer*, SoupServerMessage* message, const char* path, GHashTable*,
                        gpointer server) {
  auto* self = static_cast<Server*>(server);
  const std::string method = soup_server_message_get_method(message);
  try {
    if (!(method == "GET" ? self->get(message, path) : self->change(message, method, path)))
      answer_error(message, SOUP_STATUS_NOT_FOUND,
                   "There is nothing at " + std::string(path) + ".");
  } catch (const Error& error) {
    answer_error(message, error);
  } catch (const std::exception& error) {
    answer_error(message, SOUP_STATUS_INTERNAL_SERVER_ERROR, error.what());
  }
}

void Server::on_page(SoupServer*, SoupServerMessage*, const char*,
                     SoupWebsocketConnection* connection, gpointer server) {
  auto* self = static_cast<Server*>(server);
  self->viewers_.add(connection, self->state());
}

bool Server::get(SoupServerMessage* message, const std::string& path) {
  if (path == "/api/state")
    answer(message, SOUP_STATUS_OK, state());
  else if (begins(path, kThumbnails))
    get_thumbnail(message, after(path, kThumbnails));
  else if (begins(path, kRecordings))
    get_recording(message, after(path, kRecordings));
  else
    return get_resource(message, path);
  return true;
}

bool Server::change(SoupServerMessage* message, const std::string& method,
                    const std::string& path) {
  const std::string request = method + " " + path;
  json said = json::object();
  if (method == "PUT" && begins(path, kUploads)) {
    end_upload(message);
    return true;
  }
  if (method == "PUT" && begins(path, kProperties))
    set_parameter(animation_->element(), after(path, kProperties), body_of(message));
  else if (request == "POST /api/neutral")
    animation_->reset_reference();
  else if (request == "POST /api/preset")
    animation_->load_preset(text_in(body_of(message), "name"));
  else if (request == "POST /api/picture")
    choose_picture(body_of(message));
  else if (request == "POST /api/refresh")
    viewers_.tell({{"type", "folders"}, {"folders", folders()}});
  else if (request == "POST /api/recording/start")
    start_recording();
  else if (request == "POST /api/recording/stop")
    stop_output("recording");
  else if (request == "POST /api/stream/start")
    start_stream(text_in(body_of(message), "uri"));
  else if (request == "POST /api/stream/stop")
    stop_output("stream");
  else if (request == "POST /api/quit")
    end("");
  else
    return false;
  answer(message, SOUP_STATUS_OK, said);
  return true;
}

void Server::end(const std::string& words) {
  if (ending_)
    return;
  failed_ = !words.empty();
  if (failed_)
    g_printerr("fomo-live: %s\n", words.c_str());
  viewers_.tell({{"type", "ended"}, {"text", words}});
  for (const char* name : {"recording", "stream"})
    if (Output* output = animation_->output(name))
      output->finish();
  const gint64 begun = g_get_monotonic_time();
  bool closing = false;
  ending_ = std::make_unique<Timer>(kEndInterval, [this, begun, closing]() mutable {
    const bool late = g_get_monotonic_time() - begun > kLongestEnd;
    if (animation_->has_outputs() && !late)
      return;
    if (!std::exchange(closing, true))
      viewers_.close_all();
    if (viewers_.count() == 0 || late)
      quit_();
  });
}

} // namespace fomo::live
