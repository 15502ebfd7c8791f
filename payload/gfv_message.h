// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "api/engine_api.h"
#include "payload/bits.h"

namespace fomo {

/// The generative face video message of H.274 (payload type 223), without networks, chroma keys and
/// third coordinates. The layout is that of the reference software's writer. Numbers are integers
/// in units of 2^-precision; signs are part of the values here.
struct GfvMessage {
  static constexpr unsigned kPayloadType = FOMO_MOTION_PAYLOAD_TYPE;
  static constexpr int kMostKeypoints = 1024;

  uint32_t id = 0;             ///< gfv_id
  uint32_t count = 0;          ///< gfv_cnt: 0: predicted from the base; else from the one before
  bool base = false;           ///< gfv_base_picture_flag
  bool low_confidence = false; ///< gfv_low_confidence_face_parameter_flag
  bool has_coordinates = false;
  bool predicted = false;           ///< the coordinates are differences
  int coordinate_precision = 0;     ///< 1 to 32; not written if predicted, unless base
  std::vector<int32_t> coordinates; ///< x and y of each keypoint, or their differences
  bool has_matrices = false;        ///< affine 2x2 matrices, one for each keypoint (type 0)
  bool matrices_predicted = false;
  int matrix_precision = 0;      ///< 1 to 32; not written if predicted
  std::vector<int32_t> matrices; ///< row-major, or their differences
};

/// Writes the message, without the header of the SEI message and without trailing bits. A message
/// with matrices has coordinates.
void write_gfv(const GfvMessage& message, BitWriter& writer);

/// Reads a message. `keypoints` and `matrix_precision` are those of the base, which predicted
/// messages do not repeat. Returns false if the message is damaged, or has parts that GfvMessage
/// has no room for.
bool read_gfv(BitReader& reader, int keypoints, int matrix_precision, GfvMessage& message);

} // namespace fomo
