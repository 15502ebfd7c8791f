// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// Configuration of a First Order Motion Model, under the names of FOMM's YAML files. The defaults
/// are those of the published 256x256 models.
struct ModelConfig {
  int num_kp = 10;
  int num_channels = 3;
  bool estimate_jacobian = true;
  /// An extension of ours: number of keypoints that lie on the face, counted from the first. Their
  /// convex hull measures the size of the face. 0: all keypoints, as in FOMM's own models.
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
    /// An extension of ours: where the occlusion map says that the source is visible, the output
    /// shows the source's warped pixels; the network paints the rest. False in FOMM's own models.
    bool keep_source = false;
  } generator;

  struct DenseMotion {
    int block_expansion = 64;
    int max_features = 1024;
    int num_blocks = 5;
    double scale_factor = 0.25;
    double kp_variance = 0.01;
  } dense_motion;

  /// An extension of ours: whether the model animates faces. No value: the configuration does not
  /// say.
  std::optional<bool> about_faces;

  int frame_height = 256; ///< of `frame_shape`, pixels
  int frame_width = 256;

  /// Pixels between samples of the anti-aliased frame: 1 / scale_factor.
  int keypoint_stride() const;
  int motion_stride() const;
};

/// The configuration that follows from a checkpoint. Widths, counts and options follow from the
/// shapes of the tensors; strides from the anti-alias kernels (13 taps: 4, 29: 8, no kernel: 1);
/// the frame size is 64 x stride (256 without a kernel). If the file has a configuration
/// (.safetensors of `fomo-model convert`), that is used for what shapes cannot tell. Throws Error
/// (FOMO_WRONG_TYPE) when the tensors are not a First Order Motion Model's, and says whose they are
/// if that is known.
ModelConfig infer_config(const Checkpoint& checkpoint);

/// Reads a FOMM YAML file (`model_params`, `dataset_params.frame_shape`). Throws Error.
ModelConfig load_config(const std::string& path);
/// The same from text; `name` stands in error messages.
ModelConfig parse_config(const std::string& yaml, const std::string& name);

/// infer_config, with what shapes cannot tell (scale factors, temperature, kp_variance, pad,
/// frame_shape, our extensions) from the YAML file at `yaml_path`, unless that is empty. Throws
/// Error (FOMO_SETTINGS) that names both values when the file and the weights contradict each
/// other.
ModelConfig model_config(const Checkpoint& checkpoint, const std::string& yaml_path);

/// The configuration in FOMM's YAML form.
std::string to_yaml(const ModelConfig& config);

} // namespace fomo
