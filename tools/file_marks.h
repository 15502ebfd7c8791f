// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace fomo {

// What marks a file as synthetic, one function for each layer. Each returns a JSON object with the
// member `found` (boolean) and what the layer says; `error`: why the layer could not be read. They
// throw Error only if a program of GStreamer is missing, and StalledFile (tools/pipeline.h) if
// GStreamer gets nothing out of the file for `timeout`.

/// The streams of a file, as far as stream_marks_of() has to know them.
struct MediaStreams {
  std::string video; ///< "h264", "h265"; empty: another codec, or none
  bool sound = false;
};

/// Tags of the container and of its streams. Sets `streams`.
nlohmann::json tags_of(const std::string& path, MediaStreams& streams,
                       std::chrono::seconds timeout);

/// SEI messages in the first minutes of an H.264 or H.265 stream.
nlohmann::json stream_marks_of(const std::string& path, const MediaStreams& streams,
                               std::chrono::seconds timeout);

/// The mark in the pixels of the first `frames` frames of a video (0: of all), or of a picture.
nlohmann::json pixel_marks_of(const std::string& path, size_t frames, std::chrono::seconds timeout);

/// The XMP packet of an MP4 file.
nlohmann::json xmp_of(const std::string& path);

/// The C2PA manifest, validated by libc2pa; `error` says so if the library is not there.
nlohmann::json c2pa_of(const std::string& path);

/// `layers` as text, one line for each.
std::string describe_layers(const nlohmann::ordered_json& layers);

} // namespace fomo
