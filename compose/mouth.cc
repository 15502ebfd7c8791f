// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/mouth.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "compose/cut_out.h"
#include "compose/smooth_step.h"
#include "model/motion/landmarks.h"
#include "model/motion/local_motions.h"

namespace fomo {

using compose::bounds;
using compose::centre_of;
using compose::luma;
using compose::mean_outside;
using compose::pixel_of;
using compose::smooth_step;

namespace {

/// Heights of an opening, in its widths. Beyond the first the mouth of a picture is open, not only
/// smiling. A mouth is drawn when its height grows by the second, and completely from the third on.
constexpr float kWideOpen = 0.45F, kOpens = 0.01F, kOpen = 0.05F;

cv::Vec3f grey(float level) { return {level, level, level}; }

/// Pixels of a crop whose width and height are `size`, from keypoints' coordinates, and back. The
/// centres of the outermost cells of 4 pixels of 256 lie at -1 and 1.
constexpr float kReach = 126.0F / 128;
cv::Point2f to_pixel(float x, float y, const PixelSize& size) {
  return {(x * kReach + 1) / 2 * static_cast<float>(size.width),
          (y * kReach + 1) / 2 * static_cast<float>(size.height)};
}
cv::Point2f to_coordinate(cv::Point2f pixel, const PixelSize& size) {
  return {(pixel.x / static_cast<float>(size.width) * 2 - 1) / kReach,
          (pixel.y / static_cast<float>(size.height) * 2 - 1) / kReach};
}

/// The local motions of some keypoints, in pixels.
class PixelMotion {
 public:
  PixelMotion(const LocalMotion& motion, const PixelSize& size) {
    const cv::Point2f zero = to_coordinate({0, 0}, size), x = to_coordinate({1, 0}, size),
                      y = to_coordinate({0, 1}, size);
    const auto moved = [&](cv::Point2f at) {
      return to_pixel(motion_x(motion, at.x, at.y), motion_y(motion, at.x, at.y), size);
    };
    const cv::Point2f origin = moved(zero);
    to_source_ = {moved(x).x - origin.x, moved(y).x - origin.x, origin.x,
                  moved(x).y - origin.y, moved(y).y - origin.y, origin.y};
  }
  static PixelMotion mean(const PixelMotion& a, const PixelMotion& b) {
    PixelMotion result = a;
    result.to_source_ = (a.to_source_ + b.to_source_) * 0.5F;
    return result;
  }
  cv::Point2f source_of(cv::Point2f driven) const {
    const cv::Vec2f at = to_source_ * cv::Vec3f(driven.x, driven.y, 1);
    return {at[0], at[1]};
  }
  cv::Point2f driven_of(cv::Point2f source) const {
    cv::Matx23f inverse;
    cv::invertAffineTransform(to_source_, inverse);
    const cv::Vec2f at = inverse * cv::Vec3f(source.x, source.y, 1);
    return {at[0], at[1]};
  }

 private:
  cv::Matx23f to_source_;
};

/// The dense motion between its cells.
class FieldAt {
 public:
  struct Cell {
    cv::Point2f source; ///< the pixel of the crop that is shown
    float hidden;       ///< 1 - occlusion map
  };
  FieldAt(const MotionField& field, const PixelSize& size) : field_(field), size_(size) {}

  Cell operator()(cv::Point2f pixel) const {
    const cv::Point2f z = to_coordinate(pixel, size_);
    const BilinearTaps taps =
        bilinear_taps(std::clamp(z.x, -1.0F, 1.0F), std::clamp(z.y, -1.0F, 1.0F), field_.width,
                      field_.height, true);
    cv::Point2f source;
    float hidden = 0;
    for (int i = 0; i < 4; i++) {
      const float* from = field_.deformation + ptrdiff_t{2} * taps.index[i];
      source += taps.weight[i] * cv::Point2f(from[0], from[1]);
      hidden += taps.weight[i] * (1 - field_.occlusion[taps.index[i]]);
    }
    return {to_pixel(source.x, source.y, size_), hidden};
  }

 private:
  const MotionField& field_;
  PixelSize size_;
};

/// The index of a keypoint of a model that names its mouth's keypoints.
int index_of(landmark::Landmark point, const KeypointSet& keypoints) {
  return keypoints.first_mouth + point - landmark::kMouthLeft;
}

bool has_mouth(const KeypointSet& keypoints) {
  return keypoints.first_mouth > 0 && index_of(landmark::kNose, keypoints) >= 0 &&
         index_of(landmark::kLowerLip, keypoints) < keypoints.count;
}

MouthOpening opening_of(const KeypointSet& keypoints, const PixelSize& size) {
  const auto point = [&](landmark::Landmark which) {
    const float* at = &keypoints.value[2 * static_cast<size_t>(index_of(which, keypoints))];
    return to_pixel(at[0], at[1], size);
  };
  // The viewer's left is the person's right.
  return {point(landmark::kMouthRight), point(landmark::kMouthLeft), point(landmark::kUpperLip),
          point(landmark::kLowerLip)};
}

} // namespace

std::shared_ptr<const SourceMouth> SourceMouth::make(const Picture& picture, const cv::Rect& place,
                                                     const KeypointSet& keypoints, PixelSize size) {
  if (!has_mouth(keypoints))
    return nullptr;
  const cv::Mat crop = compose::cut_out(picture, place, {size.width, size.height});
  auto mouth = std::make_shared<SourceMouth>();
  mouth->source_ = keypoints;
  mouth->size_ = size;
  mouth->opening_ = opening_of(keypoints, mouth->size_);
  MouthOpening& opening = mouth->opening_;
  if (opening.width() < 8 || opening.height() > kWideOpen)
    return nullptr;
  mouth->shows_teeth_ = compose::find_edges(crop, opening);

  const cv::Vec3f skin = mean_outside(crop, opening, 0.25F, 0.45F);
  const cv::Vec3f lips = mean_outside(crop, opening, 0.03F, 0.10F);
  const float light = luma(skin), lip_light = std::max(luma(lips), 1.0F);
  // A dark red in the picture's own hue: the lips' hue, half way to grey.
  const cv::Vec3f tint = (lips / lip_light + cv::Vec3f(1.3F, 0.9F, 0.85F)) * 0.5F;
  mouth->cavity_ = tint * (0.2F * light);
  mouth->tongue_ = tint * (0.4F * light);
  mouth->enamel_ = (grey(light) * 0.35F + skin * 0.65F) * 0.95F;
  if (!mouth->shows_teeth_)
    return mouth;
  mouth->place_ = bounds(opening, 0.05F, crop.size());
  mouth->teeth_.create(mouth->place_.size(), CV_32FC4);
  const float soft = 0.02F * opening.width();
  for (int y = 0; y < mouth->place_.height; y++)
    for (int x = 0; x < mouth->place_.width; x++) {
      const cv::Point at = mouth->place_.tl() + cv::Point(x, y);
      const auto depth = opening.depth(centre_of(at));
      // The upper lip covers the upper edge; the lower one shall not be cut out with the teeth.
      const float share = smooth_step(depth.above_lower, -0.2F * soft, 1.5F * soft) *
                          smooth_step(depth.below_upper, -2 * soft, 0);
      const cv::Vec3f rgb = pixel_of(crop, at);
      mouth->teeth_.at<cv::Vec4f>(y, x) = {rgb[0], rgb[1], rgb[2], share};
    }
  return mouth;
}

cv::Vec3f SourceMouth::over(const cv::Vec3f& behind, cv::Point2f source) const {
  if (shows_teeth_) {
    const cv::Point2f at = source - cv::Point2f(place_.tl()) - cv::Point2f(0.5F, 0.5F);
    if (!(at.x >= 0 && at.y >= 0 && at.x < static_cast<float>(place_.width - 1) &&
          at.y < static_cast<float>(place_.height - 1)))
      return behind;
    const int x = cvFloor(at.x), y = cvFloor(at.y);
    const float fx = at.x - static_cast<float>(x), fy = at.y - static_cast<float>(y);
    const auto* upper = teeth_.ptr<cv::Vec4f>(y) + x;
    const auto* lower = teeth_.ptr<cv::Vec4f>(y + 1) + x;
    const cv::Vec4f tooth = (upper[0] * (1 - fx) + upper[1] * fx) * (1 - fy) +
                            (lower[0] * (1 - fx) + lower[1] * fx) * fy;
    const cv::Vec3f colour(tooth[0], tooth[1], tooth[2]);
    return behind + (colour - behind) * tooth[3];
  }
  // Upper front teeth that the shut lips of the picture hide, drawn in the picture's light.
  const auto depth = opening_.depth(source);
  const float w = opening_.width();
  const float below = depth.below_upper / w, across = 2 * depth.along - 1;
  constexpr float length = 0.062F, half = 0.74F;
  const float bow = length * (1 - 0.55F * across * across);
  const float share =
      smooth_step(bow - below, -0.012F, 0.02F) * smooth_step(half - std::abs(across), 0, 0.25F);
  // Narrow gaps between teeth, and less light towards the corners and beneath the lip.
  const float tooth = std::abs(std::remainder(across, 0.26F)) / 0.13F; // 1 in a gap
  const float shade = (1 - 0.35F * across * across) *
                      (1 - 0.16F * smooth_step(1 - std::abs(tooth), 0.15F, 0)) *
                      (0.6F + 0.4F * smooth_step(below, -0.02F, 0.05F));
  return behind + (enamel_ * shade - behind) * (0.92F * share);
}

void SourceMouth::draw(const MotionField& field, const KeypointSet& driving,
                       const FomoImage& output) const {
  if (!field.occlusion || !field.deformation)
    return;
  std::vector<LocalMotion> motions(static_cast<size_t>(source_.count) + 1);
  local_motions(source_, driving, motions.data());
  const auto motion = [&](landmark::Landmark point) {
    return PixelMotion(motions[static_cast<size_t>(index_of(point, source_)) + 1], size_);
  };
  const PixelMotion left = motion(landmark::kMouthRight), right = motion(landmark::kMouthLeft);
  const PixelMotion upper = motion(landmark::kUpperLip), lower = motion(landmark::kLowerLip);
  const PixelMotion skull = PixelMotion::mean(upper, motion(landmark::kNose));
  const MouthOpening now{left.driven_of(opening_.left), right.driven_of(opening_.right),
                         upper.driven_of(opening_.upper), lower.driven_of(opening_.lower)};
  const float opened = smooth_step(now.height() - opening_.height(), kOpens, kOpen);
  if (opened <= 0)
    return;
  const cv::Rect area = bounds(now, 0.12F, {size_.width, size_.height});
  if (area.empty())
    return;
  const cv::Mat mask = opening_mask(field, now, area) * opened;
  for (int y = 0; y < area.height; y++) {
    uint8_t* pixel =
        output.data + (area.y + y) * output.stride + ptrdiff_t{output.channels} * area.x;
    for (int x = 0; x < area.width; x++, pixel += output.channels) {
      const float inside = mask.at<float>(y, x);
      if (inside < 1 / 512.0F)
        continue;
      const cv::Point2f at = centre_of(area.tl() + cv::Point(x, y));
      const auto depth = now.depth(at);
      const float height = std::max(1.0F, depth.below_upper + depth.above_lower);
      const float down = std::clamp(depth.below_upper / height, 0.0F, 1.0F);
      const float side = 1 - std::abs(2 * depth.along - 1);
      // The tongue lies in the lower half and away from the corners.
      const float tongue = smooth_step(down, 0.3F, 1) * smooth_step(side, 0, 0.7F);
      const cv::Vec3f colour = over(cavity_ + (tongue_ - cavity_) * tongue, skull.source_of(at));
      for (int c = 0; c < 3; c++)
        pixel[c] = cv::saturate_cast<uint8_t>(static_cast<float>(pixel[c]) +
                                              inside * (colour[c] - static_cast<float>(pixel[c])));
    }
  }
}

cv::Mat SourceMouth::opening_mask(const MotionField& field, const MouthOpening& now,
                                  const cv::Rect& area) const {
  const float soft = 0.02F * now.width(), source_soft = 0.02F * opening_.width();
  const FieldAt field_at(field, size_);
  cv::Mat mask(area.size(), CV_32F);
  for (int y = 0; y < area.height; y++)
    for (int x = 0; x < area.width; x++) {
      const cv::Point2f at = centre_of(area.tl() + cv::Point(x, y));
      const auto depth = now.depth(at);
      const float near = smooth_step(depth.below_upper, -4 * soft, -soft) *
                         smooth_step(depth.above_lower, -4 * soft, -soft);
      float& share = mask.at<float>(y, x);
      share = 0;
      if (near <= 0)
        continue;
      const FieldAt::Cell cell = field_at(at);
      float stretched = 0;
      if (shows_teeth_) {
        const auto before = opening_.depth(cell.source);
        stretched = smooth_step(before.below_upper, -source_soft, source_soft) *
                    smooth_step(before.above_lower, -source_soft, source_soft);
      }
      share = near * std::max(stretched, smooth_step(cell.hidden, 0.3F, 0.6F));
    }
  // The map of hidden cells is coarse: its corners become round.
  cv::GaussianBlur(mask, mask, {0, 0}, std::max(0.8F, 1.2F * soft), 0, cv::BORDER_REPLICATE);
  return mask;
}

} // namespace fomo