// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/batch.h"

#include <ATen/ATen.h>

#include "model/motion/keypoints.h"
#include "model/network/motion_transfer.h"
#include "train/data/landmarks.h"

namespace fomo::train {
namespace {

Batch stack(const std::vector<Example>& examples) {
  const auto count = static_cast<int64_t>(examples.size());
  const auto column = [&](std::vector<float> Example::*member, std::vector<int64_t> shape) {
    shape.insert(shape.begin(), count);
    at::Tensor out = at::empty(shape, at::kFloat);
    float* to = out.mutable_data_ptr<float>();
    for (const Example& example : examples)
      to = std::copy((example.*member).begin(), (example.*member).end(), to);
    return out;
  };
  const at::Tensor frames = column(&Example::frames, {2, 3, 256, 256});
  const auto both = [&](std::vector<float> Example::*value, std::vector<float> Example::*jacobian) {
    const at::Tensor v = column(value, {2, kLandmarks, 2}),
                     j = column(jacobian, {2, kLandmarks, 2, 2});
    return std::array<Keypoints, 2>{
        Keypoints{v.select(1, 0).contiguous(), j.select(1, 0).contiguous()},
        Keypoints{v.select(1, 1).contiguous(), j.select(1, 1).contiguous()}};
  };
  Batch batch;
  batch.source = frames.select(1, 0).contiguous();
  batch.driving = frames.select(1, 1).contiguous();
  const auto own = both(&Example::keypoints, &Example::jacobians);
  batch.kp_source = own[0];
  batch.kp_driving = own[1];
  batch.kp_driver = both(&Example::driver_keypoints, &Example::driver_jacobians);
  batch.flow = column(&Example::flow, {kCells, kCells, 2});
  batch.visibility = column(&Example::visibility, {1, kCells, kCells});
  batch.person = column(&Example::person, {1, kCells, kCells});
  return batch;
}

} // namespace

Keypoints led_by_driver(const Batch& batch) {
  const Keypoints& source = batch.kp_source;
  const auto& [reference, driving] = batch.kp_driver;
  std::vector<at::Tensor> values, jacobians;
  for (int64_t i = 0; i < source.value.size(0); i++) {
    const auto one = [&](const Keypoints& kp) {
      return Keypoints{kp.value.narrow(0, i, 1), kp.jacobian.narrow(0, i, 1)};
    };
    const auto area = [&](const Keypoints& kp) {
      return hull_area(kp.value[i].const_data_ptr<float>(), kFaceLandmarks);
    };
    const Keypoints moved =
        transfer_motion(one(source), one(driving), one(reference), {true, true, true},
                        movement_scale(area(source), area(reference)));
    values.push_back(moved.value);
    jacobians.push_back(moved.jacobian);
  }
  return {at::cat(values), at::cat(jacobians)};
}

Batch draw_batch(const Dataset& data, int count, const Augmentation& augmentation,
                 render::Random& random) {
  std::vector<Example> examples;
  for (int i = 0; i < count; i++)
    examples.push_back(make_example(data.at(random.index(data.size())), augmentation, random));
  return stack(examples);
}

Batch take_batch(const Dataset& data, size_t first, int count) {
  std::vector<Example> examples;
  render::Random unused(0, 0);
  for (size_t i = first; i < std::min(data.size(), first + static_cast<size_t>(count)); i++)
    examples.push_back(make_example(data.at(i), {}, unused));
  return stack(examples);
}

} // namespace fomo::train
