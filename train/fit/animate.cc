// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/animate.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <filesystem>

#include "common/error.h"
#include "model/motion/keypoints.h"
#include "model/network/network.h"
#include "pictures/picture.h"

namespace fomo::train {
namespace {

at::Tensor load_frame(const std::string& path, const ModelConfig& config) {
  const Picture picture = load_picture(path);
  const std::vector<uint8_t> pixels = resize_region(picture, {0, 0, picture.width, picture.height},
                                                    config.frame_width, config.frame_height);
  return from_rgb(packed_rgb(pixels, config.frame_width, config.frame_height)).clone();
}

void save_frame(const at::Tensor& frame, const std::string& path) {
  Picture picture{static_cast<int>(frame.size(3)), static_cast<int>(frame.size(2)), 3, {}};
  picture.pixels.resize(static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height) *
                        3);
  to_rgb(frame, {picture.pixels.data(), picture.width, picture.height, picture.width * 3, 3});
  save_picture(picture, path);
}

std::vector<std::string> pictures_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder, code))
    paths.push_back(entry.path().string());
  if (paths.empty())
    throw Error(FOMO_NOT_FOUND,
                "The folder of driving frames '" + folder +
                    "' is empty or missing. Give --driving a folder of numbered pictures.");
  std::sort(paths.begin(), paths.end());
  return paths;
}

} // namespace

void animate_folder(const AnimateOptions& options) {
  const at::NoGradGuard no_grad;
  const Checkpoint checkpoint = Checkpoint::open(options.model);
  const ModelConfig config = model_config(checkpoint, "");
  const Network network(load_tensors(checkpoint), config, true);
  const at::Tensor source = load_frame(options.source, config);
  const at::Tensor features = network.generator.encode(source);
  const Keypoints kp_source = network.kp_detector(source);
  Keypoints reference;
  double scale = 1;
  std::filesystem::create_directories(options.out);
  size_t number = 0;
  for (const std::string& path : pictures_in(options.driving)) {
    const Keypoints driving = network.kp_detector(load_frame(path, config));
    if (!reference.value.defined()) {
      reference = driving;
      scale = movement_scale(hull_area(kp_source, config), hull_area(reference, config));
    }
    const Keypoints moved = transfer_motion(kp_source, driving, reference, {1, 1, 1}, scale);
    const DenseMotion motion = network.generator.dense_motion(source, moved, kp_source);
    char name[32];
    std::snprintf(name, sizeof name, "/%05zu.png", number++);
    save_frame(network.generator.decode(features, source, motion), options.out + name);
  }
}

} // namespace fomo::train
