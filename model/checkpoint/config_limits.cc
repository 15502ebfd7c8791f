// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "model/checkpoint/format_error.h"
#include "model/checkpoint/state_layout.h"

namespace fomo {
namespace {

template<typename T>
void check_range(const char* name, T value, T low, T high) {
  if (value >= low && value <= high) // false for NaN
    return;
  std::ostringstream text;
  text << "has " << name << " = " << value << "; it must lie between " << low << " and " << high
       << ".";
  throw FormatError(text.str());
}

void check_widths(const char* section, int block_expansion, int max_features) {
  const std::string name = section;
  check_range((name + ".block_expansion").c_str(), block_expansion, 1, 4096);
  check_range((name + ".max_features").c_str(), max_features, block_expansion, 4096);
}

} // namespace

void check_structure(const ModelConfig& config) {
  check_range("num_kp", config.num_kp, 1, 64);
  check_range("num_face_kp", config.num_face_kp, 0, config.num_kp);
  check_range("first_mouth_kp", config.first_mouth_kp, 0, std::max(0, config.num_kp - 4));
  check_range("first_ear_kp", config.first_ear_kp, 0, std::max(0, config.num_kp - 2));
  check_range("num_channels (only RGB pictures are animated)", config.num_channels, 3, 3);
  if (config.generator.keep_source && !config.generator.estimate_occlusion_map)
    throw FormatError(
        "sets keep_source, but has no occlusion map (estimate_occlusion_map) that says "
        "where the source is visible.");
  check_widths("kp_detector_params", config.kp_detector.block_expansion,
               config.kp_detector.max_features);
  check_widths("generator_params", config.generator.block_expansion, config.generator.max_features);
  check_widths("dense_motion_params", config.dense_motion.block_expansion,
               config.dense_motion.max_features);
  check_range("kp_detector_params.num_blocks", config.kp_detector.num_blocks, 1, 8);
  check_range("dense_motion_params.num_blocks", config.dense_motion.num_blocks, 1, 8);
  check_range("generator_params.num_down_blocks", config.generator.num_down_blocks, 0, 6);
  check_range("generator_params.num_bottleneck_blocks", config.generator.num_bottleneck_blocks, 0,
              64);
  check_range("kp_detector_params.scale_factor", config.kp_detector.scale_factor, 1. / 32, 1.);
  check_range("dense_motion_params.scale_factor", config.dense_motion.scale_factor, 1. / 32, 1.);
}

void check_limits(const ModelConfig& config) {
  check_structure(config);
  check_range("kp_detector_params.temperature", config.kp_detector.temperature, 1e-4, 1e4);
  check_range("dense_motion_params.kp_variance", config.dense_motion.kp_variance, 1e-6, 1e3);
  check_range("kp_detector_params.pad", config.kp_detector.pad, 0, 64);
  check_range("frame_shape's height", config.frame_height, 16, 4096);
  check_range("frame_shape's width", config.frame_width, 16, 4096);
  const int unit = frame_unit(config);
  if (config.frame_height % unit != 0 || config.frame_width % unit != 0)
    throw FormatError("has a frame_shape of " + std::to_string(config.frame_height) + "x" +
                      std::to_string(config.frame_width) +
                      "; with its scale factors and blocks both sides must be multiples of " +
                      std::to_string(unit) + ".");
}

void choose_frame(ModelConfig& config) {
  const int stride = config.keypoint_stride();
  const int wanted = stride > 1 ? 64 * stride : 256;
  const int unit = frame_unit(config);
  config.frame_height = config.frame_width = (wanted + unit - 1) / unit * unit;
}

int frame_unit(const ModelConfig& config) {
  const int keypoints = config.keypoint_stride() << config.kp_detector.num_blocks;
  const int motion = config.motion_stride() << config.dense_motion.num_blocks;
  return std::lcm(std::lcm(keypoints, motion), 1 << config.generator.num_down_blocks);
}

} // namespace fomo
