// SPDX-License-Identifier: LGPL-2.1-or-later
// Opens the engine library as the plugin does, and checks that libraries that take long to open are
// not loaded with it.
#include <fstream>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "api/engine_api.h"
#include "tests/engine/centred_frame.h"

namespace {

/// Whether a library whose path contains `name` is in the process.
bool is_loaded(const std::string& name) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(name) != std::string::npos)
      return true;
  return false;
}

TEST(LightEngineTest, AnimatesWithoutLibTorchAndOpenCvsCodecs) {
  void* library = dlopen(FOMO_ENGINE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  const auto get_api = reinterpret_cast<FomoEngineGetApi>(dlsym(library, FOMO_ENGINE_ENTRY));
  ASSERT_NE(get_api, nullptr);
  const FomoEngineApi* api = get_api(FOMO_ENGINE_ABI);
  ASSERT_NE(api, nullptr);

  FomoError error = {};
  const FomoModelOptions options = {"builtin", nullptr, "cpu", FOMO_PRECISION_AUTO, 1, 1, 0};
  FomoModel* model = api->model_open(&options, &error);
  ASSERT_NE(model, nullptr) << error.message;
  FomoPicture* picture = api->picture_load(FOMO_ASSETS "/portrait.png", &error);
  ASSERT_NE(picture, nullptr) << error.message;
  const FomoFraming framing = {FOMO_CROP_CENTER, 0};
  FomoSource* source = api->source_encode(model, picture, &framing, &error);
  ASSERT_NE(source, nullptr) << error.message;
  FomoModelInfo info = {};
  EXPECT_EQ(api->model_describe(model, &info, &error), FOMO_OK);
  std::vector<uint8_t> driving(size_t(info.width) * size_t(info.height) * 3, 128);
  std::vector<uint8_t> output(driving.size());
  const ptrdiff_t stride = ptrdiff_t{3} * info.width;
  FomoStream* stream = api->stream_new(model, &error);
  const FomoDriving frame = fomo::test::centred_frame(info, driving.data());
  const FomoCalibration calibration = fomo::test::plain_motion();
  const FomoImage out = {output.data(), info.width, info.height, stride, 3};
  FomoFrameInfo told = {};
  EXPECT_EQ(api->stream_animate(stream, source, &frame, &calibration, nullptr, nullptr, &out, &told,
                                &error),
            FOMO_OK)
      << error.message;
  api->stream_free(stream);
  api->source_free(source);
  api->picture_free(picture);
  api->model_close(model);

  EXPECT_TRUE(is_loaded("libfomoengine")); // is_loaded works
  for (const char* name : {"libtorch", "libc10", "libgomp", "opencv_imgcodecs", "libtiff",
                           "libwebp", "libheif", "libfomopictures"})
    EXPECT_FALSE(is_loaded(name)) << name;
}

} // namespace
