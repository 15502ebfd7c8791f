// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/grade.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace fomo::render {

Grade Grade::sample(Random& random) {
  Grade grade;
  grade.exposure = std::exp(random.normal(0.18f));
  grade.contrast = random.uniform(0.75f, 1.3f);
  grade.saturation = random.uniform(0.5f, 1.35f);
  grade.gamma = std::exp(random.normal(0.15f));
  grade.balance = random.color(0.9f, 1.1f);
  if (random.chance(0.10f)) {
    grade.mono = random.uniform(0.7f, 1.0f);
    grade.print = random.color(0.75f, 1.1f);
  }
  if (random.chance(0.12f))
    grade.paint = random.uniform(0.3f, 1.0f);
  if (random.chance(0.35f))
    grade.blur = random.uniform(0.3f, 1.5f);
  if (random.chance(0.3f))
    grade.sharpen = random.uniform(0.2f, 1.2f);
  if (random.chance(0.5f))
    grade.noise = random.uniform(0.002f, 0.03f);
  if (random.chance(0.5f))
    grade.jpeg = 35 + static_cast<int>(random.index(60));
  return grade;
}

cv::Mat Grade::apply(const cv::Mat& picture, Random& random) const {
  cv::Mat out = picture.clone();
  for (int y = 0; y < out.rows; y++)
    for (cv::Vec3f *p = out.ptr<cv::Vec3f>(y), *end = p + out.cols; p < end; p++) {
      const float luma = 0.3f * (*p)[0] + 0.59f * (*p)[1] + 0.11f * (*p)[2];
      const float tone[3] = {balance.x, balance.y, balance.z}, ink[3] = {print.x, print.y, print.z};
      for (int c = 0; c < 3; c++) {
        float v =
            mix(luma + ((*p)[c] - luma) * saturation, luma * ink[c], mono) * tone[c] * exposure;
        v = (v - 0.5f) * contrast + 0.5f;
        (*p)[c] = std::clamp(v, 0.0f, 1.0f);
      }
    }
  if (std::abs(gamma - 1) > 0.02f)
    cv::pow(out, gamma, out);
  if (paint > 0) {
    cv::Mat smooth;
    cv::bilateralFilter(out, smooth, 7, 0.15, 3);
    cv::addWeighted(smooth, paint, out, 1 - paint, 0, out);
  }
  if (blur > 0)
    cv::GaussianBlur(out, out, {}, blur);
  if (sharpen > 0) {
    cv::Mat soft;
    cv::GaussianBlur(out, soft, {}, 1.2);
    cv::addWeighted(out, 1 + sharpen, soft, -sharpen, 0, out);
  }
  if (noise > 0)
    for (int y = 0; y < out.rows; y++)
      for (float *p = out.ptr<float>(y), *end = p + out.cols * 3; p < end; p++) {
        // The sum of two uniform numbers: fast, and close enough to normal noise.
        const uint64_t bits = random.next();
        *p += noise * 0x1p-31f *
              (static_cast<float>(bits >> 32) - static_cast<float>(bits & 0xffffffffu)) * 1.2f;
      }
  cv::Mat bytes;
  out.convertTo(bytes, CV_8U, 255);
  if (jpeg < 100) {
    std::vector<uint8_t> file;
    cv::imencode(".jpg", bytes, file, {cv::IMWRITE_JPEG_QUALITY, jpeg});
    bytes = cv::imdecode(file, cv::IMREAD_COLOR);
  }
  return bytes;
}

} // namespace fomo::render
