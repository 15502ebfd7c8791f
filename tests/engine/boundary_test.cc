// SPDX-License-Identifier: LGPL-2.1-or-later
// The C table refuses frames and images that cannot be what they say.
#include "engine/boundary.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/error.h"

namespace fomo {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
uint8_t pixels[64 * 64 * 4];

/// A valid I420 frame of 64x48 with the largest face.
FomoDriving valid_driving(const FomoBox* face) {
  FomoDriving driving{};
  driving.frame.width = 64;
  driving.frame.height = 48;
  driving.frame.components = 3;
  driving.frame.yuv = 1;
  driving.frame.kr = 0.2126;
  driving.frame.kb = 0.0722;
  driving.frame.component[0] = {pixels, 64, 1, 0, 0};
  driving.frame.component[1] = {pixels, 32, 1, 1, 1};
  driving.frame.component[2] = {pixels, -32, 1, 1, 1};
  driving.crop = FOMO_CROP_AUTO;
  driving.crop_size = 1;
  driving.faces = face;
  driving.face_count = 1;
  return driving;
}

template<typename Value>
struct Case {
  const char* word; ///< of the error
  std::function<void(Value&)> spoil;
};

template<typename Value>
void expect_refusals(const Value& valid, void (*check)(const Value&),
                     const std::vector<Case<Value>>& cases) {
  EXPECT_NO_THROW(check(valid));
  for (const Case<Value>& each : cases) {
    Value spoilt = valid;
    each.spoil(spoilt);
    try {
      check(spoilt);
      ADD_FAILURE() << each.word << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), FOMO_SETTINGS);
      EXPECT_NE(std::string(error.what()).find(each.word), std::string::npos) << error.what();
    }
  }
}

TEST(Boundary, RefusesDrivingFrames) {
  static const FomoBox not_finite = {0, 0, infinity, 1};
  const FomoBox face = {1, 2, 3, 4};
  expect_refusals<FomoDriving>(
      valid_driving(&face), check_driving,
      {
          {"driving frame of 0x48", [](auto& d) { d.frame.width = 0; }},
          {"driving frame of 64x-1", [](auto& d) { d.frame.height = -1; }},
          {"2147483647", [](auto& d) { d.frame.width = 2147483647; }},
          {"components of 2", [](auto& d) { d.frame.components = 2; }},
          {"components of 4", [](auto& d) { d.frame.components = 4; }},
          {"orientation of 8",
           [](auto& d) { d.frame.orientation = static_cast<FomoOrientation>(8); }},
          {"component 1 of a null pointer", [](auto& d) { d.frame.component[1].data = nullptr; }},
          {"component 0 of 63 bytes", [](auto& d) { d.frame.component[0].stride = 63; }},
          {"component 2 of -31 bytes", [](auto& d) { d.frame.component[2].stride = -31; }},
          {"stride of component 0",
           [](auto& d) { d.frame.component[0].stride = std::numeric_limits<ptrdiff_t>::min(); }},
          {"pixel stride of 0", [](auto& d) { d.frame.component[0].pixel_stride = 0; }},
          {"pixel stride of 1000", [](auto& d) { d.frame.component[0].pixel_stride = 1000; }},
          {"horizontal subsampling of -1", [](auto& d) { d.frame.component[1].w_sub = -1; }},
          {"vertical subsampling of 31", [](auto& d) { d.frame.component[1].h_sub = 31; }},
          {"luma weight of red", [](auto& d) { d.frame.kr = nan; }},
          {"luma weights", [](auto& d) { d.frame.kr = d.frame.kb = 0.5; }},
          {"crop of 9", [](auto& d) { d.crop = static_cast<FomoCrop>(9); }},
          {"stream time", [](auto& d) { d.seconds = nan; }},
          {"crop_x", [](auto& d) { d.crop_x = infinity; }},
          {"crop_size", [](auto& d) { d.crop_size = nan; }},
          {"number of faces of -1", [](auto& d) { d.face_count = -1; }},
          {"faces of a null pointer", [](auto& d) { d.faces = nullptr; }},
          {"a face", [](auto& d) { d.faces = &not_finite; }},
      });
}

TEST(Boundary, RefusesImages) {
  expect_refusals<FomoImage>(
      {pixels, 64, 64, 256, 4}, check_output,
      {
          {"output frame of a null pointer", [](auto& i) { i.data = nullptr; }},
          {"output frame of 64x0", [](auto& i) { i.height = 0; }},
          {"channels of 1", [](auto& i) { i.channels = 1; }},
          {"output frame of 255 bytes", [](auto& i) { i.stride = 255; }},
      });
  expect_refusals<FomoConstImage>(
      {pixels, 64, 64, -192, 3}, check_picture,
      {
          {"picture of a null pointer", [](auto& i) { i.data = nullptr; }},
          {"picture of 100000x64", [](auto& i) { i.width = 100000; }},
          {"picture of 0 bytes", [](auto& i) { i.stride = 0; }},
      });
}

TEST(Boundary, RefusesSettings) {
  FomoCalibration calibration{};
  calibration.strength = 1;
  expect_refusals<FomoCalibration>(
      calibration, check_calibration,
      {
          {"reference of 3", [](auto& c) { c.reference = static_cast<FomoReference>(3); }},
          {"on_lost of -1", [](auto& c) { c.on_lost = static_cast<FomoLost>(-1); }},
          {"strength", [](auto& c) { c.strength = nan; }},
          {"smoothing", [](auto& c) { c.smoothing = -infinity; }},
          {"face control", [](auto& c) { c.face.smile = nan; }},
      });
  expect_refusals<FomoPresentation>({1, 1, 640, 480, 3, 0}, check_presentation,
                                    {
                                        {"presentation of 640x0", [](auto& p) { p.height = 0; }},
                                        {"presentation of -1x480", [](auto& p) { p.width = -1; }},
                                        {"channels of 5", [](auto& p) { p.channels = 5; }},
                                    });
  EXPECT_NO_THROW(check_presentation({0, 0, 0, 0, 3, 0}));
}

} // namespace
} // namespace fomo
