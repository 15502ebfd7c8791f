// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/overlay.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <opencv2/imgproc.hpp>

#include "common/image_mat.h"
#include "compose/field_lines.h"

namespace fomo {

namespace {

const cv::Scalar kWhite(255, 255, 255, 255), kBlack(0, 0, 0, 255);

cv::Scalar colour_of(int index, int count) {
  const OverlayColour colour = keypoint_colour(index, count);
  return cv::Scalar(colour.red, colour.green, colour.blue, 255);
}

/// The width of a line, in proportion to the picture.
int line_width(cv::Size size) { return std::max(1, std::min(size.width, size.height) / 300); }

/// Resizes cells to the pixels of `place` and returns those within `seen`.
cv::Mat spread(const cv::Mat& cells, const cv::Rect& place, const cv::Rect& seen) {
  cv::Mat pixels;
  cv::resize(cells, pixels, place.size(), 0, 0, cv::INTER_LINEAR);
  return pixels(seen - place.tl());
}

/// canvas += share * (colour - canvas). `tint`: float r, g, b, share. Alpha moves towards opaque.
void tint_canvas(cv::Mat canvas, const cv::Mat& tint) {
  const int channels = canvas.channels();
  for (int y = 0; y < canvas.rows; y++) {
    uint8_t* out = canvas.ptr(y);
    const auto* in = tint.ptr<cv::Vec4f>(y);
    for (int x = 0; x < canvas.cols; x++, out += channels)
      for (int c = 0; c < channels; c++) {
        const float goal = c < 3 ? in[x][c] : 255;
        out[c] = cv::saturate_cast<uint8_t>(out[c] + in[x][3] * (goal - out[c]));
      }
  }
}

/// Tints each cell with the mean colour of its motions, weighted by the masks. The background has
/// no colour.
void draw_mask(cv::Mat& canvas, const OverlayFace& face, const cv::Rect& seen) {
  constexpr float strength = 0.6F;
  const int cells = face.field.width * face.field.height, keypoints = face.masks.motions - 1;
  cv::Mat tint(face.field.height, face.field.width, CV_32FC4, cv::Scalar::all(0));
  auto* pixels = tint.ptr<cv::Vec4f>();
  for (int k = 0; k < keypoints; k++) {
    const cv::Scalar colour = colour_of(k, keypoints);
    const float* mask = face.masks.data + static_cast<size_t>(k + 1) * cells;
    for (int i = 0; i < cells; i++)
      pixels[i] += mask[i] * cv::Vec4f(static_cast<float>(colour[0]), static_cast<float>(colour[1]),
                                       static_cast<float>(colour[2]), 1);
  }
  for (int i = 0; i < cells; i++) {
    const float share = std::max(pixels[i][3], 1e-6F);
    for (int c = 0; c < 3; c++)
      pixels[i][c] /= share;
    pixels[i][3] *= strength;
  }
  tint_canvas(canvas(seen), spread(tint, face.place, seen));
}

void draw_occlusion(cv::Mat& canvas, const OverlayFace& face, const cv::Rect& seen) {
  constexpr float strength = 0.7F;
  cv::Mat tint(face.field.height, face.field.width, CV_32FC4);
  auto* pixels = tint.ptr<cv::Vec4f>();
  for (int i = 0; i < face.field.width * face.field.height; i++)
    pixels[i] = {255, 0, 0, strength * std::clamp(1 - face.field.occlusion[i], 0.0F, 1.0F)};
  tint_canvas(canvas(seen), spread(tint, face.place, seen));
}

/// Draws lines of equal u and of equal v, sixteen of each over the source.
void draw_grid(cv::Mat& canvas, const OverlayFace& face, const cv::Rect& seen) {
  constexpr float lines_across = 16;
  const cv::Rect place = face.place;
  const compose::Lines& arithmetic = compose::best_lines();
  compose::FieldLines field(face.field.width, face.field.height, place.width, place.height);
  field.start(arithmetic, face.field);
  const size_t width = place.width;
  std::vector<float> u(width), v(width), next_u(width), next_v(width);
  const auto crosses = [](float a, float b) {
    return std::floor(a * lines_across) != std::floor(b * lines_across);
  };
  field.coordinates(arithmetic, seen.y - place.y, u.data(), v.data());
  for (int y = seen.y; y < seen.br().y; y++) {
    const int next = std::min(y + 1 - place.y, place.height - 1);
    field.coordinates(arithmetic, next, next_u.data(), next_v.data());
    for (int x = seen.x; x < seen.br().x; x++) {
      const int at = x - place.x, right = std::min(at + 1, place.width - 1);
      if (crosses(u[at], u[right]) || crosses(v[at], v[right]) || crosses(u[at], next_u[at]) ||
          crosses(v[at], next_v[at])) {
        uint8_t* pixel = canvas.ptr(y) + ptrdiff_t{canvas.channels()} * x;
        for (int c = 0; c < 3; c++)
          pixel[c] = static_cast<uint8_t>((pixel[c] + 2 * 230) / 3);
        if (canvas.channels() == 4)
          pixel[3] = 255;
      }
    }
    u.swap(next_u);
    v.swap(next_v);
  }
}

void draw_keypoints(cv::Mat& canvas, const KeypointSet& keypoints, const cv::Rect& place) {
  const int radius = std::max(2, std::min(place.width, place.height) / 64);
  for (int k = 0; k < keypoints.count; k++) {
    const float x = keypoints.value[2 * k], y = keypoints.value[2 * k + 1];
    if (!(std::abs(x) < 4 && std::abs(y) < 4)) // false for NaN, which OpenCV must not get
      continue;
    const cv::Point at(place.x + cvRound((x + 1) / 2 * static_cast<float>(place.width)),
                       place.y + cvRound((y + 1) / 2 * static_cast<float>(place.height)));
    cv::circle(canvas, at, radius + std::max(1, radius / 4), kBlack, cv::FILLED, cv::LINE_AA);
    cv::circle(canvas, at, radius, colour_of(k, keypoints.count), cv::FILLED, cv::LINE_AA);
  }
}

void draw_box(cv::Mat& canvas, const cv::Rect& box) {
  const int width = line_width(canvas.size());
  cv::rectangle(canvas, box, kBlack, width + 2);
  cv::rectangle(canvas, box, kWhite, width);
}

/// Draws the driving frame in the upper right corner, with an oval for a head framed as in
/// VoxCeleb, its eye line and its middle line.
void draw_guide(cv::Mat& canvas, const OverlayContent& content) {
  const int side = std::min(canvas.cols, canvas.rows) / 3;
  if (side < 16)
    return;
  const cv::Rect place(canvas.cols - side - side / 16, side / 16, side, side);
  cv::Mat inset = canvas(place);
  if (content.driving.data) {
    cv::Mat small;
    cv::resize(as_mat(content.driving), small, place.size(), 0, 0, cv::INTER_AREA);
    if (canvas.channels() == 4)
      cv::cvtColor(small, small, cv::COLOR_RGB2RGBA);
    small.copyTo(inset);
    draw_keypoints(inset, content.driving_keypoints, {0, 0, side, side});
  }
  const cv::Scalar colour(90, 255, 120, 255);
  const int width = std::max(1, side / 120);
  const cv::Point middle(side / 2, side / 2);
  cv::ellipse(inset, middle, {side * 22 / 100, side * 30 / 100}, 0, 0, 360, colour, width,
              cv::LINE_AA);
  cv::line(inset, {side * 28 / 100, side * 46 / 100}, {side * 72 / 100, side * 46 / 100}, colour,
           width, cv::LINE_AA);
  cv::line(inset, {side / 2, side * 20 / 100}, {side / 2, side * 80 / 100}, colour, width,
           cv::LINE_AA);
  draw_box(canvas, place);
}

/// Draws lines of text in the lower left corner.
void draw_text(cv::Mat& canvas, const std::string& text) {
  const double scale = std::max(0.35, std::min(canvas.cols, canvas.rows) / 1100.0);
  const int height = cvRound(30 * scale), thickness = std::max(1, cvRound(1.2 * scale));
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  int y = canvas.rows - height / 2;
  for (auto line = lines.rbegin(); line != lines.rend() && y > 0; ++line, y -= height) {
    const cv::Point at(height / 3, y);
    cv::putText(canvas, *line, at, cv::FONT_HERSHEY_SIMPLEX, scale, kBlack, thickness + 2,
                cv::LINE_AA);
    cv::putText(canvas, *line, at, cv::FONT_HERSHEY_SIMPLEX, scale, kWhite, thickness, cv::LINE_AA);
  }
}

void draw_face(unsigned flags, cv::Mat& canvas, const OverlayFace& face);

/// Turns the face's place upright, draws, and turns it back.
void draw_turned_face(unsigned flags, cv::Mat& canvas, const OverlayFace& face) {
  const cv::Rect place = face.place;
  const double c = std::cos(face.place.roll), s = std::sin(face.place.roll);
  const double half = (place.width - 1) / 2.0, x = place.x + half, y = place.y + half;
  const cv::Matx23d to_canvas(c, -s, x - half * (c - s), s, c, y - half * (s + c));
  cv::Mat upright, back = canvas.clone();
  cv::warpAffine(canvas, upright, to_canvas, place.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  OverlayFace there = face;
  there.place = cv::Rect({0, 0}, place.size());
  draw_face(flags, upright, there);
  cv::warpAffine(upright, back, to_canvas, canvas.size(), cv::INTER_LINEAR, cv::BORDER_TRANSPARENT);
  back.copyTo(canvas);
}

void draw_face(unsigned flags, cv::Mat& canvas, const OverlayFace& face) {
  if (face.place.roll != 0 && !face.place.empty()) {
    draw_turned_face(flags, canvas, face);
    return;
  }
  const cv::Rect place = face.place;
  const cv::Rect seen = place & cv::Rect({}, canvas.size());
  if (seen.empty())
    return;
  const bool has_field = face.field.width > 0 && face.field.height > 0;
  if ((flags & FOMO_OVERLAY_MASK) && has_field && face.masks.data && face.masks.motions > 1)
    draw_mask(canvas, face, seen);
  if ((flags & FOMO_OVERLAY_OCCLUSION) && has_field && face.field.occlusion)
    draw_occlusion(canvas, face, seen);
  if ((flags & FOMO_OVERLAY_GRID) && has_field && face.field.deformation)
    draw_grid(canvas, face, seen);
  if (flags & FOMO_OVERLAY_KEYPOINTS)
    draw_keypoints(canvas, face.keypoints, place);
  if (flags & FOMO_OVERLAY_CROPS)
    draw_box(canvas, place);
}

} // namespace

OverlayColour keypoint_colour(int index, int count) {
  const float turn = 6 * static_cast<float>(index) / static_cast<float>(std::max(1, count));
  const auto level = [turn](float shift) {
    const float from_peak = std::abs(std::fmod(turn + shift, 6.0F) - 3);
    return static_cast<uint8_t>(255 * std::clamp(from_peak - 1, 0.0F, 1.0F));
  };
  return {level(0), level(4), level(2)};
}

void draw_overlay(unsigned flags, const OverlayContent& content, const FomoImage& output) {
  if (flags == 0)
    return;
  cv::Mat canvas = as_mat(output);
  for (const OverlayFace& face : content.faces)
    draw_face(flags, canvas, face);
  if (flags & FOMO_OVERLAY_GUIDE)
    draw_guide(canvas, content);
  if (flags & FOMO_OVERLAY_STATS)
    draw_text(canvas, content.stats);
}

} // namespace fomo
