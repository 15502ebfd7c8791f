// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "compose/lines.h"
#include "pictures/picture.h"

namespace fomo::compose {

/// A crop of a picture, resized to `size`: float r, g, b, a in [0, 255] with straight alpha.
/// Outside the picture its border is repeated. Transparent pixels get the colours of opaque pixels
/// near them, so that their hidden colours never show at the edges.
cv::Mat cut_out(const Picture& picture, const cv::Rect& crop, cv::Size size);

/// The part of the crop that lies within the picture, in [0, 1] of the crop.
VisiblePart visible_part(const Picture& picture, const cv::Rect& crop);

} // namespace fomo::compose
