// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/data/example.h"

#include <opencv2/imgproc.hpp>

#include "train/data/landmarks.h"
#include "train/data/shard.h"

namespace fomo::train {
namespace {

using render::Random;

constexpr int kSize = 256;

// p' = A p + b in normalised coordinates.
struct Affine {
  float a[4] = {1, 0, 0, 1}, b[2] = {0, 0};

  static Affine sample(Random& random) {
    Affine t;
    const float angle = random.normal(0.12f), scale = std::exp(random.normal(0.12f));
    const float stretch = std::exp(random.normal(0.04f)), shear = random.normal(0.03f);
    const float c = std::cos(angle) * scale, s = std::sin(angle) * scale;
    t.a[0] = c * stretch, t.a[1] = -s + shear, t.a[2] = s * stretch, t.a[3] = c;
    t.b[0] = random.normal(0.08f), t.b[1] = random.normal(0.08f);
    return t;
  }

  void keypoint(float* p) const {
    const float x = p[0], y = p[1];
    p[0] = a[0] * x + a[1] * y + b[0];
    p[1] = a[2] * x + a[3] * y + b[1];
  }

  void jacobian(float* j) const {
    for (int c = 0; c < 2; c++) {
      const float x = j[c], y = j[2 + c];
      j[c] = a[0] * x + a[1] * y;
      j[2 + c] = a[2] * x + a[3] * y;
    }
  }

  cv::Mat picture(const cv::Mat& frame) const {
    const float m = pixel_from_normalized(0); // pixel at the centre; one unit is 126 pixels
    const cv::Matx23f forward(a[0], a[1], m + 126 * b[0] - a[0] * m - a[1] * m, a[2], a[3],
                              m + 126 * b[1] - a[2] * m - a[3] * m);
    cv::Mat out;
    cv::warpAffine(frame, out, forward, frame.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
    return out;
  }
};

// Imitates old varnish, dim light and faded prints by a tone curve for each channel, the same in
// both frames.
void change_tone(cv::Mat (&frames)[2], Random& random) {
  const float gamma = std::exp(random.normal(0.2f)), gain = random.uniform(0.6f, 1.1f);
  const float darkest = random.uniform(0, 0.06f);
  // Tints are warm more often than cold.
  const float warmth = random.chance(0.75f) ? random.uniform(0, 0.65f) : random.uniform(-0.3f, 0);
  const float tint[3] = {1 + std::min(warmth, 0.0f), 1 - 0.35f * std::abs(warmth),
                         1 - std::max(warmth, 0.0f)};
  cv::Mat curves(1, 256, CV_8UC3);
  for (int v = 0; v < 256; v++)
    for (int c = 0; c < 3; c++)
      curves.at<cv::Vec3b>(v)[c] = cv::saturate_cast<uint8_t>(
          255 * tint[c] * (darkest + gain * std::pow(static_cast<float>(v) / 255, gamma)));
  for (cv::Mat& frame : frames) {
    cv::Mat out;
    cv::LUT(frame, curves, out);
    frame = out;
  }
}

cv::Mat change_colors(const cv::Mat& frame, Random& random) {
  cv::Mat out;
  cv::Mat mixing(3, 3, CV_32F);
  const float saturation = random.uniform(0.4f, 1.4f), gain = std::exp(random.normal(0.2f));
  for (int r = 0; r < 3; r++) {
    const float tone = gain * std::exp(random.normal(0.1f));
    for (int c = 0; c < 3; c++)
      mixing.at<float>(r, c) = tone * ((r == c ? saturation : 0) + (1 - saturation) / 3);
  }
  cv::transform(frame, out, mixing);
  const float contrast = std::exp(random.normal(0.15f));
  out.convertTo(out, -1, contrast, 128 * (1 - contrast) + random.normal(10));
  if (random.chance(0.25f))
    cv::GaussianBlur(out, out, {}, random.uniform(0.4f, 2.0f));
  if (random.chance(0.2f)) { // an object in front of the face
    const cv::Point at(static_cast<int>(random.index(kSize)),
                       static_cast<int>(random.index(kSize)));
    const cv::Size half(4 + static_cast<int>(random.index(40)),
                        4 + static_cast<int>(random.index(40)));
    const auto c = random.color(0, 255);
    cv::ellipse(out, at, half, random.uniform(0, 180), 0, 360, cv::Scalar(c.x, c.y, c.z),
                cv::FILLED, cv::LINE_AA);
  }
  return out;
}

void append_pixels(const cv::Mat& frame, std::vector<uint8_t>& out) {
  out.insert(out.end(), frame.data, frame.data + frame.total() * frame.elemSize());
}

void mirror(std::vector<float>& keypoints, std::vector<float>& jacobians) {
  const auto kp = keypoints, jacobian = jacobians;
  for (int f = 0; f < 2; f++)
    for (int k = 0; k < kLandmarks; k++) {
      const size_t to = static_cast<size_t>(f * kLandmarks + k),
                   from = static_cast<size_t>(f * kLandmarks + kMirrored[k]);
      keypoints[2 * to] = -kp[2 * from];
      keypoints[2 * to + 1] = kp[2 * from + 1];
      for (size_t e = 0; e < 4; e++) // M J M with M = diag(-1, 1)
        jacobians[4 * to + e] = (e == 1 || e == 2 ? -1.0f : 1.0f) * jacobian[4 * from + e];
    }
}

void mirror(Example& example, cv::Mat (&frames)[2]) {
  for (cv::Mat& frame : frames) {
    cv::Mat flipped;
    cv::flip(frame, flipped, 1);
    frame = flipped;
  }
  mirror(example.keypoints, example.jacobians);
  mirror(example.driver_keypoints, example.driver_jacobians);
  for (int y = 0; y < kCells; y++)
    for (int x = 0; x < kCells / 2; x++) {
      const size_t a = static_cast<size_t>(y * kCells + x),
                   b = static_cast<size_t>(y * kCells + kCells - 1 - x);
      std::swap(example.visibility[a], example.visibility[b]);
      std::swap(example.person[a], example.person[b]);
      std::swap(example.flow[2 * a], example.flow[2 * b]);
      std::swap(example.flow[2 * a + 1], example.flow[2 * b + 1]);
    }
  for (size_t i = 0; i < example.flow.size(); i += 2)
    example.flow[i] = -example.flow[i];
}

} // namespace

Example make_example(const PairView& pair, const Augmentation& augmentation, Random& random) {
  Example example;
  const size_t first = augmentation.swap && random.chance(0.5f) ? 1 : 0;
  cv::Mat frames[2];
  constexpr size_t points = static_cast<size_t>(kLandmarks),
                   cells = static_cast<size_t>(kCells) * kCells;
  for (size_t f = 0; f < 2; f++) {
    const size_t from = f ^ first;
    auto* pixels =
        const_cast<uint8_t*>(pair.frames + from * kSize * kSize * 3); // cv::Mat has no const view
    frames[f] = cv::Mat(kSize, kSize, CV_8UC3, pixels);
    const auto append = [&](const float* values, size_t count, std::vector<float>& to) {
      to.insert(to.end(), values + from * count, values + (from + 1) * count);
    };
    append(pair.keypoints, points * 2, example.keypoints);
    append(pair.jacobians, points * 4, example.jacobians);
    append(pair.driver_keypoints, points * 2, example.driver_keypoints);
    append(pair.driver_jacobians, points * 4, example.driver_jacobians);
  }
  const size_t driving = 1 ^ first;
  for (size_t i = 0; i < cells; i++) {
    example.flow.push_back(static_cast<float>(pair.flow[(driving * cells + i) * 2]) / kFlowScale);
    example.flow.push_back(static_cast<float>(pair.flow[(driving * cells + i) * 2 + 1]) /
                           kFlowScale);
    example.visibility.push_back(static_cast<float>(pair.visibility[driving * cells + i]) / 255);
    example.person.push_back(static_cast<float>(pair.person[driving * cells + i]) / 255);
  }
  if (augmentation.mirror > 0 && random.chance(augmentation.mirror))
    mirror(example, frames);
  if (augmentation.tone > 0 && random.chance(augmentation.tone))
    change_tone(frames, random);
  if (augmentation.geometry) {
    const Affine affine = Affine::sample(random);
    for (size_t f = 0; f < 2; f++) {
      frames[f] = affine.picture(frames[f]);
      for (size_t k = 0; k < points; k++) {
        affine.keypoint(&example.keypoints[(f * points + k) * 2]);
        affine.jacobian(&example.jacobians[(f * points + k) * 4]);
      }
    }
  }
  for (cv::Mat& frame : frames)
    append_pixels(augmentation.photometry && random.chance(0.8f) ? change_colors(frame, random)
                                                                 : frame,
                  example.frames);
  return example;
}

} // namespace fomo::train
