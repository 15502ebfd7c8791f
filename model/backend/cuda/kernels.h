// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "model/motion/motion_math.h"

/// What lies between the convolutions, on a GPU. The arithmetic is motion_math.h's, which the CPU's
/// kernels run and test; here are only the launches. Feature maps are channels-last; T is float,
/// __half or __nv_bfloat16. Every function enqueues on `stream` and returns; a launch that fails is
/// reported by cudaGetLastError.
namespace fomo::cuda {

/// Bytes [height][width][3] blurred by a kernel x kernel filter a channel (`taps`:
/// [3][kernel][kernel]) with zeros around, every `stride`-th sample, in [0, 1]: T
/// [out_height][out_width][3].
template<typename T>
void downsample_rgb(const uint8_t* bytes, int height, int width, const float* taps, int kernel,
                    int step, T* out, int out_height, int out_width, cudaStream_t stream);

/// Bytes in [0, 1]: T [pixels][3].
template<typename T>
void unpack_rgb(const uint8_t* bytes, int pixels, T* out, cudaStream_t stream);

/// A flow of height x width cells.
struct Flow {
  const float2* deformation;
  const float* occlusion; ///< or null
  int height, width;
};

/// A source whose own pixels are shown where they are visible.
struct KeptSource {
  const uint8_t* picture; ///< [height][width][3]; null: nothing is kept
  int height, width;
  Flow flow; ///< with an occlusion map
  bool align_corners;
};

/// sigmoid of T [pixels][3] beneath what is kept, as bytes.
template<typename T>
void pack_rgb(const T* logits, int pixels, const KeptSource& source, uint8_t* bytes,
              cudaStream_t stream);
/// The same as floats [3][pixels].
template<typename T>
void unpack_prediction(const T* logits, int pixels, const KeptSource& source, float* planes,
                       cudaStream_t stream);

/// Section 3.1: expectation of place and Jacobian under softmax(logits / temperature). `logits`: T
/// [height][width][count]; `jacobians`: T [height][width][maps * 4], maps 1 or count, or null.
/// `out`: count x (x, y), then count heatmaps' peaks, then count x 2x2 where there are Jacobians.
template<typename T>
void expectation(const T* logits, const T* jacobians, int maps, int count, int height, int width,
                 float temperature, float* out, cudaStream_t stream);

/// Keypoints of a frame as `motion_input` and `combine` want them.
struct Motions {
  const LocalMotion* motion; ///< `count`, the identity first
  const float* kp_driving;   ///< count - 1 of (x, y)
  const float* kp_source;
  const float* bias;   ///< `count`, added to the logits of `combine` times
  const float* inside; ///< this, one for each cell
  int count;
};

/// Section 3.2: what the dense motion network sees, T [height][width][4 * count], from the small
/// source, float [height][width][3].
template<typename T>
void motion_input(const Motions& motions, const float* small_source, int height, int width,
                  float variance, bool align_corners, T* out, cudaStream_t stream);

/// The dense motion of one frame, [height][width] each.
struct Combined {
  const float* still; ///< how far a cell is held: 1 the identity and visible, 0 free
  float2* deformation;
  float* occlusion; ///< or null
  float* masks;     ///< [count][height][width]
};

/// Equation (7). `logits`: T [height][width][count, then the occlusion map's if there is one].
template<typename T>
void combine(const Motions& motions, const T* logits, int height, int width, const Combined& out,
             cudaStream_t stream);

/// Equation (8): T [height][width][channels] moved by the flow, resized where it is of another
/// size, times the occlusion.
template<typename T>
void warp(const T* features, const Flow& flow, int channels, int height, int width,
          bool align_corners, T* out, cudaStream_t stream);

} // namespace fomo::cuda
