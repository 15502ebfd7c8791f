// SPDX-License-Identifier: LGPL-2.1-or-later
// What the server does with finished frames: recordings, streams; and its state.
#include <algorithm>

#include "live/exchange.h"
#include "live/parameters.h"
#include "live/server.h"

namespace fomo::live {

namespace {

using nlohmann::json;

constexpr int kMostWaiting = 50; // frames, before an encoder that is too slow

/// From the frames to H.264 of a constant size: later frames of other sizes are fitted in.
std::string encoding(std::pair<int, int> size, const char* mux_and_sink) {
  const auto even = [](int side) { return std::to_string(std::max(16, side / 2 * 2)); };
  return "appsrc name=in ! videoconvert ! videoscale add-borders=true ! "
         "video/x-raw,format=I420,pixel-aspect-ratio=1/1,width=" +
         even(size.first) + ",height=" + even(size.second) +
         " ! x264enc tune=zerolatency speed-preset=veryfast key-int-max=50 ! h264parse ! fomomark "
         "! " +
         mux_and_sink;
}

/// "2026-12-01T12-00-00"
std::string time_name() {
  const Owned<GDateTime> now(g_date_time_new_now_local());
  return take_text(g_date_time_format(now.get(), "%Y-%m-%dT%H-%M-%S"));
}

} // namespace

void Server::start_recording() {
  const auto size = animation_->frame_size();
  if (size.first == 0)
    throw Error(FOMO_SETTINGS,
                "There is no frame yet: start the recording when there is a picture.");
  // A file that was not finished, as after a loss of power, can be played up to its last second.
  const char* sink = "mp4mux fragment-duration=1000 fragment-mode=first-moov-then-finalise ! "
                     "filesink name=file sync=false";
  const std::string name = "fomo-" + time_name() + ".mp4", hidden = "." + name + ".part";
  animation_->add_output(
      "recording", encoding(size, sink), kMostWaiting,
      [&](Output& output) {
        recordings_.make_hidden(hidden);
        const Owned<GstElement> file = output.element("file");
        g_object_set(file.get(), "location", (recordings_.path() + "/" + hidden).c_str(), nullptr);
      },
      [this, name, hidden](const std::string& words) {
        recording_.clear();
        json news = {{"type", "recording"}, {"error", words}};
        try {
          news["name"] = recordings_.publish(hidden, name);
        } catch (const Error& error) {
          news["error"] = words.empty() ? error.what() : words;
        }
        news["recordings"] = recordings_.files();
        viewers_.tell(news);
      });
  recording_ = name;
}

void Server::start_stream(const std::string& uri) {
  const bool srt = uri.rfind("srt://", 0) == 0;
  if (!srt && uri.rfind("rtmp://", 0) != 0 && uri.rfind("rtmps://", 0) != 0)
    throw Error(FOMO_SETTINGS,
                "A stream goes to rtmp://, rtmps:// or srt://, not to '" + uri + "'.");
  auto size = animation_->frame_size();
  if (size.first == 0)
    throw Error(FOMO_SETTINGS, "There is no frame yet: start the stream when there is a picture.");
  const char* sink = srt ? "queue ! mpegtsmux alignment=7 ! srtsink name=to sync=false "
                           "wait-for-connection=false"
                         : "queue ! flvmux streamable=true ! rtmp2sink name=to sync=false";
  animation_->add_output(
      "stream", encoding(size, sink), kMostWaiting,
      [&](Output& output) {
        const Owned<GstElement> to = output.element("to");
        g_object_set(to.get(), srt ? "uri" : "location", uri.c_str(), nullptr);
      },
      [this](const std::string& words) {
        stream_.clear();
        viewers_.tell({{"type", "stream"}, {"error", words}});
      });
  stream_ = uri;
}

void Server::stop_output(const char* name) {
  Output* output = animation_->output(name);
  if (!output)
    throw Error(FOMO_SETTINGS, std::string("There is no ") + name + " to stop.");
  output->finish();
}

json Server::outputs() const {
  json list = json::object();
  for (const auto& [name, what] : {std::pair{"recording", &recording_}, {"stream", &stream_}}) {
    const Output* output = animation_->output(name);
    list[name] =
        output
            ? json{{"to", *what}, {"frames", output->frames()}, {"stopping", output->finishing()}}
            : json(nullptr);
  }
  return list;
}

json Server::state() const {
  std::string from = options_.test ? "test pattern" : options_.driving + options_.camera;
  return {{"type", "state"},
          {"from", from.substr(from.rfind('/') + 1)},
          {"properties", describe_parameters(animation_->element())},
          {"presets", animation_->presets()},
          {"folders", folders()},
          {"picture", picture_place()},
          {"outputs", outputs()},
          {"recordings", recordings_.files()},
          {"upload-limit", options_.upload_limit << 20},
          {"stats", animation_->stats()}};
}

} // namespace fomo::live
