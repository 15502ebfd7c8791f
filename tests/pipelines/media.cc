// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/pipelines/media.h"

#include <memory>
#include <stdexcept>

#include <gst/app/gstappsink.h>
#include <gst/pbutils/pbutils.h>
#include <gst/video/video.h>

namespace fomo {

namespace {

struct Unref {
  void operator()(void* object) const { gst_object_unref(object); }
  void operator()(GstSample* sample) const { gst_sample_unref(sample); }
  void operator()(GstMessage* message) const { gst_message_unref(message); }
};
template<typename T>
using Ref = std::unique_ptr<T, Unref>;

/// A playing pipeline that ends in an appsink. The destructor stops the pipeline.
class Reader {
 public:
  explicit Reader(const std::string& description) {
    GError* error = nullptr;
    pipeline_.reset(
        gst_parse_launch((description + " ! appsink name=out sync=false").c_str(), &error));
    if (error)
      throw_reason(error);
    sink_.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "out"));
    bus_.reset(gst_element_get_bus(pipeline_.get()));
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  }
  ~Reader() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

  /// NULL at the end of the stream.
  Ref<GstSample> next() {
    auto* sink = GST_APP_SINK(sink_.get());
    for (;;) {
      Ref<GstSample> sample(gst_app_sink_try_pull_sample(sink, GST_SECOND / 10));
      if (sample)
        return sample;
      // A pipeline that fails may not send EOS.
      const Ref<GstMessage> message(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR));
      if (message) {
        GError* error = nullptr;
        gst_message_parse_error(message.get(), &error, nullptr);
        throw_reason(error);
      }
      if (gst_app_sink_is_eos(sink))
        return nullptr;
    }
  }

 private:
  [[noreturn]] static void throw_reason(GError* owned) {
    const std::string reason = owned->message;
    g_error_free(owned);
    throw std::runtime_error(reason);
  }

  Ref<GstElement> pipeline_, sink_;
  Ref<GstBus> bus_;
};

std::string decoder(const std::string& path) {
  return "filesrc location=\"" + path + "\" ! decodebin";
}

cv::Mat to_mat(GstSample* sample) {
  GstVideoInfo info;
  GstVideoFrame frame;
  if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
      !gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ))
    throw std::runtime_error("a frame cannot be read");
  const cv::Mat view(info.height, info.width, CV_8UC3, GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
                     static_cast<size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0)));
  cv::Mat copy = view.clone();
  gst_video_frame_unmap(&frame);
  return copy;
}

/// Whether a file has sound. Without sound, a pipeline with an audio branch would wait forever.
bool has_sound(const std::string& path) {
  GError* error = nullptr;
  gchar* uri = gst_filename_to_uri(path.c_str(), &error);
  GstDiscoverer* discoverer = uri ? gst_discoverer_new(10 * GST_SECOND, &error) : nullptr;
  GstDiscovererInfo* info =
      discoverer ? gst_discoverer_discover_uri(discoverer, uri, &error) : nullptr;
  GList* streams = info ? gst_discoverer_info_get_audio_streams(info) : nullptr;
  const bool found = streams != nullptr;
  gst_discoverer_stream_info_list_free(streams);
  g_clear_object(&info);
  g_clear_object(&discoverer);
  g_free(uri);
  if (!error)
    return found;
  const std::string reason = error->message;
  g_error_free(error);
  throw std::runtime_error(path + ": " + reason);
}

} // namespace

Clip read_clip(const std::string& from, size_t limit) {
  const bool is_pipeline = from.find('!') != std::string::npos;
  Reader reader((is_pipeline ? from : decoder(from)) + " ! videoconvert ! video/x-raw,format=BGR");
  Clip clip;
  while (clip.frames.size() < limit) {
    const Ref<GstSample> sample = reader.next();
    if (!sample)
      break;
    clip.frames.push_back(to_mat(sample.get()));
    clip.times.push_back(static_cast<double>(GST_BUFFER_PTS(gst_sample_get_buffer(sample.get()))) /
                         GST_SECOND);
  }
  if (clip.frames.empty())
    throw std::runtime_error("no frame comes from: " + from);
  return clip;
}

std::vector<float> read_sound(const std::string& path, int rate) {
  if (!has_sound(path))
    return {};
  Reader reader(decoder(path) + " ! audioconvert ! audioresample ! audio/x-raw,format=F32LE," +
                "channels=1,rate=" + std::to_string(rate));
  std::vector<float> samples;
  while (const Ref<GstSample> sample = reader.next()) {
    GstMapInfo map;
    GstBuffer* buffer = gst_sample_get_buffer(sample.get());
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
      throw std::runtime_error("sound is unreadable");
    const auto* first = reinterpret_cast<const float*>(map.data);
    samples.insert(samples.end(), first, first + map.size / sizeof(float));
    gst_buffer_unmap(buffer, &map);
  }
  return samples;
}

} // namespace fomo
