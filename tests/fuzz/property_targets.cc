// SPDX-License-Identifier: LGPL-2.1-or-later
// The target of property strings that the project parses: source-image and device.
#include <string>

#include <glib.h>

#include "common/error.h"
#include "gst/picture_location.h"
#include "model/backend/device_name.h"
#include "tests/fuzz/targets.h"

namespace fomo::fuzz {

namespace {

/// Whether file_of() keeps its promise: a path as it is, or an absolute path that a file URI names.
bool is_sound_location(const std::string& location) {
  try {
    const std::string path = file_of(location);
    const bool file_scheme = g_ascii_strncasecmp(location.c_str(), "file:", 5) == 0;
    return file_scheme ? path[0] == '/' : path == location;
  } catch (const Error& error) {
    return error.status() == FOMO_NOT_FOUND;
  }
}

bool is_sound_device(const std::string& name) {
  const int index = cuda_index_of(name);
  return index == -1 || (index >= 0 && index <= 999 && name.compare(0, 4, "cuda") == 0);
}

} // namespace

int run_properties(const uint8_t* data, size_t size) {
  // Properties are C strings.
  const std::string text = std::string(reinterpret_cast<const char*>(data), size).c_str();
  return is_sound_location(text) && is_sound_device(text) ? 0 : 1;
}

} // namespace fomo::fuzz
