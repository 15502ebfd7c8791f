// SPDX-License-Identifier: LGPL-2.1-or-later
// Processor time, on one core, of following a face in 1280x720 I420 frames, reading included.
//   bench_face [frames]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>

#include "driver/tracker.h"
#include "tests/driver/synthetic_driver.h"

namespace fomo::test {

namespace {

double processor_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

/// An I420 frame, as cameras deliver it.
struct I420Frame {
  cv::Mat pixels;
  FomoFrame view{};

  explicit I420Frame(const cv::Mat& rgb) {
    cv::cvtColor(rgb, pixels, cv::COLOR_RGB2YUV_I420);
    const int width = rgb.cols, height = rgb.rows;
    const uint8_t *u = pixels.data + width * height, *v = u + width * height / 4;
    view.width = width;
    view.height = height;
    view.components = 3;
    view.yuv = true;
    view.component[0] = {pixels.data, width, 1, 0, 0};
    view.component[1] = {u, width / 2, 1, 1, 1};
    view.component[2] = {v, width / 2, 1, 1, 1};
  }
};

using Scene = std::function<cv::Mat(int frame)>;

void measure(const char* name, int frames, const Scene& scene) {
  FaceDetector detector;
  int detections = 0;
  FaceTracker tracker([&](const ConstImage& image, int longer_side) {
    detections++;
    return detector.detect(image, longer_side);
  });
  double first = 0, sum = 0, worst = 0;
  for (int t = 0; t < frames; t++) {
    const I420Frame frame(scene(t));
    const double start = processor_ms();
    tracker.update(FrameReader(frame.view), 0.04 * t);
    const double taken = processor_ms() - start;
    if (t == 0) {
      first = taken;
      detections = 0;
      continue;
    }
    sum += taken;
    worst = std::max(worst, taken);
  }
  std::printf("%-22s mean %.3f ms, worst %.2f ms, first %.1f ms, detections in %.1f%% of frames\n",
              name, sum / (frames - 1), worst, first, 100.0 * detections / (frames - 1));
}

void measure_parts() {
  const I420Frame frame(portrait());
  const auto time = [&](const char* name, const std::function<void()>& work) {
    constexpr int rounds = 50;
    work();
    const double start = processor_ms();
    for (int i = 0; i < rounds; i++)
      work();
    std::printf("%-22s %.3f ms\n", name, (processor_ms() - start) / rounds);
  };
  const FrameReader reader(frame.view);
  FaceDetector detector;
  CutDetector cuts;
  PatchTracker patch;
  patch.start(reader, portrait_face());
  cv::Mat near(128, 128, CV_8UC3), wide(180, 320, CV_8UC3);
  time("cut detection", [&] { cuts.update(reader); });
  time("patch", [&] { patch.follow(reader, portrait_face()); });
  time("read 128x128 RGB", [&] { reader.read({100, 0, 300, 300}, 2, as_image(near)); });
  time("detect 128x128", [&] { detector.detect(as_image(near), 128); });
  cv::Mat square(256, 256, CV_8UC3);
  time("read crop 256x256 RGB", [&] { reader.read({6, 6, 500, 500}, 4, as_image(square)); });
  time("read 320x180 RGB", [&] { reader.read({0, 0, 512, 288}, 2, as_image(wide)); });
  time("detect 320x180", [&] { detector.detect(as_image(wide), 320); });
}

} // namespace

} // namespace fomo::test

int main(int argc, char** argv) {
  using namespace fomo::test;
  const int frames = argc > 1 ? std::max(2, std::atoi(argv[1])) : 200;
  const cv::Mat background = room(1280, 720);
  const auto with_person = [&](double x, double y, double scale) {
    cv::Mat frame = background.clone();
    put_person(frame, x, y, scale);
    return frame;
  };
  measure("talking head", frames, [&](int t) {
    return with_person(640 + 15 * std::sin(t * 0.1), 300 + 5 * std::sin(t * 0.23), 2);
  });
  measure("moving head", frames, [&](int t) {
    return with_person(640 + 300 * std::sin(t * 0.04), 300 + 60 * std::sin(t * 0.21),
                       2 + 0.5 * std::sin(t * 0.06));
  });
  measure("nobody", frames, [&](int) { return background; });
  measure_parts();
}
