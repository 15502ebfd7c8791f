// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/batch.h"

#include <ATen/ATen.h>

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
  const at::Tensor kp = column(&Example::keypoints, {2, kLandmarks, 2});
  const at::Tensor jacobian = column(&Example::jacobians, {2, kLandmarks, 2, 2});
  Batch batch;
  batch.source = frames.select(1, 0).contiguous();
  batch.driving = frames.select(1, 1).contiguous();
  batch.kp_source = {kp.select(1, 0).contiguous(), jacobian.select(1, 0).contiguous()};
  batch.kp_driving = {kp.select(1, 1).contiguous(), jacobian.select(1, 1).contiguous()};
  batch.flow = column(&Example::flow, {kCells, kCells, 2});
  batch.visibility = column(&Example::visibility, {1, kCells, kCells});
  batch.person = column(&Example::person, {1, kCells, kCells});
  return batch;
}

} // namespace

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
