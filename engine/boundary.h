// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"

namespace fomo {

/// Checks of what a caller of the C table passes, as far as it can be checked without the size of
/// the caller's memory: null pointers, sizes, strides that are shorter than a row, unknown enum
/// values, numbers that are not finite. Each throws Error (FOMO_SETTINGS) that names the member and
/// its value. They run on every frame and cost nothing that counts.
void check_driving(const FomoDriving& driving);
void check_calibration(const FomoCalibration& calibration);
void check_output(const FomoImage& output);
void check_picture(const FomoConstImage& picture);
void check_presentation(const FomoPresentation& presentation);

} // namespace fomo
