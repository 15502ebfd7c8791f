// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "compose/detail_source.h"
#include "model/backend/backend.h"

namespace fomo {

/// How far each place of a picture moves with the head, 0 to 1: CV_32F of the dense motion's cells.
/// The picture is driven by shifts of its own keypoints, and what the dense motion says is not
/// background is shifted back and averaged. No network but the model's own.
cv::Mat moving_with_head(Backend& backend, Workspace& workspace, const EncodedSource& source,
                         PixelSize model, int threads);

/// How far down the picture the lowest keypoint of the face is, 0 to 1.
float lowest_on_face(const KeypointSet& keypoints);

} // namespace fomo
