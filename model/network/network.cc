// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/network/network.h"

#include <ATen/ATen.h>

#include "model/motion/keypoints.h"

namespace fomo {

double hull_area(const Keypoints& keypoints, const ModelConfig& config) {
  const at::Tensor value = keypoints.value.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* first = value.const_data_ptr<float>();
  return hull_area(
      {static_cast<int>(value.size(1)), {first, first + value.numel()}, {}, config.num_face_kp});
}

Network::Network(const TensorMap& tensors, const ModelConfig& model, bool align_corners)
    : config(model), kp_detector(tensors, model), generator(tensors, model, align_corners) {}

Network::Frame Network::animate(const at::Tensor& source, const Keypoints& kp_source,
                                const at::Tensor& driving, const Keypoints& reference,
                                const FomoMotion& motion) const {
  Frame frame;
  frame.kp_driving = kp_detector(driving);
  const Keypoints& neutral = reference.value.defined() ? reference : frame.kp_driving;
  const double scale = movement_scale(hull_area(kp_source, config), hull_area(neutral, config));
  frame.kp_norm = transfer_motion(kp_source, frame.kp_driving, neutral, motion, scale);
  frame.motion = generator.dense_motion(source, frame.kp_norm, kp_source);
  frame.prediction = generator.decode(generator.encode(source), source, frame.motion);
  return frame;
}

at::Tensor from_rgb(const ConstImage& image) {
  const at::Tensor bytes =
      at::from_blob(const_cast<uint8_t*>(image.data), {image.height, image.width, 3},
                    {image.stride, 3, 1}, at::kByte); // only read
  return bytes.permute({2, 0, 1}).unsqueeze(0).to(at::kFloat).div_(255).contiguous();
}

void to_rgb(const at::Tensor& picture, const FomoImage& image) {
  at::Tensor bytes =
      at::from_blob(image.data, {image.height, image.width, 3}, {image.stride, 3, 1}, at::kByte);
  const at::Tensor levels =
      (picture.detach().squeeze(0).to(at::kCPU, at::kFloat) * 255).round_().clamp_(0, 255);
  bytes.copy_(levels.permute({1, 2, 0}));
}

} // namespace fomo
