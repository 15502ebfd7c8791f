// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "api/engine_api.h"

namespace fomo::test {

/// The middle square of a packed RGB frame of the model's size as driving frame.
inline FomoDriving centred_frame(const FomoModelInfo& model, const uint8_t* rgb) {
  FomoDriving driving = {};
  driving.crop = FOMO_CROP_CENTER;
  driving.frame.width = model.width;
  driving.frame.height = model.height;
  driving.frame.components = 3;
  for (int c = 0; c < 3; c++)
    driving.frame.component[c] = {rgb + c, ptrdiff_t{3} * model.width, 3, 0, 0};
  return driving;
}

/// The motion as it is.
inline FomoCalibration plain_motion() {
  FomoCalibration calibration = {};
  calibration.motion = {1, 1, 1};
  calibration.strength = 1;
  calibration.face = FOMO_NO_FACE_CONTROLS;
  return calibration;
}

} // namespace fomo::test
