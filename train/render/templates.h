// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "train/render/performance.h"

namespace fomo::render {

/// A short performance for a motion template. It is cyclic: at `seconds` pose and velocity are
/// those at 0. At 0 the head looks at the camera, with open eyes and a shut mouth.
struct MotionTemplate {
  const char* name;
  float seconds; ///< length of a cycle
  Performance (*at)(float time, float seconds);
};

/// nod, smile, talk, look-around.
const std::vector<MotionTemplate>& motion_templates();

/// The template with this name. Throws Error that lists the names if there is none.
const MotionTemplate& motion_template(const std::string& name);

} // namespace fomo::render
