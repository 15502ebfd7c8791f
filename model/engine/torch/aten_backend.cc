// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/engine/torch/aten_backend.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include "model/network/fold.h"

namespace fomo {

namespace {

struct AtenSource : EncodedSource {
  Keypoints kp_source;
  at::Tensor small_source; // what the dense motion network warps
  at::Tensor features;
};

/// What has to be set for each call, as every streaming thread is a new one to LibTorch.
class Scope {
 public:
  explicit Scope(int threads) {
    if (threads > 0 && at::get_num_threads() != threads)
      at::set_num_threads(threads);
  }

 private:
  c10::InferenceMode inference_;
};

/// Interleaved pixels are channels-last planes: [1, 3, H, W] of bytes over the image's own memory.
at::Tensor bytes_of(const FomoImage& image) {
  return at::from_blob(image.data, {1, image.height, image.width, 3},
                       {image.stride * image.height, image.stride, 3, 1}, at::kByte)
      .permute({0, 3, 1, 2});
}

at::Tensor picture_of(const FomoImage& image) { return bytes_of(image).to(at::kFloat).div_(255); }

std::vector<float> floats_of(const at::Tensor& tensor) {
  if (!tensor.defined())
    return {};
  const at::Tensor floats = tensor.to(at::kFloat).contiguous();
  return {floats.const_data_ptr<float>(), floats.const_data_ptr<float>() + floats.numel()};
}

KeypointSet set_of(const Keypoints& keypoints) {
  return {static_cast<int>(keypoints.value.size(1)), floats_of(keypoints.value),
          floats_of(keypoints.jacobian)};
}

/// Views of the set's own memory.
Keypoints tensors_of(const KeypointSet& set) {
  const auto tensor = [](const std::vector<float>& values, at::IntArrayRef shape) {
    return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
  };
  Keypoints keypoints;
  keypoints.value = tensor(set.value, {1, set.count, 2});
  if (!set.jacobian.empty())
    keypoints.jacobian = tensor(set.jacobian, {1, set.count, 2, 2});
  return keypoints;
}

} // namespace

AtenBackend::AtenBackend(const Network& network, at::ScalarType type) : network_(network) {
  const c10::InferenceMode inference;
  fold_batch_norms(network_);
  convert(network_, at::kCPU, type, at::MemoryFormat::ChannelsLast);
}

std::shared_ptr<const EncodedSource> AtenBackend::encode(const FomoImage& image, int threads) {
  const Scope scope(threads);
  const at::Tensor picture = picture_of(image);
  auto source = std::make_shared<AtenSource>();
  source->kp_source = network_.kp_detector(picture);
  source->small_source = network_.generator.dense_motion.down(picture);
  source->features = network_.generator.encode(picture);
  source->keypoints = set_of(source->kp_source);
  source->hull_area = hull_area(source->keypoints.value.data(), source->keypoints.count);
  return source;
}

/// LibTorch takes its memory from the heap: there is nothing to keep.
std::unique_ptr<Workspace> AtenBackend::new_workspace() { return std::make_unique<Workspace>(); }

KeypointSet AtenBackend::detect(Workspace&, const FomoImage& driving, int threads) {
  const Scope scope(threads);
  return set_of(network_.kp_detector(picture_of(driving)));
}

at::Tensor AtenBackend::predict(const EncodedSource& encoded, const KeypointSet& keypoints) const {
  const auto& source = static_cast<const AtenSource&>(encoded);
  const DenseMotionNetwork& dense_motion = network_.generator.dense_motion;
  const DenseMotion motion = dense_motion.combine(
      dense_motion.candidates(source.small_source, tensors_of(keypoints), source.kp_source));
  return network_.generator.decode(source.features, motion);
}

void AtenBackend::generate(Workspace&, const EncodedSource& source, const KeypointSet& keypoints,
                           const FomoImage& output, int threads) {
  const Scope scope(threads);
  bytes_of(output).copy_((predict(source, keypoints) * 255).round_().to(at::kByte));
}

void AtenBackend::predict(Workspace&, const EncodedSource& source, const KeypointSet& keypoints,
                          float* output, int threads) {
  const Scope scope(threads);
  const at::Tensor prediction = predict(source, keypoints);
  at::from_blob(output, prediction.sizes(), at::kFloat).copy_(prediction);
}

} // namespace fomo
