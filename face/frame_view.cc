// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/frame_view.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fomo {

namespace {

constexpr int weight_bits = 8; // of one axis; both together leave room for 8 bits in an int

/// Along one axis: which samples make up each output pixel, and with which weights (their sum is
/// 1 << weight_bits).
struct Taps {
  int count = 0;
  std::vector<int> index; // outputs x count
  std::vector<int> weight;
};

Taps spread_taps(double start, double length, int outputs, int limit, int most_taps, int sub) {
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
      taps.index.push_back(std::clamp(index, 0, limit - 1) >> sub);
      taps.weight.push_back(weight);
    }
  }
  return taps;
}

int weighted_sum(const uint8_t* line, const Taps& taps, int output) {
  const int *index = &taps.index[output * taps.count], *weight = &taps.weight[output * taps.count];
  if (taps.count == 2)
    return line[index[0]] * weight[0] + line[index[1]] * weight[1];
  int sum = 0;
  for (int t = 0; t < taps.count; t++)
    sum += line[index[t]] * weight[t];
  return sum;
}

/// One component of the region, packed, into `values`.
void sample_component(const FrameComponent& component, int width, int height, const FaceBox& region,
                      int most_taps, int columns, int rows, std::vector<int>& values) {
  Taps across = spread_taps(region.x, region.width, columns, width, most_taps, component.w_sub);
  const Taps down = spread_taps(region.y, region.height, rows, height, most_taps, component.h_sub);
  for (int& index : across.index)
    index *= component.pixel_stride;
  values.resize(static_cast<size_t>(columns) * rows);
  for (int row = 0; row < rows; row++) {
    int* out = &values[static_cast<size_t>(row) * columns];
    std::fill(out, out + columns, 1 << (2 * weight_bits - 1));
    for (int v = 0; v < down.count; v++) {
      const int weight = down.weight[row * down.count + v];
      if (weight == 0)
        continue;
      const uint8_t* line = component.data + down.index[row * down.count + v] * component.stride;
      for (int column = 0; column < columns; column++)
        out[column] += weight * weighted_sum(line, across, column);
    }
    for (int column = 0; column < columns; column++)
      out[column] >>= 2 * weight_bits;
  }
}

uint8_t to_byte(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

/// Y'CbCr to R'G'B' as ITU-R BT.601 and BT.709 define it by their weights of red and blue, in fixed
/// point.
struct YuvToRgb {
  static constexpr int bits = 14;

  explicit YuvToRgb(const FrameView& frame) {
    const double chroma = frame.full_range ? 1 : 255.0 / 224;
    const double of_red = 2 * (1 - frame.kr) * chroma, of_blue = 2 * (1 - frame.kb) * chroma;
    const double green = 1 - frame.kr - frame.kb;
    offset = frame.full_range ? 0 : 16;
    bright = fixed(frame.full_range ? 1 : 255.0 / 219);
    red = fixed(of_red);
    blue = fixed(of_blue);
    green_red = fixed(of_red * frame.kr / green);
    green_blue = fixed(of_blue * frame.kb / green);
  }

  static int fixed(double factor) { return static_cast<int>(std::lround(factor * (1 << bits))); }

  void convert(int y, int u, int v, uint8_t* rgb) const {
    const int light = (y - offset) * bright + (1 << (bits - 1));
    rgb[0] = to_byte((light + red * (v - 128)) >> bits);
    rgb[1] = to_byte((light - green_red * (v - 128) - green_blue * (u - 128)) >> bits);
    rgb[2] = to_byte((light + blue * (u - 128)) >> bits);
  }

  int offset, bright, red, blue, green_red, green_blue;
};

uint8_t brightness(int red, int green, int blue) {
  return static_cast<uint8_t>((77 * red + 150 * green + 29 * blue + 128) >> 8);
}

} // namespace

void sample_region(const FrameView& frame, const FaceBox& region, int taps, const FomoImage& out) {
  // Of YUV, brightness is the first component as it is.
  const int needed =
      frame.components == 1 || (frame.yuv && out.channels == 1) ? 1 : frame.components;
  std::vector<int> values[3];
  for (int c = 0; c < needed; c++)
    sample_component(frame.component[c], frame.width, frame.height, region, taps, out.width,
                     out.height, values[c]);
  const YuvToRgb yuv(frame);
  for (int row = 0; row < out.height; row++) {
    uint8_t* pixel = out.data + row * out.stride;
    for (int column = 0; column < out.width; column++, pixel += out.channels) {
      const size_t i = static_cast<size_t>(row) * out.width + column;
      if (needed == 1)
        std::fill(pixel, pixel + out.channels, static_cast<uint8_t>(values[0][i]));
      else if (out.channels == 1)
        *pixel = brightness(values[0][i], values[1][i], values[2][i]);
      else if (frame.yuv)
        yuv.convert(values[0][i], values[1][i], values[2][i], pixel);
      else
        for (int c = 0; c < 3; c++)
          pixel[c] = static_cast<uint8_t>(values[c][i]);
    }
  }
}

void read_crop(const FrameView& frame, const Crop& crop, const FomoImage& out) {
  constexpr int most_taps = 4;
  sample_region(frame, {crop.left(), crop.top(), crop.size, crop.size}, most_taps, out);
}

FrameView view_of(const FomoImage& image) {
  FrameView view;
  view.width = image.width;
  view.height = image.height;
  view.components = image.channels == 1 ? 1 : 3;
  for (int c = 0; c < view.components; c++)
    view.component[c] = {image.data + c, image.stride, image.channels, 0, 0};
  return view;
}

RegionReader reader_of(const FrameView& frame) {
  return [&frame](const FaceBox& region, const FomoImage& out) {
    constexpr int taps_grey = 4, taps_colour = 2;
    if (!frame.component[0].data || frame.width < 1 || frame.height < 1)
      return false;
    sample_region(frame, region, out.channels == 1 ? taps_grey : taps_colour, out);
    return true;
  };
}

} // namespace fomo
