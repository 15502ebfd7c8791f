// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/batch.h"

#include <ATen/ATen.h>

#include "model/motion/keypoints.h"
#include "model/network/motion_transfer.h"
#include "train/data/landmarks.h"

namespace fomo::train {
namespace {

constexpr int64_t kSize = 256;

Batch stack(const std::vector<Example>& examples) {
  const auto count = static_cast<int64_t>(examples.size());
  // Splits a member of the examples, which holds the source's values and then the driving frame's,
  // into one tensor for the sources and one for the driving frames.
  const auto both = [&](auto member, std::vector<int64_t> shape, at::ScalarType type) {
    shape.insert(shape.begin(), count);
    std::array<at::Tensor, 2> out{at::empty(shape, type), at::empty(shape, type)};
    for (size_t f = 0; f < 2; f++) {
      using Value = typename std::decay_t<decltype(examples[0].*member)>::value_type;
      Value* to = out[f].template mutable_data_ptr<Value>();
      for (const Example& example : examples) {
        const auto& values = example.*member;
        const auto half = static_cast<std::ptrdiff_t>(values.size() / 2);
        to = std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(f) * half, half, to);
      }
    }
    return out;
  };
  const auto keypoints = [&](std::vector<float> Example::*value,
                             std::vector<float> Example::*jacobian) {
    const auto v = both(value, {kLandmarks, 2}, at::kFloat),
               j = both(jacobian, {kLandmarks, 2, 2}, at::kFloat);
    return std::array<Keypoints, 2>{Keypoints{v[0], j[0]}, Keypoints{v[1], j[1]}};
  };
  const auto column = [&](std::vector<float> Example::*member, std::vector<int64_t> shape) {
    shape.insert(shape.begin(), count);
    at::Tensor out = at::empty(shape, at::kFloat);
    float* to = out.mutable_data_ptr<float>();
    for (const Example& example : examples)
      to = std::copy((example.*member).begin(), (example.*member).end(), to);
    return out;
  };
  Batch batch;
  const auto frames = both(&Example::frames, {kSize, kSize, 3}, at::kByte);
  batch.source = frames[0];
  batch.driving = frames[1];
  const auto own = keypoints(&Example::keypoints, &Example::jacobians);
  batch.kp_source = own[0];
  batch.kp_driving = own[1];
  batch.kp_driver = keypoints(&Example::driver_keypoints, &Example::driver_jacobians);
  batch.driver_scale = at::empty({count, 1, 1}, at::kFloat);
  float* scale = batch.driver_scale.mutable_data_ptr<float>();
  for (const Example& example : examples)
    *scale++ = static_cast<float>(
        movement_scale(hull_area(example.keypoints.data(), kFaceLandmarks),
                       hull_area(example.driver_keypoints.data(), kFaceLandmarks)));
  batch.flow = column(&Example::flow, {kCells, kCells, 2});
  batch.visibility = column(&Example::visibility, {1, kCells, kCells});
  batch.person = column(&Example::person, {1, kCells, kCells});
  return batch;
}

} // namespace

Keypoints transfer_from_driver(const Batch& batch) {
  const auto& [reference, driving] = batch.kp_driver;
  const Keypoints scaled{reference.value + (driving.value - reference.value) * batch.driver_scale,
                         driving.jacobian};
  return transfer_motion(batch.kp_source, scaled, reference, {true, true, true}, 1);
}

Batch load(const Batch& batch, at::Device device) {
  const auto moved = [&](const at::Tensor& x) { return x.defined() ? x.to(device) : x; };
  const auto picture = [&](const at::Tensor& x) {
    return moved(x).permute({0, 3, 1, 2}).to(at::kFloat).mul_(1.0 / 255).contiguous();
  };
  const auto keypoints = [&](const Keypoints& kp) {
    return Keypoints{moved(kp.value), moved(kp.jacobian)};
  };
  return {picture(batch.source),
          picture(batch.driving),
          keypoints(batch.kp_source),
          keypoints(batch.kp_driving),
          {keypoints(batch.kp_driver[0]), keypoints(batch.kp_driver[1])},
          moved(batch.driver_scale),
          moved(batch.flow),
          moved(batch.visibility),
          moved(batch.person)};
}

at::Tensor stack_pictures(const std::vector<cv::Mat>& pictures) {
  at::Tensor out = at::empty(
      {static_cast<int64_t>(pictures.size()), pictures[0].rows, pictures[0].cols, 3}, at::kByte);
  uint8_t* to = out.mutable_data_ptr<uint8_t>();
  for (const cv::Mat& picture : pictures)
    to = std::copy_n(picture.data, picture.total() * picture.elemSize(), to);
  return out;
}

Batch draw_batch(const Dataset& data, int count, const Augmentation& augmentation,
                 at::Device device, render::Random& random) {
  std::vector<Example> examples;
  for (int i = 0; i < count; i++)
    examples.push_back(make_example(data.at(random.index(data.size())), augmentation, random));
  return load(stack(examples), device);
}

Batch take_batch(const Dataset& data, size_t first, int count, at::Device device) {
  std::vector<Example> examples;
  render::Random unused(0, 0);
  for (size_t i = first; i < std::min(data.size(), first + static_cast<size_t>(count)); i++)
    examples.push_back(make_example(data.at(i), {}, unused));
  return load(stack(examples), device);
}

} // namespace fomo::train
