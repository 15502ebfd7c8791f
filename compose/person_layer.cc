// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/person_layer.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "compose/smooth_step.h"
#include "model/motion/motion_math.h"

namespace fomo {

using compose::Lines;
using compose::ramp;

namespace {

/// Of the field's width: so far around the face's keypoints the generator's pixels stay.
constexpr double kFaceMargin = 0.04;
/// A smaller share is not seen.
constexpr float kNothing = 1 / 512.0F;

/// Of the field's width: so far around what is hidden the dense motion is a mixture; and the cells
/// of the Gaussian by which that ends.
constexpr double kMixedMargin = 0.06, kMixedSigma = 1.5;
/// Part of the frame that is hidden: a head that turns hides less, a head that shifts hides more,
/// and then the dense motion is a mixture all around it.
constexpr float kTurns = 0.015F, kShifts = 0.05F;
/// Pixels of the matte: less difference between the person's motion and the dense motion is none,
/// more is one.
constexpr float kSame = 0.5F, kOther = 1.5F;

/// One side of a convex polygon.
struct HalfPlane {
  float x, y, offset; ///< the outward normal, of length 1

  /// Positive outside.
  float distance(float at_x, float at_y) const { return x * at_x + y * at_y - offset; }
};

/// The sides of the convex hull of keypoints, in cells; none if the points lie on a line. A
/// distance to the hull changes smoothly with the keypoints, a hull drawn into cells does not.
std::vector<HalfPlane> sides_of(const float* points, int count, cv::Size cells) {
  std::vector<cv::Point2f> corners;
  cv::Point2f middle;
  for (const Point2& corner : convex_hull(points, count)) {
    corners.emplace_back(static_cast<float>((corner.x + 1) / 2 * (cells.width - 1)),
                         static_cast<float>((corner.y + 1) / 2 * (cells.height - 1)));
    middle += corners.back();
  }
  std::vector<HalfPlane> sides;
  if (corners.size() < 3)
    return sides;
  middle *= 1 / static_cast<float>(corners.size());
  for (size_t i = 0; i < corners.size(); i++) {
    const cv::Point2f from = corners[i], along = corners[(i + 1) % corners.size()] - from;
    const float length = std::hypot(along.x, along.y);
    if (length <= 0)
      continue;
    HalfPlane side{along.y / length, -along.x / length, 0};
    side.offset = side.x * from.x + side.y * from.y;
    if (side.distance(middle.x, middle.y) > 0)
      side = {-side.x, -side.y, -side.offset};
    sides.push_back(side);
  }
  return sides;
}

cv::Mat disc_of(int radius) {
  return cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * radius + 1, 2 * radius + 1});
}

} // namespace

PersonLayer::PersonLayer(PixelSize size, int channels, cv::Size cells, cv::Size matte)
    : size_(size), channels_(channels), matte_(matte),
      near_(disc_of(std::max(1, cvRound(kMixedMargin * cells.width)))),
      known_(cells, size.width, size.height), covered_(matte, size.width, size.height),
      own_(cells, size.width, size.height), motion_x_(cells, size.width, size.height),
      motion_y_(cells, size.width, size.height), none_(static_cast<size_t>(3) * size.width) {}

void PersonLayer::find_outside_of_face(const MotionField& field, const KeypointSet* keypoints) {
  outside_.create(field.height, field.width, CV_32F);
  outside_.setTo(1);
  if (!keypoints)
    return;
  const int count = keypoints->on_face > 0 ? keypoints->on_face : keypoints->count;
  const std::vector<HalfPlane> sides = sides_of(keypoints->value.data(), count, outside_.size());
  if (sides.empty())
    return;
  const auto margin = static_cast<float>(kFaceMargin * field.width);
  for (int y = 0; y < field.height; y++) {
    auto* outside = outside_.ptr<float>(y);
    for (int x = 0; x < field.width; x++) {
      float distance = -margin;
      for (const HalfPlane& side : sides)
        distance = std::max(distance, side.distance(static_cast<float>(x), static_cast<float>(y)));
      outside[x] = ramp(distance, margin - 1, margin + 1);
    }
  }
}

void PersonLayer::find_mixed(const MotionField& field) {
  const cv::Mat visible(field.height, field.width, CV_32F, const_cast<float*>(field.occlusion));
  cv::subtract(1, visible, hidden_);
  cv::multiply(hidden_, outside_, hidden_);
  const float part = static_cast<float>(cv::sum(hidden_)[0]) / static_cast<float>(hidden_.total());
  cv::dilate(hidden_, mixed_, near_);
  cv::GaussianBlur(mixed_, mixed_, {0, 0}, kMixedSigma, 0, cv::BORDER_REPLICATE);
  cv::max(mixed_, ramp(part, kTurns, kShifts), mixed_);
}

void PersonLayer::find_own_pixels(const MotionField& field) {
  const cv::Size cells(field.width, field.height);
  const float scale_x = static_cast<float>(matte_.width) / 2;
  const float scale_y = static_cast<float>(matte_.height) / 2;
  share_.create(cells, CV_32F);
  const float *deformation = field.deformation, *visible = field.occlusion;
  for (int y = 0; y < cells.height; y++) {
    const auto *known = moved_.known().ptr<float>(y), *outside = outside_.ptr<float>(y);
    const auto* motion = moved_.motion().ptr<cv::Vec2f>(y);
    auto* share = share_.ptr<float>(y);
    for (int x = 0; x < cells.width; x++, deformation += 2, visible++) {
      const float dx = (deformation[0] - cell_coordinate(x, cells.width)) * scale_x - motion[x][0];
      const float dy = (deformation[1] - cell_coordinate(y, cells.height)) * scale_y - motion[x][1];
      const float differs = ramp(std::hypot(dx, dy), kSame, kOther);
      share[x] = known[x] * outside[x] * std::max(1 - *visible, differs);
    }
  }
}

void PersonLayer::find_changed(const MotionField& field, const cv::Mat& was_head) {
  const cv::Size cells(field.width, field.height);
  // Cells, squared: where the dense motion is smaller, the frame is the picture.
  constexpr float still = 0.01F;
  cv::resize(moved_.carried(), carried_, cells, 0, 0, cv::INTER_AREA);
  changed_.create(cells, CV_8U);
  const float* deformation = field.deformation;
  for (int y = 0; y < cells.height; y++) {
    const auto *carried = carried_.ptr<float>(y), *head = was_head.ptr<float>(y);
    const auto* share = share_.ptr<float>(y);
    for (int x = 0; x < cells.width; x++, deformation += 2) {
      const float dx =
          (deformation[0] - cell_coordinate(x, cells.width)) * static_cast<float>(cells.width) / 2;
      const float dy = (deformation[1] - cell_coordinate(y, cells.height)) *
                       static_cast<float>(cells.height) / 2;
      const bool differs = head[x] > kNothing || dx * dx + dy * dy > still;
      changed_.at<uint8_t>(y, x) = share[x] > kNothing || (carried[x] > kNothing && differs);
    }
  }
}

void PersonLayer::start(const Lines& lines, const BackgroundPlate& plate, const MotionField& field,
                        const KeypointSet* keypoints) {
  find_outside_of_face(field, keypoints);
  find_mixed(field);
  moved_(plate.matte(), field, mixed_);
  known_.start(lines, moved_.known());
  covered_.start(lines, moved_.covered());
  if (keypoints)
    find_own_pixels(field);
  else
    share_ = cv::Mat::zeros(field.height, field.width, CV_32F);
  find_changed(field, plate.was_head());
  own_.start(lines, share_);
  cv::split(moved_.motion(), axes_);
  motion_x_.start(lines, axes_[0]);
  motion_y_.start(lines, axes_[1]);
}

void PersonLayer::sample(const BackgroundPlate& plate, int y, cv::Range range, Slot& slot) const {
  const float scale_x = static_cast<float>(size_.width) / static_cast<float>(matte_.width);
  const float scale_y = static_cast<float>(size_.height) / static_cast<float>(matte_.height);
  const auto right = static_cast<float>(size_.width - 1);
  const auto bottom = static_cast<float>(size_.height - 1);
  uint8_t* out = slot.pixels.data();
  for (int i = 0; i < range.size(); i++, out += channels_) {
    if (slot.share[i] < kNothing)
      continue;
    const float x =
        std::clamp(static_cast<float>(range.start + i) + slot.x[i] * scale_x, 0.0F, right);
    const float at_y = std::clamp(static_cast<float>(y) + slot.y[i] * scale_y, 0.0F, bottom);
    const int left = std::clamp(static_cast<int>(x), 0, std::max(0, size_.width - 2));
    const int top = std::clamp(static_cast<int>(at_y), 0, std::max(0, size_.height - 2));
    const int next = left + 1 < size_.width ? channels_ : 0;
    const float part_x = x - static_cast<float>(left), part_y = at_y - static_cast<float>(top);
    const uint8_t* a = plate.picture_line(top) + ptrdiff_t{channels_} * left;
    const uint8_t* b =
        plate.picture_line(std::min(top + 1, size_.height - 1)) + ptrdiff_t{channels_} * left;
    for (int c = 0; c < channels_; c++) {
      const float above = a[c] + part_x * static_cast<float>(a[c + next] - a[c]);
      const float below = b[c] + part_x * static_cast<float>(b[c + next] - b[c]);
      out[c] = static_cast<uint8_t>(cvRound(above + part_y * (below - above)));
    }
  }
}

void PersonLayer::cover(const Lines& lines, int y, cv::Range range, float* covered,
                        float* carried) const {
  covered_.line(lines, y, range.start, range.end, covered);
  known_.line(lines, y, range.start, range.end, carried);
  for (int i = 0; i < range.size(); i++)
    carried[i] -= covered[i];
}

void PersonLayer::show(const Lines& lines, const BackgroundPlate& plate, int y, cv::Range range,
                       Slot& slot, uint8_t* out) const {
  const auto width = static_cast<size_t>(size_.width);
  for (auto* line : {&slot.share, &slot.x, &slot.y})
    line->resize(width);
  slot.weight.resize(width * channels_);
  slot.pixels.resize(width * channels_);
  own_.line(lines, y, range.start, range.end, slot.share.data());
  const auto largest = std::max_element(slot.share.begin(), slot.share.begin() + range.size());
  if (*largest < kNothing)
    return;
  motion_x_.line(lines, y, range.start, range.end, slot.x.data());
  motion_y_.line(lines, y, range.start, range.end, slot.y.data());
  sample(plate, y, range, slot);
  float* weight = slot.weight.data();
  for (int i = 0; i < range.size(); i++) {
    const float share = slot.share[i] < kNothing ? 0 : std::min(slot.share[i], 1.0F);
    for (int c = 0; c < channels_; c++)
      *weight++ = share;
  }
  out += ptrdiff_t{channels_} * range.start;
  const auto lay = channels_ == 4 ? lines.paste_straight : lines.paste;
  lay(out, out, slot.pixels.data(), none_.data(), slot.weight.data(), 1, range.size());
}

} // namespace fomo
