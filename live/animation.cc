// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/animation.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "common/error.h"
#include "live/parameters.h"
#include "live/parse_pipeline.h"

namespace fomo::live {

namespace {

using nlohmann::json;

constexpr const char* kPreview = "preview";

/// Keeps only the newest frame before the element: a slow machine shows fewer frames, never late
/// ones.
std::string description_of(const Options& options) {
  std::string from;
  if (options.test)
    from =
        "videotestsrc is-live=true pattern=ball ! video/x-raw,width=512,height=512,framerate=25/1";
  else if (!options.driving.empty())
    from = "filesrc name=from ! decodebin ! videoconvert ! deinterlace fields=top ! identity "
           "sync=true";
  else
    from = "v4l2src name=from ! decodebin ! videoconvert ! deinterlace fields=top";
  return from + " ! queue max-size-buffers=1 leaky=downstream ! fomotransfer name=animator "
                "! capsfilter name=size ! appsink name=frames sync=false max-buffers=1 drop=true";
}

constexpr const char* kPreviewDescription =
    "appsrc name=in ! videoconvert ! videoscale ! "
    "video/x-raw,width=[16,640],height=[16,640],pixel-aspect-ratio=1/1 ! jpegenc quality=80 ! "
    "appsink name=out sync=false max-buffers=1 drop=true";

double number_in(const GstStructure* structure, const char* field) {
  double value = 0;
  gst_structure_get_double(structure, field, &value);
  return value;
}

uint64_t count_in(const GstStructure* structure, const char* field) {
  guint64 value = 0;
  gst_structure_get_uint64(structure, field, &value);
  return value;
}

} // namespace

Animation::Animation(const Options& options, const std::string& picture, Listener listener)
    : options_(options), listener_(std::move(listener)), picture_(picture),
      pipeline_(parse_pipeline(description_of(options))),
      animator_(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "animator")),
      bus_(gst_element_get_bus(pipeline_.get())) {
  const Owned<GstElement> from(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "from"));
  if (from)
    g_object_set(from.get(), options.driving.empty() ? "device" : "location",
                 (options.driving.empty() ? options.camera : options.driving).c_str(), nullptr);
  g_object_set(animator_.get(), "model", options.model.c_str(), "device", options.device.c_str(),
               "source-image", picture.c_str(), nullptr);
  for (const std::string& assignment : options.assignments)
    set_by_text(animator_.get(), assignment);
  show_size();
  g_signal_connect(animator_.get(), "notify",
                   G_CALLBACK(+[](GObject*, GParamSpec* spec, gpointer animation) {
                     // Properties are set on the main loop alone.
                     static_cast<Animation*>(animation)->on_property(spec);
                   }),
                   this);
  gst_bus_add_watch(
      bus_.get(),
      [](GstBus*, GstMessage* message, gpointer animation) -> gboolean {
        static_cast<Animation*>(animation)->on_message(message);
        return G_SOURCE_CONTINUE;
      },
      this);
  watch_frames();
}

Animation::~Animation() {
  g_signal_handlers_disconnect_by_data(animator_.get(), this);
  gst_bus_remove_watch(bus_.get());
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL); // after this nothing pushes frames
  outputs_.clear();                                       // their threads use the members below
}

void Animation::start() { gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }

// ---- frames ----

template<void (Animation::*take)(GstSample*)>
void Animation::take_samples(GstElement* appsink) {
  GstAppSinkCallbacks callbacks{};
  callbacks.new_sample = [](GstAppSink* sink, gpointer animation) {
    if (const Owned<GstSample> sample{gst_app_sink_pull_sample(sink)})
      (static_cast<Animation*>(animation)->*take)(sample.get());
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks, this, nullptr);
}

void Animation::watch_frames() {
  const Owned<GstElement> frames(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "frames"));
  take_samples<&Animation::on_frame>(frames.get());
  GstPad* pad = gst_element_get_static_pad(frames.get(), "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_tags, this, nullptr);
  gst_object_unref(pad);
}

// The tags say that the video is synthetic; they belong into recordings and streams too.
GstPadProbeReturn Animation::on_tags(GstPad*, GstPadProbeInfo* info, gpointer animation) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_TAG)
    return GST_PAD_PROBE_OK;
  auto* self = static_cast<Animation*>(animation);
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event, &tags);
  const std::lock_guard<std::mutex> guard(self->lock_);
  self->tags_.reset(gst_tag_list_merge(self->tags_.get(), tags, GST_TAG_MERGE_REPLACE));
  return GST_PAD_PROBE_OK;
}

void Animation::on_frame(GstSample* frame) {
  const GstSegment* segment = gst_sample_get_segment(frame);
  const GstClockTime time = gst_segment_to_running_time(
      segment, GST_FORMAT_TIME, GST_BUFFER_PTS(gst_sample_get_buffer(frame)));
  GstVideoInfo info;
  if (time == GST_CLOCK_TIME_NONE || !gst_video_info_from_caps(&info, gst_sample_get_caps(frame)))
    return;
  const std::lock_guard<std::mutex> guard(lock_);
  frame_size_ = {info.width, info.height};
  frame_caps_.reset(gst_caps_ref(gst_sample_get_caps(frame)));
  for (auto& [name, output] : outputs_)
    output->push(frame, time);
}

void Animation::on_preview(GstSample* picture) {
  GstBuffer* buffer = gst_sample_get_buffer(picture);
  gpointer data = nullptr;
  gsize size = 0;
  gst_buffer_extract_dup(buffer, 0, gst_buffer_get_size(buffer), &data, &size);
  Owned<GBytes> shown(g_bytes_new_take(data, size));
  {
    const std::lock_guard<std::mutex> guard(lock_);
    next_shown_.swap(shown);
  }
  if (shown) // the main loop has not taken the one before, and will take this one in its place
    return;
  run_on_main_loop([this] {
    Owned<GBytes> newest;
    {
      const std::lock_guard<std::mutex> guard(lock_);
      newest.swap(next_shown_);
    }
    if (newest)
      listener_.show(newest.get());
  });
}

void Animation::show_preview(bool on) {
  if (on == (output(kPreview) != nullptr))
    return;
  if (!on) {
    std::unique_ptr<Output> ended;
    const std::lock_guard<std::mutex> guard(lock_);
    ended.swap(outputs_[kPreview]);
    outputs_.erase(kPreview);
    return;
  }
  const auto prepare = [this](Output& preview) {
    take_samples<&Animation::on_preview>(preview.element("out").get());
  };
  add_output(kPreview, kPreviewDescription, 1, prepare, [this](const std::string& words) {
    listener_.tell({{"type", "problem"}, {"text", words}});
  });
}

void Animation::add_output(const std::string& name, const std::string& description, int waiting,
                           const std::function<void(Output&)>& prepare, Output::Ended ended) {
  if (output(name))
    throw Error(FOMO_SETTINGS, "There is a " + name + " already: stop it first.");
  auto made = std::make_unique<Output>(
      description, waiting, [this, name, ended = std::move(ended)](const std::string& words) {
        std::unique_ptr<Output> over;
        {
          const std::lock_guard<std::mutex> guard(lock_);
          over.swap(outputs_[name]);
          outputs_.erase(name);
        }
        over.reset();
        ended(words);
      });
  prepare(*made);
  Owned<GstCaps> caps;
  Owned<GstTagList> tags;
  {
    const std::lock_guard<std::mutex> guard(lock_);
    caps.reset(frame_caps_ ? gst_caps_ref(frame_caps_.get()) : nullptr);
    tags.reset(tags_ ? gst_tag_list_ref(tags_.get()) : nullptr);
  }
  made->start(caps.get(), tags.get());
  const std::lock_guard<std::mutex> guard(lock_);
  outputs_[name] = std::move(made);
}

Output* Animation::output(const std::string& name) const {
  const auto found = outputs_.find(name);
  return found == outputs_.end() ? nullptr : found->second.get();
}

bool Animation::has_outputs() const { return outputs_.size() > outputs_.count(kPreview); }

std::pair<int, int> Animation::frame_size() const {
  const std::lock_guard<std::mutex> guard(lock_);
  return frame_size_;
}

// ---- control ----

void Animation::choose_picture(const std::string& path) {
  requested_ = path;
  g_object_set(animator_.get(), "source-image", path.c_str(), nullptr);
}

void Animation::reset_reference() { g_signal_emit_by_name(animator_.get(), "reset-reference"); }

std::vector<std::string> Animation::presets() const {
  const Owned<gchar*> names(gst_preset_get_preset_names(GST_PRESET(animator_.get())));
  std::vector<std::string> list;
  for (gchar** name = names.get(); name && *name; name++)
    list.emplace_back(*name);
  return list;
}

void Animation::load_preset(const std::string& name) {
  if (!gst_preset_load_preset(GST_PRESET(animator_.get()), name.c_str()))
    throw Error(FOMO_NOT_FOUND, "There is no preset '" + name + "'.");
}

// The square is for the face alone: a full picture has a size of its own.
void Animation::show_size() {
  gint output = 0;
  g_object_get(animator_.get(), "output", &output, nullptr);
  const Owned<GstCaps> caps(options_.size > 0 && output == 0
                                ? gst_caps_new_simple("video/x-raw", "width", G_TYPE_INT,
                                                      options_.size, "height", G_TYPE_INT,
                                                      options_.size, "pixel-aspect-ratio",
                                                      GST_TYPE_FRACTION, 1, 1, nullptr)
                                : gst_caps_new_any());
  const Owned<GstElement> filter(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "size"));
  g_object_set(filter.get(), "caps", caps.get(), nullptr);
}

void Animation::on_property(GParamSpec* spec) {
  if (std::string(spec->name) == "output")
    show_size();
  if (is_parameter(spec))
    listener_.tell({{"type", "property"},
                    {"name", spec->name},
                    {"value", parameter_value(animator_.get(), spec)}});
}

json Animation::stats() const {
  GstStructure* taken = nullptr;
  g_object_get(animator_.get(), "stats", &taken, nullptr);
  const Owned<GstStructure> stats(taken);
  return {
      {"frames", count_in(taken, "frames")},          {"dropped", count_in(taken, "dropped")},
      {"confidence", number_in(taken, "confidence")}, {"ms", number_in(taken, "total-last-ms")},
      {"mean-ms", number_in(taken, "total-mean-ms")}, {"p95-ms", number_in(taken, "total-p95-ms")}};
}

// ---- messages ----

// Only the first seek flushes: a flush makes the element take a new neutral pose.
void Animation::loop_clip(GstSeekFlags flags) {
  looping_ = gst_element_seek(pipeline_.get(), 1, GST_FORMAT_TIME,
                              static_cast<GstSeekFlags>(GST_SEEK_FLAG_SEGMENT | flags),
                              GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, -1);
}

void Animation::on_element_message(const GstStructure* structure) {
  if (!structure || !gst_structure_has_name(structure, "fomotransfer"))
    return;
  const std::string event = gst_structure_get_string(structure, "event");
  if (event == "slow-frame")
    return;
  json said = {{"type", "event"}, {"event", event}};
  if (event == "source-changed") {
    const char* path = gst_structure_get_string(structure, "source-image");
    picture_ = path ? path : "";
    if (picture_ == requested_)
      requested_.clear();
  } else if (event == "model-loaded") {
    for (const char* field : {"name", "device", "precision"})
      said[field] = gst_structure_get_string(structure, field);
  }
  listener_.tell(said);
}

void Animation::on_warning(GstMessage* message) {
  const std::string words = error_words(message);
  listener_.tell({{"type", "problem"}, {"text", words}});
  // The element's property gets back the picture that is shown: what makes the element read the
  // picture again, as another crop does, must not find the one that failed.
  if (!requested_.empty() && words.find(requested_) != std::string::npos) {
    requested_.clear();
    g_object_set(animator_.get(), "source-image", picture_.c_str(), nullptr);
  }
}

void Animation::on_message(GstMessage* message) {
  switch (GST_MESSAGE_TYPE(message)) {
  case GST_MESSAGE_STATE_CHANGED: {
    GstState now;
    gst_message_parse_state_changed(message, nullptr, &now, nullptr);
    const bool begun = message->src == GST_OBJECT(pipeline_.get()) && now == GST_STATE_PLAYING;
    if (begun && !options_.driving.empty() && !looping_)
      loop_clip(GST_SEEK_FLAG_FLUSH);
    break;
  }
  case GST_MESSAGE_SEGMENT_DONE:
    loop_clip(GST_SEEK_FLAG_NONE);
    break;
  case GST_MESSAGE_ELEMENT:
    on_element_message(gst_message_get_structure(message));
    break;
  case GST_MESSAGE_WARNING:
    on_warning(message);
    break;
  case GST_MESSAGE_ERROR:
    listener_.ended(error_words(message));
    break;
  case GST_MESSAGE_EOS:
    listener_.ended("");
    break;
  default:
    break;
  }
}

} // namespace fomo::live
