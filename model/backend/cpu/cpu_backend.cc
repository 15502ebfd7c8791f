// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cpu/cpu_backend.h"

#include <algorithm>
#include <new>

#include "common/error.h"
#include "model/motion/ear_gate.h"
#include "model/motion/head_motion.h"

namespace fomo {

using cpu::Arena;
using kernels::Image;

namespace {

kernels::Executor make_executor(int threads) {
  kernels::Executor executor;
  executor.threads = threads > 0 ? threads : executor.pool->cores();
  return executor;
}

/// Jacobians are inverted, which multiplies their errors: not even their last bits may depend on
/// timing, and in bf16 all numbers are pairs.
cpu::Loading precisely(cpu::Loading loading) {
  loading.precise = true;
  loading.every_frame = false;
  loading.split = loading.in_bf16;
  return loading;
}

/// The masks of the dense motion network choose between motions that differ much at the edge of a
/// turning head: with numbers of eight bits other pixels show there.
/// Errors in all but its largest images hardly show.
cpu::Loading split(cpu::Loading loading, const ModelConfig& config) {
  loading.split = loading.in_bf16;
  loading.coarse_rows = config.frame_height / config.motion_stride() / 2;
  return loading;
}

kernels::Buffer kept_picture(const Image& frame) {
  kernels::Buffer picture(static_cast<size_t>(frame.pixels()) * 4);
  for (ptrdiff_t i = 0; i < frame.pixels(); i++) {
    std::copy_n(frame.data + i * kernels::kLanes, 3, picture.data() + i * 4);
    picture.data()[i * 4 + 3] = 1;
  }
  return picture;
}

[[noreturn]] void throw_no_memory(size_t floats) {
  throw Error(FOMO_NO_MEMORY, "The engine could not get " +
                                  std::to_string(floats * sizeof(float) >> 20) +
                                  " MiB of memory. Close other programs or use a smaller model.");
}

kernels::Buffer allocate(size_t floats) {
  try {
    return kernels::Buffer(floats);
  } catch (const std::bad_alloc&) {
    throw_no_memory(floats);
  }
}

} // namespace

struct CpuBackend::Source : EncodedSource {
  cpu::MotionSource motion;
  kernels::Buffer features;
  kernels::Buffer picture; // KeptSource's, in a model that keeps its pixels
};

struct CpuBackend::Memory : Workspace {
  Memory(int width, int height) : head(width, height) {}

  kernels::Buffer images, scratch;
  int threads = 0;
  HeadMotion head; // of the size of the dense motion
};

CpuBackend::CpuBackend(const Checkpoint& checkpoint, const ModelConfig& config, bool align_corners,
                       std::shared_ptr<kernels::Chooser> chooser, const kernels::Bf16Unit* bf16)
    : CpuBackend(cpu::Loading{checkpoint, std::move(chooser), false, true, bf16 != nullptr}, config,
                 align_corners, bf16) {}

CpuBackend::CpuBackend(const cpu::Loading& loading, const ModelConfig& config, bool align_corners,
                       const kernels::Bf16Unit* bf16)
    : config_(config), keypoints_(precisely(loading), config),
      motion_(split(loading, config), config, align_corners),
      painter_(loading, config, align_corners), align_corners_(align_corners), bf16_(bf16),
      arena_floats_(arena_floats()) {}

bool CpuBackend::flow_needs_resizing() const {
  return motion_.height() != painter_.height() || motion_.width() != painter_.width();
}

kernels::Flow CpuBackend::lay_out_flow(Arena& arena, int height, int width) const {
  const auto cells = static_cast<size_t>(height) * static_cast<size_t>(width);
  kernels::Flow flow;
  flow.height = height;
  flow.width = width;
  flow.deformation = arena.floats(2 * cells);
  flow.occlusion = arena.floats(cells);
  flow.background = arena.floats(cells);
  if (!motion_.has_occlusion())
    flow.occlusion = nullptr;
  return flow;
}

size_t CpuBackend::arena_floats() const {
  Arena arena;
  size_t most = 0;
  arena.image(config_.num_channels, config_.frame_height, config_.frame_width);
  keypoints_.reserve(arena, most);
  arena = Arena();
  lay_out_flow(arena, motion_.height(), motion_.width());
  lay_out_flow(arena, painter_.height(), painter_.width());
  motion_.reserve(arena, most);
  painter_.reserve(arena, most);
  return most;
}

cpu::Run CpuBackend::begin(Memory& memory, int threads) const {
  cpu::Run run;
  run.executor = make_executor(threads);
  run.executor.bf16 = bf16_;
  if (memory.threads != run.executor.threads) {
    memory.scratch = {};
    memory.scratch =
        allocate(std::max({keypoints_.scratch(run.executor), motion_.scratch(run.executor),
                           painter_.scratch(run.executor)}));
    if (memory.images.size() == 0)
      memory.images = allocate(arena_floats_);
    memory.threads = run.executor.threads;
  }
  run.scratch = memory.scratch.data();
  return run;
}

std::shared_ptr<const EncodedSource> CpuBackend::encode(const ConstImage& image, int threads) {
  Memory memory(motion_.width(), motion_.height());
  const cpu::Run run = begin(memory, threads);
  Arena arena(memory.images.data());
  const Image frame = arena.image(config_.num_channels, config_.frame_height, config_.frame_width);
  kernels::read_rgb(image.data, image.stride, frame, run.executor);
  auto source = std::make_shared<Source>();
  source->keypoints = keypoints_.run(run, frame, arena).keypoints;
  source->hull_area = hull_area(source->keypoints);
  move_ears_off_face(source->keypoints);
  source->motion = motion_.encode(run, frame, source->keypoints);
  source->features = painter_.encode(run, frame);
  if (config_.generator.keep_source)
    source->picture = kept_picture(frame);
  return source;
}

std::unique_ptr<Workspace> CpuBackend::new_workspace() {
  return std::make_unique<Memory>(motion_.width(), motion_.height());
}

Detection CpuBackend::detect(Workspace& workspace, const ConstImage& driving, int threads) {
  auto& memory = static_cast<Memory&>(workspace);
  const cpu::Run run = begin(memory, threads);
  Arena arena(memory.images.data());
  const Image frame = arena.image(config_.num_channels, config_.frame_height, config_.frame_width);
  kernels::read_rgb(driving.data, driving.stride, frame, run.executor);
  return keypoints_.run(run, frame, arena);
}

void CpuBackend::paint(Memory& memory, const cpu::Run& run, const EncodedSource& encoded,
                       const KeypointSet& keypoints, const RenderOptions& options,
                       kernels::HeadOutput output, RenderedMotion* motion) const {
  const auto& source = static_cast<const Source&>(encoded);
  Arena arena(memory.images.data());
  const kernels::Flow coarse = lay_out_flow(arena, motion_.height(), motion_.width());
  motion_.run(run, source.motion, source.keypoints, keypoints, coarse,
              motion && options.masks ? &motion->masks : nullptr, arena);
  if (memory.head.prepare(source.keypoints, keypoints))
    memory.head.apply(coarse.deformation, coarse.background);
  if (options.border)
    options.border->apply(coarse.deformation, coarse.occlusion);
  if (motion)
    copy_out(coarse, options.background, *motion);
  if (!output.pixels && !output.planes)
    return;
  const kernels::KeptSource kept{source.picture.data(), config_.frame_height, config_.frame_width,
                                 coarse, align_corners_};
  if (config_.generator.keep_source)
    output.source = &kept;
  kernels::Flow flow = coarse;
  if (flow_needs_resizing()) {
    flow = lay_out_flow(arena, painter_.height(), painter_.width());
    resize_flow(coarse, flow, run.executor);
  }
  painter_.paint(run, source.features, flow, output, arena);
}

void CpuBackend::copy_out(const kernels::Flow& flow, bool background,
                          RenderedMotion& motion) const {
  const auto cells = static_cast<size_t>(flow.height) * static_cast<size_t>(flow.width);
  motion.width = flow.width;
  motion.height = flow.height;
  motion.deformation.assign(flow.deformation, flow.deformation + 2 * cells);
  motion.occlusion.clear();
  if (flow.occlusion)
    motion.occlusion.assign(flow.occlusion, flow.occlusion + cells);
  motion.background.clear();
  if (background)
    motion.background.assign(flow.background, flow.background + cells);
  motion.align_corners = align_corners_;
  motion.feature_width = painter_.width();
  motion.feature_height = painter_.height();
}

void CpuBackend::generate(Workspace& workspace, const EncodedSource& source,
                          const KeypointSet& keypoints, const RenderOptions& options,
                          const FomoImage& output, RenderedMotion* motion, int threads) {
  auto& memory = static_cast<Memory&>(workspace);
  paint(memory, begin(memory, threads), source, keypoints, options,
        {output.data, output.stride, nullptr}, motion);
}

void CpuBackend::predict(Workspace& workspace, const EncodedSource& source,
                         const KeypointSet& keypoints, float* output, int threads) {
  auto& memory = static_cast<Memory&>(workspace);
  paint(memory, begin(memory, threads), source, keypoints, {}, {nullptr, 0, output}, nullptr);
}

std::shared_ptr<Backend> make_cpu_backend(const Checkpoint& checkpoint, const ModelConfig& config,
                                          const BackendOptions& options,
                                          const kernels::Bf16Unit* bf16) {
  using kernels::ChooseBy;
  auto chooser = std::make_shared<kernels::Chooser>(
      make_executor(0), options.deterministic ? ChooseBy::estimate : ChooseBy::timing);
  return std::make_shared<CpuBackend>(checkpoint, config, options.align_corners, std::move(chooser),
                                      bf16);
}

} // namespace fomo
