// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <libsoup/soup.h>
#include <nlohmann/json.hpp>

#include "live/access.h"
#include "live/animation.h"
#include "live/folder.h"
#include "live/options.h"
#include "live/viewers.h"
#include "live/worker.h"

namespace fomo::live {

/// Names of uploads that have not been checked begin with this.
constexpr const char* kHiddenUpload = ".upload-";

/// The web server: the page, and what the page asks for (docs/live.md lists the requests).
class Server {
 public:
  /// Opens folders and the animation, and listens. `quit` ends the main loop. Throws Error.
  Server(const Options& options, std::function<void()> quit);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start() { animation_->start(); }
  /// The addresses of the page, with the token.
  std::vector<std::string> addresses() const;
  /// Finishes recordings, tells the pages why, and quits. `words`: of an error, or "".
  void end(const std::string& words);
  bool failed() const { return failed_; }

 private:
  static void on_headers(SoupServer*, SoupServerMessage* message, const char* path,
                         GHashTable* query, gpointer server);
  static void on_request(SoupServer*, SoupServerMessage* message, const char* path,
                         GHashTable* query, gpointer server);
  static void on_page(SoupServer*, SoupServerMessage*, const char* path,
                      SoupWebsocketConnection* connection, gpointer server);

  void listen(const Options& options);
  void admit(SoupServerMessage* message, const std::string& path, GHashTable* query);
  void begin_upload(SoupServerMessage* message, const std::string& name);
  void end_upload(SoupServerMessage* message);
  bool get(SoupServerMessage* message, const std::string& path);
  bool change(SoupServerMessage* message, const std::string& method, const std::string& path);
  bool get_resource(SoupServerMessage* message, const std::string& path);
  void get_thumbnail(SoupServerMessage* message, const std::string& place);
  void get_recording(SoupServerMessage* message, const std::string& name);
  void choose_picture(const nlohmann::json& place);
  void start_recording();
  void start_stream(const std::string& uri);
  void stop_output(const char* name);
  void remove_old_uploads();

  nlohmann::json state() const;
  nlohmann::json folders() const;
  nlohmann::json picture_place() const;
  nlohmann::json outputs() const;

  Options options_;
  std::function<void()> quit_;
  Access access_;
  std::vector<Folder> pictures_; // the last one is that of uploads
  Folder recordings_;
  Viewers viewers_;
  std::unique_ptr<Animation> animation_;
  Owned<GObject> server_;
  std::string recording_, stream_; // name of the file, URI
  uint64_t uploads_begun_ = 0;
  bool failed_ = false;
  std::unique_ptr<Timer> news_, ending_;
  Worker worker_; // ends first: its work uses the others
};

} // namespace fomo::live
