// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cuda/cuda_backend.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "model/backend/cuda/captured_graph.h"
#include "model/backend/cuda/kernels.h"
#include "model/motion/ear_gate.h"
#include "model/motion/head_motion.h"
#include "model/motion/local_motions.h"
#include "model/network/fold.h"

namespace fomo {

namespace {

using c10::cuda::CUDAStream;
using c10::cuda::CUDAStreamGuard;

at::Tensor device_tensor(at::IntArrayRef shape, at::ScalarType type, int device) {
  return at::empty(shape,
                   at::TensorOptions(type).device(at::kCUDA, static_cast<at::DeviceIndex>(device)));
}

at::Tensor pinned_tensor(at::IntArrayRef shape, at::ScalarType type) {
  return at::empty(shape, at::TensorOptions(type).pinned_memory(true));
}

/// Copies between pinned host memory and the GPU, in order on `stream`. Not Tensor::copy_, whose
/// bookkeeping of pinned memory is not allowed during a capture.
void copy_async(const at::Tensor& to, const at::Tensor& from, cudaStream_t stream) {
  C10_CUDA_CHECK(cudaMemcpyAsync(to.mutable_data_ptr(), from.const_data_ptr(), from.nbytes(),
                                 cudaMemcpyDefault, stream));
}

void copy_rows(const ConstImage& from, uint8_t* to) {
  const size_t row = size_t(from.width) * 3;
  for (int y = 0; y < from.height; y++)
    std::memcpy(to + y * row, from.data + y * from.stride, row);
}

struct CudaSource : EncodedSource {
  uint64_t id = 0;         // unique in the process; addresses can be reused
  at::Tensor small_source; // float [h][w][3]
  at::Tensor features;     // channels-last
  at::Tensor picture;      // bytes [H][W][3]; undefined unless the model has keep_source
};

struct CudaWorkspace : Workspace {
  explicit CudaWorkspace(const CUDAStream& own_stream) : stream(own_stream) {}

  CUDAStream stream;
  at::Tensor host_bytes, bytes;         // the driving frame, then the output frame
  at::Tensor host_keypoints, keypoints; // in the layout of cuda::expectation
  at::Tensor host_motion, motion;       // LocalMotion of every candidate, keypoints, HeadCells
  at::Tensor small_source, features, picture; // copies of the source's, at the graph's addresses
  at::Tensor deformation, occlusion, masks, planes;
  at::Tensor still; // weights of SteadyBorder; zeros without a border
  bool has_border = false;
  std::unique_ptr<HeadMotion> head; // of the size of the dense motion
  uint64_t source_id = 0;
  CapturedGraph detect, generate;
};

uint64_t next_source_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

/// Concatenates the output channels of two convolutions with the same input.
Conv2d joined(const Conv2d& first, const Conv2d& second) {
  if (!second.weight.defined())
    return first;
  Conv2d both = first;
  both.weight = at::cat({first.weight, second.weight}).contiguous(at::MemoryFormat::ChannelsLast);
  both.bias = at::cat({first.bias, second.bias});
  return both;
}

/// Without `deterministic` cuDNN times its algorithms (benchmark mode), and each run may choose
/// different ones. LibTorch's settings apply to the whole process.
void configure_cudnn(bool deterministic) {
  static std::atomic<bool> any_deterministic{false};
  if (deterministic)
    any_deterministic = true;
  at::globalContext().setDeterministicCuDNN(any_deterministic);
  at::globalContext().setBenchmarkCuDNN(!any_deterministic);
}

template<typename T>
class CudaBackend : public Backend {
 public:
  CudaBackend(const Network& network, int device, at::ScalarType type, bool deterministic)
      : network_(network), device_(device), type_(type) {
    const CaptureLock::Shared lock;
    const c10::InferenceMode inference;
    fold_batch_norms(network_);
    convert(network_, at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device)), type,
            at::MemoryFormat::ChannelsLast);
    DenseMotionNetwork& dense_motion = network_.generator.dense_motion;
    motion_heads_ = joined(dense_motion.mask, dense_motion.occlusion);
    configure_cudnn(deterministic);
    if (type == at::kFloat) // who asks for fp32 wants its accuracy
      at::globalContext().setAllowTF32CuDNN(false);
  }

  std::shared_ptr<const EncodedSource> encode(const ConstImage& image, int) override {
    const Scope scope(c10::cuda::getStreamFromPool(false, static_cast<c10::DeviceIndex>(device_)));
    const at::Tensor host = pinned_tensor({image.height, image.width, 3}, at::kByte);
    copy_rows(image, host.mutable_data_ptr<uint8_t>());
    const at::Tensor bytes = device_tensor(host.sizes(), at::kByte, device_);
    copy_async(bytes, host, scope.stream);
    auto source = std::make_shared<CudaSource>();
    source->id = next_source_id();
    source->keypoints = detection_of(detected(bytes, scope.stream).cpu()).keypoints;
    move_ears_off_face(source->keypoints);
    source->hull_area = hull_area(source->keypoints);
    source->small_source =
        downsampled<float>(bytes, network_.generator.dense_motion.down, at::kFloat, scope.stream);
    at::Tensor picture = device_tensor(host.sizes(), type_, device_);
    cuda::unpack_rgb(bytes.const_data_ptr<uint8_t>(), image.height * image.width, data(picture),
                     scope.stream);
    source->features =
        network_.generator.encode(as_planes(picture)).contiguous(at::MemoryFormat::ChannelsLast);
    if (network_.generator.keep_source)
      source->picture = bytes;
    scope.stream.synchronize(); // because other streams read the source
    return source;
  }

  std::unique_ptr<Workspace> new_workspace() override {
    const CUDAStream stream =
        c10::cuda::getStreamFromPool(false, static_cast<c10::DeviceIndex>(device_));
    const Scope scope(stream);
    auto workspace = std::make_unique<CudaWorkspace>(stream);
    const int64_t height = network_.config.frame_height, width = network_.config.frame_width;
    const int64_t count = network_.config.num_kp;
    workspace->host_bytes = pinned_tensor({height, width, 3}, at::kByte);
    workspace->bytes = device_tensor({height, width, 3}, at::kByte, device_);
    workspace->host_keypoints = pinned_tensor({count * values_per_keypoint()}, at::kFloat);
    workspace->host_motion = pinned_tensor({motion_floats()}, at::kFloat);
    workspace->motion = device_tensor({motion_floats()}, at::kFloat, device_);
    workspace->planes = device_tensor({1, 3, height, width}, at::kFloat, device_);
    return workspace;
  }

  Detection detect(Workspace& base, const ConstImage& driving, int) override {
    auto& workspace = static_cast<CudaWorkspace&>(base);
    Scope scope(workspace.stream);
    copy_rows(driving, workspace.host_bytes.mutable_data_ptr<uint8_t>());
    workspace.detect.run(scope.lock, scope.stream, [&] {
      copy_async(workspace.bytes, workspace.host_bytes, scope.stream);
      workspace.keypoints = detected(workspace.bytes, scope.stream);
      copy_async(workspace.host_keypoints, workspace.keypoints, scope.stream);
    });
    scope.stream.synchronize();
    return detection_of(workspace.host_keypoints);
  }

  void generate(Workspace& base, const EncodedSource& source, const KeypointSet& keypoints,
                const RenderOptions& options, const FomoImage& output, RenderedMotion* motion,
                int) override {
    auto& workspace = static_cast<CudaWorkspace&>(base);
    Scope scope(workspace.stream);
    prepare(workspace, static_cast<const CudaSource&>(source), keypoints, scope.stream);
    hold_border(workspace, options.border);
    workspace.generate.run(scope.lock, scope.stream, [&] {
      const at::Tensor logits = decoded(workspace, scope.stream);
      cuda::pack_rgb(data(logits), output.height * output.width, kept(workspace),
                     workspace.bytes.mutable_data_ptr<uint8_t>(), scope.stream);
      copy_async(workspace.host_bytes, workspace.bytes, scope.stream);
      C10_CUDA_KERNEL_LAUNCH_CHECK();
    });
    scope.stream.synchronize();
    const size_t row = size_t(output.width) * 3;
    for (int y = 0; output.data && y < output.height; y++)
      std::memcpy(output.data + y * output.stride,
                  workspace.host_bytes.const_data_ptr<uint8_t>() + y * row, row);
    if (motion)
      copy_out(workspace, options, *motion);
  }

  void predict(Workspace& base, const EncodedSource& source, const KeypointSet& keypoints,
               float* output, int) override {
    auto& workspace = static_cast<CudaWorkspace&>(base);
    const Scope scope(workspace.stream);
    prepare(workspace, static_cast<const CudaSource&>(source), keypoints, scope.stream);
    hold_border(workspace, nullptr);
    const at::Tensor logits = decoded(workspace, scope.stream);
    cuda::unpack_prediction(data(logits), static_cast<int>(workspace.planes.numel() / 3),
                            kept(workspace), workspace.planes.mutable_data_ptr<float>(),
                            scope.stream);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    const at::Tensor host = workspace.planes.cpu();
    std::memcpy(output, host.const_data_ptr(), host.nbytes());
  }

 private:
  /// The state of LibTorch during one call. It is per thread, and any thread may call.
  struct Scope {
    explicit Scope(const CUDAStream& own_stream) : stream(own_stream), guard(own_stream) {}

    CaptureLock::Shared lock;
    c10::InferenceMode inference;
    CUDAStream stream;
    CUDAStreamGuard guard;
  };

  static T* data(const at::Tensor& tensor) { return static_cast<T*>(tensor.mutable_data_ptr()); }
  /// [h][w][c] as [1, c, h, w], channels-last in memory.
  static at::Tensor as_planes(const at::Tensor& interleaved) {
    return interleaved.unsqueeze(0).permute({0, 3, 1, 2});
  }
  static at::Tensor channels_last(const at::Tensor& x) {
    return x.contiguous(at::MemoryFormat::ChannelsLast);
  }

  bool has_jacobian() const { return network_.kp_detector.jacobian.weight.defined(); }
  int candidates() const { return network_.config.num_kp + 1; }
  /// Of the dense motion.
  int64_t cells() const {
    const int64_t stride = network_.config.motion_stride();
    return (network_.config.frame_height / stride) * (network_.config.frame_width / stride);
  }
  int64_t motion_floats() const {
    return candidates() * int64_t(sizeof(LocalMotion) / sizeof(float)) +
           network_.config.num_kp * int64_t{4} + candidates() + cells() +
           cells() * int64_t{sizeof(HeadCell) / sizeof(float)};
  }

  /// Downsamples bytes [H][W][3] with the anti-alias filter: Out [h][w][3] in [0, 1].
  template<typename Out>
  at::Tensor downsampled(const at::Tensor& bytes, const AntiAlias& down, at::ScalarType type,
                         cudaStream_t stream) const {
    const int height = static_cast<int>(bytes.size(0)), width = static_cast<int>(bytes.size(1));
    const int step = static_cast<int>(down.stride);
    at::Tensor out =
        device_tensor({(height + step - 1) / step, (width + step - 1) / step, 3}, type, device_);
    auto* to = static_cast<Out*>(out.mutable_data_ptr());
    if (down.kernel.defined())
      cuda::downsample_rgb(bytes.const_data_ptr<uint8_t>(), height, width,
                           down.kernel.const_data_ptr<float>(),
                           static_cast<int>(down.kernel.size(2)), step, to,
                           static_cast<int>(out.size(0)), static_cast<int>(out.size(1)), stream);
    else
      cuda::unpack_rgb(bytes.const_data_ptr<uint8_t>(), height * width, to, stream);
    return out;
  }

  at::Tensor detected(const at::Tensor& bytes, cudaStream_t stream) const {
    const KeypointDetector& detector = network_.kp_detector;
    const at::Tensor features =
        detector.predictor(as_planes(downsampled<T>(bytes, detector.down, type_, stream)));
    const at::Tensor logits = channels_last(detector.heatmap(features));
    const at::Tensor jacobians =
        has_jacobian() ? channels_last(detector.jacobian(features)) : at::Tensor();
    const int count = static_cast<int>(logits.size(1));
    at::Tensor out = device_tensor({count * values_per_keypoint()}, at::kFloat, device_);
    cuda::expectation(data(logits), has_jacobian() ? data(jacobians) : nullptr,
                      has_jacobian() ? static_cast<int>(jacobians.size(1) / 4) : 0, count,
                      static_cast<int>(logits.size(2)), static_cast<int>(logits.size(3)),
                      static_cast<float>(detector.temperature), out.mutable_data_ptr<float>(),
                      stream);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return out;
  }

  /// Floats of a keypoint in the layout of cuda::expectation: position, peak and, in a first-order
  /// model, Jacobian.
  int values_per_keypoint() const { return has_jacobian() ? 7 : 3; }

  Detection detection_of(const at::Tensor& host) const {
    const int count = network_.config.num_kp;
    const float* first = host.const_data_ptr<float>();
    const ModelConfig& config = network_.config;
    Detection found{{count,
                     {first, first + count * 2},
                     {},
                     config.num_face_kp,
                     config.first_mouth_kp,
                     config.first_ear_kp},
                    {first + count * 2, first + count * 3}};
    if (has_jacobian())
      found.keypoints.jacobian.assign(first + count * 3, first + count * 7);
    return found;
  }

  /// Copies the source's tensors and this frame's motions to the addresses that the graph reads.
  void prepare(CudaWorkspace& workspace, const CudaSource& source, const KeypointSet& keypoints,
               cudaStream_t stream) const {
    if (workspace.source_id != source.id) {
      if (!workspace.features.defined()) {
        workspace.features = at::empty_like(source.features);
        workspace.small_source = at::empty_like(source.small_source);
        if (source.picture.defined())
          workspace.picture = at::empty_like(source.picture);
      }
      workspace.features.copy_(source.features, true);
      workspace.small_source.copy_(source.small_source, true);
      if (source.picture.defined())
        workspace.picture.copy_(source.picture, true);
      workspace.source_id = source.id;
    }
    if (!workspace.head)
      workspace.head = std::make_unique<HeadMotion>(static_cast<int>(source.small_source.size(1)),
                                                    static_cast<int>(source.small_source.size(0)));
    auto* motions = reinterpret_cast<LocalMotion*>(workspace.host_motion.mutable_data_ptr<float>());
    local_motions(source.keypoints, keypoints, motions);
    auto* values = reinterpret_cast<float*>(motions + candidates());
    std::copy(keypoints.value.begin(), keypoints.value.end(), values);
    std::copy(source.keypoints.value.begin(), source.keypoints.value.end(),
              values + keypoints.value.size());
    float* bias = values + 2 * keypoints.value.size();
    float* inside = bias + candidates();
    if (gate_ears(keypoints, bias))
      inside_face(keypoints, static_cast<int>(source.small_source.size(1)),
                  static_cast<int>(source.small_source.size(0)), inside);
    else
      std::fill_n(inside, cells(), 0.0F);
    workspace.head->prepare(source.keypoints, keypoints);
    std::copy(workspace.head->cells().begin(), workspace.head->cells().end(),
              reinterpret_cast<HeadCell*>(inside + cells()));
    copy_async(workspace.motion, workspace.host_motion, stream);
  }

  /// Copies the weights of the border to the address that the graph reads.
  static void hold_border(CudaWorkspace& workspace, const SteadyBorder* border) {
    if (!workspace.still.defined())
      workspace.still = at::zeros({workspace.small_source.size(0), workspace.small_source.size(1)},
                                  workspace.small_source.options());
    if (workspace.has_border == (border != nullptr))
      return;
    workspace.has_border = border != nullptr;
    if (border)
      workspace.still.copy_(
          at::from_blob(const_cast<float*>(border->weights().data()), workspace.still.sizes()));
    else
      workspace.still.zero_();
  }

  void copy_out(const CudaWorkspace& workspace, const RenderOptions& options,
                RenderedMotion& motion) const {
    const auto floats = [](const at::Tensor& on_device, std::vector<float>& out) {
      const at::Tensor host = on_device.cpu();
      out.assign(host.const_data_ptr<float>(), host.const_data_ptr<float>() + host.numel());
    };
    motion.height = static_cast<int>(workspace.deformation.size(0));
    motion.width = static_cast<int>(workspace.deformation.size(1));
    floats(workspace.deformation, motion.deformation);
    motion.occlusion.clear();
    if (workspace.occlusion.defined())
      floats(workspace.occlusion, motion.occlusion);
    if (options.masks)
      floats(workspace.masks, motion.masks);
    motion.background.clear();
    if (options.background)
      floats(workspace.masks.select(0, 0), motion.background);
    motion.align_corners = network_.generator.dense_motion.align_corners;
    motion.feature_height = static_cast<int>(workspace.features.size(1));
    motion.feature_width = static_cast<int>(workspace.features.size(2));
  }

  static cuda::Flow flow_of(const CudaWorkspace& workspace) {
    return {static_cast<const float2*>(workspace.deformation.const_data_ptr()),
            workspace.occlusion.defined() ? workspace.occlusion.const_data_ptr<float>() : nullptr,
            static_cast<int>(workspace.deformation.size(0)),
            static_cast<int>(workspace.deformation.size(1))};
  }

  /// The source's pixels that are shown in place of the painted ones; none without keep_source.
  cuda::KeptSource kept(const CudaWorkspace& workspace) const {
    if (!workspace.picture.defined())
      return {};
    return {workspace.picture.const_data_ptr<uint8_t>(),
            static_cast<int>(workspace.picture.size(0)),
            static_cast<int>(workspace.picture.size(1)), flow_of(workspace),
            network_.generator.dense_motion.align_corners};
  }

  /// Runs the network on the tensors of `prepare`. Returns the logits of the last convolution:
  /// [1, 3, H, W], channels-last.
  at::Tensor decoded(CudaWorkspace& workspace, cudaStream_t stream) const {
    const DenseMotionNetwork& dense_motion = network_.generator.dense_motion;
    const at::Tensor& small = workspace.small_source;
    const int height = static_cast<int>(small.size(0)), width = static_cast<int>(small.size(1));
    const auto* motion = static_cast<const LocalMotion*>(workspace.motion.const_data_ptr());
    const auto* values = reinterpret_cast<const float*>(motion + candidates());
    const int places = network_.config.num_kp * 2;
    const cuda::Motions motions{motion,
                                values,
                                values + places,
                                values + 2 * places,
                                values + 2 * places + candidates(),
                                candidates()};

    at::Tensor input = device_tensor({height, width, candidates() * 4}, type_, device_);
    cuda::motion_input(motions, small.const_data_ptr<float>(), height, width,
                       static_cast<float>(dense_motion.kp_variance), dense_motion.align_corners,
                       data(input), stream);
    const at::Tensor heads = channels_last(motion_heads_(dense_motion.hourglass(as_planes(input))));
    workspace.deformation = device_tensor({height, width, 2}, at::kFloat, device_);
    workspace.masks = device_tensor({candidates(), height, width}, at::kFloat, device_);
    if (dense_motion.occlusion.weight.defined())
      workspace.occlusion = device_tensor({height, width}, at::kFloat, device_);
    const cuda::Flow flow = flow_of(workspace);
    const at::Tensor mixed = at::empty_like(workspace.deformation);
    const cuda::Combined combined{static_cast<float2*>(mixed.mutable_data_ptr()),
                                  const_cast<float*>(flow.occlusion),
                                  workspace.masks.mutable_data_ptr<float>()};
    cuda::combine(motions, data(heads), height, width, combined, stream);
    const auto* head = reinterpret_cast<const HeadCell*>(motions.inside + cells());
    cuda::adjust(head, workspace.still.const_data_ptr<float>(), height, width, combined,
                 const_cast<float2*>(flow.deformation), stream);

    const at::Tensor& features = workspace.features;
    at::Tensor out = at::empty_like(features);
    cuda::warp(data(features), flow, static_cast<int>(features.size(1)),
               static_cast<int>(features.size(2)), static_cast<int>(features.size(3)),
               dense_motion.align_corners, data(out), stream);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    for (const ResBlock& block : network_.generator.bottleneck)
      out = block(out);
    for (const UpBlock& block : network_.generator.up)
      out = block(out);
    return channels_last(network_.generator.final(out));
  }

  Network network_;
  Conv2d motion_heads_; // the convolutions of mask and occlusion map, joined
  int device_;
  at::ScalarType type_;
};

} // namespace

std::shared_ptr<Backend> make_cuda_backend(const Network& network, int device,
                                           FomoPrecision precision, bool deterministic) {
  switch (precision) {
  case FOMO_PRECISION_FP16:
    return std::make_shared<CudaBackend<__half>>(network, device, at::kHalf, deterministic);
  case FOMO_PRECISION_BF16:
    return std::make_shared<CudaBackend<__nv_bfloat16>>(network, device, at::kBFloat16,
                                                        deterministic);
  default:
    return std::make_shared<CudaBackend<float>>(network, device, at::kFloat, deterministic);
  }
}

} // namespace fomo
