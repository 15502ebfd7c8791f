// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/repaint.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "compose/fill.h"
#include "compose/mouth_opening.h"
#include "model/motion/motion_math.h"

namespace fomo {

namespace {

/// Lightness may differ from the surroundings' by these factors.
constexpr float kDarkest = 0.2F, kLightest = 1.3F;
/// Below this a hue is noise; levels of luma.
constexpr float kLeastLuma = 6;
/// r, g, b of a mouth's inside for a luma of 1, where the generator's own is not red already: red
/// by this factor before the others.
constexpr float kMouth[3] = {1.28F, 0.92F, 0.86F}, kRed = 0.25F;
/// Light patches in it become darker by up to this share, from one luma to the other.
constexpr float kShade = 0.45F, kShadeFrom = 40, kShadeTo = 110;
/// Hidden by less than this changes nothing that is seen.
constexpr float kSeen = 0.03F;
/// Where the background mask is beyond this the plate covers all that was painted.
constexpr float kPlate = 0.6F, kPlateWay = 0.2F;

/// The quadrilateral of a mouth's keypoints, grown a little, in pixels.
class MouthArea {
 public:
  MouthArea(const KeypointSet& keypoints, cv::Size size) {
    const int first = keypoints.first_mouth;
    if (first <= 0 || first + 4 > keypoints.count)
      return;
    const auto point = [&](int k) {
      const float* at = keypoints.value.data() + 2 * static_cast<ptrdiff_t>(first + k);
      return cv::Point2f((at[0] + 1) / 2 * static_cast<float>(size.width),
                         (at[1] + 1) / 2 * static_cast<float>(size.height));
    };
    corners_ = {point(0), point(2), point(1), point(3)}; // once around
    const cv::Point2f middle = (corners_[0] + corners_[2]) / 2;
    for (const int side : {0, 2}) // lips close towards the corners
      corners_[side] += 0.15F * (middle - corners_[side]);
    soft_ = 0.008F * static_cast<float>(size.width);
    double area = 0;
    for (size_t i = 0; i < 4; i++)
      area += corners_[i].cross(corners_[(i + 1) % 4]);
    turn_ = area < 0 ? -1.0F : 1.0F;
    there_ = true;
  }

  /// 1 inside, 0 outside.
  float share(float x, float y) const {
    if (!there_)
      return 0;
    float depth = 1e9F;
    for (size_t i = 0; i < 4; i++) {
      const cv::Point2f edge = corners_[(i + 1) % 4] - corners_[i];
      const cv::Point2f to = cv::Point2f(x, y) - corners_[i];
      const float beside = turn_ * (edge.x * to.y - edge.y * to.x);
      depth = std::min(depth, beside / std::max(1e-3F, std::hypot(edge.x, edge.y)));
    }
    return std::clamp(depth / (2 * soft_) + 1, 0.0F, 1.0F);
  }

 private:
  std::array<cv::Point2f, 4> corners_;
  float soft_ = 1, turn_ = 1;
  bool there_ = false;
};

/// What the generator painted inside a mouth, without violet and without light slabs.
void mouth_inside(const float* own, float lightness, float* inside) {
  const float warm = std::clamp((own[0] / std::max({own[1], own[2], 1.0F}) - 1) / kRed, 0.0F, 1.0F);
  const float light = std::clamp((lightness - kShadeFrom) / (kShadeTo - kShadeFrom), 0.0F, 1.0F);
  for (int c = 0; c < 3; c++) {
    const float tinted = lightness * kMouth[c];
    inside[c] = (1 - kShade * light) * (tinted + warm * (own[c] - tinted));
  }
}

void hold(const float* around, float share, float mouth, uint8_t* pixel) {
  const float own[3] = {static_cast<float>(pixel[0]), static_cast<float>(pixel[1]),
                        static_cast<float>(pixel[2])};
  const float lightness = compose::luma({own[0], own[1], own[2]}),
              theirs = std::max(compose::luma({around[0], around[1], around[2]}), kLeastLuma);
  const float scale = std::clamp(lightness / theirs, kDarkest, kLightest);
  float inside[3];
  mouth_inside(own, lightness, inside);
  for (int c = 0; c < 3; c++) {
    const float held = around[c] * scale;
    const float wanted = held + mouth * (inside[c] - held);
    pixel[c] = cv::saturate_cast<uint8_t>(own[c] + share * (wanted - own[c]));
  }
}

} // namespace

void Repaint::operator()(const MotionField& field, const KeypointSet& keypoints,
                         const FomoImage& picture) {
  if (!field.background || !field.occlusion)
    return;
  const cv::Size cells(field.width, field.height), size(picture.width, picture.height);
  const cv::Mat frame(size, CV_8UC3, picture.data, static_cast<size_t>(picture.stride));
  shown_.create(cells, CV_32F);
  hidden_.create(cells, CV_32F);
  float most = 0;
  for (int y = 0, i = 0; y < cells.height; y++)
    for (int x = 0; x < cells.width; x++, i++) {
      const float person = 1 - field.background[i];
      const float painted = std::clamp((kPlate - field.background[i]) / kPlateWay, 0.0F, 1.0F);
      hidden_.at<float>(y, x) = (1 - field.occlusion[i]) * painted;
      shown_.at<float>(y, x) = field.occlusion[i] * person;
      most = std::max(most, hidden_.at<float>(y, x));
    }
  if (!(most > kSeen))
    return;
  cv::erode(shown_, shown_, {});
  cv::resize(frame, small_, cells, 0, 0, cv::INTER_AREA);
  small_.convertTo(small_, CV_32F);
  const cv::Mat around = compose::push_pull(small_, shown_);
  const MouthArea mouth(keypoints, size);
  for (int y = 0; y < size.height; y++) {
    const ResizeTaps down = resize_taps(y, cells.height, size.height);
    const auto *h0 = hidden_.ptr<float>(down.first), *h1 = hidden_.ptr<float>(down.second);
    const auto *a0 = around.ptr<float>(down.first), *a1 = around.ptr<float>(down.second);
    uint8_t* pixel = picture.data + y * picture.stride;
    for (int x = 0; x < size.width; x++, pixel += 3) {
      const ResizeTaps across = resize_taps(x, cells.width, size.width);
      const auto mean = [&](const float* upper, const float* lower, int channels, int c) {
        const int l = across.first * channels + c, r = across.second * channels + c;
        const float u = upper[l] + across.share * (upper[r] - upper[l]);
        const float v = lower[l] + across.share * (lower[r] - lower[l]);
        return u + down.share * (v - u);
      };
      const float share = mean(h0, h1, 1, 0);
      if (share < kSeen)
        continue;
      const float colour[3] = {mean(a0, a1, 3, 0), mean(a0, a1, 3, 1), mean(a0, a1, 3, 2)};
      hold(colour, share, mouth.share(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F),
           pixel);
    }
  }
}

} // namespace fomo
