// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/bf16_conv.h"

#include <algorithm>
#include <cstring>

#include "model/kernels/bf16_line.h"

namespace fomo::kernels {

namespace {

constexpr int kTileRows = kBf16Rows / 2;
/// Segments of a task that read different pixels: with more groups than this number allows, the
/// input of a task does not stay in the second-level cache while the panels change.
constexpr int kTaskBlocks = 128;

/// Pixels of the input up to which an upsampling convolution scales its input up.
constexpr int kSmallImage = 16;

int divide_up(int a, int b) { return (a + b - 1) / b; }

/// Zeroes the border of one channel block, without the rests of a split image.
void clear_one_border(const Bf16Image& image, int block) {
  const ptrdiff_t border = image.border, row = image.pitch() * kBf16Lanes;
  if (border == 0)
    return;
  bf16* const first = image.pixel(block, -image.border, -image.border);
  std::fill_n(first, border * row, bf16(0));
  std::fill_n(image.pixel(block, image.height, -image.border), border * row, bf16(0));
  for (int y = 0; y < image.height; y++) {
    std::fill_n(image.pixel(block, y, -image.border), border * kBf16Lanes, bf16(0));
    std::fill_n(image.pixel(block, y, image.width), border * kBf16Lanes, bf16(0));
  }
}

/// Zeroes the border of one channel block.
void clear_border(const Bf16Image& image, int block) {
  clear_one_border(image, block);
  Bf16Image rest = image;
  rest.data += image.low;
  if (image.low != 0)
    clear_one_border(rest, block);
}

/// Repeats each pixel of `in` in a square of four of `out`.
void scale_up(const Bf16Image& in, const Bf16Image& out, const Executor& executor) {
  executor.parallel_for(out.blocks(), [&](int block, int) {
    clear_border(out, block);
    for (int y = 0; y < out.height; y++)
      for (int x = 0; x < out.width; x++)
        for (const bool rest : {false, true})
          if (!rest || in.low != 0)
            std::copy_n(in.pixel(block, y / 2, x / 2) + (rest ? in.low : 0), kBf16Lanes,
                        out.pixel(block, y, x) + (rest ? out.low : 0));
  });
}

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// The taps of a 3x3 kernel that fall on tap `tap` of two, in one dimension, for the outputs at
/// `parity` of an image that is scaled up by two: 0 on [0], 1 and 2 on [1], or 0 and 1 on [0], 2
/// on [1].
bool falls_on(int tap3, int tap, int parity) { return (tap3 + 1 - parity) / 2 == tap; }

/// The weight of output, input and tap (v, u) of `kernel`, the parity of an upsampled output.
double weight_of(const ConvShape& shape, const float* weight, int kernel, int v, int u) {
  if (!shape.upsample)
    return weight[v * shape.kernel + u];
  double sum = 0;
  for (int y = 0; y < 3; y++)
    for (int x = 0; x < 3; x++)
      if (falls_on(y, v, kernel / 2) && falls_on(x, u, kernel % 2))
        sum += double{weight[y * 3 + x]};
  return sum;
}

} // namespace

void pack_bf16(const Image& in, const float* scale, const float* shift, const Bf16Image& out,
               const Executor& executor) {
  executor.parallel_for(out.blocks(), [&](int block, int) { clear_border(out, block); });
  executor.parallel_rows(
      out.height, [&](int row) { executor.kernels->bf16_pack_row(in, scale, shift, out, row); });
}

Bf16Conv::Bf16Conv(const ConvShape& shape, const ConvParameters& parameters,
                   const Executor& executor, bool split)
    : shape_(shape), sums_(shape), split_(split) {
  if (shape.upsample && shape.height * shape.width <= kSmallImage) {
    sums_.upsample = false;
    sums_.height *= 2;
    sums_.width *= 2;
  }
  int inputs = 0;
  for (const int part : shape.inputs) {
    inputs += part;
    input_blocks_ += padded_bf16_channels(part) / kBf16Lanes;
  }
  const int side = taps(), tap_count = side * side, source_taps = shape.kernel * shape.kernel;
  weights_ = Buffer(size_t(kernels() * panels() * panel_size()) / 2);
  bias_ = Buffer(size_t(panels()) * kBf16Columns);
  std::copy_n(parameters.bias, shape.outputs, bias_.data());
  bf16* const packed = reinterpret_cast<bf16*>(weights_.data());
  const auto pack_input = [&](int kernel, int output, int input, int channel) {
    const float* from = parameters.weight + (ptrdiff_t(output) * inputs + input) * source_taps;
    const double scale = parameters.scale ? parameters.scale[output] : 1;
    const int column = output % kBf16Columns, lane = channel % kBf16Lanes;
    bf16* to = packed + (ptrdiff_t(kernel) * panels() + output / kBf16Columns) * panel_size() +
               ptrdiff_t(channel / kBf16Lanes) * tap_count * segment_size() +
               column / 16 * (kBf16SegmentSize / 2) + (lane / 2 * 16 + column % 16) * 2 + lane % 2;
    for (int tap = 0; tap < tap_count; tap++, to += segment_size()) {
      const auto weight = float(weight_of(sums_, from, kernel, tap / side, tap % side) * scale);
      *to = round_to_bf16(bits_of(weight));
      if (split_)
        to[kBf16SegmentSize] = round_to_bf16(bits_of(weight - float_of(*to)));
    }
  };
  executor.parallel_for(kernels() * panels(), [&](int task, int) {
    const int first = task % panels() * kBf16Columns;
    for (int output = first; output < std::min(first + kBf16Columns, shape.outputs); output++) {
      int input = 0, channel = 0;
      for (const int part : shape.inputs) {
        for (int i = 0; i < part; i++)
          pack_input(task / panels(), output, input++, channel + i);
        channel += padded_bf16_channels(part);
      }
    }
  });
}

int Bf16Conv::panels() const { return divide_up(sums_.outputs, kBf16Columns); }

/// Segments and workspace are rounded to whole cache lines.
size_t Bf16Conv::segment_floats() const {
  return (size_t(kernels()) * segments() * sizeof(Bf16Segment) / sizeof(float) + 15) / 16 * 16;
}

size_t Bf16Conv::workspace(int threads) const {
  const size_t scaled = scales_up() ? bf16_image_floats(input_blocks_ * kBf16Lanes, sums_.height,
                                                        sums_.width, sums_.pad, split_)
                                    : 0;
  return size_t(threads) * kBf16Rows * kBf16Columns + segment_floats() + scaled;
}

/// One run.
struct Bf16Conv::Task {
  const Bf16Image& in;
  const Bf16Result& result;
  const Executor& executor;
  const Bf16Segment* segments; ///< [kernel][segment]
};

void Bf16Conv::fill_segments(const Bf16Image& in, Bf16Segment* segments) const {
  for (int kernel = 0; kernel < kernels(); kernel++) {
    // The first tap reads the pixel above and to the left of the output's; an upsampled output at
    // an odd position reads one further down or to the right.
    const int top = sums_.upsample ? kernel / 2 - 1 : -sums_.pad;
    const int left = sums_.upsample ? kernel % 2 - 1 : -sums_.pad;
    ptrdiff_t weights = 0;
    for (int block = 0; block < input_blocks_; block++)
      for (int v = 0; v < taps(); v++)
        for (int u = 0; u < taps(); u++, weights += segment_size()) {
          const ptrdiff_t row =
              block * in.block_stride + ((top + v) * in.pitch() + left + u) * kBf16Lanes;
          *segments++ = {row, weights};
          if (split_) { // the product of both rests is too small to count
            *segments++ = {row + in.low, weights};
            *segments++ = {row, weights + kBf16SegmentSize};
          }
        }
  }
}

/// With pooling a group of products is two rows of 16 pixels, so that it contains whole squares.
/// Otherwise it is 32 pixels in a row of the memory, which goes on in the image's next row: the
/// products in the border are not stored.
int Bf16Conv::group_columns() const {
  return sums_.pool ? divide_up(sums_.result_width(), kTileRows) : 0;
}

void Bf16Conv::run(const Bf16Image& image, const Bf16Result& result, float* workspace,
                   const Executor& executor) const {
  float* const sums = workspace;
  auto* const segments = reinterpret_cast<Bf16Segment*>(workspace + ptrdiff_t(executor.threads) *
                                                                        kBf16Rows * kBf16Columns);
  Bf16Image in = image;
  if (scales_up()) {
    in = make_bf16_image(workspace + ptrdiff_t(executor.threads) * kBf16Rows * kBf16Columns +
                             ptrdiff_t(segment_floats()),
                         input_blocks_ * kBf16Lanes, sums_.height, sums_.width, sums_.pad, split_);
    scale_up(image, in, executor);
  }
  fill_segments(in, segments);
  const Task task{in, result, executor, segments};
  const int rows = position_rows();
  const int groups =
      sums_.pool ? rows / 2 * group_columns() : divide_up(rows * int(in.pitch()), kBf16Rows);
  const int all_panels = kernels() * panels();
  const int most = std::max(16, kTaskBlocks / input_blocks_);
  const int wanted = divide_up(4 * executor.threads, all_panels);
  const int chunks = std::min(groups, std::max(wanted, divide_up(groups, most)));
  executor.parallel_for(chunks * all_panels, [&](int index, int worker) {
    const int chunk = index / all_panels, panel = index % all_panels;
    if (chunk == 0 && panel < panels() && result.half)
      clear_border(*result.half, panel);
    executor.bf16->begin();
    run_groups(task, int(int64_t(groups) * chunk / chunks),
               int(int64_t(groups) * (chunk + 1) / chunks), panel,
               sums + ptrdiff_t(worker) * kBf16Rows * kBf16Columns);
    executor.bf16->end();
  });
}

/// Computes groups [first, last) of one panel of one kernel.
void Bf16Conv::run_groups(const Task& task, int first, int last, int panel, float* sums) const {
  const Bf16Image& in = task.in;
  const int pitch = int(in.pitch()), columns = group_columns();
  const int width = position_columns(), rows = position_rows();
  Bf16Product product{};
  product.row_step = kBf16Lanes;
  product.segments = task.segments + ptrdiff_t(panel / panels()) * segments();
  product.count = segments();
  product.weights = reinterpret_cast<const bf16*>(weights_.data()) + panel * panel_size();
  product.sums = sums;
  for (int group = first; group < last; group++) {
    if (sums_.pool) {
      const int y = group / columns * 2, x = group % columns * kTileRows;
      product.upper = in.pixel(0, y, x);
      product.lower = in.pixel(0, y + 1, x);
      task.executor.bf16->multiply(product);
      store(task, panel, y / 2, x / 2, std::min(kTileRows, width - x) / 2, sums);
      continue;
    }
    int y = group * kBf16Rows / pitch, x = group * kBf16Rows % pitch;
    product.upper = in.pixel(0, y, x);
    product.lower = product.upper + kTileRows * kBf16Lanes;
    task.executor.bf16->multiply(product);
    for (int done = 0; done < kBf16Rows && y < rows; y++, x = 0) {
      const int length = std::min(kBf16Rows - done, pitch - x);
      store(task, panel, y, x, std::min(length, width - x), sums + done * kBf16Columns);
      done += length;
    }
  }
}

/// Stores `count` outputs of a row from (y, x) on.
void Bf16Conv::store(const Task& task, int panel, int y, int x, int count,
                     const float* sums) const {
  if (count <= 0)
    return;
  const int kernel = panel / panels(), block = panel % panels();
  const Bf16Result& result = task.result;
  Bf16Line line;
  line.sums = sums;
  line.below = sums_.pool ? sums + kTileRows * kBf16Columns : nullptr;
  line.count = count;
  if (sums_.upsample) {
    line.step = 2;
    y = 2 * y + kernel / 2;
    x = 2 * x + kernel % 2;
  }
  line.bias = bias_.data() + ptrdiff_t(block) * kBf16Columns;
  line.activation = result.activation;
  constexpr int kSubBlocks = kBf16Columns / kLanes;
  line.full_blocks = std::min(kSubBlocks, channel_blocks(sums_.outputs) - block * kSubBlocks);
  const auto at = [&](const Image& image) {
    return image.block(block * kSubBlocks) + (ptrdiff_t(y) * image.width + x) * kLanes;
  };
  if (result.residual) {
    line.residual = at(*result.residual);
    line.residual_stride = result.residual->block_stride;
  }
  if (result.full) {
    line.full = at(*result.full);
    line.full_stride = result.full->block_stride;
  }
  if (result.half) {
    line.half = result.half->pixel(block, y, x);
    line.low = result.half->low;
  }
  if (result.scale) {
    line.scale = result.scale + ptrdiff_t(block) * kBf16Columns;
    line.shift = result.shift + ptrdiff_t(block) * kBf16Columns;
  }
  task.executor.kernels->bf16_store(line);
}

} // namespace fomo::kernels
