// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/grade.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace fomo::render {
namespace {

// Each pixel becomes the mean of the flattest of the four squares that touch it (Kuwahara's
// filter): flat strokes with sharp edges. The weave of a canvas lies over them.
cv::Mat oil_painting(const cv::Mat& picture) {
  constexpr int r = 3;
  cv::Mat gray, mean, square_mean;
  cv::cvtColor(picture, gray, cv::COLOR_RGB2GRAY);
  cv::blur(picture, mean, {r, r});
  cv::Mat gray_mean;
  cv::blur(gray, gray_mean, {r, r});
  cv::blur(gray.mul(gray), square_mean, {r, r});
  const cv::Mat variance = square_mean - gray_mean.mul(gray_mean);
  cv::Mat out = picture.clone();
  for (int y = r; y < out.rows - r; y++)
    for (int x = r; x < out.cols - r; x++) {
      float least = 1e9f;
      for (const int dy : {-2, 2})
        for (const int dx : {-2, 2})
          if (variance.at<float>(y + dy, x + dx) < least) {
            least = variance.at<float>(y + dy, x + dx);
            out.at<cv::Vec3f>(y, x) = mean.at<cv::Vec3f>(y + dy, x + dx);
          }
      const float weave = 1 + 0.04f * std::sin(2.1f * static_cast<float>(x)) *
                                  std::sin(2.1f * static_cast<float>(y));
      out.at<cv::Vec3f>(y, x) *= weave;
    }
  return out;
}

// Pencil: dark where the picture is darker than its surroundings, some shading, paper elsewhere.
cv::Mat pencil_drawing(const cv::Mat& picture) {
  cv::Mat gray, soft, lines, result;
  cv::cvtColor(picture, gray, cv::COLOR_RGB2GRAY);
  cv::GaussianBlur(gray, soft, {}, 4);
  cv::divide(gray + 0.02, soft + 0.02, lines);
  lines = cv::min(lines, 1.0).mul(gray * 0.5 + 0.5);
  cv::cvtColor(lines, result, cv::COLOR_GRAY2RGB);
  return result.mul(cv::Scalar(0.97, 0.95, 0.90));
}

// Grain of film: coarser than a pixel, strongest in the middle tones.
void add_grain(float amplitude, Random& random, cv::Mat& picture) {
  cv::Mat noise(picture.size(), CV_32F);
  for (float *p = noise.ptr<float>(), *end = p + noise.total(); p < end; p++)
    *p = random.uniform(-1, 1);
  cv::GaussianBlur(noise, noise, {}, 0.8);
  for (int y = 0; y < picture.rows; y++)
    for (int x = 0; x < picture.cols; x++) {
      cv::Vec3f& p = picture.at<cv::Vec3f>(y, x);
      const float luma = 0.3f * p[0] + 0.59f * p[1] + 0.11f * p[2];
      const float n = 4 * amplitude * noise.at<float>(y, x) * (0.3f + 2.8f * luma * (1 - luma));
      p += cv::Vec3f(n, n, n);
    }
}

} // namespace

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
  if (random.chance(0.05f))
    grade.oil = random.uniform(0.5f, 1.0f);
  if (random.chance(0.03f))
    grade.sketch = random.uniform(0.5f, 1.0f);
  if (random.chance(0.1f))
    grade.grain = random.uniform(0.01f, 0.045f);
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
  if (oil > 0)
    cv::addWeighted(oil_painting(out), oil, out, 1 - oil, 0, out);
  if (sketch > 0)
    cv::addWeighted(pencil_drawing(out), sketch, out, 1 - sketch, 0, out);
  if (blur > 0)
    cv::GaussianBlur(out, out, {}, blur);
  if (sharpen > 0) {
    cv::Mat soft;
    cv::GaussianBlur(out, soft, {}, 1.2);
    cv::addWeighted(out, 1 + sharpen, soft, -sharpen, 0, out);
  }
  if (grain > 0)
    add_grain(grain, random, out);
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
