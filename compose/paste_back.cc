// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/paste_back.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/image_mat.h"
#include "compose/border_match.h"
#include "compose/cut_out.h"
#include "compose/turned_paste.h"

namespace fomo {

using compose::BorderMatch;
using compose::Lines;
using compose::TurnedPaste;

namespace {

/// The weights of the animation along one axis of a crop of `size` pixels, for its `seen` pixels
/// within the output, of which `skipped` come before. The weight rises from 0 at the border of the
/// crop to 1. With `before` or `after` false, the picture ends at that side and there is no edge.
std::vector<float> feather(int size, int skipped, int seen, bool before, bool after) {
  std::vector<float> result(seen);
  const float width = std::max(1.0F, compose::kFeather * static_cast<float>(size));
  const auto step = [width](float distance) { return compose::feathered(distance, width); };
  for (int i = 0; i < seen; i++) {
    const float at = static_cast<float>(i + skipped) + 0.5F;
    result[i] = (before ? step(at) : 1) * (after ? step(static_cast<float>(size) - at) : 1);
  }
  return result;
}

int scaled(int x, int from, int to) {
  return static_cast<int>(std::lround(static_cast<double>(x) * to / from));
}

} // namespace

/// One crop, in pixels of the output.
struct PasteBack::Face {
  cv::Rect crop;                   // may extend beyond the output
  cv::Rect seen;                   // the part within the output
  std::vector<float> across, down; // weights of `seen`; `across` for each channel
  BorderMatch match;
  cv::Mat resized;
  std::vector<float> offset;

  Face(const cv::Rect& place, cv::Size output, int channels)
      : crop(place), seen(crop & cv::Rect({}, output)), match(seen.size()),
        offset(static_cast<size_t>(3) * seen.width) {
    const std::vector<float> columns =
        feather(crop.width, seen.x - crop.x, seen.width, crop.x > 0, crop.br().x < output.width);
    for (const float weight : columns)
      across.insert(across.end(), channels, weight);
    down =
        feather(crop.height, seen.y - crop.y, seen.height, crop.y > 0, crop.br().y < output.height);
  }

  /// Blends the animation over `under`, a picture of the size of the output or the output itself.
  void paste(const Lines& lines, const ConstImage& animated, const cv::Mat& background,
             const cv::Mat& under, const FomoImage& output) {
    cv::Mat patch = as_mat(animated);
    if (patch.size() != crop.size()) {
      const bool smaller = crop.width < patch.cols && crop.height < patch.rows;
      cv::resize(patch, resized, crop.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
      patch = resized;
    }
    patch = patch(seen - crop.tl());
    match.update(lines, background(seen), patch);
    const auto blend = output.channels == 4 ? lines.paste_straight : lines.paste;
    for (int y = 0; y < seen.height; y++) {
      match.line(lines, y, offset.data());
      const ptrdiff_t left = ptrdiff_t{output.channels} * seen.x;
      blend(output.data + (seen.y + y) * output.stride + left, under.ptr(seen.y + y) + left,
            patch.ptr(y), offset.data(), across.data(), down[y], seen.width);
    }
  }
};

struct PasteBack::Work {
  std::shared_ptr<const Picture> picture; // owns the pixels of `background`, unless null
  cv::Mat background;
  std::vector<PictureCrop> places;
  std::vector<std::unique_ptr<Face>> faces;         // null: a turned one
  std::vector<std::unique_ptr<TurnedPaste>> turned; // null: one without a roll

  void add(const PictureCrop& place, cv::Size output, double aspect, int channels) {
    places.push_back(place);
    faces.push_back(place.roll == 0 ? std::make_unique<Face>(place, output, channels) : nullptr);
    turned.push_back(
        place.roll == 0 ? nullptr : std::make_unique<TurnedPaste>(place, output, aspect, channels));
  }

  const cv::Rect& seen(size_t face) const {
    return turned[face] ? turned[face]->seen() : faces[face]->seen;
  }

  void take_background(PixelSize size, int channels) {
    const cv::Mat whole = as_mat(image_of(*picture));
    const cv::Size wanted(size.width, size.height);
    background = whole;
    if (whole.size() != wanted && picture->channels == 4) {
      compose::cut_out(*picture, {0, 0, picture->width, picture->height}, wanted)
          .convertTo(background, CV_8U);
    } else if (whole.size() != wanted) {
      const bool smaller = wanted.width < whole.cols || wanted.height < whole.rows;
      background = cv::Mat();
      cv::resize(whole, background, wanted, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
    }
    if (background.channels() != channels) {
      cv::Mat converted;
      cv::cvtColor(background, converted, channels == 4 ? cv::COLOR_RGB2RGBA : cv::COLOR_RGBA2RGB);
      background = converted;
    }
    if (background.data != whole.data)
      picture.reset();
  }

  void copy_background(const FomoImage& output, const cv::Rect& but) const {
    const size_t pixel = background.elemSize(), row = pixel * background.cols;
    const size_t left = pixel * but.x, right = pixel * but.br().x;
    for (int y = 0; y < background.rows; y++) {
      uint8_t* out = output.data + y * output.stride;
      if (y < but.y || y >= but.br().y) {
        std::memcpy(out, background.ptr(y), row);
      } else {
        std::memcpy(out, background.ptr(y), left);
        std::memcpy(out + right, background.ptr(y) + right, row - right);
      }
    }
  }
};

PasteBack::PasteBack(std::shared_ptr<const Picture> picture, const std::vector<PictureCrop>& crops,
                     PixelSize output, int channels)
    : work_(std::make_unique<Work>()) {
  if (output.width <= 0 || output.height <= 0)
    output = {picture->width, picture->height};
  const double aspect = static_cast<double>(output.width) / picture->width /
                        (static_cast<double>(output.height) / picture->height);
  for (const PictureCrop& crop : crops) {
    work_->add(place_of(crop, *picture, output), {output.width, output.height}, aspect, channels);
    if (work_->seen(work_->places.size() - 1).empty())
      throw Error(FOMO_SETTINGS,
                  "The crop at (" + std::to_string(crop.x) + ", " + std::to_string(crop.y) +
                      ") lies outside the picture of " + std::to_string(picture->width) + "x" +
                      std::to_string(picture->height) + ". Move it into the picture.");
  }
  work_->picture = std::move(picture);
  work_->take_background(output, channels);
}

PictureCrop PasteBack::place_of(const PictureCrop& crop, const Picture& picture, PixelSize output) {
  if (crop.roll != 0) {
    const double across = static_cast<double>(output.width) / picture.width,
                 down = static_cast<double>(output.height) / picture.height;
    const int side = std::max(2, cvRound(crop.width * std::max(across, down)));
    return {cv::Rect(cvRound((crop.x + crop.width / 2.0) * across - side / 2.0),
                     cvRound((crop.y + crop.height / 2.0) * down - side / 2.0), side, side),
            crop.roll};
  }
  const int left = scaled(crop.x, picture.width, output.width);
  const int top = scaled(crop.y, picture.height, output.height);
  const int right = scaled(crop.x + crop.width, picture.width, output.width);
  const int bottom = scaled(crop.y + crop.height, picture.height, output.height);
  return cv::Rect(left, top, std::max(2, right - left), std::max(2, bottom - top));
}

PasteBack::~PasteBack() = default;
PasteBack::PasteBack(PasteBack&&) noexcept = default;
PasteBack& PasteBack::operator=(PasteBack&&) noexcept = default;

PixelSize PasteBack::output() const { return {work_->background.cols, work_->background.rows}; }
int PasteBack::channels() const { return work_->background.channels(); }

PictureCrop PasteBack::place(int face) const { return work_->places.at(face); }

void PasteBack::operator()(const std::vector<ConstImage>& animated, const FomoImage& output) {
  const cv::Mat& background = work_->background;
  if (output.width != background.cols || output.height != background.rows ||
      output.channels != background.channels() || animated.size() != work_->places.size())
    throw Error(FOMO_SETTINGS, "A frame of " + std::to_string(output.width) + "x" +
                                   std::to_string(output.height) + " was given for a picture of " +
                                   std::to_string(background.cols) + "x" +
                                   std::to_string(background.rows) + " with " +
                                   std::to_string(work_->places.size()) +
                                   " faces. Prepare the picture for that size.");
  for (const ConstImage& crop : animated)
    if (crop.data && crop.channels != background.channels())
      throw Error(FOMO_SETTINGS, "An animated crop of " + std::to_string(crop.channels) +
                                     " channels was given for a picture of " +
                                     std::to_string(background.channels()) + ".");
  const Lines& lines = compose::best_lines();
  const cv::Mat canvas = as_mat(output);
  // The first crop reads from the background, so that its part need not be copied to the output.
  const bool first_drawn = !animated.empty() && animated[0].data;
  work_->copy_background(output, first_drawn ? work_->seen(0) : cv::Rect());
  for (size_t i = 0; i < animated.size(); i++) {
    if (!animated[i].data)
      continue;
    const cv::Mat& under = i == 0 ? background : canvas;
    if (work_->turned[i])
      work_->turned[i]->paste(lines, as_mat(animated[i]), background, under, output);
    else
      work_->faces[i]->paste(lines, animated[i], background, under, output);
  }
}

} // namespace fomo
