// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/frame_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace fomo {

namespace {

constexpr int weight_bits = 8; // fractional bits of the weights of one axis

/// The filter along one axis: the samples of each output pixel and their weights, whose sum is
/// 1 << weight_bits.
struct Taps {
  int count = 0;           // samples of each output pixel
  std::vector<int> index;  // [outputs][count]
  std::vector<int> weight; // [outputs][count]
};

Taps spread_taps(double start, double length, int outputs, int limit, int most_taps) {
  const double step = length / outputs;
  Taps taps;
  taps.count = step < 2 ? 2 : std::clamp(static_cast<int>(step), 2, std::max(2, most_taps));
  for (int i = 0; i < outputs; i++) {
    const double center = start + (i + 0.5) * step;
    int left = 1 << weight_bits;
    for (int t = 0; t < taps.count; t++) {
      int index = 0, weight = 0;
      if (step < 2) {
        const double base = std::floor(center - 0.5);
        const double share = center - 0.5 - base;
        index = static_cast<int>(base) + t;
        weight = t == 0 ? static_cast<int>(std::lround((1 - share) * (1 << weight_bits))) : left;
      } else {
        index = static_cast<int>(std::floor(center + ((t + 0.5) / taps.count - 0.5) * step));
        weight = t + 1 == taps.count ? left : (1 << weight_bits) / taps.count;
      }
      left -= weight;
      taps.index.push_back(std::clamp(index, 0, limit - 1));
      taps.weight.push_back(weight);
    }
  }
  return taps;
}

/// A plane of one component, or of several that are interleaved in it.
struct Plane {
  const uint8_t* data = nullptr; // first sample of the first component
  ptrdiff_t stride = 0;
  int h_sub = 0;
  ptrdiff_t first = 0, last = 0; // first and last byte that is read of a line, relative to `data`
  std::vector<uint16_t> sums;    // vertical weighted sums of these bytes for one output row
};

/// A component of one output row.
struct ComponentRow {
  size_t plane = 0;
  std::vector<ptrdiff_t> offset; // [outputs][taps], bytes from Plane::first
  std::vector<uint8_t> values;   // [outputs]
};

/// Scales the components row by row: first vertically, over consecutive bytes, then horizontally.
class RowScaler {
 public:
  RowScaler(const FomoFrame& frame, int components, const Box& region, int most_taps,
            const FomoImage& out)
      : horizontal_(spread_taps(region.x, region.width, out.width, frame.width, most_taps)),
        vertical_(spread_taps(region.y, region.height, out.height, frame.height, most_taps)) {
    components_.resize(static_cast<size_t>(components));
    for (size_t c = 0; c < components_.size(); c++)
      add(frame.component[c], components_[c]);
    for (Plane& plane : planes_)
      plane.sums.resize(static_cast<size_t>(plane.last - plane.first + 1));
    for (ComponentRow& component : components_)
      for (ptrdiff_t& offset : component.offset)
        offset -= planes_[component.plane].first;
  }

  void read_row(int row) {
    for (Plane& plane : planes_)
      sum_lines(plane, row);
    for (ComponentRow& component : components_) {
      const uint16_t* sums = planes_[component.plane].sums.data();
      if (horizontal_.count == 2)
        reduce<2>(sums, component);
      else if (horizontal_.count == 3)
        reduce<3>(sums, component);
      else
        reduce<0>(sums, component);
    }
  }

  /// The values of a component in the row of the last read_row().
  const uint8_t* values(int component) const {
    return components_[static_cast<size_t>(component)].values.data();
  }

 private:
  static constexpr ptrdiff_t kInterleaved = 8; // largest distance of components of one pixel, bytes

  /// Finds or adds the plane of a component, and computes the offsets of its samples.
  void add(const FomoComponent& component, ComponentRow& row) {
    size_t& p = row.plane;
    while (p < planes_.size() &&
           (planes_[p].stride != component.stride || planes_[p].h_sub != component.h_sub ||
            std::abs(component.data - planes_[p].data) > kInterleaved))
      p++;
    if (p == planes_.size())
      planes_.push_back(
          {component.data, component.stride, component.h_sub, PTRDIFF_MAX, PTRDIFF_MIN, {}});
    Plane& plane = planes_[p];
    for (const int index : horizontal_.index) {
      const ptrdiff_t offset =
          component.data - plane.data + (index >> component.w_sub) * component.pixel_stride;
      row.offset.push_back(offset);
      plane.first = std::min(plane.first, offset);
      plane.last = std::max(plane.last, offset);
    }
    row.values.resize(horizontal_.index.size() / static_cast<size_t>(horizontal_.count));
  }

  /// The vertical filter.
  void sum_lines(Plane& plane, int row) const {
    uint16_t* sums = plane.sums.data();
    const size_t count = plane.sums.size();
    for (int t = 0; t < vertical_.count; t++) {
      const int tap = row * vertical_.count + t;
      const auto weight = static_cast<uint16_t>(vertical_.weight[tap]);
      const uint8_t* line =
          plane.data + (vertical_.index[tap] >> plane.h_sub) * plane.stride + plane.first;
      if (t == 0)
        for (size_t i = 0; i < count; i++)
          sums[i] = static_cast<uint16_t>(line[i] * weight);
      else
        for (size_t i = 0; i < count; i++)
          sums[i] = static_cast<uint16_t>(sums[i] + line[i] * weight);
    }
  }

  /// The horizontal filter. `count`: the number of taps at compile time; 0: known at run time.
  template<int count>
  void reduce(const uint16_t* sums, ComponentRow& row) const {
    const int taps = count > 0 ? count : horizontal_.count;
    const ptrdiff_t* offset = row.offset.data();
    const int* weight = horizontal_.weight.data();
    for (uint8_t& value : row.values) {
      int sum = 1 << (2 * weight_bits - 1);
      for (int t = 0; t < taps; t++)
        sum += sums[offset[t]] * weight[t];
      value = static_cast<uint8_t>(sum >> (2 * weight_bits));
      offset += taps;
      weight += taps;
    }
  }

  Taps horizontal_, vertical_;
  std::vector<Plane> planes_;
  std::vector<ComponentRow> components_;
};

uint8_t to_byte(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

/// Y'CbCr to R'G'B' by the luma weights of red and blue (ITU-R BT.601 and BT.709), in fixed point.
struct YuvToRgb {
  static constexpr int bits = 14;

  explicit YuvToRgb(const FomoFrame& frame) {
    const double chroma = frame.full_range ? 1 : 255.0 / 224;
    const double of_red = 2 * (1 - frame.kr) * chroma, of_blue = 2 * (1 - frame.kb) * chroma;
    const double green = 1 - frame.kr - frame.kb;
    offset = frame.full_range ? 0 : 16;
    luma_scale = fixed(frame.full_range ? 1 : 255.0 / 219);
    red = fixed(of_red);
    blue = fixed(of_blue);
    green_red = fixed(of_red * frame.kr / green);
    green_blue = fixed(of_blue * frame.kb / green);
  }

  static int fixed(double factor) { return static_cast<int>(std::lround(factor * (1 << bits))); }

  /// Converts a row to packed RGB. Blocks of pixels are converted into planes, a loop that
  /// compilers vectorise, and then interleaved.
  void convert(const uint8_t* y, const uint8_t* u, const uint8_t* v, int width,
               uint8_t* rgb) const {
    constexpr int most = 64;
    uint8_t r[most], g[most], b[most];
    for (int start = 0; start < width; start += most) {
      const int count = std::min(most, width - start);
      for (int i = 0; i < count; i++) {
        const int luma = (y[start + i] - offset) * luma_scale + (1 << (bits - 1));
        const int from_u = u[start + i] - 128, from_v = v[start + i] - 128;
        r[i] = to_byte((luma + red * from_v) >> bits);
        g[i] = to_byte((luma - green_red * from_v - green_blue * from_u) >> bits);
        b[i] = to_byte((luma + blue * from_u) >> bits);
      }
      for (int i = 0; i < count; i++, rgb += 3) {
        rgb[0] = r[i];
        rgb[1] = g[i];
        rgb[2] = b[i];
      }
    }
  }

  int offset, luma_scale, red, blue, green_red, green_blue;
};

uint8_t brightness(int red, int green, int blue) {
  return static_cast<uint8_t>((77 * red + 150 * green + 29 * blue + 128) >> 8);
}

/// Scales `region` (pixels of the stored frame) to `out`.
void sample(const FomoFrame& frame, const Box& region, int taps, const FomoImage& out) {
  // The brightness of a YUV frame is its first component.
  const int needed =
      frame.components == 1 || (frame.yuv && out.channels == 1) ? 1 : frame.components;
  RowScaler scaler(frame, needed, region, taps, out);
  const YuvToRgb yuv(frame);
  for (int row = 0; row < out.height; row++) {
    scaler.read_row(row);
    uint8_t* pixel = out.data + row * out.stride;
    const uint8_t* first = scaler.values(0);
    if (needed == 1) {
      for (int x = 0; x < out.width; x++, pixel += out.channels)
        std::fill(pixel, pixel + out.channels, first[x]);
      continue;
    }
    const uint8_t *second = scaler.values(1), *third = scaler.values(2);
    if (out.channels == 3 && frame.yuv) {
      yuv.convert(first, second, third, out.width, pixel);
      continue;
    }
    for (int x = 0; x < out.width; x++, pixel += out.channels) {
      if (out.channels == 1) {
        *pixel = brightness(first[x], second[x], third[x]);
      } else {
        pixel[0] = first[x];
        pixel[1] = second[x];
        pixel[2] = third[x];
      }
    }
  }
}

/// How the stored frame is turned upright: first it is transposed, then it is mirrored left to
/// right (x) and top to bottom (y).
struct Turn {
  bool transposed = false, mirrored_x = false, mirrored_y = false;
};

Turn turn_of(FomoOrientation orientation) {
  switch (orientation) {
  case FOMO_ORIENTATION_90R:
    return {true, true, false};
  case FOMO_ORIENTATION_180:
    return {false, true, true};
  case FOMO_ORIENTATION_90L:
    return {true, false, true};
  case FOMO_ORIENTATION_HORIZ:
    return {false, true, false};
  case FOMO_ORIENTATION_VERT:
    return {false, false, true};
  case FOMO_ORIENTATION_UL_LR:
    return {true, false, false};
  case FOMO_ORIENTATION_UR_LL:
    return {true, true, true};
  case FOMO_ORIENTATION_IDENTITY:
    break;
  }
  return {};
}

/// Copies the pixels of `stored` upright. The copy goes tile by tile, because a quarter turn reads
/// columns and the lines of one tile stay in the cache.
template<int channels>
void turn_upright(const Turn& turn, const ConstImage& stored, const FomoImage& upright) {
  constexpr int tile = 32;
  const ptrdiff_t across = turn.transposed ? stored.stride : channels,
                  down = turn.transposed ? channels : stored.stride;
  const uint8_t* origin = stored.data;
  if (turn.mirrored_x)
    origin += (upright.width - 1) * across;
  if (turn.mirrored_y)
    origin += (upright.height - 1) * down;
  const ptrdiff_t step_x = turn.mirrored_x ? -across : across,
                  step_y = turn.mirrored_y ? -down : down;
  for (int top = 0; top < upright.height; top += tile)
    for (int left = 0; left < upright.width; left += tile) {
      const int bottom = std::min(top + tile, upright.height),
                right = std::min(left + tile, upright.width);
      for (int y = top; y < bottom; y++) {
        const uint8_t* from = origin + y * step_y + left * step_x;
        uint8_t* to = upright.data + y * upright.stride + ptrdiff_t{left} * channels;
        for (int x = left; x < right; x++, from += step_x, to += channels)
          std::memcpy(to, from, channels);
      }
    }
}

bool overlaps_frame(const Box& region, int width, int height) {
  return region.width > 0 && region.height > 0 && region.x < width && region.y < height &&
         region.x + region.width > 0 && region.y + region.height > 0;
}

} // namespace

FomoFrame frame_of(const ConstImage& image) {
  FomoFrame frame{};
  frame.width = image.width;
  frame.height = image.height;
  frame.components = image.channels == 1 ? 1 : 3;
  for (int c = 0; c < frame.components; c++)
    frame.component[c] = {image.data + c, image.stride, image.channels, 0, 0};
  return frame;
}

bool FrameReader::swaps_sides() const { return turn_of(frame_.orientation).transposed; }

Point FrameReader::to_stored(const Point& upright) const {
  const Turn turn = turn_of(frame_.orientation);
  const Point turned = {turn.mirrored_x ? 1 - upright.x : upright.x,
                        turn.mirrored_y ? 1 - upright.y : upright.y};
  return turn.transposed ? Point{turned.y, turned.x} : turned;
}

Point FrameReader::to_upright(const Point& stored) const {
  const Turn turn = turn_of(frame_.orientation);
  const Point turned = turn.transposed ? Point{stored.y, stored.x} : stored;
  return {turn.mirrored_x ? 1 - turned.x : turned.x, turn.mirrored_y ? 1 - turned.y : turned.y};
}

bool FrameReader::read(const Box& region, int taps, const FomoImage& out) const {
  if (!frame_.component[0].data || !overlaps_frame(region, width(), height()))
    return false;
  if (frame_.orientation == FOMO_ORIENTATION_IDENTITY) {
    sample(frame_, region, taps, out);
    return true;
  }
  // Scaling reads the stored frame line by line; the small result is then turned upright.
  Box stored = region;
  const Turn turn = turn_of(frame_.orientation);
  if (turn.mirrored_x)
    stored.x = width() - region.x - region.width;
  if (turn.mirrored_y)
    stored.y = height() - region.y - region.height;
  const int columns = turn.transposed ? out.height : out.width,
            rows = turn.transposed ? out.width : out.height;
  if (turn.transposed)
    stored = {stored.y, stored.x, stored.height, stored.width};
  std::vector<uint8_t> pixels(static_cast<size_t>(columns) * rows * out.channels);
  const FomoImage turned{pixels.data(), columns, rows, ptrdiff_t{out.channels} * columns,
                         out.channels};
  sample(frame_, stored, taps, turned);
  if (out.channels == 1)
    turn_upright<1>(turn, turned, out);
  else
    turn_upright<3>(turn, turned, out);
  return true;
}

} // namespace fomo
