// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/memory_budget.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <unistd.h>

#include "common/error.h"
#include "common/trusted_environment.h"
#include "model/checkpoint/state_layout.h"
#include "model/kernels/image.h"

namespace fomo {
namespace {

constexpr const char* limit_variable = "FOMOTRANSFER_MEMORY_LIMIT";
constexpr uint64_t default_limit = uint64_t{2} << 30;

/// Size of the packed weights divided by that of the checkpoint's. Winograd's algorithms store more
/// numbers per kernel. Large layers dominate, and the smaller transforms are chosen for them.
constexpr double packed_growth = 2;
/// Scratch memory of a convolution divided by its input: a padded copy, or the transformed tiles of
/// a part of the input.
constexpr double scratch_growth = 1.25;

/// Bytes of the images that exist at the same time, and the largest scratch memory of a layer.
struct Demand {
  double images = 0, scratch = 0;

  static double image_bytes(int channels, double pixels) {
    return kernels::padded_channels(channels) * pixels * double{sizeof(float)};
  }
  void image(int channels, double pixels) { images += image_bytes(channels, pixels); }
  void convolution(int inputs, double pixels) {
    scratch = std::max(scratch, scratch_growth * image_bytes(inputs, pixels));
  }
};

/// Adds the images of an hourglass whose largest level has `pixels` pixels.
template<typename Section>
void add_hourglass(Demand& demand, const Section& section, int inputs, double pixels) {
  const auto width = [&](int level) {
    return level_width(section.block_expansion, section.max_features, level);
  };
  for (int level = 0; level < section.num_blocks; ++level, pixels /= 4) {
    const int skipped = level == 0 ? inputs : width(level);
    demand.image(width(level), pixels);
    demand.image(skipped, pixels);
    demand.convolution(width(level) + skipped, pixels);
  }
  demand.image(width(section.num_blocks), pixels);
}

Demand keypoint_demand(const ModelConfig& config, double pixels) {
  Demand demand;
  pixels /= double{1} * config.keypoint_stride() * config.keypoint_stride();
  add_hourglass(demand, config.kp_detector, config.num_channels, pixels);
  demand.image(config.num_kp, pixels);
  return demand;
}

Demand motion_demand(const ModelConfig& config, double pixels) {
  Demand demand;
  pixels /= double{1} * config.motion_stride() * config.motion_stride();
  add_hourglass(demand, config.dense_motion, (config.num_kp + 1) * (config.num_channels + 1),
                pixels);
  demand.image(config.num_kp + 2, pixels); // masks and occlusion map
  demand.image(3, pixels);                 // deformation and occlusion map
  return demand;
}

Demand painter_demand(const ModelConfig& config, double pixels) {
  const ModelConfig::Generator& generator = config.generator;
  const auto width = [&](int level) {
    return level_width(generator.block_expansion, generator.max_features, level);
  };
  Demand demand;
  for (int level = 0; level < generator.num_down_blocks; ++level, pixels /= 4) {
    demand.image(width(level), pixels); // output of the up block
    demand.convolution(width(level), pixels);
  }
  // The source's features, the warped features and an intermediate result of a residual block.
  for (int features = 0; features < 3; ++features)
    demand.image(width(generator.num_down_blocks), pixels);
  demand.convolution(width(generator.num_down_blocks), pixels);
  return demand;
}

double packed_weights(const ModelConfig& config) {
  double elements = 0;
  for (const auto& [name, shape] : state_layout(config)) {
    double count = 1;
    for (const int64_t size : shape)
      count *= static_cast<double>(size);
    elements += count;
  }
  return elements * sizeof(float) * packed_growth;
}

std::string mebibytes(uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

} // namespace

uint64_t estimate_memory(const ModelConfig& config) {
  const double pixels = double{1} * config.frame_height * config.frame_width;
  const Demand keypoints = keypoint_demand(config, pixels);
  const Demand motion = motion_demand(config, pixels);
  const Demand painter = painter_demand(config, pixels);
  Demand frame;
  frame.image(config.num_channels, pixels); // the frame
  frame.image(config.num_channels, pixels); // the source picture
  return static_cast<uint64_t>(packed_weights(config) + frame.images +
                               std::max(keypoints.images, motion.images + painter.images) +
                               std::max({keypoints.scratch, motion.scratch, painter.scratch}));
}

uint64_t memory_limit() {
  if (const char* text = trusted_environment(limit_variable)) {
    uint32_t limit = 0;
    const char* const end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, limit);
    if (error != std::errc() || stop != end || limit == 0)
      throw Error(FOMO_SETTINGS, std::string(limit_variable) + "='" + text +
                                     "' is not a number of MiB. Set it to 4096, for example, or "
                                     "unset it.");
    return uint64_t{limit} << 20;
  }
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0)
    return default_limit;
  return std::min(default_limit, static_cast<uint64_t>(pages) * static_cast<uint64_t>(page) / 2);
}

void check_memory(const ModelConfig& config) {
  const uint64_t needed = estimate_memory(config), limit = memory_limit();
  if (needed > limit)
    throw Error(FOMO_NO_MEMORY,
                "The model needs about " + mebibytes(needed) + " for frames of " +
                    std::to_string(config.frame_width) + "x" + std::to_string(config.frame_height) +
                    ", more than the limit of " + mebibytes(limit) +
                    ". Set a smaller frame_shape in the configuration, or a higher limit in the "
                    "environment variable " +
                    limit_variable + " (MiB).");
}

} // namespace fomo
