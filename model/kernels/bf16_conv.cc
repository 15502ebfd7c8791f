// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/bf16_conv.h"

#include <algorithm>
#include <cstring>

#include "model/kernels/bf16_line.h"

namespace fomo::kernels {

namespace {

constexpr int kTileRows = kBf16Rows / 2;
/// Floats of the sums of one product.
constexpr ptrdiff_t kProduct = ptrdiff_t(kBf16Rows) * kBf16Columns;
/// Segments of a task that read different pixels: with more groups than this number allows, the
/// input of a task does not stay in the second-level cache while the panels change.
constexpr int kTaskBlocks = 320;
constexpr int kMostGroups = 40;
/// Products of a task whose sums are kept at the same time, if each is computed in several passes.
constexpr int kSlots = 16;

/// The segments of a panel, in elements, that stay in the second-level cache.
constexpr ptrdiff_t kCachedWeights = 1 << 18;

/// Groups of a task from which on its products ask for the next weights: with fewer, that is more
/// than the memory delivers meanwhile, and the requests only delay the products.
constexpr int kGroupsAhead = 4;

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
          if (!rest || out.low != 0)
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
  return size_t(threads) * size_t(sum_floats()) + segment_floats() + scaled;
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

/// A group of products is 32 pixels in a row of the memory, which goes on in the image's next row:
/// the products in the border are not stored. With pooling, unless the image is a single such
/// group, it is two rows of 16 pixels, so that it contains whole squares.
bool Bf16Conv::in_pairs_of_rows(ptrdiff_t pitch) const {
  return sums_.pool && position_rows() * pitch > kBf16Rows;
}

int Bf16Conv::group_columns() const { return divide_up(sums_.result_width(), kTileRows); }

int Bf16Conv::groups(ptrdiff_t pitch) const {
  return in_pairs_of_rows(pitch) ? position_rows() / 2 * group_columns()
                                 : divide_up(position_rows() * int(pitch), kBf16Rows);
}

/// The number of tasks for each panel.
int Bf16Conv::chunks(int threads, int groups) const {
  const int most =
      passes() > 1 ? kSlots / kernels() : std::max(kMostGroups, kTaskBlocks / input_blocks_);
  const int wanted = divide_up(4 * threads, panels());
  return std::min(groups, std::max(wanted, divide_up(groups, most)));
}

/// Weights that are too large for the cache are multiplied in parts, each with all groups of a
/// task: they are read from memory once for each task.
int Bf16Conv::passes() const { return int((panel_size() + kCachedWeights - 1) / kCachedWeights); }

/// Floats of a thread's sums: of the product at hand and of the one before, or of all products of
/// a task if each is computed in several passes.
ptrdiff_t Bf16Conv::sum_floats() const { return (passes() > 1 ? kSlots : 2) * kProduct; }

void Bf16Conv::run(const Bf16Image& image, const Bf16Result& result, float* workspace,
                   const Executor& executor) const {
  float* const sums = workspace;
  auto* const segments =
      reinterpret_cast<Bf16Segment*>(workspace + executor.threads * sum_floats());
  Bf16Image in = image;
  if (scales_up()) {
    in = make_bf16_image(workspace + executor.threads * sum_floats() + ptrdiff_t(segment_floats()),
                         input_blocks_ * kBf16Lanes, sums_.height, sums_.width, sums_.pad, split_);
    scale_up(image, in, executor);
  }
  fill_segments(in, segments);
  const Task task{in, result, executor, segments};
  const int groups = this->groups(in.pitch()), chunks = this->chunks(executor.threads, groups);
  executor.parallel_for(chunks * panels(), [&](int index, int worker) {
    const int chunk = index / panels(), panel = index % panels();
    if (chunk == 0 && result.half)
      clear_border(*result.half, panel);
    executor.bf16->begin();
    run_groups(task, int(int64_t(groups) * chunk / chunks),
               int(int64_t(groups) * (chunk + 1) / chunks), panel, sums + worker * sum_floats());
    executor.bf16->end();
  });
}

/// Stores the outputs of one product, some at a time.
class Bf16Conv::Stores {
 public:
  Stores(const Bf16Conv& conv, const Task& task, int panel)
      : conv_(conv), task_(task), panel_(panel), pool_(conv.sums_.pool),
        pairs_(conv.in_pairs_of_rows(task.in.pitch())),
        width_(conv.position_columns() / (pool_ ? 2 : 1)),
        height_(conv.position_rows() / (pool_ ? 2 : 1)), pitch_(int(task.in.pitch())) {}

  /// From now on those of a group and a kernel, whose sums are complete.
  void take(int group, int kernel, const float* sums) {
    kernel_ = kernel;
    sums_ = sums;
    if (pairs_) {
      const int columns = conv_.group_columns();
      y_ = group / columns;
      x_ = group % columns * kTileRows / 2;
      left_ = std::min(kTileRows / 2, width_ - x_);
    } else {
      y_ = group * kBf16Rows / pitch_;
      x_ = group * kBf16Rows % pitch_;
      left_ = pool_ ? width_ * height_ : kBf16Rows;
    }
    begin_row();
  }

  /// Stores some outputs. Returns whether more are left.
  bool next() {
    if (left_ <= 0 || y_ >= height_)
      return false;
    line_.count = std::min({kStep, left_, width_ - x_});
    if (line_.count > 0) {
      task_.executor.kernels->bf16_store(line_);
      advance(line_.count);
    }
    if (x_ < width_ || left_ <= 0)
      return left_ > 0;
    // Nothing is stored in the border, nor of the second one of two rows.
    const int border = pitch_ - x_;
    sums_ += ptrdiff_t(border) * kBf16Columns * (pool_ ? 2 : 1);
    left_ -= pool_ ? 0 : border;
    x_ = 0;
    y_++;
    begin_row();
    return left_ > 0;
  }

 private:
  static constexpr int kStep = 4; ///< outputs at a time

  void begin_row() {
    if (y_ >= height_)
      return;
    line_ = conv_.line_at(task_, kernel_, panel_, y_, x_);
    line_.sums = sums_;
    line_.below = pool_ ? sums_ + ptrdiff_t(pairs_ ? kTileRows : pitch_) * kBf16Columns : nullptr;
  }

  void advance(int count) {
    const ptrdiff_t sums = ptrdiff_t(count) * kBf16Columns * (pool_ ? 2 : 1);
    x_ += count;
    left_ -= count;
    sums_ += sums;
    line_.sums += sums;
    if (pool_)
      line_.below += sums;
    const ptrdiff_t pixels = ptrdiff_t(count) * line_.step;
    if (line_.residual)
      line_.residual += pixels * kLanes;
    if (line_.full)
      line_.full += pixels * kLanes;
    if (line_.half)
      line_.half += pixels * kBf16Lanes;
  }

  const Bf16Conv& conv_;
  const Task& task_;
  const int panel_;
  const bool pool_, pairs_;
  const int width_, height_, pitch_; ///< of the outputs; of the sums
  Bf16Line line_;                    ///< of the next output
  const float* sums_ = nullptr;
  int kernel_ = 0, y_ = 0, x_ = 0, left_ = 0;
};

/// Without segments and sums.
Bf16Product Bf16Conv::product_at(const Bf16Image& in, int group) const {
  Bf16Product product{};
  product.row_step = kBf16Lanes;
  if (in_pairs_of_rows(in.pitch())) {
    const int y = group / group_columns() * 2, x = group % group_columns() * kTileRows;
    product.upper = in.pixel(0, y, x);
    product.lower = in.pixel(0, y + 1, x);
  } else {
    const int pitch = int(in.pitch());
    product.upper = in.pixel(0, group * kBf16Rows / pitch, group * kBf16Rows % pitch);
    product.lower = product.upper + kTileRows * kBf16Lanes;
  }
  return product;
}

/// While one part of the weights, segments [from, to), is multiplied with `groups` groups, each
/// product asks for its share of the next part, which has about the same size.
void Bf16Conv::ask_ahead(Bf16Product& product, int from, int to, int index, int groups) const {
  constexpr ptrdiff_t kLine = 64 / sizeof(bf16);
  const ptrdiff_t size = (to - from) * segment_size(), lines = size / kLine;
  const ptrdiff_t begin = lines * index / groups, end = lines * (index + 1) / groups;
  product.ahead = product.weights + from * segment_size() + size + begin * kLine;
  product.ahead_lines = int(end - begin);
}

/// Computes groups [first, last) of one panel. The outputs of a product are stored during the next
/// one. All kernels of a group are computed by the same thread: their outputs lie side by side, and
/// two threads that write there at the same time wait for each other's cache lines.
void Bf16Conv::run_groups(const Task& task, int first, int last, int panel, float* sums) const {
  Stores stores(*this, task, panel);
  const Bf16Chores chores{&stores,
                          [](void* context) { return static_cast<Stores*>(context)->next(); }};
  const auto store_rest = [&] {
    while (stores.next()) {
    }
  };
  const int slots = int(sum_floats() / kProduct), count = passes();
  for (int pass = 0; pass < count; pass++) {
    const int from = kernel_segments() * pass / count, to = kernel_segments() * (pass + 1) / count;
    for (int i = 0; i < (last - first) * kernels(); i++) {
      const int group = first + i / kernels(), kernel = i % kernels();
      Bf16Product product = product_at(task.in, group);
      product.weights = reinterpret_cast<const bf16*>(weights_.data()) +
                        (ptrdiff_t(kernel) * panels() + panel) * panel_size();
      product.segments = task.segments + ptrdiff_t(kernel) * segments() + segments_of(from);
      product.count = segments_of(to - from);
      product.sums = sums + i % slots * kProduct;
      product.add = pass > 0;
      product.fetch = group == first;
      if (last - first >= kGroupsAhead && (pass + 1 < count || panel + 1 < panels()))
        ask_ahead(product, from, to, group - first, last - first);
      product.chores = &chores;
      task.executor.bf16->multiply(product);
      if (pass + 1 < count)
        continue;
      store_rest();
      stores.take(group, kernel, product.sums);
    }
  }
  store_rest();
}

/// Where the output at position (y, x) and its neighbours go.
Bf16Line Bf16Conv::line_at(const Task& task, int kernel, int block, int y, int x) const {
  const Bf16Result& result = task.result;
  Bf16Line line;
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
  return line;
}

} // namespace fomo::kernels
