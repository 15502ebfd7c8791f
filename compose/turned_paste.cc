// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/turned_paste.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace fomo::compose {

TurnedPaste::TurnedPaste(const PictureCrop& place, cv::Size output, double aspect, int channels)
    : place_(place), aspect_(aspect), channels_(channels), match_(place.size()),
      offset_(static_cast<size_t>(3) * place.width) {
  constexpr double rounding = 1e-6;
  const double c = std::abs(std::cos(place.roll)), s = std::abs(std::sin(place.roll));
  const double extent = (c + s) * place.width;
  const double across = extent * std::min(1.0, aspect), down = extent * std::min(1.0, 1 / aspect);
  const cv::Point2d middle(place.x + place.width / 2.0, place.y + place.height / 2.0);
  const cv::Point first(cvFloor(middle.x - across / 2 + rounding),
                        cvFloor(middle.y - down / 2 + rounding)),
      last(cvCeil(middle.x + across / 2 - rounding), cvCeil(middle.y + down / 2 - rounding));
  seen_ = cv::Rect(first, last) & cv::Rect({}, output);
  if (seen_.empty())
    return;
  across_.resize(static_cast<size_t>(channels) * seen_.width);
  none_.resize(static_cast<size_t>(3) * seen_.width);
  make_weights(output);
}

cv::Matx23d TurnedPaste::to_upright(const cv::Point& first) const {
  const double c = std::cos(place_.roll), s = std::sin(place_.roll);
  // The picture's pixels are shown by so much smaller than those of the square place.
  const double by_x = 1 / std::min(1.0, aspect_), by_y = 1 / std::min(1.0, 1 / aspect_);
  const double left = by_x * (first.x + 0.5 - place_.x - place_.width / 2.0),
               top = by_y * (first.y + 0.5 - place_.y - place_.height / 2.0);
  const double middle = place_.width / 2.0 - 0.5;
  return {c * by_x,  s * by_y, c * left + s * top + middle,
          -s * by_x, c * by_y, -s * left + c * top + middle};
}

/// The edges are feathered where the picture continues beyond them.
void TurnedPaste::make_weights(cv::Size output) {
  const cv::Matx23d map = to_upright(seen_.tl());
  const auto size = static_cast<float>(place_.width);
  const float width = std::max(1.0F, kFeather * size);
  // The picture's corners, upright: an edge beyond which none of them lies has nothing behind it.
  const cv::Matx23d from_origin = to_upright({0, 0});
  bool left = false, top = false, right = false, bottom = false;
  for (const double x : {-0.5, output.width - 0.5})
    for (const double y : {-0.5, output.height - 0.5}) {
      const cv::Vec2d corner = from_origin * cv::Vec3d(x, y, 1) + cv::Vec2d(0.5, 0.5);
      left = left || corner[0] < -1;
      top = top || corner[1] < -1;
      right = right || corner[0] > size + 1;
      bottom = bottom || corner[1] > size + 1;
    }
  has_edges_ = left || top || right || bottom;
  weights_.create(seen_.size(), CV_8U);
  for (int y = 0; y < seen_.height; y++)
    for (int x = 0; x < seen_.width; x++) {
      const cv::Vec2d at = map * cv::Vec3d(x, y, 1);
      const float u = static_cast<float>(at[0]) + 0.5F, v = static_cast<float>(at[1]) + 0.5F;
      float weight = u >= 0 && v >= 0 && u <= size && v <= size ? 1 : 0;
      weight *= left ? feathered(u, width) : 1;
      weight *= top ? feathered(v, width) : 1;
      weight *= right ? feathered(size - u, width) : 1;
      weight *= bottom ? feathered(size - v, width) : 1;
      weights_.at<uint8_t>(y, x) = cv::saturate_cast<uint8_t>(255 * weight);
    }
}

/// The crop in the colours of the picture around it.
const cv::Mat& TurnedPaste::matched(const Lines& lines, const cv::Mat& patch,
                                    const cv::Mat& background) {
  if (upright_background_.empty()) {
    upright_background_.create(place_.size(), background.type());
    cv::warpAffine(background, upright_background_, to_upright({0, 0}), place_.size(),
                   cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  }
  match_.update(lines, upright_background_, patch);
  patch.copyTo(matched_);
  for (int y = 0; y < matched_.rows; y++) {
    match_.line(lines, y, offset_.data());
    uint8_t* pixel = matched_.ptr(y);
    for (int x = 0; x < matched_.cols; x++, pixel += channels_)
      for (int c = 0; c < 3; c++)
        pixel[c] = cv::saturate_cast<uint8_t>(static_cast<float>(pixel[c]) + offset_[3 * x + c]);
  }
  return matched_;
}

void TurnedPaste::paste(const Lines& lines, const cv::Mat& patch, const cv::Mat& background,
                        const cv::Mat& under, const FomoImage& output) {
  turned_.create(seen_.size(), patch.type());
  cv::warpAffine(has_edges_ ? matched(lines, patch, background) : patch, turned_,
                 to_upright(seen_.tl()), seen_.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  const auto blend = channels_ == 4 ? lines.paste_straight : lines.paste;
  for (int y = 0; y < seen_.height; y++) {
    const uint8_t* weight = weights_.ptr(y);
    for (int x = 0; x < seen_.width; x++)
      std::fill_n(&across_[static_cast<size_t>(channels_) * x], channels_,
                  static_cast<float>(weight[x]) / 255);
    const ptrdiff_t left = ptrdiff_t{channels_} * seen_.x;
    blend(output.data + (seen_.y + y) * output.stride + left, under.ptr(seen_.y + y) + left,
          turned_.ptr(y), none_.data(), across_.data(), 1, seen_.width);
  }
}

} // namespace fomo::compose
