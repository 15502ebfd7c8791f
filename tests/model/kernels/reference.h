// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <random>
#include <vector>

#include "model/kernels/image.h"

namespace fomo::kernels {

/// A planar image in double precision, with which the kernels' results are compared.
struct Plain {
  int channels, height, width;
  std::vector<double> values;

  Plain(int c, int h, int w) : channels(c), height(h), width(w), values(size_t(c) * h * w) {}
  double& at(int c, int y, int x) { return values[(size_t(c) * height + y) * width + x]; }
  double at(int c, int y, int x) const { return values[(size_t(c) * height + y) * width + x]; }
  /// The pixel, or 0 outside of the image.
  double padded(int c, int y, int x) const {
    return y < 0 || x < 0 || y >= height || x >= width ? 0 : at(c, y, x);
  }
};

/// Reproducible numbers in [-1, 1].
class Noise {
 public:
  explicit Noise(unsigned seed) : random_(seed) {}
  float operator()() { return uniform_(random_); }
  Plain picture(int channels, int height, int width) {
    Plain plain(channels, height, width);
    for (double& value : plain.values)
      value = (*this)();
    return plain;
  }
  std::vector<float> values(size_t count) {
    std::vector<float> result(count);
    for (float& value : result)
      value = (*this)();
    return result;
  }

 private:
  std::mt19937 random_;
  std::uniform_real_distribution<float> uniform_{-1, 1};
};

/// An Image with its memory. NaNs surround the memory, whose address is aligned for floats only.
class OwnedImage {
 public:
  OwnedImage(int channels, int height, int width)
      : memory_(image_floats(channels, height, width) + 33, margin()) {
    image = make_image(memory_.data() + 17, channels, height, width);
    for (ptrdiff_t i = 0; i < image.blocks() * image.block_stride; i++)
      image.data[i] = 3;
  }
  explicit OwnedImage(const Plain& plain) : OwnedImage(plain.channels, plain.height, plain.width) {
    fill(image, plain);
  }

  static void fill(const Image& image, const Plain& plain) {
    for (int c = 0; c < plain.channels; c++)
      for (int i = 0; i < plain.height * plain.width; i++)
        image.block(c / kLanes)[i * kLanes + c % kLanes] =
            float(plain.values[size_t(c) * plain.height * plain.width + i]);
  }
  /// False if the memory around the image was changed.
  bool margins_untouched() const {
    for (size_t i = 0; i < memory_.size(); i++)
      if ((i < 17 || i >= memory_.size() - 16) && memory_[i] == memory_[i])
        return false;
    return true;
  }

  Image image;

 private:
  static float margin() { return __builtin_nanf(""); }
  std::vector<float> memory_;
};

inline float value_at(const Image& image, int c, int y, int x) {
  return image.block(c / kLanes)[(ptrdiff_t(y) * image.width + x) * kLanes + c % kLanes];
}

inline double largest_difference(const Image& image, const Plain& plain) {
  double largest = 0;
  for (int c = 0; c < plain.channels; c++)
    for (int y = 0; y < plain.height; y++)
      for (int x = 0; x < plain.width; x++) {
        const double difference = std::abs(value_at(image, c, y, x) - plain.at(c, y, x));
        if (!(difference <= largest))
          largest = difference; // NaN too
      }
  return largest;
}

} // namespace fomo::kernels
