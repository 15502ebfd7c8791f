// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/plate.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "compose/cut_out.h"
#include "compose/fill.h"

namespace fomo {

namespace {

/// The filled part is smooth: more pixels would show no more of it.
constexpr int kFillSize = 256;
/// Of the picture's width: so far around the matte nothing is taken for background, as strands of
/// hair and their shadows reach beyond it.
constexpr double kHairMargin = 0.033;
/// And so far around it the plate is shown in place of what stands still there.
constexpr double kShownMargin = 0.037;
/// Of what moves with the head: up to here it is the body, from there on the head.
constexpr float kStays = 0.45F, kMoves = 0.75F;
/// Of the picture's height: from so far to twice as far above the chin, all of the person becomes
/// the head; up to there are shoulders and collars, too.
constexpr float kChin = 0.06F;
/// And so far below the chin, of the picture's height, the neck moves with the head. Up to twice
/// as far it becomes the body: a neck's keypoint moves clothes, too, which the plate must keep.
constexpr float kNeck = 0.06F;
/// Pixels of 256: what is finer than this is texture, and so far it goes on behind the head.
constexpr double kTextureSigma = 8, kTextureReach = 48;

cv::Mat grown(const cv::Mat& map, double margin) {
  const int radius = std::max(1, cvRound(margin * map.cols));
  cv::Mat wide;
  cv::dilate(map, wide,
             cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * radius + 1, 2 * radius + 1}));
  return wide;
}

cv::Mat scaled(const cv::Mat& image, cv::Size size) {
  cv::Mat result;
  const bool smaller = size.width < image.cols || size.height < image.rows;
  cv::resize(image, result, size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

/// Float straight r, g, b, a with a in [0, 255]: colours over mid grey, opaque.
void lay_over_grey(cv::Mat& rgba) {
  rgba.forEach<cv::Vec4f>([](cv::Vec4f& pixel, const int*) {
    const float alpha = pixel[3] / 255;
    for (int c = 0; c < 3; c++)
      pixel[c] = 128 + (pixel[c] - 128) * alpha;
    pixel[3] = 255;
  });
}

/// `to` where `share` is 1, bytes of `channels`.
cv::Mat mixed(const cv::Mat& from, const cv::Mat& to, const cv::Mat& share, int channels) {
  cv::Mat result(from.size(), CV_8UC(channels));
  for (int y = 0; y < from.rows; y++) {
    const auto *a = from.ptr<float>(y), *b = to.ptr<float>(y), *s = share.ptr<float>(y);
    uint8_t* out = result.ptr(y);
    for (int x = 0; x < from.cols; x++, a += 4, b += 4, out += channels)
      for (int c = 0; c < channels; c++)
        out[c] = cv::saturate_cast<uint8_t>(a[c] + s[x] * (b[c] - a[c]));
  }
  return result;
}

/// 0 up to `from`, 1 from `to` on.
cv::Mat ramp(const cv::Mat& map, float from, float to) {
  return cv::min(cv::max((map - from) / (to - from), 0), 1);
}

/// The part of the matte that moves with the head, and long hair above the chin. What else there is
/// of the person, clothes and shoulders, stays where it is and in the plate.
cv::Mat head_of(const PersonMap& person) {
  const cv::Mat moves = grown(scaled(person.moving, person.matte.size()), kHairMargin);
  cv::Mat share = ramp(moves, kStays, kMoves);
  for (int y = 0; y < share.rows; y++) {
    const float below = static_cast<float>(y) / static_cast<float>(share.rows) - person.chin;
    const float above = std::clamp(-below / kChin - 1, 0.0F, 1.0F);
    cv::Mat row = share.row(y);
    cv::max(row, above, row);
    row *= std::clamp(1 - (below - kNeck) / kNeck, 0.0F, 1.0F);
  }
  return person.matte.mul(share);
}

/// What is behind the head for sure: outside the matte, and nothing of it moves; below the chin
/// also clothes and shoulders, which go on behind it. Where there is too little of that, all
/// outside `hidden`.
cv::Mat background_of(const PersonMap& person, const cv::Mat& hidden) {
  constexpr double least = 0.02;
  const cv::Size size = hidden.size();
  const cv::Mat still = 1 - ramp(grown(scaled(person.moving, size), kHairMargin), 0.08F, 0.3F);
  cv::Mat away = 1 - grown(scaled(person.matte, size), kHairMargin);
  const int shoulders = cvRound((person.chin + kChin) * static_cast<float>(size.height));
  if (shoulders < size.height) {
    const cv::Rect below(0, shoulders, size.width, size.height - shoulders);
    cv::Mat(1 - hidden)(below).copyTo(away(below));
  }
  const cv::Mat seen = 1 - hidden;
  const cv::Mat known = cv::min(cv::min(still, away), seen);
  return cv::mean(known)[0] > least ? known : seen;
}

/// What an image has around its local mean where it is known, mirrored at the edge of what is
/// known: `image` and `known` as push_pull takes them. The nearest known pixel is the mirror.
cv::Mat mirrored_texture(const cv::Mat& image, const cv::Mat& known) {
  const double scale = image.cols / 256.0;
  cv::Mat weighted = image.clone(), share, mean;
  for (int y = 0; y < image.rows; y++)
    for (int x = 0; x < image.cols; x++)
      weighted.at<cv::Vec4f>(y, x) *= known.at<float>(y, x);
  cv::GaussianBlur(weighted, mean, {0, 0}, kTextureSigma * scale);
  cv::GaussianBlur(known, share, {0, 0}, kTextureSigma * scale);

  cv::Mat hidden, distance, nearest;
  cv::Mat(known < 0.5F).convertTo(hidden, CV_8U);
  cv::distanceTransform(hidden, distance, nearest, cv::DIST_L2, cv::DIST_MASK_5,
                        cv::DIST_LABEL_PIXEL);
  std::vector<cv::Point> place(static_cast<size_t>(image.total()) + 1);
  for (int y = 0; y < image.rows; y++)
    for (int x = 0; x < image.cols; x++)
      if (!hidden.at<uint8_t>(y, x))
        place[nearest.at<int>(y, x)] = {x, y};

  cv::Mat texture(image.size(), CV_32FC4, cv::Scalar::all(0));
  const cv::Rect inside({0, 0}, image.size());
  for (int y = 0; y < image.rows; y++)
    for (int x = 0; x < image.cols; x++) {
      const float far = distance.at<float>(y, x) / static_cast<float>(kTextureReach * scale);
      const cv::Point edge = place[nearest.at<int>(y, x)];
      const cv::Point from = 2 * edge - cv::Point(x, y);
      if (far <= 0 || far >= 1 || !inside.contains(from) || hidden.at<uint8_t>(from))
        continue;
      const cv::Vec4f around = mean.at<cv::Vec4f>(from) / std::max(share.at<float>(from), 1e-3F);
      texture.at<cv::Vec4f>(y, x) = (image.at<cv::Vec4f>(from) - around) * (1 - far * far);
    }
  return texture;
}

} // namespace

std::shared_ptr<const BackgroundPlate>
BackgroundPlate::make(const Picture& picture, const cv::Rect& crop, const PersonMap& person,
                      PixelSize size, int channels, bool over_grey) {
  if (person.matte.empty())
    return nullptr;
  const cv::Size full(size.width, size.height);
  cv::Mat shown = compose::cut_out(picture, crop, full);
  if (over_grey)
    lay_over_grey(shown);
  const cv::Size less(std::min(size.width, kFillSize), std::min(size.height, kFillSize));
  cv::Mat hidden = grown(scaled(head_of(person), less), kHairMargin);
  cv::GaussianBlur(hidden, hidden, {0, 0}, 1.5);
  const cv::Mat small = scaled(shown, less), known = background_of(person, hidden);
  const cv::Mat filled = compose::push_pull(small, known) + mirrored_texture(small, known);

  auto plate = std::make_shared<BackgroundPlate>();
  plate->pixels_ = mixed(shown, scaled(filled, full), scaled(hidden, full), channels);
  plate->was_head_ = grown(scaled(head_of(person), person.moving.size()), kShownMargin);
  shown.convertTo(plate->picture_, CV_8U);
  if (channels == 3)
    cv::cvtColor(plate->picture_, plate->picture_, cv::COLOR_RGBA2RGB);
  plate->matte_ = person.matte;
  return plate;
}

} // namespace fomo
