// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/motion_stream.h"

#include <cstdio>
#include <memory>
#include <vector>

#include "common/error.h"
#include "gst/caps.h"

namespace fomo {

namespace {

/// Runs `call`, which may wait for a file system.
template<typename Call>
auto watched(FileWatch& watch, Call call) {
  const bool wanted = watch.wait_begins();
  auto result = call();
  if (!watch.wait_ends() || !wanted)
    throw Error(FOMO_FAILED, "The element has stopped.");
  return result;
}

/// The SHA-256 of a file, hexadecimal; empty if the file cannot be read.
std::string sha256_of(const char* path, FileWatch& watch) {
  using File = std::unique_ptr<FILE, int (*)(FILE*)>;
  const File file = watched(watch, [path] { return File(std::fopen(path, "rbe"), std::fclose); });
  if (!file)
    return {};
  const std::unique_ptr<GChecksum, decltype(&g_checksum_free)> checksum(
      g_checksum_new(G_CHECKSUM_SHA256), g_checksum_free);
  std::vector<guchar> buffer(1 << 18);
  const auto read = [&] { return std::fread(buffer.data(), 1, buffer.size(), file.get()); };
  while (const size_t count = watched(watch, read))
    g_checksum_update(checksum.get(), buffer.data(), static_cast<gssize>(count));
  return std::ferror(file.get()) ? std::string() : g_checksum_get_string(checksum.get());
}

std::string text_in(const GstStructure* structure, const char* field) {
  const char* text = gst_structure_get_string(structure, field);
  return text ? text : "";
}

} // namespace

ModelIdentity identity_of(const FomoModelInfo& model, FileWatch& watch) {
  return {model.name, model.file[0] ? sha256_of(model.file, watch) : std::string(), model.num_kp};
}

GstCaps* motion_caps(const ModelIdentity& model, GstCaps* framerate) {
  GstCaps* caps =
      gst_caps_new_simple(FOMO_MOTION_MEDIA_TYPE, "model-name", G_TYPE_STRING, model.name.c_str(),
                          "num-kp", G_TYPE_INT, model.num_kp, nullptr);
  if (!model.sha256.empty())
    gst_caps_set_simple(caps, "model-sha256", G_TYPE_STRING, model.sha256.c_str(), nullptr);
  return with_framerate_of(framerate, caps);
}

void check_same_model(const ModelIdentity& stream, const ModelIdentity& own) {
  const bool other_weights =
      !stream.sha256.empty() && !own.sha256.empty() && stream.sha256 != own.sha256;
  const bool other_count = stream.num_kp != 0 && stream.num_kp != own.num_kp;
  if (!other_weights && !other_count)
    return;
  throw Error(FOMO_SETTINGS,
              "The motion is for the model " +
                  (stream.name.empty() ? std::string("of another file") : stream.name) + " (" +
                  std::to_string(stream.num_kp) + " keypoints, sha256 " +
                  stream.sha256.substr(0, 12) + "), but this element has " + own.name + " (" +
                  std::to_string(own.num_kp) + " keypoints, sha256 " + own.sha256.substr(0, 12) +
                  "); set the property model of both sides to the same file.");
}

ModelIdentity identity_in_caps(GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  ModelIdentity identity{text_in(structure, "model-name"), text_in(structure, "model-sha256"), 0};
  gst_structure_get_int(structure, "num-kp", &identity.num_kp);
  return identity;
}

} // namespace fomo
