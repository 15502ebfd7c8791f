// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/detail_source.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/image_mat.h"
#include "compose/cut_out.h"
#include "compose/detail_bands.h"

namespace fomo {

namespace {

using compose::kBandSigma;
using compose::kGateSigma;

cv::Size as_cv(PixelSize size) { return {size.width, size.height}; }

std::string text(PixelSize size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

void check(const Picture& picture, const cv::Rect& crop, PixelSize model, PixelSize output) {
  constexpr int largest = 16384;
  const auto possible = [](PixelSize size) {
    return size.width >= 4 && size.height >= 4 && size.width <= largest && size.height <= largest;
  };
  if (!possible(model) || !possible(output) || model.width % 2 || model.height % 2)
    throw Error(FOMO_SETTINGS, "Detail cannot be taken from " + text(model) + " to " +
                                   text(output) + " pixels. Ask for an output of 4 to " +
                                   std::to_string(largest) + " pixels.");
  if (crop.width <= 0 || crop.height <= 0 || crop.x >= picture.width || crop.y >= picture.height ||
      crop.x + crop.width <= 0 || crop.y + crop.height <= 0)
    throw Error(FOMO_SETTINGS, "The crop of " + text({crop.width, crop.height}) + " at (" +
                                   std::to_string(crop.x) + ", " + std::to_string(crop.y) +
                                   ") shows nothing of the " +
                                   text({picture.width, picture.height}) +
                                   " picture. Move it into the picture.");
}

/// The factor from sigmas of detail_bands.h to pixels of the model's frame.
double relative_to_256(PixelSize model) { return std::min(model.width, model.height) / 256.0; }

cv::Mat scaled(const cv::Mat& image, cv::Size size) {
  cv::Mat result;
  const bool smaller = size.width < image.cols || size.height < image.rows;
  cv::resize(image, result, size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
  return result;
}

cv::Mat blurred(const cv::Mat& image, double sigma) {
  constexpr double nothing = 0.1;
  if (sigma < nothing)
    return image;
  cv::Mat result;
  cv::GaussianBlur(image, result, {0, 0}, sigma, sigma, cv::BORDER_REPLICATE);
  return result;
}

/// Converts floats to the bytes of a Texture, which has one more column and row.
std::vector<uint8_t> to_texels(const cv::Mat& rgba) {
  cv::Mat padded;
  cv::copyMakeBorder(rgba, padded, 0, 1, 0, 1, cv::BORDER_REPLICATE);
  std::vector<uint8_t> bytes(padded.total() * 4);
  cv::Mat out(padded.size(), CV_8UC4, bytes.data());
  padded.convertTo(out, CV_8U);
  return bytes;
}

/// The source as the network sees it: transparent pixels over mid grey. Float r, g, b.
cv::Mat over_grey(const cv::Mat& rgba) {
  cv::Mat rgb(rgba.size(), CV_32FC3);
  for (int y = 0; y < rgba.rows; y++) {
    const auto* in = rgba.ptr<cv::Vec4f>(y);
    auto* out = rgb.ptr<cv::Vec3f>(y);
    for (int x = 0; x < rgba.cols; x++)
      for (int c = 0; c < 3; c++)
        out[x][c] = 128 + (in[x][c] - 128) * (in[x][3] / 255);
  }
  return rgb;
}

std::vector<float> gate_luma(const cv::Mat& rgb, double sigma) {
  cv::Mat luma, padded;
  cv::cvtColor(rgb, luma, cv::COLOR_RGB2GRAY);
  // DetailGate samples the luma between its pixels, which blurs a little more.
  luma = blurred(luma, std::sqrt(std::max(0.0, sigma * sigma - 0.25)));
  cv::copyMakeBorder(luma, padded, 0, 1, 0, 1, cv::BORDER_REPLICATE);
  return {padded.begin<float>(), padded.end<float>()};
}

/// The resolution of the detail along one axis: that of the crop or that of the output, whichever
/// is lower, within limits.
int detail_resolution(int output, int crop) {
  constexpr int most = 2048;
  return std::max(2, std::min({output, crop, most}));
}

/// The detail texture along one axis. It has twice the resolution of the detail, which makes
/// bilinear sampling nearly lossless, and a texel at the centre of each pixel, so that what does
/// not move is not changed. Above `ample` pixels it has the resolution of the detail, to save
/// memory.
compose::Placement place_texture(int resolution) {
  constexpr int ample = 1024;
  const auto pixels = static_cast<float>(resolution);
  if (resolution <= ample)
    return {2 * pixels, 0, 2 * pixels};
  return {pixels, -0.5F, pixels - 1};
}

/// Resamples `image`, which may have any size, at the texels of the texture.
cv::Mat to_texture(const cv::Mat& image, PixelSize texture, const compose::Placement& across,
                   const compose::Placement& down, int curve) {
  const auto affine = [](int pixels, const compose::Placement& place) {
    const double scale = pixels / place.scale;
    return std::make_pair(scale, -place.offset * scale - 0.5);
  };
  const auto [scale_x, shift_x] = affine(image.cols, across);
  const auto [scale_y, shift_y] = affine(image.rows, down);
  const cv::Matx23d to_image(scale_x, 0, shift_x, 0, scale_y, shift_y);
  cv::Mat result;
  cv::warpAffine(image, result, to_image, as_cv(texture), curve | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  return result;
}

} // namespace

std::shared_ptr<const DetailSource> DetailSource::make(const Picture& picture, const cv::Rect& crop,
                                                       PixelSize model, PixelSize output,
                                                       const ConstImage* at_rest) {
  check(picture, crop, model, output);
  auto source = std::make_shared<DetailSource>();
  source->model_ = model;
  source->output_ = output;
  const PixelSize fine = {detail_resolution(output.width, crop.width),
                          detail_resolution(output.height, crop.height)};
  source->across_ = place_texture(fine.width);
  source->down_ = place_texture(fine.height);
  source->texture_ = {static_cast<int>(source->across_.last) + 1,
                      static_cast<int>(source->down_.last) + 1};
  source->visible_ = compose::visible_part(picture, crop);

  const cv::Mat rgba = compose::cut_out(picture, crop, as_cv(fine));
  const cv::Mat small = scaled(rgba, as_cv(model));
  const cv::Mat low = blurred(small, kBandSigma * relative_to_256(model));

  const auto textured = [&source](const cv::Mat& image, int curve) {
    return to_texture(image, source->texture_, source->across_, source->down_, curve);
  };
  cv::Mat detail = textured(rgba, cv::INTER_LANCZOS4), low_band = textured(low, cv::INTER_LINEAR);
  detail += cv::Scalar(128, 128, 128, 0);
  cv::multiply(low_band, cv::Scalar(1, 1, 1, 0), low_band);
  detail -= low_band;
  source->detail_ = to_texels(detail);
  if (picture.channels == 4)
    source->low_ = to_texels(low);

  cv::Mat rest = over_grey(small);
  if (at_rest)
    as_mat(*at_rest).convertTo(rest, CV_32F);
  source->luma_ = gate_luma(rest, kGateSigma * relative_to_256(model));
  return source;
}

size_t DetailSource::size() const {
  return detail_.size() + low_.size() + luma_.size() * sizeof(float);
}

compose::Texture DetailSource::detail() const {
  return {detail_.data(), texture_.width, texture_.height, ptrdiff_t{4} * (texture_.width + 1)};
}

compose::Texture DetailSource::low() const {
  return {low_.data(), model_.width, model_.height, ptrdiff_t{4} * (model_.width + 1)};
}

compose::FloatTexture DetailSource::luma() const {
  return {luma_.data(), model_.width, model_.height, model_.width + 1};
}

} // namespace fomo
