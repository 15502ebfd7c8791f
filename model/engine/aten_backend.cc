// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/engine/aten_backend.h"

#include <algorithm>
#include <optional>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "model/network/fold.h"

namespace fomo {

namespace {

struct AtenSource : EncodedSource {
  Keypoints kp_source;
  at::Tensor small_source; // what the dense motion network warps
  at::Tensor features;
};

/// A stream of the device's own, so that elements on one GPU do not wait for each other.
struct AtenWorkspace : Workspace {
  std::optional<c10::Stream> stream;
};

/// What has to be set for each call, as every streaming thread is a new one to LibTorch.
class Scope {
 public:
  Scope(const std::optional<c10::Stream>& stream, int threads) : stream_(stream) {
    if (!stream && threads > 0 && at::get_num_threads() != threads)
      at::set_num_threads(threads);
  }

 private:
  c10::InferenceMode inference_;
  c10::OptionalStreamGuard stream_;
};

std::optional<c10::Stream> new_stream(at::Device device) {
  if (device.is_cpu())
    return std::nullopt;
  return c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

std::vector<float> to_host(const at::Tensor& tensor) {
  if (!tensor.defined())
    return {};
  const at::Tensor host = tensor.to(at::kCPU, at::kFloat).contiguous();
  return {host.const_data_ptr<float>(), host.const_data_ptr<float>() + host.numel()};
}

KeypointSet to_host(const Keypoints& keypoints) {
  return {static_cast<int>(keypoints.value.size(1)), to_host(keypoints.value),
          to_host(keypoints.jacobian)};
}

} // namespace

AtenBackend::AtenBackend(const Network& network, at::Device device, at::ScalarType type)
    : network_(network), device_(device) {
  c10::InferenceMode inference;
  fold_batch_norms(network_);
  convert(network_, device, type, at::MemoryFormat::ChannelsLast);
}

at::Tensor AtenBackend::to_device(const FomoImage& image) const {
  const at::Tensor bytes =
      at::from_blob(image.data, {1, image.height, image.width, 3},
                    {image.stride * image.height, image.stride, 3, 1}, at::kByte);
  // Interleaved pixels are channels-last planes; only the bytes travel to a GPU.
  return bytes.to(device_).permute({0, 3, 1, 2}).to(at::kFloat).div_(255);
}

Keypoints AtenBackend::to_device(const KeypointSet& keypoints) const {
  const auto tensor = [this](const std::vector<float>& values, at::IntArrayRef shape) {
    return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).to(device_);
  };
  Keypoints result;
  result.value = tensor(keypoints.value, {1, keypoints.count, 2});
  if (!keypoints.jacobian.empty())
    result.jacobian = tensor(keypoints.jacobian, {1, keypoints.count, 2, 2});
  return result;
}

std::shared_ptr<const EncodedSource> AtenBackend::encode(const FomoImage& image, int threads) {
  const std::optional<c10::Stream> stream = new_stream(device_);
  const Scope scope(stream, threads);
  const at::Tensor picture = to_device(image);
  auto source = std::make_shared<AtenSource>();
  source->kp_source = network_.kp_detector(picture);
  source->small_source = network_.generator.dense_motion.down(picture);
  source->features = network_.generator.encode(picture);
  source->keypoints = to_host(source->kp_source);
  source->hull_area = hull_area(source->keypoints.value.data(), source->keypoints.count);
  if (stream)
    stream->synchronize(); // other streams will read it
  return source;
}

std::unique_ptr<Workspace> AtenBackend::new_workspace() {
  auto workspace = std::make_unique<AtenWorkspace>();
  workspace->stream = new_stream(device_);
  return workspace;
}

KeypointSet AtenBackend::detect(Workspace& workspace, const FomoImage& driving, int threads) {
  const Scope scope(static_cast<AtenWorkspace&>(workspace).stream, threads);
  return to_host(network_.kp_detector(to_device(driving)));
}

at::Tensor AtenBackend::predict(const EncodedSource& encoded, const KeypointSet& keypoints) const {
  const auto& source = static_cast<const AtenSource&>(encoded);
  const DenseMotionNetwork& dense_motion = network_.generator.dense_motion;
  const DenseMotion motion = dense_motion.combine(
      dense_motion.candidates(source.small_source, to_device(keypoints), source.kp_source));
  return network_.generator.decode(source.features, motion);
}

void AtenBackend::generate(Workspace& workspace, const EncodedSource& source,
                           const KeypointSet& keypoints, const FomoImage& output, int threads) {
  const Scope scope(static_cast<AtenWorkspace&>(workspace).stream, threads);
  const at::Tensor levels = (predict(source, keypoints) * 255).round_().to(at::kByte);
  at::from_blob(output.data, {1, output.height, output.width, 3},
                {output.stride * output.height, output.stride, 3, 1}, at::kByte)
      .copy_(levels.permute({0, 2, 3, 1}));
}

void AtenBackend::predict(Workspace& workspace, const EncodedSource& source,
                          const KeypointSet& keypoints, float* output, int threads) {
  const Scope scope(static_cast<AtenWorkspace&>(workspace).stream, threads);
  const at::Tensor prediction = predict(source, keypoints);
  at::from_blob(output, prediction.sizes(), at::kFloat).copy_(prediction);
}

} // namespace fomo
