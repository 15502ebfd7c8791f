// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/checkpoint/config.h"

namespace fomo {

/// A section of `model_params`. The section of dense_motion lies within that of generator.
enum class Section { model, common, keypoints, generator, dense_motion };

/// Where the value of an option comes from.
/// weights: the shapes of the tensors. yaml: the YAML file alone. kernel: the size of the
/// anti-alias kernel, unless the YAML file has another value.
enum class OptionSource { weights, yaml, kernel };

inline const char* section_name(Section section) {
  switch (section) {
  case Section::common:
    return "common_params";
  case Section::keypoints:
    return "kp_detector_params";
  case Section::generator:
    return "generator_params";
  case Section::dense_motion:
    return "dense_motion_params";
  case Section::model:
    break;
  }
  return "model_params";
}

/// Calls `visit(section, name, value, source)` for every option of FOMM's `model_params`, in the
/// order of its YAML files.
template<typename Visit>
void for_each_option(ModelConfig& config, Visit visit) {
  using S = Section;
  using From = OptionSource;
  visit(S::common, "num_kp", config.num_kp, From::weights);
  visit(S::common, "num_channels", config.num_channels, From::weights);
  visit(S::common, "estimate_jacobian", config.estimate_jacobian, From::weights);
  visit(S::common, "num_face_kp", config.num_face_kp, From::yaml);
  visit(S::common, "first_mouth_kp", config.first_mouth_kp, From::yaml);
  visit(S::common, "first_ear_kp", config.first_ear_kp, From::yaml);

  auto& keypoints = config.kp_detector;
  visit(S::keypoints, "temperature", keypoints.temperature, From::yaml);
  visit(S::keypoints, "block_expansion", keypoints.block_expansion, From::weights);
  visit(S::keypoints, "max_features", keypoints.max_features, From::weights);
  visit(S::keypoints, "scale_factor", keypoints.scale_factor, From::kernel);
  visit(S::keypoints, "num_blocks", keypoints.num_blocks, From::weights);
  visit(S::keypoints, "single_jacobian_map", keypoints.single_jacobian_map, From::weights);
  visit(S::keypoints, "pad", keypoints.pad, From::yaml);

  auto& generator = config.generator;
  visit(S::generator, "block_expansion", generator.block_expansion, From::weights);
  visit(S::generator, "max_features", generator.max_features, From::weights);
  visit(S::generator, "num_down_blocks", generator.num_down_blocks, From::weights);
  visit(S::generator, "num_bottleneck_blocks", generator.num_bottleneck_blocks, From::weights);
  visit(S::generator, "estimate_occlusion_map", generator.estimate_occlusion_map, From::weights);
  visit(S::generator, "keep_source", generator.keep_source, From::yaml);

  auto& motion = config.dense_motion;
  visit(S::dense_motion, "block_expansion", motion.block_expansion, From::weights);
  visit(S::dense_motion, "max_features", motion.max_features, From::weights);
  visit(S::dense_motion, "num_blocks", motion.num_blocks, From::weights);
  visit(S::dense_motion, "scale_factor", motion.scale_factor, From::kernel);
  visit(S::dense_motion, "kp_variance", motion.kp_variance, From::yaml);
}

} // namespace fomo
