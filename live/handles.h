// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners of GLib's and GStreamer's handles, and functions that run on the main loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <unistd.h>

#include <gst/gst.h>

namespace fomo::live {

struct Release {
  void operator()(GObject* object) const { g_object_unref(object); }
  void operator()(GstElement* element) const { gst_object_unref(element); }
  void operator()(GstBus* bus) const { gst_object_unref(bus); }
  void operator()(GstCaps* caps) const { gst_caps_unref(caps); }
  void operator()(GstSample* sample) const { gst_sample_unref(sample); }
  void operator()(GstTagList* tags) const { gst_tag_list_unref(tags); }
  void operator()(GstStructure* structure) const { gst_structure_free(structure); }
  void operator()(GBytes* bytes) const { g_bytes_unref(bytes); }
  void operator()(GError* error) const { g_error_free(error); }
  void operator()(GMainLoop* loop) const { g_main_loop_unref(loop); }
  void operator()(GMappedFile* file) const { g_mapped_file_unref(file); }
  void operator()(GDateTime* time) const { g_date_time_unref(time); }
  void operator()(gchar* text) const { g_free(text); }
  void operator()(gchar** texts) const { g_strfreev(texts); }
};

template<typename T>
using Owned = std::unique_ptr<T, Release>;

/// The text of a string that GLib allocated; "" for null. Frees it.
inline std::string take_text(gchar* text) {
  const Owned<gchar> owned(text);
  return owned ? owned.get() : "";
}

/// A file descriptor, closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0)
      close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }

 private:
  int number_;
};

/// Runs a function once on the main loop. Thread-safe.
inline void run_on_main_loop(std::function<void()> function) {
  g_idle_add_full(
      G_PRIORITY_DEFAULT,
      [](gpointer data) -> gboolean {
        (*static_cast<std::function<void()>*>(data))();
        return G_SOURCE_REMOVE;
      },
      new std::function<void()>(std::move(function)),
      [](gpointer data) { delete static_cast<std::function<void()>*>(data); });
}

/// Calls a function over and over on the main loop, until the object ends.
class Timer {
 public:
  Timer(unsigned milliseconds, std::function<void()> function) : function_(std::move(function)) {
    id_ = g_timeout_add(
        milliseconds,
        [](gpointer data) -> gboolean {
          static_cast<Timer*>(data)->function_();
          return G_SOURCE_CONTINUE;
        },
        this);
  }
  ~Timer() { g_source_remove(id_); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  std::function<void()> function_;
  guint id_;
};

} // namespace fomo::live
