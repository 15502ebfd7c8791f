// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/backend/backend.h"
#include "model/backend/cpu/keypoint_network.h"
#include "model/backend/cpu/motion_network.h"
#include "model/backend/cpu/painter.h"

namespace fomo {

/// The network on the project's own CPU kernels: weights packed and transformed once, a stream's
/// memory allocated with its first frame, no LibTorch. In bf16 the generator's layers that run for
/// every frame are in bf16. The dense motion network's large images are in pairs of bf16
/// (Bf16Conv's `split`), because its masks choose between motions. So are all of the keypoint
/// detector's: Jacobians are inverted, which multiplies their errors.
class CpuBackend : public Backend {
 public:
  /// Packs the weights for the algorithms that `chooser` chooses, on its executor. `bf16`: what
  /// multiplies in bf16; null: the network is in fp32. Throws Error.
  CpuBackend(const Checkpoint& checkpoint, const ModelConfig& config, bool align_corners,
             std::shared_ptr<kernels::Chooser> chooser, const kernels::Bf16Unit* bf16 = nullptr);

  std::shared_ptr<const EncodedSource> encode(const ConstImage& source, int threads) override;
  std::unique_ptr<Workspace> new_workspace() override;
  Detection detect(Workspace& workspace, const ConstImage& driving, int threads) override;
  void generate(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
                const RenderOptions& options, const FomoImage& output, RenderedMotion* motion,
                int threads) override;
  void predict(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
               float* output, int threads) override;

 private:
  struct Source;
  struct Memory;

  CpuBackend(const cpu::Loading& loading, const ModelConfig& config, bool align_corners,
             const kernels::Bf16Unit* bf16);

  /// The stream's memory, made anew when it is for other threads.
  cpu::Run begin(Memory& memory, int threads) const;
  void paint(Memory& memory, const cpu::Run& run, const EncodedSource& source,
             const KeypointSet& keypoints, const RenderOptions& options, kernels::HeadOutput output,
             RenderedMotion* motion) const;
  kernels::Flow lay_out_flow(cpu::Arena& arena, int height, int width) const;
  void copy_out(const kernels::Flow& flow, bool background, RenderedMotion& motion) const;
  bool flow_needs_resizing() const;
  size_t arena_floats() const;

  ModelConfig config_;
  cpu::KeypointNetwork keypoints_;
  cpu::MotionNetwork motion_;
  cpu::Painter painter_;
  bool align_corners_ = true;
  const kernels::Bf16Unit* bf16_ = nullptr;
  size_t arena_floats_ = 0;
};

/// A CpuBackend whose algorithms are chosen as `options` says. `bf16` as for CpuBackend. Loads on
/// all cores. Throws Error.
std::shared_ptr<Backend> make_cpu_backend(const Checkpoint& checkpoint, const ModelConfig& config,
                                          const BackendOptions& options,
                                          const kernels::Bf16Unit* bf16 = nullptr);

} // namespace fomo
