// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/animate.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <filesystem>

#include "common/error.h"
#include "common/picture.h"
#include "model/motion/keypoints.h"
#include "model/network/network.h"

namespace fomo::train {
namespace {

at::Tensor load_frame(const std::string& path, const ModelConfig& config) {
  const Picture picture = load_picture(path);
  std::vector<uint8_t> pixels = resize_region(picture, {0, 0, picture.width, picture.height},
                                              config.frame_width, config.frame_height);
  return from_rgb(
             {pixels.data(), config.frame_width, config.frame_height, config.frame_width * 3, 3})
      .clone();
}

void save_frame(const at::Tensor& frame, const std::string& path) {
  Picture picture{static_cast<int>(frame.size(3)), static_cast<int>(frame.size(2)), 3, {}};
  picture.pixels.resize(static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height) *
                        3);
  to_rgb(frame, {picture.pixels.data(), picture.width, picture.height, picture.width * 3, 3});
  save_picture(picture, path);
}

// Gaussian blur of every channel.
at::Tensor blur(const at::Tensor& x, double sigma) {
  const int64_t radius = static_cast<int64_t>(3 * sigma + 0.5), channels = x.size(1);
  at::Tensor line = at::exp(-(at::arange(-radius, radius + 1, at::kFloat) / sigma).square() / 2);
  line = line / line.sum();
  const at::Tensor padded = at::replication_pad2d(x, {radius, radius, radius, radius});
  const at::Tensor across =
      at::conv2d(padded, line.view({1, 1, 1, -1}).expand({channels, 1, 1, -1}), {}, 1,
                 at::IntArrayRef{0, 0}, 1, channels);
  return at::conv2d(across, line.view({1, 1, -1, 1}).expand({channels, 1, -1, 1}), {}, 1,
                    at::IntArrayRef{0, 0}, 1, channels);
}

// The network's picture with the warped source's fine structure where the source is visible and
// both agree in the coarse.
at::Tensor add_detail(const at::Tensor& prediction, const at::Tensor& source,
                      const DenseMotion& motion, double sigma) {
  const int64_t height = source.size(2), width = source.size(3);
  const at::Tensor field = resize_bilinear(motion.deformation.permute({0, 3, 1, 2}), height, width)
                               .permute({0, 2, 3, 1});
  // Cells' centres lie inside the picture: the outermost are not its corners.
  const double cells = static_cast<double>(motion.deformation.size(2));
  const at::Tensor warped = sample_grid(source, field * ((cells - 1) / cells), false);
  const at::Tensor inside = (field.abs() < 1).all(-1).to(at::kFloat).unsqueeze(1);
  const at::Tensor coarse = blur(prediction, sigma), other = blur(warped, sigma);
  const at::Tensor differ = blur((other - coarse).abs().amax(1, true), 2);
  const at::Tensor trust = resize_bilinear(motion.occlusion, height, width) * inside *
                           (1 - (differ - 0.04) / 0.1).clamp(0, 1);
  return (prediction + trust * ((warped - other) - (prediction - coarse))).clamp(0, 1);
}

double hull(const Keypoints& keypoints) {
  const at::Tensor points = keypoints.value.contiguous();
  return hull_area(points.const_data_ptr<float>(), static_cast<int>(points.size(1)));
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
      scale = movement_scale(hull(kp_source), hull(reference));
    }
    const Keypoints moved = transfer_motion(kp_source, driving, reference, {1, 1, 1}, scale);
    const DenseMotion motion = network.generator.dense_motion(source, moved, kp_source);
    at::Tensor out = network.generator.decode(features, source, motion);
    if (options.detail > 0 && motion.occlusion.defined())
      out = add_detail(out, source, motion, options.detail);
    char name[32];
    std::snprintf(name, sizeof name, "/%05zu.png", number++);
    save_frame(out, options.out + name);
  }
}

} // namespace fomo::train
