// SPDX-License-Identifier: LGPL-2.1-or-later
// What written performances are made of.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "train/render/performance.h"

namespace fomo::render {

/// A value at a time in seconds.
struct Key {
  float time, value;
};

/// The value at `time`. Between keys the value moves smoothly, and it rests at each key, as a head
/// does between two poses.
inline float along(const std::vector<Key>& keys, float time) {
  for (size_t i = 1; i < keys.size(); i++)
    if (time < keys[i].time)
      return mix(keys[i - 1].value, keys[i].value,
                 smoothstep(keys[i - 1].time, keys[i].time, time));
  return keys.back().value;
}

/// A movement from 0 to 1 and back, which is largest at `at` and lasts from at - width to
/// at + width, seconds.
inline float bump(float time, float at, float width) {
  const float x = (time - at) / width;
  return std::abs(x) < 1 ? 0.5f + 0.5f * std::cos(3.14159265f * x) : 0;
}

/// The closure of the lids, 0 to 1, of a blink that starts at `at`, seconds.
inline float blink(float time, float at) {
  return smoothstep(at, at + 0.08f, time) - smoothstep(at + 0.11f, at + 0.29f, time);
}

/// Adds the mouth of the speech at `time`, seconds of the clip (script.h): neighbouring sounds
/// blend.
void speak(float time, Performance& now);

} // namespace fomo::render
