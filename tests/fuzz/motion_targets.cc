// SPDX-License-Identifier: LGPL-2.1-or-later
// The target that decodes motion: a stream of packets, as a file has them.
#include <cmath>

#include "driver/calibration/confidence.h"
#include "payload/motion_decoder.h"
#include "tests/fuzz/targets.h"

namespace fomo::fuzz {

int run_motion(const uint8_t* data, size_t size) {
  constexpr int keypoints = 2; // few, so that small inputs are whole streams
  constexpr size_t most_packets = 1000;
  MotionDecoder decoder(keypoints);
  for (size_t i = 0; i < most_packets && size > 0; i++) {
    SeiMessage message;
    const size_t length =
        read_sei(data, size, message) == SeiOutcome::message ? message.length : size;
    const DecodedMotion decoded = decoder.decode(data, length, static_cast<double>(i) / 25);
    const KeypointSet& found = decoded.frame.seen.keypoints;
    if (!is_finite(found) || (!found.empty() && found.value.size() != size_t{2} * keypoints) ||
        (!found.jacobian.empty() && found.jacobian.size() != size_t{4} * keypoints))
      return 1;
    data += length;
    size -= length;
  }
  return 0;
}

} // namespace fomo::fuzz
