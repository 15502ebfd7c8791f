// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/mouth_opening.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace fomo {

float MouthOpening::width() const {
  return std::max(1.0F, std::hypot(right.x - left.x, right.y - left.y));
}

float MouthOpening::height() const {
  const cv::Point2f along = (right - left) / width(), down(-along.y, along.x);
  return (lower - upper).dot(down) / width();
}

MouthOpening::Depth MouthOpening::depth(cv::Point2f point) const {
  const float w = width();
  const cv::Point2f axis = (right - left) / w, down(-axis.y, axis.x);
  const cv::Point2f at = point - left;
  const float u = at.dot(axis) / w, v = at.dot(down);
  const auto arc = [&](cv::Point2f middle) {
    const cv::Point2f m = middle - left;
    const float peak = std::clamp(m.dot(axis) / w, 0.25F, 0.75F);
    const float t = std::clamp(u < peak ? u / peak : (1 - u) / (1 - peak), -0.2F, 1.0F);
    return m.dot(down) * t * (2 - t);
  };
  return {u, v - arc(upper), arc(lower) - v};
}

namespace compose {

float luma(const cv::Vec3f& rgb) { return 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2]; }

cv::Rect bounds(const MouthOpening& opening, float margin, cv::Size size) {
  const std::array<cv::Point2f, 4> points{opening.left, opening.right, opening.upper,
                                          opening.lower};
  const cv::Rect tight = cv::boundingRect(points);
  const int more = cvCeil(margin * opening.width());
  return (tight - cv::Point(more, more) + cv::Size(2 * more, 2 * more)) & cv::Rect({0, 0}, size);
}

cv::Vec3f pixel_of(const cv::Mat& crop, cv::Point at) {
  const auto& rgba = crop.at<cv::Vec4f>(at);
  return {rgba[0], rgba[1], rgba[2]};
}

/// Mean colour of the pixels around a mouth at a depth outside of the opening, in widths.
cv::Vec3f mean_outside(const cv::Mat& crop, const MouthOpening& opening, float from, float to) {
  const cv::Rect area = bounds(opening, to, crop.size());
  const float width = opening.width();
  cv::Vec3f sum;
  float count = 0;
  for (int y = area.y; y < area.br().y; y++)
    for (int x = area.x; x < area.br().x; x++) {
      const auto depth = opening.depth(centre_of({x, y}));
      const float out = -std::min(depth.below_upper, depth.above_lower) / width;
      if (out < from || out > to || depth.along < 0.15F || depth.along > 0.85F)
        continue;
      sum += pixel_of(crop, {x, y});
      count++;
    }
  return sum * (1 / std::max(count, 1.0F));
}
namespace {

/// Mean of `value` along the mouth's middle, for each depth from -`above` to `below` widths around
/// the middle between the lips.
struct Profile {
  std::vector<float> value;
  float step; ///< pixels from one to the next
  int middle; ///< index of the middle between the lips

  float at(int i) const { return value[std::clamp(i, 0, static_cast<int>(value.size()) - 1)]; }
};

template<typename Value>
Profile profile(const cv::Mat& crop, const MouthOpening& opening, Value&& value) {
  constexpr float reach = 0.3F, from = 0.35F, to = 0.65F;
  constexpr int samples = 24;
  const float w = opening.width();
  const cv::Point2f axis = (opening.right - opening.left) / w, down(-axis.y, axis.x);
  const cv::Point2f middle = (opening.upper + opening.lower) * 0.5F;
  Profile result{{}, std::max(0.5F, w / 100), 0};
  result.middle = cvRound(reach * w / result.step);
  for (int i = 0; i <= 2 * result.middle; i++) {
    float sum = 0;
    for (int k = 0; k < samples; k++) {
      const float along = (from + (to - from) * static_cast<float>(k) / samples - 0.5F) * w;
      const cv::Point2f at =
          middle + axis * along + down * (static_cast<float>(i - result.middle) * result.step);
      const cv::Point pixel(std::clamp(cvFloor(at.x), 0, crop.cols - 1),
                            std::clamp(cvFloor(at.y), 0, crop.rows - 1));
      sum += value(pixel_of(crop, pixel));
    }
    result.value.push_back(sum / samples);
  }
  cv::Mat line(1, static_cast<int>(result.value.size()), CV_32F, result.value.data());
  cv::blur(line, line, {5, 1}, {-1, -1}, cv::BORDER_REPLICATE);
  return result;
}

/// High for teeth, low for lips.
float enamel(const cv::Vec3f& rgb) {
  const float most = std::max({rgb[0], rgb[1], rgb[2]}), least = std::min({rgb[0], rgb[1], rgb[2]});
  return luma(rgb) - 1.2F * (most - least);
}

} // namespace

/// teeth show between them.
bool find_edges(const cv::Mat& crop, MouthOpening& opening) {
  constexpr float contrast = 22;
  const float w = opening.width();
  const cv::Point2f axis = (opening.right - opening.left) / w, down(-axis.y, axis.x);
  const cv::Point2f middle = (opening.upper + opening.lower) * 0.5F;
  const auto at = [&](const Profile& p, float i) {
    return middle + down * ((i - static_cast<float>(p.middle)) * p.step);
  };
  const Profile white = profile(crop, opening, enamel);
  const int near = cvRound(0.07F * w / white.step), far = cvRound(0.2F * w / white.step);
  const int half = cvRound(opening.height() / 2 * w / white.step);
  int best = white.middle;
  for (int i = white.middle - near; i <= white.middle + near; i++)
    if (white.at(i) > white.at(best))
      best = i;
  int top = best, bottom = best;
  for (int i = best; i > best - half - far; i--)
    if (white.at(i) < white.at(top))
      top = i;
  for (int i = best; i < best + half + far; i++)
    if (white.at(i) < white.at(bottom))
      bottom = i;
  if (white.at(best) - std::max(white.at(top), white.at(bottom)) > contrast) {
    const auto edge = [&](int lip, int step) {
      const float level = (white.at(best) + white.at(lip)) / 2;
      int i = best;
      while (i != lip && white.at(i) > level)
        i += step;
      return static_cast<float>(i);
    };
    opening.upper = at(white, edge(top, -1));
    opening.lower = at(white, edge(bottom, 1));
    return true;
  }
  if (opening.height() < 0.2F) { // shut: the line between the lips is the darkest
    const Profile dark = profile(crop, opening, luma);
    int line = dark.middle;
    for (int i = dark.middle - near - half; i <= dark.middle + near + half; i++)
      if (dark.at(i) < dark.at(line))
        line = i;
    opening.upper = opening.lower = at(dark, static_cast<float>(line));
  }
  return false;
}

} // namespace compose
} // namespace fomo
