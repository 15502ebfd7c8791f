// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// Configuration of a First Order Motion Model under the names of FOMM's YAML files. Defaults are
/// those of the published 256x256 models.
struct ModelConfig {
  int num_kp = 10;
  int num_channels = 3;
  bool estimate_jacobian = true;
  /// An extension of ours: so many keypoints, the first ones, lie on the face, and their hull is
  /// its size. 0: all, as in FOMM's own models.
  int num_face_kp = 0;
  /// Extensions of ours: the first of four keypoints of the mouth (corners, upper and lower lip)
  /// and of two ears. 0: the model does not say which these are.
  int first_mouth_kp = 0, first_ear_kp = 0;

  struct Keypoints {
    double temperature = 0.1;
    int block_expansion = 32;
    int max_features = 1024;
    double scale_factor = 0.25;
    int num_blocks = 5;
    bool single_jacobian_map = false;
    int pad = 0;
  } kp_detector;

  struct Generator {
    int block_expansion = 64;
    int max_features = 512;
    int num_down_blocks = 2;
    int num_bottleneck_blocks = 6;
    bool estimate_occlusion_map = true;
    /// An extension of ours: where the occlusion map says that the source is visible, its own
    /// pixels are shown, moved, and the network paints the rest. False in FOMM's own models.
    bool keep_source = false;
  } generator;

  struct DenseMotion {
    int block_expansion = 64;
    int max_features = 1024;
    int num_blocks = 5;
    double scale_factor = 0.25;
    double kp_variance = 0.01;
  } dense_motion;

  int frame_height = 256; ///< of `frame_shape`, pixels
  int frame_width = 256;

  /// Pixels between samples of the anti-aliased frame: 1 / scale_factor.
  int keypoint_stride() const;
  int motion_stride() const;
};

/// Widths, counts and options from tensor shapes; strides from the anti-alias kernels (13 taps: 4,
/// 29: 8, none: 1); frame size 64 x stride (256 without a kernel). A .safetensors file of ours
/// carries its own configuration, which is used then. Throws Error (FOMO_WRONG_TYPE) when the
/// tensors are not a First Order Motion Model's, saying whose they are where that is known.
ModelConfig infer_config(const Checkpoint& checkpoint);

/// Reads a FOMM YAML file (`model_params`, `dataset_params.frame_shape`). Throws Error.
ModelConfig load_config(const std::string& path);
/// The same from text; `name` stands in error messages.
ModelConfig parse_config(const std::string& yaml, const std::string& name);

/// infer_config, then what only a YAML can know from `yaml_path` (unless empty): scale factors,
/// temperature, kp_variance, pad, frame_shape. Throws Error (FOMO_SETTINGS) when the file and the
/// weights contradict each other, naming both values.
ModelConfig model_config(const Checkpoint& checkpoint, const std::string& yaml_path);

/// The configuration in FOMM's YAML form.
std::string to_yaml(const ModelConfig& config);

} // namespace fomo
