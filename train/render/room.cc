// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/room.h"

#include <opencv2/imgproc.hpp>

namespace fomo::render {
namespace {

cv::Scalar scalar(const Vec3& c) { return {c.x, c.y, c.z}; }

// Draws in units of the picture's side.
class Canvas {
 public:
  Canvas(int size, const Vec3& color)
      : size_(size), picture_(size, size, CV_32FC3, scalar(color)) {}

  void box(float x, float y, float w, float h, const Vec3& color) {
    cv::rectangle(picture_, at(x, y), at(x + w, y + h), scalar(color), cv::FILLED);
  }
  void leaf(float x, float y, float length, float width, float degrees, const Vec3& color) {
    cv::ellipse(picture_, at(x, y), cv::Size(pixels(length), pixels(width)), degrees, 0, 360,
                scalar(color), cv::FILLED);
  }
  // Multiplies by a brightness that falls off from a spot on the wall.
  void glow(float x, float y, float radius, const Vec3& color) {
    for (int j = 0; j < size_; j++)
      for (int i = 0; i < size_; i++) {
        const float dx = static_cast<float>(i) / static_cast<float>(size_) - x;
        const float dy = static_cast<float>(j) / static_cast<float>(size_) - y;
        const float w = std::exp(-(dx * dx + dy * dy) / (radius * radius));
        cv::Vec3f& p = picture_.at<cv::Vec3f>(j, i);
        p = {p[0] * (1 + color.x * w), p[1] * (1 + color.y * w), p[2] * (1 + color.z * w)};
      }
  }
  cv::Mat& picture() { return picture_; }

 private:
  int pixels(float x) const { return static_cast<int>(std::lround(x * static_cast<float>(size_))); }
  cv::Point at(float x, float y) const { return {pixels(x), pixels(y)}; }

  int size_;
  cv::Mat picture_;
};

void draw_window(Canvas& canvas, float x, float y, float w, float h, Random& random) {
  const Vec3 frame{.62f, .60f, .57f}, sky = Vec3{.86f, .93f, 1.0f} * random.uniform(0.72f, 0.85f);
  canvas.box(x - .02f, y - .02f, w + .04f, h + .04f, frame);
  for (int i = 0; i < 12; i++) // brighter towards the top
    canvas.box(x, y + h * static_cast<float>(i) / 12, w, h / 12,
               sky * (1.15f - 0.035f * static_cast<float>(i)));
  for (int i = 0; i < 5; i++) // trees outside
    canvas.leaf(x + w * random.uniform(), y + h * random.uniform(0.75f, 1.0f), w * 0.3f, h * 0.12f,
                0, Vec3{.42f, .55f, .36f} * random.uniform(0.7f, 1.1f));
  canvas.box(x + w * .48f, y, w * .05f, h, frame);
  canvas.box(x, y + h * .5f, w, h * .03f, frame);
  canvas.box(x - .03f, y + h + .01f, w + .06f, 1 - y - h, Vec3{.50f, .45f, .41f});
}

void draw_shelf(Canvas& canvas, float x, float y, float w, Random& random) {
  static const Vec3 covers[] = {{.52f, .20f, .17f}, {.20f, .32f, .42f}, {.72f, .62f, .45f},
                                {.26f, .36f, .27f}, {.80f, .76f, .68f}, {.38f, .27f, .34f},
                                {.66f, .42f, .22f}};
  canvas.box(x, y, w, .022f, Vec3{.40f, .27f, .18f});
  for (float at = x + .01f; at < x + w - .03f;) {
    if (random.chance(0.12f)) { // a gap
      at += random.uniform(.02f, .06f);
      continue;
    }
    const float thick = random.uniform(.014f, .034f), high = random.uniform(.09f, .15f);
    canvas.box(at, y - high, thick, high,
               covers[random.index(std::size(covers))] * random.uniform(0.75f, 1.15f));
    at += thick + .003f;
  }
}

void draw_plant(Canvas& canvas, float x, float y, Random& random) {
  for (int i = 0; i < 26; i++) {
    const float angle = random.uniform(-160, -20), reach = random.uniform(.05f, .13f);
    const float radians = angle * 0.01745f;
    canvas.leaf(x + reach * std::cos(radians), y + reach * std::sin(radians), reach * .7f, .016f,
                angle, Vec3{.24f, .40f, .22f} * random.uniform(0.6f, 1.35f));
  }
  canvas.box(x - .035f, y, .07f, .08f, Vec3{.62f, .38f, .28f});
}

// Averages over a disc, in linear light, as a lens out of focus does.
void defocus(cv::Mat& picture, float radius) {
  const int r = std::max(1, static_cast<int>(std::lround(radius)));
  cv::Mat disc = cv::Mat::zeros(2 * r + 1, 2 * r + 1, CV_32F);
  cv::circle(disc, {r, r}, r, cv::Scalar(1), cv::FILLED, cv::LINE_8);
  disc /= cv::sum(disc)[0];
  cv::Mat linear = picture.mul(picture), blurred;
  cv::filter2D(linear, blurred, -1, disc, {-1, -1}, 0, cv::BORDER_REFLECT);
  cv::GaussianBlur(blurred, blurred, {}, radius * 0.25, radius * 0.25, cv::BORDER_REFLECT);
  cv::sqrt(blurred, picture);
}

} // namespace

cv::Mat room(Random& random, int size, float blur) {
  static const Vec3 walls[] = {{.56f, .57f, .56f},
                               {.60f, .55f, .48f},
                               {.44f, .50f, .52f},
                               {.52f, .47f, .46f},
                               {.66f, .64f, .60f}};
  Canvas canvas(size, walls[random.index(std::size(walls))] * random.uniform(0.8f, 1.05f));
  const float shelf = random.uniform(.64f, .72f);
  draw_window(canvas, random.uniform(-.18f, -.08f), random.uniform(.04f, .12f), .30f, .46f, random);
  for (const float y : {.24f, .46f, .68f})
    draw_shelf(canvas, shelf, y + random.uniform(-.01f, .01f), 1.05f - shelf, random);
  if (random.chance(0.8f))
    draw_plant(canvas, random.uniform(.20f, .28f), random.uniform(.62f, .72f), random);
  canvas.glow(-.1f, .3f, .55f, Vec3{.30f, .29f, .26f});
  canvas.glow(1.1f, .9f, .5f, Vec3{-.35f, -.35f, -.33f});
  if (random.chance(0.6f)) { // a lamp
    const float x = random.uniform(.60f, .66f), y = random.uniform(.08f, .16f);
    canvas.glow(x, y, .22f, Vec3{.35f, .25f, .12f});
    canvas.leaf(x, y, .035f, .03f, 0, Vec3{1.15f, 1.0f, .72f});
  }
  cv::Mat& picture = canvas.picture();
  defocus(picture, blur * static_cast<float>(size));
  return cv::min(cv::max(picture, 0.0), 1.0);
}

} // namespace fomo::render
