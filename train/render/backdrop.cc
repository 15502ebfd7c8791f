// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/backdrop.h"

#include <opencv2/imgproc.hpp>

namespace fomo::render {
namespace {

constexpr int kSize = 256;

cv::Vec3f vec(const Vec3& c) { return {c.x, c.y, c.z}; }
cv::Scalar scalar(const Vec3& c) { return {c.x, c.y, c.z}; }

// A random colour, mostly of low saturation, as walls have.
Vec3 wall_color(Random& random) {
  const float level = random.uniform(0.03f, 0.95f);
  const float spread = random.chance(0.2f) ? 0.4f : 0.1f;
  const Vec3 c = Vec3{level, level, level} + random.color(-spread, spread);
  return {std::clamp(c.x, 0.0f, 1.0f), std::clamp(c.y, 0.0f, 1.0f), std::clamp(c.z, 0.0f, 1.0f)};
}

// The sum of several octaves of smooth noise: one channel, about -1..1.
cv::Mat clouds(Random& random, int size, int octaves, float first_cells, float gain) {
  cv::Mat sum(size, size, CV_32F, cv::Scalar(0));
  float amplitude = 1, cells = first_cells;
  for (int o = 0; o < octaves && cells < static_cast<float>(size); o++) {
    cv::Mat grid(static_cast<int>(cells) + 2,
                 static_cast<int>(cells * random.uniform(0.5f, 2.0f)) + 2, CV_32F);
    for (int y = 0; y < grid.rows; y++)
      for (int x = 0; x < grid.cols; x++)
        grid.at<float>(y, x) = random.uniform(-1, 1);
    cv::Mat layer;
    cv::resize(grid, layer, sum.size(), 0, 0, cv::INTER_CUBIC);
    sum += layer * amplitude;
    amplitude *= gain;
    cells *= 2.1f;
  }
  return sum;
}

void paint_shapes(Random& random, cv::Mat& picture) {
  const size_t count = 2 + random.index(9);
  for (size_t i = 0; i < count; i++) {
    const cv::Point at(static_cast<int>(random.uniform(-30, 286)),
                       static_cast<int>(random.uniform(-30, 286)));
    const cv::Scalar color = scalar(wall_color(random));
    const int a = static_cast<int>(random.uniform(8, 130)),
              b = static_cast<int>(random.uniform(8, 130));
    const float kind = random.uniform();
    if (kind < 0.5f)
      cv::rectangle(picture, {at.x, at.y, a, b}, color, cv::FILLED, cv::LINE_AA);
    else if (kind < 0.75f)
      cv::ellipse(picture, at, {a, b}, random.uniform(0, 180), 0, 360, color, cv::FILLED,
                  cv::LINE_AA);
    else
      cv::line(picture, at, {at.x + a * 3 - 190, at.y + b * 3 - 190}, color, 2 + a / 10,
               cv::LINE_AA);
  }
}

void paint_lights(Random& random, cv::Mat& picture) {
  const size_t count = 6 + random.index(30);
  const int radius = static_cast<int>(random.uniform(3, 18));
  for (size_t i = 0; i < count; i++) {
    cv::Mat layer = picture.clone();
    cv::circle(layer,
               {static_cast<int>(random.index(kSize)), static_cast<int>(random.index(kSize))},
               radius, scalar(random.color(0.3f, 1.0f)), cv::FILLED, cv::LINE_AA);
    cv::addWeighted(layer, 0.5, picture, 0.5, 0, picture);
  }
}

} // namespace

cv::Mat backdrop(Random& random) {
  cv::Mat picture(kSize, kSize, CV_32FC3);
  const Vec3 corners[4] = {wall_color(random), wall_color(random), wall_color(random),
                           wall_color(random)};
  const float plain = random.chance(0.5f) ? random.uniform(0.0f, 0.3f) : 1.0f;
  cv::Mat grid(2, 2, CV_32FC3);
  for (int i = 0; i < 4; i++)
    grid.at<cv::Vec3f>(i / 2, i % 2) = vec(mix(corners[0], corners[i], plain));
  cv::resize(grid, picture, picture.size(), 0, 0, cv::INTER_LINEAR);
  if (random.chance(0.45f))
    paint_shapes(random, picture);
  if (random.chance(0.12f))
    paint_lights(random, picture);
  if (random.chance(0.5f)) {
    const cv::Mat noise =
        clouds(random, kSize, 6, random.uniform(1, 12), random.uniform(0.4f, 0.8f));
    const cv::Vec3f tone = vec(random.color(-0.12f, 0.12f));
    std::vector<cv::Mat> planes;
    cv::split(picture, planes);
    for (int c = 0; c < 3; c++)
      planes[c] += noise * (tone[c] + random.uniform(-0.1f, 0.1f));
    cv::merge(planes, picture);
  }
  if (random.chance(0.6f)) {
    const double blur = random.uniform(0.5f, 6);
    cv::GaussianBlur(picture, picture, {}, blur, blur, cv::BORDER_REFLECT);
  }
  return cv::min(cv::max(picture, 0.0), 1.0);
}

cv::Mat fabric(Random& random) {
  constexpr int size = 128;
  const Vec3 first = wall_color(random), second = wall_color(random);
  const bool stripes = random.chance(0.25f), across = random.chance(0.3f);
  const float period = random.uniform(6, 64), grain = random.uniform(0.0f, 0.12f);
  const bool vertical = random.chance(0.5f);
  const cv::Mat noise = clouds(random, size, 5, 8, 0.8f);
  cv::Mat pattern(size, size, CV_8UC3);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      const float along = static_cast<float>(vertical ? x : y),
                  over = static_cast<float>(vertical ? y : x);
      float share = stripes && std::fmod(along, period) < period / 2 ? 1.0f : 0.0f;
      if (stripes && across && std::fmod(over, period) < period / 2)
        share = 1 - share;
      const Vec3 color = mix(first, second, share) * (1 + grain * noise.at<float>(y, x));
      pattern.at<cv::Vec3b>(y, x) = {cv::saturate_cast<uint8_t>(255 * color.z),
                                     cv::saturate_cast<uint8_t>(255 * color.y),
                                     cv::saturate_cast<uint8_t>(255 * color.x)};
    }
  return pattern;
}

} // namespace fomo::render
