// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "common/error.h"
#include "model/checkpoint/config.h"
#include "model/checkpoint/config_yaml.h"
#include "model/checkpoint/format_error.h"
#include "model/checkpoint/state_layout.h"

namespace fomo {
namespace {

using Shape = std::vector<int64_t>;

constexpr int published_max_features = 1024;
constexpr int max_listed_blocks = 65; // above every limit of check_limits

std::string shape_text(const Shape& shape) {
  std::string text = "[";
  for (const int64_t size : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

[[noreturn]] void refuse(const std::string& what) {
  throw FormatError(what + " Give a checkpoint of the First Order Motion Model.");
}

/// Derives a configuration from the shapes of the tensors.
class Inference {
 public:
  explicit Inference(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  ModelConfig infer() {
    refuse_known_others();
    ModelConfig config;
    infer_keypoints(config);
    infer_dense_motion(config);
    infer_generator(config);
    check_structure(config);
    choose_frame(config);
    check_limits(config);
    check_layout(config);
    return config;
  }

 private:
  /// Shape of a tensor. Throws unless it has `rank` dimensions of 1 to 16384.
  const Shape& shape(const std::string& name, size_t rank) const {
    const auto found = checkpoint_.tensors().find(name);
    if (found == checkpoint_.tensors().end())
      refuse("lacks the tensor '" + name + "', which every First Order Motion Model has.");
    const Shape& shape = found->second.shape;
    const bool sane = std::all_of(shape.begin(), shape.end(),
                                  [](int64_t size) { return size >= 1 && size <= 16384; });
    if (shape.size() != rank || !sane)
      refuse("has the tensor '" + name + "' in the shape " + shape_text(shape) +
             ", which no First Order Motion Model has.");
    return shape;
  }

  int width_of(const std::string& block) const {
    return static_cast<int>(shape(block + ".conv.weight", 4)[0]);
  }

  int count_blocks(const std::string& prefix, const std::string& suffix) const {
    int count = 0;
    while (count < max_listed_blocks && checkpoint_.has(prefix + std::to_string(count) + suffix))
      ++count;
    return count;
  }

  /// Refuses other models whose parts have FOMM's names.
  void refuse_known_others() const {
    const auto starts = [&](const std::string& prefix) {
      const auto first = checkpoint_.tensors().lower_bound(prefix);
      return first != checkpoint_.tensors().end() &&
             first->first.compare(0, prefix.size(), prefix) == 0;
    };
    const auto conv = checkpoint_.tensors().find("kp_detector.kp.weight");
    if (conv != checkpoint_.tensors().end() && conv->second.shape.size() == 5)
      refuse("is a checkpoint of a model with 3-D convolutions (face-vid2vid or Monkey-Net), not "
             "of the First Order Motion Model.");
    if (starts("generator.appearance_encoder") || starts("generator.AttnModule") ||
        starts("generator.attn") || starts("generator.depth"))
      refuse("is a checkpoint of DaGAN (Depth-Aware GAN), another model.");
    if (starts("generator.mb") || starts("generator.memory"))
      refuse("is a checkpoint of MCNet, another model.");
    if (starts("kp_detector.fg_encoder"))
      refuse("is a checkpoint of TPSMM (Thin-Plate Spline Motion Model), another model.");
    if (starts("generator.pixelwise_flow_predictor"))
      refuse("is a checkpoint of MRAA (Motion Representations for Articulated Animation), another "
             "model.");
  }

  /// block_expansion, max_features and num_blocks of an hourglass.
  template<typename Section>
  void infer_hourglass(const std::string& name, Section& section) const {
    const std::string down = name + ".encoder.down_blocks.";
    const std::string up = name + ".decoder.up_blocks.";
    section.num_blocks = count_blocks(down, ".conv.weight");
    if (section.num_blocks == 0)
      refuse("lacks the tensor '" + down +
             "0.conv.weight', which every First Order Motion Model "
             "has.");
    section.block_expansion = width_of(up + std::to_string(section.num_blocks - 1));
    int widest = section.block_expansion;
    bool capped = false;
    for (int i = 0; i < section.num_blocks; ++i) {
      const int width = width_of(down + std::to_string(i));
      capped = capped || width != level_width(section.block_expansion, 4096, i + 1);
      widest = std::max(widest, width);
    }
    section.max_features = capped ? widest : std::max(widest, published_max_features);
  }

  /// The scale factor for which FOMM makes an anti-alias kernel of this size; 1 without a kernel.
  double infer_scale(const std::string& name) const {
    if (!checkpoint_.has(name))
      return 1;
    const int64_t taps = shape(name, 4)[3];
    const auto stride = static_cast<int>((taps + 3) / 4); // of antialias_taps
    if (stride < 2 || stride > 32)
      refuse("has the tensor '" + name + "' in the shape " + shape_text(shape(name, 4)) +
             ", which no First Order Motion Model has.");
    return 1. / stride;
  }

  void infer_keypoints(ModelConfig& config) {
    ModelConfig::Keypoints& keypoints = config.kp_detector;
    const std::string name = "kp_detector";
    infer_hourglass(name + ".predictor", keypoints);
    config.num_channels =
        static_cast<int>(shape(name + ".predictor.encoder.down_blocks.0.conv.weight", 4)[1]);
    if (config.num_channels == 4)
      refuse("has a keypoint detector for pictures with depth: it is a checkpoint of DaGAN "
             "(Depth-Aware GAN) or alike, another model.");
    config.num_kp = static_cast<int>(shape(name + ".kp.weight", 4)[0]);
    config.estimate_jacobian = checkpoint_.has(name + ".jacobian.weight");
    keypoints.single_jacobian_map = config.estimate_jacobian && config.num_kp > 1 &&
                                    shape(name + ".jacobian.weight", 4)[0] == 4;
    keypoints.scale_factor = infer_scale(name + ".down.weight");
  }

  void infer_dense_motion(ModelConfig& config) {
    const std::string name = "generator.dense_motion_network";
    infer_hourglass(name + ".hourglass", config.dense_motion);
    config.generator.estimate_occlusion_map = checkpoint_.has(name + ".occlusion.weight");
    config.dense_motion.scale_factor = infer_scale(name + ".down.weight");
  }

  void infer_generator(ModelConfig& config) {
    ModelConfig::Generator& generator = config.generator;
    const std::string down = "generator.down_blocks.";
    generator.block_expansion = width_of("generator.first");
    generator.num_down_blocks = count_blocks(down, ".conv.weight");
    generator.num_bottleneck_blocks = count_blocks("generator.bottleneck.r", ".conv1.weight");
    int widest = generator.block_expansion;
    bool capped = false;
    for (int i = 0; i < std::min(generator.num_down_blocks, 16); ++i) {
      const int width = width_of(down + std::to_string(i));
      capped = capped || width != level_width(generator.block_expansion, 4096, i + 1);
      widest = std::max(widest, width);
    }
    generator.max_features =
        capped ? widest : std::max(widest, ModelConfig().generator.max_features);
  }

  /// Throws unless the checkpoint has all tensors of `config` in their shapes, and no others.
  void check_layout(const ModelConfig& config) const {
    const StateLayout layout = state_layout(config);
    for (const auto& [name, expected] : layout) {
      const auto found = checkpoint_.tensors().find(name);
      if (found == checkpoint_.tensors().end()) {
        if (is_optional(name))
          continue;
        refuse("lacks the tensor '" + name + "'.");
      }
      if (!fits(name, found->second.shape, expected))
        refuse("has the tensor '" + name + "' in the shape " + shape_text(found->second.shape) +
               " where its other tensors ask for " + shape_text(expected) + ".");
    }
    for (const auto& [name, tensor] : checkpoint_.tensors())
      if (layout.count(name) == 0)
        refuse("has the tensor '" + name.substr(0, 120) +
               "', which is not part of a First Order Motion Model: it is another model that keeps "
               "the same names for its parts.");
  }

  static bool ends_with(const std::string& name, const std::string& end) {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  }

  /// PyTorch < 0.4.1 has no counters of batches. Inference does not need them.
  static bool is_optional(const std::string& name) {
    return ends_with(name, ".num_batches_tracked");
  }

  static bool fits(const std::string& name, const Shape& shape, const Shape& expected) {
    if (is_optional(name))
      return true;
    if (!ends_with(name, ".down.weight"))
      return shape == expected;
    // Kernels of several sizes round to the same stride. Their size must be odd.
    return shape.size() == 4 && shape[0] == expected[0] && shape[1] == 1 && shape[2] == shape[3] &&
           shape[2] % 2 == 1;
  }

  const Checkpoint& checkpoint_;
};

} // namespace

ModelConfig infer_config(const Checkpoint& checkpoint) {
  ModelConfig config;
  try {
    config = Inference(checkpoint).infer();
  } catch (const FormatError& error) {
    throw Error(FOMO_WRONG_TYPE, "'" + checkpoint.path() + "' " + error.what());
  }
  const auto own = checkpoint.metadata().find("config");
  if (own == checkpoint.metadata().end())
    return config;
  return merge_yaml(config, own->second, "the configuration in '" + checkpoint.path() + "'",
                    checkpoint.path());
}

} // namespace fomo
