// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/torch_api.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include "model/backend/torch/own_errors.h"
#include "model/network/fold.h"

namespace {

using fomo::ConstImage;
using fomo::Network;

/// The plain path by model/network.
class NetworkPath : public fomo::PlainPath {
 public:
  NetworkPath(Network network, at::Device device, const ConstImage& source)
      : network_(std::move(network)), device_(device) {
    convert(network_, device_, at::kFloat, at::MemoryFormat::Contiguous);
    source_ = fomo::from_rgb(source).to(device_);
    kp_source_ = network_.kp_detector(source_);
  }

  void animate(const ConstImage& driving, const FomoMotion& motion, float* prediction) override {
    fomo::with_own_errors([&] {
      const c10::InferenceMode inference;
      const Network::Frame frame = network_.animate(
          source_, kp_source_, fomo::from_rgb(driving).to(device_), reference_, motion);
      if (!reference_.value.defined())
        reference_ = frame.kp_driving;
      at::from_blob(prediction, frame.prediction.sizes(), at::kFloat).copy_(frame.prediction);
    });
  }

 private:
  Network network_;
  at::Device device_;
  at::Tensor source_;
  fomo::Keypoints kp_source_, reference_;
};

std::unique_ptr<fomo::PlainPath> make_plain_path(const fomo::Checkpoint& checkpoint,
                                                 const fomo::ModelConfig& config,
                                                 bool align_corners, const char* device,
                                                 int threads, const ConstImage& source) {
  return fomo::with_own_errors([&] {
    const c10::InferenceMode inference;
    at::set_num_threads(threads);
    return std::make_unique<NetworkPath>(Network(load_tensors(checkpoint), config, align_corners),
                                         at::Device(device), source);
  });
}

} // namespace

extern "C" __attribute__((visibility("default")))
const fomo::TorchApi fomo_torch_api = {fomo::kTorchApiVersion, make_plain_path};
