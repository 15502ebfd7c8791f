// SPDX-License-Identifier: LGPL-2.1-or-later
// Times the composition of a frame on one core. Prints minimum and median of many frames: other
// processes can only lengthen the times, through shared caches and memory.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

#include <time.h>

#include <opencv2/imgproc.hpp>

#include "compose/detail_blend.h"
#include "compose/layers.h"
#include "compose/paste_back.h"
#include "compose/repaint.h"

namespace fomo {
namespace {

constexpr int kModel = 256, kCells = 64;

Picture noise(int width, int height) {
  Picture picture{width, height, 3, {}};
  uint32_t state = 1;
  for (size_t i = 0; i < size_t(3) * width * height; i++) {
    state = state * 1664525U + 1013904223U;
    picture.pixels.push_back(static_cast<uint8_t>(96 + (state >> 26)));
  }
  return picture;
}

struct Motion {
  std::vector<float> deformation, occlusion;
  MotionField field;

  /// The identity deformation plus waves of a few cells.
  Motion() : occlusion(kCells * kCells, 0.9F) {
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        deformation.push_back(2.0F * x / (kCells - 1) - 1 + 0.05F * std::sin(y * 0.2F));
        deformation.push_back(2.0F * y / (kCells - 1) - 1 + 0.05F * std::sin(x * 0.2F));
      }
    field = {kCells, kCells, deformation.data(), occlusion.data(), true};
  }
};

/// Processor time of this thread.
double milliseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

void measure(const char* name, const std::function<void()>& frame) {
  std::vector<double> times;
  for (int i = 0; i < 60; i++) {
    const double start = milliseconds();
    frame();
    times.push_back(milliseconds() - start);
  }
  std::sort(times.begin(), times.end());
  std::printf("%-40s least %6.2f ms, median %6.2f ms\n", name, times.front(),
              times[times.size() / 2]);
}

void measure_detail(int size) {
  const Picture picture = noise(1080, 1080);
  const Motion motion;
  Picture generated = noise(kModel, kModel);
  std::vector<uint8_t> pixels(size_t(3) * size * size);
  const auto source =
      DetailSource::make(picture, {0, 0, 1080, 1080}, {kModel, kModel}, {size, size});
  DetailBlend blend;
  char name[64];
  std::snprintf(name, sizeof name, "detail %dx%d", size, size);
  measure(name, [&] {
    blend(*source, motion.field,
          {generated.pixels.data(), kModel, kModel, ptrdiff_t{3} * kModel, 3},
          {pixels.data(), size, size, ptrdiff_t{3} * size, 3});
  });
}

void measure_paste_back(int crop) {
  const auto picture = std::make_shared<Picture>(noise(1920, 1080));
  Picture animated = noise(crop, crop);
  std::vector<uint8_t> pixels(size_t(3) * 1920 * 1080);
  PasteBack paste(picture, {{600, 100, crop, crop}}, {}, 3);
  char name[64];
  std::snprintf(name, sizeof name, "paste back %d into 1920x1080", crop);
  measure(name, [&] {
    paste({{animated.pixels.data(), crop, crop, ptrdiff_t{3} * crop, 3}},
          {pixels.data(), 1920, 1080, ptrdiff_t{3} * 1920, 3});
  });
}

/// A head that has moved by an eighth of the picture: what is uncovered, and the background's mask.
struct Uncovered {
  std::vector<float> occlusion, background;

  Uncovered() {
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        const bool was = std::hypot(x - 28, y - 30) < 18, is = std::hypot(x - 36, y - 30) < 18;
        occlusion.push_back(was && !is ? 0.02F : 0.98F);
        background.push_back(is ? 0.02F : 0.98F);
      }
  }
  MotionField field(const Motion& motion) const {
    MotionField field = motion.field;
    field.occlusion = occlusion.data();
    field.background = background.data();
    return field;
  }
};

void measure_layers(int size) {
  const Picture picture = noise(1080, 1080);
  PersonMap person;
  person.matte = cv::Mat(kModel, kModel, CV_32F, cv::Scalar(0));
  for (int y = 48; y < 192; y++)
    person.matte.row(y).colRange(40, 184).setTo(1);
  cv::resize(person.matte, person.moving, {kCells, kCells}, 0, 0, cv::INTER_AREA);
  const auto plate =
      BackgroundPlate::make(picture, {0, 0, 1080, 1080}, person, {size, size}, 3, false);
  const Motion motion;
  const Uncovered uncovered;
  const MotionField field = uncovered.field(motion);
  Picture frame = noise(size, size);
  KeypointSet face;
  face.count = 4;
  face.value = {-0.1F, -0.2F, 0.35F, -0.2F, 0.35F, 0.2F, -0.1F, 0.2F};
  Layers layers;
  char name[64];
  std::snprintf(name, sizeof name, "plate %dx%d", size, size);
  measure(name, [&] {
    layers(*plate, field, &face, {frame.pixels.data(), size, size, ptrdiff_t{3} * size, 3});
  });
}

void measure_repaint() {
  Picture frame = noise(kModel, kModel);
  const Motion motion;
  const Uncovered uncovered;
  MotionField field = uncovered.field(motion);
  const std::vector<float> person(kCells * kCells, 0.02F);
  field.background = person.data(); // all that is hidden is painted
  Repaint repaint;
  measure("repaint", [&] {
    repaint(field, {}, {frame.pixels.data(), kModel, kModel, ptrdiff_t{3} * kModel, 3});
  });
}

} // namespace
} // namespace fomo

int main() {
  for (const int size : {256, 512, 1024})
    fomo::measure_detail(size);
  for (const int size : {256, 512, 1024})
    fomo::measure_layers(size);
  fomo::measure_repaint();
  for (const int crop : {256, 512, 900})
    fomo::measure_paste_back(crop);
}
