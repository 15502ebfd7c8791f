// SPDX-License-Identifier: LGPL-2.1-or-later
// GCC 12 warns of std::regex in builds with sanitizers, wrongly.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "tools/file_marks.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <regex>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/image_mat.h"
#include "mark/mark_detector.h"
#include "mark/provenance.h"
#include "mark/sei.h"
#include "pictures/file_bytes.h"
#include "pictures/picture.h"
#include "pictures/picture_kind.h"
#include "tools/c2pa.h"
#include "tools/mp4_boxes.h"
#include "tools/pipeline.h"
#include "tools/video_reader.h"

namespace fomo {

using nlohmann::json;

namespace {

constexpr size_t kMostReport = 16 << 20;
constexpr size_t kMostStream = 64 << 20; // of the coded video

/// The first digital source type in `text` that stands for trained algorithms; empty: none.
std::string synthetic_source_type(const std::string& text) {
  static const std::regex term(
      "https?://cv\\.iptc\\.org/newscodes/digitalsourcetype/\\w*[tT]rainedAlgorithmicMedia");
  std::smatch match;
  return std::regex_search(text, match, term) ? match.str() : std::string();
}

json found_source_type(const std::string& text) {
  const std::string type = synthetic_source_type(text);
  json layer = {{"found", !type.empty()}};
  if (!type.empty())
    layer["digitalSourceType"] = type;
  return layer;
}

/// The value after "`name`: " in a report of gst-discoverer-1.0; empty: none.
std::string tag_value(const std::string& report, const std::string& name) {
  const std::regex line("\\n *" + name + ": (.*)");
  std::smatch match;
  return std::regex_search(report, match, line) ? match[1].str() : std::string();
}

bool is_picture(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "rb");
  if (!file)
    return false;
  uint8_t start[64];
  const size_t count = std::fread(start, 1, sizeof start, file);
  std::fclose(file);
  return picture_kind(start, count) != PictureKind::unknown;
}

cv::Mat luma_of(const Picture& picture) {
  const cv::Mat pixels(picture.height, picture.width, CV_8UC(picture.channels),
                       const_cast<uint8_t*>(picture.pixels.data()));
  cv::Mat luma;
  cv::cvtColor(pixels, luma, picture.channels == 4 ? cv::COLOR_RGBA2GRAY : cv::COLOR_RGB2GRAY);
  return luma;
}

json json_of(const MarkFinding& finding, size_t frames) {
  json layer = {{"found", finding.found},
                {"score", std::round(finding.score * 100) / 100},
                {"threshold", std::round(finding.threshold * 100) / 100},
                {"log10FalseAlarm", std::round(finding.log10_false_alarm * 10) / 10},
                {"frames", frames}};
  if (!finding.found)
    return layer;
  layer["chipPixels"] = std::round(finding.chip * 100) / 100;
  layer["mirrored"] = finding.mirrored;
  if (finding.payload) {
    layer["model"] = finding.payload->builtin_model ? "builtin" : "another";
    layer["shows"] = finding.payload->whole_picture ? "picture" : "face";
  }
  return layer;
}

} // namespace

json tags_of(const std::string& path, MediaStreams& streams, std::chrono::seconds timeout) {
  Pipeline discoverer({"gst-discoverer-1.0", "-v", path},
                      {path, "gstreamer1.0-plugins-base-apps", timeout, true});
  const std::string report = discoverer.read_all(kMostReport);
  json layer = found_source_type(report);
  if (layer["found"])
    for (const auto& [key, name] :
         {std::pair("generator", "application name"), std::pair("description", "comment")})
      if (const std::string value = tag_value(report, name); !value.empty())
        layer[key] = value;
  // Newer versions print a codec's name in place of its caps.
  static const std::regex video("video #[0-9]+: (video/x-h26|H\\.26)([45])");
  std::smatch match;
  if (std::regex_search(report, match, video))
    streams.video = "h26" + match[2].str();
  streams.sound = report.find(" audio #") != std::string::npos;
  return layer;
}

json stream_marks_of(const std::string& path, const MediaStreams& streams,
                     std::chrono::seconds timeout) {
  if (streams.video.empty())
    return {{"found", false}};
  const std::string& codec = streams.video;
  std::vector<std::string> words = {"gst-launch-1.0", "-q", "filesrc", "location=" + path};
  add_words(words, "! parsebin name=parts parts. ! video/x-" + codec + " ! queue ! " + codec +
                       "parse ! video/x-" + codec +
                       ",stream-format=byte-stream,alignment=au ! fdsink fd=1");
  // A demuxer that finds the sound first fails if nothing takes it.
  if (streams.sound)
    add_words(words, "parts. ! queue ! fakesink async=false sync=false");
  Pipeline demuxer(words, {path, "gstreamer1.0-tools", timeout, true});
  const std::string stream = demuxer.read_all(kMostStream);
  const NalFormat format{codec == "h264" ? VideoCodec::h264 : VideoCodec::h265, 0};
  const auto texts =
      sei_texts(reinterpret_cast<const uint8_t*>(stream.data()), stream.size(), format);
  if (texts.empty())
    return {{"found", false}};
  json layer = json::parse(texts.front(), nullptr, false);
  if (!layer.is_object())
    layer = {{"text", texts.front()}};
  layer["found"] = true;
  layer["messages"] = texts.size();
  return layer;
}

json pixel_marks_of(const std::string& path, size_t frames, std::chrono::seconds timeout) {
  try {
    if (is_picture(path)) {
      const cv::Mat luma = luma_of(load_picture(path));
      MarkDetector detector(luma.cols, luma.rows);
      detector.add(luma);
      return json_of(detector.result(), 1);
    }
    VideoReader video(path, timeout);
    std::unique_ptr<MarkDetector> detector;
    Picture frame;
    size_t count = 0;
    for (; (frames == 0 || count < frames) && video.next(frame); count++) {
      if (!detector)
        detector = std::make_unique<MarkDetector>(frame.width, frame.height);
      detector->add(luma_of(frame));
    }
    return detector ? json_of(detector->result(), count) : json{{"found", false}};
  } catch (const StalledFile&) {
    throw;
  } catch (const Error& error) {
    return {{"found", false}, {"error", error.what()}};
  }
}

json xmp_of(const std::string& path) {
  const std::string packet = read_xmp(path);
  json layer = found_source_type(packet);
  layer["packet"] = !packet.empty();
  return layer;
}

json c2pa_of(const std::string& path) {
  try {
    return read_c2pa(path);
  } catch (const Error& error) {
    return {{"found", false}, {"error", error.what()}};
  }
}

std::string describe_layers(const nlohmann::ordered_json& layers) {
  std::string text;
  for (const auto& [name, layer] : layers.items()) {
    text += "  " + name + std::string(8 - std::min<size_t>(name.size(), 7), ' ');
    text += layer.value("found", false) ? "found" : "not found";
    std::string details;
    for (const auto& [key, value] : layer.items())
      if (key != "found" && !(value.is_string() && value.get<std::string>().empty()))
        details += (details.empty() ? ": " : ", ") + key + " " +
                   (value.is_string() ? value.get<std::string>() : value.dump());
    text += details + "\n";
  }
  return text;
}

} // namespace fomo
