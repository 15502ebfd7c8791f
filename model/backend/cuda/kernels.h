// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "model/motion/motion_math.h"

/// The GPU kernels for the operations between the convolutions. They share their arithmetic
/// (motion_math.h) with the CPU's kernels, whose tests cover it. Feature maps are channels-last; T
/// is float, __half or __nv_bfloat16. Every function enqueues on `stream` and returns;
/// cudaGetLastError reports a failed launch.
namespace fomo::cuda {

/// Downsamples bytes [height][width][3] to T [out_height][out_width][3] in [0, 1]: a depthwise
/// kernel x kernel filter (`taps`: [3][kernel][kernel]) with zero padding, at every `step`-th
/// pixel.
template<typename T>
void downsample_rgb(const uint8_t* bytes, int height, int width, const float* taps, int kernel,
                    int step, T* out, int out_height, int out_width, cudaStream_t stream);

/// Converts bytes [pixels][3] to T [pixels][3] in [0, 1].
template<typename T>
void unpack_rgb(const uint8_t* bytes, int pixels, T* out, cudaStream_t stream);

/// The dense motion of height x width cells.
struct Flow {
  const float2* deformation; ///< backward flow, (x, y) in [-1, 1] of the source
  const float* occlusion;    ///< 1 visible, 0 hidden; null in a model without the map
  int height, width;
};

/// A source whose own pixels, moved by the flow, are shown where they are visible (keep_source).
struct KeptSource {
  const uint8_t* picture; ///< [height][width][3]; null: the model has no keep_source
  int height, width;
  Flow flow; ///< with an occlusion map
  bool align_corners;
};

/// Converts logits T [pixels][3] to bytes [pixels][3]: the sigmoid, blended with the kept source.
template<typename T>
void pack_rgb(const T* logits, int pixels, const KeptSource& source, uint8_t* bytes,
              cudaStream_t stream);
/// Like pack_rgb, but to floats [3][pixels] in [0, 1].
template<typename T>
void unpack_prediction(const T* logits, int pixels, const KeptSource& source, float* planes,
                       cudaStream_t stream);

/// Section 3.1: the expectations of position and Jacobian under softmax(logits / temperature).
/// `logits`: T [height][width][count]; `jacobians`: T [height][width][maps * 4] with `maps` 1 or
/// `count`, or null. `out`: count x (x, y), then the count peaks of the heatmaps, then, if there
/// are Jacobians, count x 2x2.
template<typename T>
void expectation(const T* logits, const T* jacobians, int maps, int count, int height, int width,
                 float temperature, float* out, cudaStream_t stream);

/// The local motions and keypoints of a frame.
struct Motions {
  const LocalMotion* motion; ///< [count], the identity first
  const float* kp_driving;   ///< [count - 1][2]
  const float* kp_source;    ///< [count - 1][2]
  const float* bias;   ///< [count], times `inside` added to the logits of the masks in `combine`
  const float* inside; ///< [height][width]
  int count;           ///< number of keypoints + 1
};

/// Section 3.2: the input of the dense motion network, T [height][width][4 * count] (heatmap and
/// moved source of each motion), from the downsampled source, float [height][width][3].
template<typename T>
void motion_input(const Motions& motions, const float* small_source, int height, int width,
                  float variance, bool align_corners, T* out, cudaStream_t stream);

/// The dense motion of one frame, [height][width] each.
struct Combined {
  float2* deformation;
  float* occlusion; ///< null in a model without the map
  float* masks;     ///< [count][height][width]
};

/// Equation (7). `logits`: T [height][width][channels]; the channels are the `count` masks and, if
/// there is one, the occlusion map.
template<typename T>
void combine(const Motions& motions, const T* logits, int height, int width, const Combined& out,
             cudaStream_t stream);

/// HeadMotion with the cells `head`, then SteadyBorder with the weights `still`, both
/// [height][width]. `combined.deformation` is read, the result is written to `deformation`; the
/// occlusion map and the mask of the background are changed in place.
void adjust(const HeadCell* head, const float* still, int height, int width,
            const Combined& combined, float2* deformation, cudaStream_t stream);

/// Equation (8): features T [height][width][channels], warped by the flow and multiplied by the
/// occlusion map. Both are resized to the features' size.
template<typename T>
void warp(const T* features, const Flow& flow, int channels, int height, int width,
          bool align_corners, T* out, cudaStream_t stream);

} // namespace fomo::cuda
