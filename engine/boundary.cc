// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/boundary.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include "common/error.h"

namespace fomo {

namespace {

constexpr int64_t kLargestSide = 65536;
constexpr int32_t kMostFaces = 65536;
constexpr int64_t kMostPixelBytes = 16; // of one pixel in one plane
constexpr int64_t kMostStride = int64_t{1} << 31;
constexpr int32_t kMostSubsampling = 4; // log2

[[noreturn]] void refuse(const std::string& what, const std::string& value) {
  throw Error(FOMO_SETTINGS, "The engine was called with " + what + " of " + value +
                                 ". The caller is at fault; please report this.");
}

template<typename T>
void check_range(const char* what, T value, T least, T most) {
  if (!(value >= least && value <= most)) // false for NaN too
    refuse(what, std::to_string(value));
}

void check_finite(const char* what, double value) {
  if (!std::isfinite(value))
    refuse(what, std::to_string(value));
}

void check_size(const char* what, int64_t width, int64_t height) {
  if (width < 1 || height < 1 || width > kLargestSide || height > kLargestSide)
    refuse(what, std::to_string(width) + "x" + std::to_string(height));
}

void check_data(const std::string& what, const void* data) {
  if (!data)
    refuse(what, "a null pointer");
}

/// `rows` rows of `row_bytes` that begin `stride` bytes apart do not overlap.
void check_stride(const std::string& what, int64_t stride, int64_t row_bytes, int64_t rows) {
  if (stride > kMostStride || stride < -kMostStride || (rows > 1 && std::abs(stride) < row_bytes))
    refuse("a stride of " + what,
           std::to_string(stride) + " bytes, with rows of " + std::to_string(row_bytes));
}

void check_component(const FomoFrame& frame, int index) {
  const FomoComponent& component = frame.component[index];
  const std::string name = "component " + std::to_string(index);
  check_data(name, component.data);
  check_range("a horizontal subsampling", component.w_sub, 0, kMostSubsampling);
  check_range("a vertical subsampling", component.h_sub, 0, kMostSubsampling);
  check_range<int64_t>("a pixel stride", component.pixel_stride, 1, kMostPixelBytes);
  const int64_t last_column = (frame.width - 1) >> component.w_sub,
                last_row = (frame.height - 1) >> component.h_sub;
  check_stride(name, component.stride, last_column * component.pixel_stride + 1, last_row + 1);
}

void check_frame(const FomoFrame& frame) {
  check_size("a driving frame", frame.width, frame.height);
  if (frame.components != 1 && frame.components != 3)
    refuse("a number of components", std::to_string(frame.components));
  check_range<int>("an orientation", frame.orientation, FOMO_ORIENTATION_IDENTITY,
                   FOMO_ORIENTATION_UR_LL);
  if (frame.yuv && frame.components == 3) {
    check_range("a luma weight of red", frame.kr, 0.0, 1.0);
    check_range("a luma weight of blue", frame.kb, 0.0, 1.0);
    check_range("luma weights", frame.kr + frame.kb, 0.0, 0.99);
  }
  for (int c = 0; c < frame.components; c++)
    check_component(frame, c);
}

/// A packed image of 3 or 4 channels.
void check_image(const char* what, const void* data, int64_t width, int64_t height,
                 int64_t channels, int64_t stride) {
  check_data(what, data);
  check_size(what, width, height);
  check_range<int64_t>("a number of channels", channels, 3, 4);
  check_stride(what, stride, width * channels, height);
}

} // namespace

void check_driving(const FomoDriving& driving) {
  check_frame(driving.frame);
  check_range<int>("a crop", driving.crop, FOMO_CROP_NONE, FOMO_CROP_MANUAL);
  check_finite("a stream time", driving.seconds);
  check_finite("crop_x", driving.crop_x);
  check_finite("crop_y", driving.crop_y);
  check_finite("crop_size", driving.crop_size);
  check_range("a number of faces", driving.face_count, 0, kMostFaces);
  if (driving.face_count > 0)
    check_data("faces", driving.faces);
  for (int i = 0; i < driving.face_count; i++) {
    const FomoBox& box = driving.faces[i];
    check_finite("a face", box.x + box.y + box.width + box.height);
  }
}

void check_calibration(const FomoCalibration& calibration) {
  check_range<int>("a reference", calibration.reference, FOMO_REFERENCE_FIRST,
                   FOMO_REFERENCE_MANUAL);
  check_range<int>("a value of on_lost", calibration.on_lost, FOMO_LOST_HOLD, FOMO_LOST_FREEZE);
  check_finite("a strength", calibration.strength);
  check_finite("a smoothing", calibration.smoothing);
  const FomoFaceControls& face = calibration.face;
  for (const double control : {face.head, face.eyes, face.mouth, face.brows, face.yaw, face.pitch,
                               face.roll, face.eyes_open, face.mouth_open, face.smile})
    check_finite("a face control", control);
}

void check_output(const FomoImage& output) {
  check_image("an output frame", output.data, output.width, output.height, output.channels,
              output.stride);
}

void check_picture(const FomoConstImage& picture) {
  check_image("a picture", picture.data, picture.width, picture.height, picture.channels,
              picture.stride);
}

void check_presentation(const FomoPresentation& presentation) {
  if (presentation.width != 0 || presentation.height != 0)
    check_size("a presentation", presentation.width, presentation.height);
  check_range("a number of channels", presentation.channels, 3, 4);
}

} // namespace fomo
