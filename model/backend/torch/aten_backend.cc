// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/torch/aten_backend.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include "model/motion/ear_gate.h"
#include "model/network/fold.h"

namespace fomo {

namespace {

struct AtenSource : EncodedSource {
  at::Tensor small_source; // the source at the resolution of the dense motion network
  at::Tensor features;
  at::Tensor picture; // undefined unless the model has keep_source
};

/// The state of LibTorch during one call. It is per thread, and any thread may call.
class Scope {
 public:
  explicit Scope(int threads) {
    if (threads > 0 && at::get_num_threads() != threads)
      at::set_num_threads(threads);
  }

 private:
  c10::InferenceMode inference_;
};

/// A channels-last view [1, 3, H, W] of the image's bytes.
at::Tensor bytes_of(const FomoImage& image) {
  return at::from_blob(image.data, {1, image.height, image.width, 3},
                       {image.stride * image.height, image.stride, 3, 1}, at::kByte)
      .permute({0, 3, 1, 2});
}

/// The image as floats [1, 3, H, W] in [0, 1].
at::Tensor picture_of(const ConstImage& image) {
  // LibTorch has no read-only tensors.
  return bytes_of({const_cast<uint8_t*>(image.data), image.width, image.height, image.stride, 3})
      .to(at::kFloat)
      .div_(255);
}

std::vector<float> floats_of(const at::Tensor& tensor) {
  if (!tensor.defined())
    return {};
  const at::Tensor floats = tensor.to(at::kFloat).contiguous();
  return {floats.const_data_ptr<float>(), floats.const_data_ptr<float>() + floats.numel()};
}

KeypointSet set_of(const Keypoints& keypoints, const ModelConfig& config) {
  return {static_cast<int>(keypoints.value.size(1)),
          floats_of(keypoints.value),
          floats_of(keypoints.jacobian),
          config.num_face_kp,
          config.first_mouth_kp,
          config.first_ear_kp};
}

/// A view of `values`, which is only read.
at::Tensor tensor(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
}

/// Tensors that refer to the set's memory (no copy).
Keypoints tensors_of(const KeypointSet& set) {
  Keypoints keypoints;
  keypoints.value = tensor(set.value, {1, set.count, 2});
  if (!set.jacobian.empty())
    keypoints.jacobian = tensor(set.jacobian, {1, set.count, 2, 2});
  return keypoints;
}

RenderedMotion rendered_motion(const DenseMotion& motion, const at::Tensor& features,
                               bool align_corners, const RenderOptions& options) {
  RenderedMotion rendered;
  rendered.height = static_cast<int>(motion.deformation.size(1));
  rendered.width = static_cast<int>(motion.deformation.size(2));
  rendered.deformation = floats_of(motion.deformation);
  rendered.occlusion = floats_of(motion.occlusion);
  if (options.masks)
    rendered.masks = floats_of(motion.mask);
  if (options.background)
    rendered.background = floats_of(motion.mask.select(1, 0));
  rendered.align_corners = align_corners;
  rendered.feature_height = static_cast<int>(features.size(2));
  rendered.feature_width = static_cast<int>(features.size(3));
  return rendered;
}

/// [K+1, h, w] for DenseMotionNetwork::combine; undefined where no ear is held.
at::Tensor ear_bias(const KeypointSet& keypoints, int64_t height, int64_t width) {
  std::vector<float> bias(static_cast<size_t>(keypoints.count) + 1);
  if (!gate_ears(keypoints, bias.data()))
    return {};
  const at::Tensor inside = at::empty({1, height, width}, at::kFloat);
  inside_face(keypoints, static_cast<int>(width), static_cast<int>(height),
              inside.mutable_data_ptr<float>());
  return at::tensor(bias).view({-1, 1, 1}) * inside;
}

} // namespace

AtenBackend::AtenBackend(const Network& network, at::ScalarType type, bool deterministic)
    : network_(network), deterministic_(deterministic) {
  const c10::InferenceMode inference;
  fold_batch_norms(network_);
  // The keypoint detector stays fp32: Jacobians are inverted, which amplifies rounding errors.
  const KeypointDetector keypoints = network_.kp_detector;
  convert(network_, at::kCPU, type, at::MemoryFormat::ChannelsLast);
  network_.kp_detector = keypoints;
}

std::shared_ptr<const EncodedSource> AtenBackend::encode(const ConstImage& image, int threads) {
  const Scope scope(threads_for(threads));
  const at::Tensor picture = picture_of(image);
  auto source = std::make_shared<AtenSource>();
  source->keypoints = set_of(network_.kp_detector(picture), network_.config);
  move_ears_off_face(source->keypoints);
  source->small_source = network_.generator.dense_motion.down(picture);
  source->features = network_.generator.encode(picture);
  if (network_.generator.keep_source)
    source->picture = picture;
  source->hull_area = hull_area(source->keypoints);
  return source;
}

/// Empty: LibTorch allocates its buffers for each call.
std::unique_ptr<Workspace> AtenBackend::new_workspace() { return std::make_unique<Workspace>(); }

Detection AtenBackend::detect(Workspace&, const ConstImage& driving, int threads) {
  const Scope scope(threads_for(threads));
  const KeypointDetector::Maps maps = network_.kp_detector.maps(picture_of(driving));
  return {set_of(KeypointDetector::expectation(maps), network_.config),
          floats_of(maps.heatmap.amax({2, 3}))};
}

at::Tensor AtenBackend::predict(const EncodedSource& encoded, const KeypointSet& keypoints,
                                const RenderOptions& options, RenderedMotion* rendered) const {
  const auto& source = static_cast<const AtenSource&>(encoded);
  const DenseMotionNetwork& dense_motion = network_.generator.dense_motion;
  DenseMotion motion = dense_motion.combine(
      dense_motion.candidates(source.small_source, tensors_of(keypoints),
                              tensors_of(source.keypoints)),
      ear_bias(keypoints, source.small_source.size(2), source.small_source.size(3)));
  if (options.border) {
    motion.deformation = motion.deformation.contiguous();
    if (motion.occlusion.defined())
      motion.occlusion = motion.occlusion.contiguous();
    options.border->apply(motion.deformation.mutable_data_ptr<float>(),
                          motion.occlusion.defined() ? motion.occlusion.mutable_data_ptr<float>()
                                                     : nullptr);
  }
  if (rendered)
    *rendered = rendered_motion(motion, source.features, dense_motion.align_corners, options);
  return network_.generator.decode(source.features, source.picture, motion);
}

void AtenBackend::generate(Workspace&, const EncodedSource& source, const KeypointSet& keypoints,
                           const RenderOptions& options, const FomoImage& output,
                           RenderedMotion* motion, int threads) {
  const Scope scope(threads_for(threads));
  const at::Tensor prediction = predict(source, keypoints, options, motion);
  if (output.data)
    bytes_of(output).copy_((prediction * 255).round_().to(at::kByte));
}

void AtenBackend::predict(Workspace&, const EncodedSource& source, const KeypointSet& keypoints,
                          float* output, int threads) {
  const Scope scope(threads_for(threads));
  const at::Tensor prediction = predict(source, keypoints, {}, nullptr);
  at::from_blob(output, prediction.sizes(), at::kFloat).copy_(prediction);
}

} // namespace fomo
