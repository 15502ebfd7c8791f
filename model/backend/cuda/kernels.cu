// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cuda/kernels.h"

#include <cfloat>

namespace fomo::cuda {

namespace {

constexpr int kThreads = 256;

int blocks_for(int items) { return (items + kThreads - 1) / kThreads; }

__device__ int item_index() { return blockIdx.x * blockDim.x + threadIdx.x; }

__device__ float to_float(float value) { return value; }
__device__ float to_float(__half value) { return __half2float(value); }
__device__ float to_float(__nv_bfloat16 value) { return __bfloat162float(value); }

template<typename T>
__device__ T from_float(float value);
template<>
__device__ float from_float(float value) {
  return value;
}
template<>
__device__ __half from_float(float value) {
  return __float2half(value);
}
template<>
__device__ __nv_bfloat16 from_float(float value) {
  return __float2bfloat16(value);
}

__device__ float sigmoid(float x) { return 1 / (1 + expf(-x)); }

template<typename T>
__global__ void downsample_rgb_kernel(const uint8_t* bytes, int height, int width,
                                      const float* taps, int kernel, int step, T* out,
                                      int out_height, int out_width) {
  const int index = item_index();
  if (index >= out_height * out_width * 3)
    return;
  const int channel = index % 3, x = index / 3 % out_width, y = index / 3 / out_width;
  const int before = kernel / 2;
  float sum = 0;
  for (int i = 0; i < kernel; i++) {
    const int row = y * step + i - before;
    if (row < 0 || row >= height)
      continue;
    for (int j = 0; j < kernel; j++) {
      const int column = x * step + j - before;
      if (column < 0 || column >= width)
        continue;
      sum +=
          taps[(channel * kernel + i) * kernel + j] * bytes[(row * width + column) * 3 + channel];
    }
  }
  out[index] = from_float<T>(sum / 255);
}

template<typename T>
__global__ void unpack_rgb_kernel(const uint8_t* bytes, int count, T* out) {
  const int index = item_index();
  if (index < count)
    out[index] = from_float<T>(bytes[index] / 255.0F);
}

/// Bilinear interpolation of a value of the flow at a pixel of a picture of another size. `width`:
/// of the flow.
template<typename Value>
__device__ float resized(const ResizeTaps& tx, const ResizeTaps& ty, int width, Value value) {
  const float top = value(ty.first * width + tx.first) * (1 - tx.share) +
                    value(ty.first * width + tx.second) * tx.share;
  const float bottom = value(ty.second * width + tx.first) * (1 - tx.share) +
                       value(ty.second * width + tx.second) * tx.share;
  return top * (1 - ty.share) + bottom * ty.share;
}

/// Value `index` of the output picture [height][width][3]: the sigmoid of the logit, blended with
/// the moved source where the source's pixels are kept.
template<typename T>
__device__ float shown(const T* logits, const KeptSource& source, int index) {
  const float painted = sigmoid(to_float(logits[index]));
  if (!source.picture)
    return painted;
  const Flow& flow = source.flow;
  const int pixel = index / 3;
  const ResizeTaps tx = resize_taps(pixel % source.width, flow.width, source.width);
  const ResizeTaps ty = resize_taps(pixel / source.width, flow.height, source.height);
  const auto at = [&](auto value) { return resized(tx, ty, flow.width, value); };
  const float x = at([&](int i) { return flow.deformation[i].x; });
  const float y = at([&](int i) { return flow.deformation[i].y; });
  const BilinearTaps taps = bilinear_taps(picture_coordinate(x, flow.width, source.align_corners),
                                          picture_coordinate(y, flow.height, source.align_corners),
                                          source.width, source.height, false);
  float moved = 0, inside = 0;
  for (int i = 0; i < 4; i++) {
    moved += taps.weight[i] * (source.picture[taps.index[i] * 3 + index % 3] / 255.0F);
    inside += taps.weight[i];
  }
  return kept(painted, moved, inside, at([&](int i) { return flow.occlusion[i]; }));
}

template<typename T>
__global__ void pack_rgb_kernel(const T* logits, int count, KeptSource source, uint8_t* bytes) {
  const int index = item_index();
  if (index < count)
    bytes[index] = level_of(shown(logits, source, index));
}

template<typename T>
__global__ void unpack_prediction_kernel(const T* logits, int pixels, KeptSource source,
                                         float* planes) {
  const int index = item_index();
  if (index < pixels * 3)
    planes[index % 3 * pixels + index / 3] = shown(logits, source, index);
}

/// Reduces one value per thread over the block. All threads get the result.
template<typename Combine>
__device__ float across_block(float value, Combine combine) {
  __shared__ float shared[kThreads];
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half)
      shared[threadIdx.x] = combine(shared[threadIdx.x], shared[threadIdx.x + half]);
    __syncthreads();
  }
  const float result = shared[0];
  __syncthreads();
  return result;
}

/// One block per keypoint.
template<typename T>
__global__ void expectation_kernel(const T* logits, const T* jacobians, int maps, int count,
                                   int height, int width, float temperature, float* out) {
  const auto add = [](float a, float b) { return a + b; };
  const auto larger = [](float a, float b) { return a > b ? a : b; };
  const int keypoint = blockIdx.x, cells = height * width;
  float most = -FLT_MAX;
  for (int cell = threadIdx.x; cell < cells; cell += kThreads)
    most = larger(most, to_float(logits[cell * count + keypoint]));
  most = across_block(most, larger);

  float sums[7] = {}; // of heat, heat * (x, y), heat * jacobian
  for (int cell = threadIdx.x; cell < cells; cell += kThreads) {
    const float heat = expf((to_float(logits[cell * count + keypoint]) - most) / temperature);
    sums[0] += heat;
    sums[1] += heat * cell_coordinate(cell % width, width);
    sums[2] += heat * cell_coordinate(cell / width, height);
    if (!jacobians)
      continue;
    const T* jacobian = jacobians + (cell * maps + (maps == 1 ? 0 : keypoint)) * 4;
    for (int i = 0; i < 4; i++)
      sums[3 + i] += heat * to_float(jacobian[i]);
  }
  for (float& sum : sums)
    sum = across_block(sum, add);
  if (threadIdx.x != 0)
    return;
  out[keypoint * 2] = sums[1] / sums[0];
  out[keypoint * 2 + 1] = sums[2] / sums[0];
  out[count * 2 + keypoint] = 1 / sums[0]; // at the peak the exponent is 0
  if (!jacobians)
    return;
  for (int i = 0; i < 4; i++)
    out[count * 3 + keypoint * 4 + i] = sums[3 + i] / sums[0];
}

template<typename T>
__global__ void motion_input_kernel(Motions motions, const float* small_source, int height,
                                    int width, float scale, bool align_corners, T* out) {
  const int index = item_index();
  if (index >= height * width * motions.count)
    return;
  const int candidate = index % motions.count, cell = index / motions.count;
  const float x = cell_coordinate(cell % width, width), y = cell_coordinate(cell / width, height);
  float heat = 0;
  if (candidate > 0) {
    const float* driving = motions.kp_driving + (candidate - 1) * 2;
    const float* source = motions.kp_source + (candidate - 1) * 2;
    heat = gaussian(x - driving[0], y - driving[1], scale) -
           gaussian(x - source[0], y - source[1], scale);
  }
  const LocalMotion& motion = motions.motion[candidate];
  const BilinearTaps taps =
      bilinear_taps(motion_x(motion, x, y), motion_y(motion, x, y), width, height, align_corners);
  T* cell_out = out + index * 4;
  cell_out[0] = from_float<T>(heat);
  for (int c = 0; c < 3; c++) {
    float colour = 0;
    for (int i = 0; i < 4; i++)
      colour += taps.weight[i] * small_source[taps.index[i] * 3 + c];
    cell_out[1 + c] = from_float<T>(colour);
  }
}

template<typename T>
__global__ void combine_kernel(Motions motions, const T* logits, int channels, int height,
                               int width, Combined out) {
  const int cell = item_index();
  if (cell >= height * width)
    return;
  const float x = cell_coordinate(cell % width, width), y = cell_coordinate(cell / width, height);
  const T* cell_logits = logits + cell * channels;
  const float inside = motions.inside[cell];
  const auto logit = [&](int k) { return to_float(cell_logits[k]) + motions.bias[k] * inside; };
  float most = logit(0);
  for (int k = 1; k < motions.count; k++)
    most = fmaxf(most, logit(k));
  float sum = 0, sum_x = 0, sum_y = 0;
  for (int k = 0; k < motions.count; k++) {
    const float share = expf(logit(k) - most);
    sum += share;
    sum_x += share * motion_x(motions.motion[k], x, y);
    sum_y += share * motion_y(motions.motion[k], x, y);
    out.masks[k * height * width + cell] = share;
  }
  for (int k = 0; k < motions.count; k++)
    out.masks[k * height * width + cell] /= sum;
  out.deformation[cell] = make_float2(sum_x / sum, sum_y / sum);
  if (out.occlusion)
    out.occlusion[cell] = sigmoid(to_float(cell_logits[motions.count]));
}

__global__ void adjust_kernel(const HeadCell* head, const float* still, int height, int width,
                              Combined combined, float2* deformation) {
  const int cell = item_index();
  if (cell >= height * width)
    return;
  const int column = cell % width, row = cell / width;
  float2 moved = combined.deformation[cell];
  const float share = head_share(head[cell], combined.masks[cell]);
  if (share > 0) {
    const float step_x = 2.0F / float(width - 1), step_y = 2.0F / float(height - 1);
    const int reach_x = int(3 * kHeadSigma / step_x) + 1,
              reach_y = int(3 * kHeadSigma / step_y) + 1;
    const float scale = gaussian_scale(kHeadSigma * kHeadSigma);
    float sum = 0, differs_x = 0, differs_y = 0;
    for (int y = max(0, row - reach_y); y <= min(height - 1, row + reach_y); y++)
      for (int x = max(0, column - reach_x); x <= min(width - 1, column + reach_x); x++) {
        const HeadCell& near = head[y * width + x];
        if (near.face == 0)
          continue;
        const float weight =
            near.face * gaussian(float(x - column) * step_x, float(y - row) * step_y, scale);
        const float2 there = combined.deformation[y * width + x];
        sum += weight;
        differs_x += weight * (there.x - near.x);
        differs_y += weight * (there.y - near.y);
      }
    const float decay = head[cell].decay;
    moved.x = with_head(moved.x, head[cell].x, differs_x, sum, decay, share);
    moved.y = with_head(moved.y, head[cell].y, differs_y, sum, decay, share);
    combined.masks[cell] *= 1 - share;
  }
  deformation[cell] = make_float2(held(moved.x, cell_coordinate(column, width), still[cell]),
                                  held(moved.y, cell_coordinate(row, height), still[cell]));
  if (combined.occlusion)
    combined.occlusion[cell] = held(combined.occlusion[cell], 1, still[cell]);
}

/// One block per pixel. Its threads iterate over the channels, so that reads are coalesced.
template<typename T>
__global__ void warp_kernel(const T* features, Flow flow, int channels, int height, int width,
                            bool align_corners, T* out) {
  const int pixel = blockIdx.x;
  const ResizeTaps tx = resize_taps(pixel % width, flow.width, width);
  const ResizeTaps ty = resize_taps(pixel / width, flow.height, height);
  const auto at = [&](auto value) { return resized(tx, ty, flow.width, value); };
  const float x = at([&](int i) { return flow.deformation[i].x; });
  const float y = at([&](int i) { return flow.deformation[i].y; });
  const float visible = flow.occlusion ? at([&](int i) { return flow.occlusion[i]; }) : 1.0F;
  const BilinearTaps taps = bilinear_taps(x, y, width, height, align_corners);
  for (int c = threadIdx.x; c < channels; c += blockDim.x) {
    float value = 0;
    for (int i = 0; i < 4; i++)
      value += taps.weight[i] * to_float(features[ptrdiff_t(taps.index[i]) * channels + c]);
    out[ptrdiff_t(pixel) * channels + c] = from_float<T>(value * visible);
  }
}

} // namespace

template<typename T>
void downsample_rgb(const uint8_t* bytes, int height, int width, const float* taps, int kernel,
                    int step, T* out, int out_height, int out_width, cudaStream_t stream) {
  downsample_rgb_kernel<<<blocks_for(out_height * out_width * 3), kThreads, 0, stream>>>(
      bytes, height, width, taps, kernel, step, out, out_height, out_width);
}

template<typename T>
void unpack_rgb(const uint8_t* bytes, int pixels, T* out, cudaStream_t stream) {
  unpack_rgb_kernel<<<blocks_for(pixels * 3), kThreads, 0, stream>>>(bytes, pixels * 3, out);
}

template<typename T>
void pack_rgb(const T* logits, int pixels, const KeptSource& source, uint8_t* bytes,
              cudaStream_t stream) {
  pack_rgb_kernel<<<blocks_for(pixels * 3), kThreads, 0, stream>>>(logits, pixels * 3, source,
                                                                   bytes);
}

template<typename T>
void unpack_prediction(const T* logits, int pixels, const KeptSource& source, float* planes,
                       cudaStream_t stream) {
  unpack_prediction_kernel<<<blocks_for(pixels * 3), kThreads, 0, stream>>>(logits, pixels, source,
                                                                            planes);
}

template<typename T>
void expectation(const T* logits, const T* jacobians, int maps, int count, int height, int width,
                 float temperature, float* out, cudaStream_t stream) {
  expectation_kernel<<<count, kThreads, 0, stream>>>(logits, jacobians, maps, count, height, width,
                                                     temperature, out);
}

template<typename T>
void motion_input(const Motions& motions, const float* small_source, int height, int width,
                  float variance, bool align_corners, T* out, cudaStream_t stream) {
  motion_input_kernel<<<blocks_for(height * width * motions.count), kThreads, 0, stream>>>(
      motions, small_source, height, width, gaussian_scale(variance), align_corners, out);
}

template<typename T>
void combine(const Motions& motions, const T* logits, int height, int width, const Combined& out,
             cudaStream_t stream) {
  combine_kernel<<<blocks_for(height * width), kThreads, 0, stream>>>(
      motions, logits, motions.count + (out.occlusion ? 1 : 0), height, width, out);
}

void adjust(const HeadCell* head, const float* still, int height, int width,
            const Combined& combined, float2* deformation, cudaStream_t stream) {
  adjust_kernel<<<blocks_for(height * width), kThreads, 0, stream>>>(head, still, height, width,
                                                                     combined, deformation);
}

template<typename T>
void warp(const T* features, const Flow& flow, int channels, int height, int width,
          bool align_corners, T* out, cudaStream_t stream) {
  const int threads = channels < kThreads ? (channels + 31) / 32 * 32 : kThreads;
  warp_kernel<<<height * width, threads, 0, stream>>>(features, flow, channels, height, width,
                                                      align_corners, out);
}

#define FOMO_INSTANTIATE(T)                                                                        \
  template void downsample_rgb(const uint8_t*, int, int, const float*, int, int, T*, int, int,     \
                               cudaStream_t);                                                      \
  template void unpack_rgb(const uint8_t*, int, T*, cudaStream_t);                                 \
  template void pack_rgb(const T*, int, const KeptSource&, uint8_t*, cudaStream_t);                \
  template void unpack_prediction(const T*, int, const KeptSource&, float*, cudaStream_t);         \
  template void expectation(const T*, const T*, int, int, int, int, float, float*, cudaStream_t);  \
  template void motion_input(const Motions&, const float*, int, int, float, bool, T*,              \
                             cudaStream_t);                                                        \
  template void combine(const Motions&, const T*, int, int, const Combined&, cudaStream_t);        \
  template void warp(const T*, const Flow&, int, int, int, bool, T*, cudaStream_t);

FOMO_INSTANTIATE(float)
FOMO_INSTANTIATE(__half)
FOMO_INSTANTIATE(__nv_bfloat16)

} // namespace fomo::cuda
