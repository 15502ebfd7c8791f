// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture_codecs.h"

#include <algorithm>
#include <climits>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/image_mat.h"

namespace fomo {

namespace {

constexpr size_t kMostBytes = INT_MAX; // of a cv::Mat's row

cv::Mat to_8_bits(const cv::Mat& image) {
  if (image.depth() == CV_8U)
    return image;
  cv::Mat converted;
  const double scale = image.depth() == CV_16U ? 1.0 / 257.0 : 255.0;
  image.convertTo(converted, CV_8U, scale);
  return converted;
}

cv::Mat to_rgb(const cv::Mat& image) {
  cv::Mat converted;
  switch (image.channels()) {
  case 1:
    cv::cvtColor(image, converted, cv::COLOR_GRAY2RGB);
    break;
  case 4:
    cv::cvtColor(image, converted, cv::COLOR_BGRA2RGBA);
    break;
  default:
    cv::cvtColor(image, converted, cv::COLOR_BGR2RGB);
    break;
  }
  return converted;
}

Picture decode(const uint8_t* data, size_t size, const std::string& name) try {
  const cv::Mat bytes(1, static_cast<int>(std::min(size, kMostBytes)), CV_8U,
                      const_cast<uint8_t*>(data));
  // Only the reading that drops transparency applies the EXIF orientation. A JPEG has no
  // transparency, and other files hardly ever have an orientation.
  const bool jpeg = size > 2 && data[0] == 0xff && data[1] == 0xd8;
  const cv::Mat image = cv::imdecode(bytes, jpeg ? cv::IMREAD_COLOR : cv::IMREAD_UNCHANGED);
  if (image.empty())
    throw Error(FOMO_WRONG_TYPE, "Cannot decode '" + name +
                                     "': it is not a picture that OpenCV reads, or it is damaged." +
                                     kPictureRemedy);
  const cv::Mat rgb = to_rgb(to_8_bits(image));
  Picture picture{rgb.cols, rgb.rows, rgb.channels(), {}};
  picture.pixels.assign(rgb.datastart, rgb.dataend);
  return picture;
} catch (const cv::Exception& exception) {
  throw Error(FOMO_WRONG_TYPE,
              "Cannot decode '" + name + "': " + exception.err + "." + kPictureRemedy);
}

void save(const Picture& picture, const std::string& path) try {
  const cv::Mat pixels = as_mat(image_of(picture));
  cv::Mat bgr;
  cv::cvtColor(pixels, bgr, picture.channels == 4 ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
  if (!cv::imwrite(path, bgr))
    throw Error(FOMO_FAILED, "Cannot write picture '" + path + "'.");
} catch (const cv::Exception& exception) {
  throw Error(FOMO_FAILED, "Cannot write picture '" + path + "': " + exception.err);
}

} // namespace

} // namespace fomo

extern "C" __attribute__((visibility("default"))) const fomo::PictureCodecs fomo_picture_codecs = {
    fomo::kPictureCodecsVersion, fomo::decode, fomo::save};
