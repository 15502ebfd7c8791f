// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/picture.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "common/error.h"

namespace fomo {

namespace {

constexpr size_t kMostBytes = INT_MAX; // of a cv::Mat's row
constexpr const char* kRemedy =
    " Set source-image to a readable JPEG, PNG, WebP, TIFF or BMP file.";

std::vector<uint8_t> read_file(const std::string& path) {
  std::error_code is_no_directory;
  if (std::filesystem::is_directory(path, is_no_directory))
    throw Error(FOMO_OPEN_READ, "Cannot open picture '" + path + "': it is a folder." + kRemedy);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int reason = errno;
    throw Error(reason == ENOENT ? FOMO_NOT_FOUND : FOMO_OPEN_READ,
                "Cannot open picture '" + path + "': " + std::strerror(reason) + "." + kRemedy);
  }
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad())
    throw Error(FOMO_OPEN_READ, "Picture '" + path + "' cannot be read to its end." + kRemedy);
  return bytes;
}

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

/// Straight alpha over mid grey: what shows through neither drags the encoder to black nor to
/// white.
cv::Mat without_alpha(const cv::Mat& rgba) {
  cv::Mat rgb(rgba.size(), CV_8UC3);
  for (int y = 0; y < rgba.rows; y++) {
    const auto* in = rgba.ptr<cv::Vec4b>(y);
    auto* out = rgb.ptr<cv::Vec3b>(y);
    for (int x = 0; x < rgba.cols; x++)
      for (int c = 0; c < 3; c++)
        out[x][c] =
            static_cast<uint8_t>((in[x][c] * in[x][3] + 128 * (255 - in[x][3]) + 127) / 255);
  }
  return rgb;
}

cv::Mat as_mat(const Picture& picture) {
  return cv::Mat(picture.height, picture.width, CV_8UC(picture.channels),
                 const_cast<uint8_t*>(picture.pixels.data()));
}

} // namespace

Picture decode_picture(const uint8_t* data, size_t size, const std::string& name) try {
  if (size == 0)
    throw Error(FOMO_OPEN_READ, "Picture '" + name + "' is empty." + kRemedy);
  const cv::Mat bytes(1, static_cast<int>(std::min(size, kMostBytes)), CV_8U,
                      const_cast<uint8_t*>(data));
  // Only the reading that drops transparency applies the EXIF orientation. A JPEG has no
  // transparency, and other files hardly ever have an orientation.
  const bool jpeg = size > 2 && data[0] == 0xff && data[1] == 0xd8;
  const cv::Mat image = cv::imdecode(bytes, jpeg ? cv::IMREAD_COLOR : cv::IMREAD_UNCHANGED);
  if (image.empty())
    throw Error(FOMO_WRONG_TYPE, "Cannot decode '" + name +
                                     "': it is not a picture that OpenCV reads, or it is damaged." +
                                     kRemedy);
  const cv::Mat rgb = to_rgb(to_8_bits(image));
  Picture picture{rgb.cols, rgb.rows, rgb.channels(), {}};
  picture.pixels.assign(rgb.datastart, rgb.dataend);
  return picture;
} catch (const cv::Exception& exception) {
  throw Error(FOMO_WRONG_TYPE, "Cannot decode '" + name + "': " + exception.err + "." + kRemedy);
}

Picture load_picture(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path);
  return decode_picture(bytes.data(), bytes.size(), path);
}

void save_picture(const Picture& picture, const std::string& path) try {
  cv::Mat bgr;
  cv::cvtColor(as_mat(picture), bgr,
               picture.channels == 4 ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
  if (!cv::imwrite(path, bgr))
    throw Error(FOMO_FAILED, "Cannot write picture '" + path + "'.");
} catch (const cv::Exception& exception) {
  throw Error(FOMO_FAILED, "Cannot write picture '" + path + "': " + exception.err);
}

Region crop_region(FomoCrop crop, int width, int height) {
  if (crop == FOMO_CROP_NONE)
    return {0, 0, width, height};
  const int side = std::min(width, height);
  return {(width - side) / 2, (height - side) / 2, side, side};
}

std::vector<uint8_t> resize_region(const Picture& picture, const Region& region, int width,
                                   int height) {
  cv::Mat part = as_mat(picture)(cv::Rect(region.x, region.y, region.width, region.height));
  if (part.channels() == 4)
    part = without_alpha(part);
  std::vector<uint8_t> pixels(static_cast<size_t>(width) * height * 3);
  cv::Mat result(height, width, CV_8UC3, pixels.data());
  const bool smaller = width < region.width || height < region.height;
  cv::resize(part, result, result.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  return pixels;
}

} // namespace fomo
