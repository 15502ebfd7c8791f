// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/performance.h"

namespace fomo::render {

/// Length of the scripted performance, seconds. It ends as it starts.
constexpr float kScriptSeconds = 8.8f;

/// Time, seconds, at which the sound of the speech starts (train/README.md says how to make it).
constexpr float kSpeechStart = 0.75f;

/// What the driver of the clip does at `time`, seconds: looks at the camera with the mouth shut for
/// 0.6 s, speaks, looks around, smiles, and comes to rest.
Performance scripted(float time);

} // namespace fomo::render
