// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <string>

#include <libsoup/soup.h>
#include <nlohmann/json.hpp>

#include "live/handles.h"

namespace fomo::live {

/// The pages that are open: websockets that get frames (binary messages, JPEG) and news (text
/// messages, JSON). A page answers each message by {"seen": N}, the number of messages so far.
/// What may be dropped is not sent to a page that has not answered the last few messages, so a slow
/// page gets fewer frames and nothing waits for it. One that answers nothing for ten seconds is
/// closed.
class Viewers {
 public:
  /// `changed` is called when the first page comes and when the last one goes.
  explicit Viewers(std::function<void()> changed);
  ~Viewers();
  Viewers(const Viewers&) = delete;
  Viewers& operator=(const Viewers&) = delete;

  /// Takes a new page, and sends it `first`. Closes it where there are too many.
  void add(SoupWebsocketConnection* connection, const nlohmann::json& first);
  size_t count() const { return viewers_.size(); }

  /// Sends a frame to all pages that are not behind.
  void show(GBytes* jpeg);
  /// Sends news to all pages.
  void tell(const nlohmann::json& news);
  /// Sends news that the next ones replace, to all pages that are not behind.
  void tell_if_ready(const nlohmann::json& news);
  /// Begins to close all pages.
  void close_all();

 private:
  using Clock = std::chrono::steady_clock;
  struct Viewer {
    Viewers* owner;
    SoupWebsocketConnection* connection; // a reference is held
    uint64_t sent = 0, seen = 0;
    Clock::time_point answered = Clock::now(); ///< or when nothing was left to answer
  };

  static void on_text(SoupWebsocketConnection*, gint type, GBytes* message, Viewer* viewer);
  static void on_closed(SoupWebsocketConnection*, Viewer* viewer);
  void send_text(Viewer& viewer, const std::string& text);
  void count_sent(Viewer& viewer);
  void close_silent();

  std::function<void()> changed_;
  std::list<Viewer> viewers_;
  Timer watch_;
};

} // namespace fomo::live
