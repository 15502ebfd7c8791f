// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "compose/lines.h"
#include "pictures/picture.h"

namespace fomo::compose {

/// The crop of a picture, which may leave it (its border is repeated there), at `size`: float
/// straight r, g, b, a in [0, 255]. Where a source is transparent its colours are continued from
/// where it is not, so that no fringe of what was hidden under the transparency is ever seen.
cv::Mat cut_out(const Picture& picture, const cv::Rect& crop, cv::Size size);

/// The part of the crop that shows the picture, in [0, 1] of the crop.
VisiblePart visible_part(const Picture& picture, const cv::Rect& crop);

} // namespace fomo::compose
