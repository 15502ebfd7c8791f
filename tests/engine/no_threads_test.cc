// SPDX-License-Identifier: LGPL-2.1-or-later
// The system has no thread left: models load and frames are animated, on the caller's thread.
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include "api/engine_api.h"
#include "tests/engine/centred_frame.h"

namespace {

std::atomic<bool> no_threads{false};
std::atomic<int> refused{0}, warnings{0};

using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

void count_warnings(int level, const char* message, void*) {
  if (level == 2 && std::string(message).find("No thread") == 0)
    warnings++;
}

} // namespace

// Replaces that of the C library, also for the engine library.
extern "C" __attribute__((visibility("default"))) int
pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
               void* argument) {
  static const Create real = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  Dl_info caller = {};
  dladdr(__builtin_return_address(0), &caller);
  if (no_threads && !std::strstr(caller.dli_fname, "libtbb")) { // OpenCV's threads
    refused++;
    return EAGAIN;
  }
  return real(thread, attributes, body, argument);
}

namespace {

TEST(NoThreadsTest, AnimatesOnTheCallersThread) {
  void* library = dlopen(FOMO_ENGINE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  const FomoEngineApi* api =
      reinterpret_cast<FomoEngineGetApi>(dlsym(library, FOMO_ENGINE_ENTRY))(FOMO_ENGINE_ABI);
  ASSERT_NE(api, nullptr);
  api->set_log(count_warnings, nullptr);

  no_threads = true;
  FomoError error = {};
  const FomoModelOptions options = {"builtin", nullptr, "cpu", FOMO_PRECISION_AUTO, 4, 1, 1};
  FomoModel* model = api->model_open(&options, &error);
  ASSERT_NE(model, nullptr) << error.message;
  FomoPicture* picture = api->picture_load(FOMO_ASSETS "/portrait.png", &error);
  ASSERT_NE(picture, nullptr) << error.message;
  const FomoFraming framing = {FOMO_CROP_CENTER, 0};
  FomoSource* source = api->source_encode(model, picture, &framing, &error);
  ASSERT_NE(source, nullptr) << error.message;
  FomoStream* stream = api->stream_new(model, &error);
  ASSERT_NE(stream, nullptr) << error.message;

  FomoModelInfo info = {};
  ASSERT_EQ(api->model_describe(model, &info, &error), FOMO_OK);
  const ptrdiff_t stride = ptrdiff_t{3} * info.width;
  std::vector<uint8_t> driving(size_t(stride) * size_t(info.height), 128);
  const FomoDriving frame = fomo::test::centred_frame(info, driving.data());
  const FomoCalibration calibration = fomo::test::plain_motion();
  std::vector<uint8_t> alone(driving.size()), together(driving.size());
  const auto animate = [&](std::vector<uint8_t>& output) {
    const FomoImage out = {output.data(), info.width, info.height, stride, 3};
    FomoFrameInfo told = {};
    EXPECT_EQ(api->stream_animate(stream, source, &frame, &calibration, nullptr, nullptr, &out,
                                  &told, &error),
              FOMO_OK)
        << error.message;
  };
  animate(alone);
  EXPECT_GT(refused, 0);
  EXPECT_GT(warnings, 0);

  // Threads can be started again: the result is the same.
  no_threads = false;
  animate(together);
  EXPECT_EQ(alone, together);

  api->stream_free(stream);
  api->source_free(source);
  api->picture_free(picture);
  api->model_close(model);
}

} // namespace
