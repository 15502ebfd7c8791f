// SPDX-License-Identifier: LGPL-2.1-or-later
// The time that the pixel mark takes for one frame, on one core.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "common/stopwatch.h"
#include "mark/pixel_mark.h"
#include "tests/mark/pictures.h"

int main() {
  for (const fomo::simd::Isa isa : fomo::simd::supported_isas())
    for (const auto size : {cv::Size(256, 256), cv::Size(512, 512), cv::Size(1920, 1080)}) {
      cv::Mat frame = fomo::natural_picture(size.width, size.height, 1);
      fomo::PixelMark mark(isa);
      std::vector<double> times;
      for (int i = 0; i < 60; i++) {
        const fomo::Stopwatch watch;
        mark(fomo::as_image(frame), {});
        times.push_back(watch.ms());
      }
      std::sort(times.begin(), times.end());
      std::printf("%-9s %4dx%-4d  median %.3f ms, fastest %.3f ms\n", fomo::simd::isa_name(isa),
                  size.width, size.height, times[times.size() / 2], times.front());
    }
}
