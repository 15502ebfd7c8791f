// SPDX-License-Identifier: LGPL-2.1-or-later
// The system has no thread left: models load and frames are animated, on the caller's thread.
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include "api/engine_api.h"
#include "tests/engine/centred_frame.h"

namespace {

std::atomic<bool> no_threads{false}, no_opencv_threads{false};
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
  const bool opencv = std::strstr(caller.dli_fname, "libtbb") != nullptr;
  if (opencv ? no_opencv_threads : no_threads) {
    refused++;
    return EAGAIN;
  }
  return real(thread, attributes, body, argument);
}

namespace {

const FomoEngineApi* open_engine() {
  void* library = dlopen(FOMO_ENGINE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(library, nullptr) << dlerror();
  const FomoEngineApi* api =
      library
          ? reinterpret_cast<FomoEngineGetApi>(dlsym(library, FOMO_ENGINE_ENTRY))(FOMO_ENGINE_ABI)
          : nullptr;
  if (api)
    api->set_log(count_warnings, nullptr); // the engine warns once
  return api;
}

/// Encodes a picture while no thread can be started, and once more when threads can. OpenCV needs
/// threads if the machine has several cores. Ends the process, with 0 if all went well.
[[noreturn]] void encode_without_opencvs_threads() {
  const FomoEngineApi* api = open_engine();
  FomoError error = {};
  const FomoModelOptions options = {"builtin", nullptr, "cpu", FOMO_PRECISION_AUTO, 4, 1, 1};
  FomoModel* model = api->model_open(&options, &error);
  EXPECT_NE(model, nullptr) << error.message;
  const FomoFraming framing = {FOMO_CROP_FACE, 0};
  const auto encode = [&] {
    FomoPicture* picture = api->picture_load(FOMO_ASSETS "/portrait.png", &error);
    FomoSource* source = picture ? api->source_encode(model, picture, &framing, &error) : nullptr;
    if (source)
      api->source_free(source);
    if (picture)
      api->picture_free(picture);
    return source != nullptr;
  };
  no_threads = no_opencv_threads = true;
  if (!encode()) {
    EXPECT_EQ(error.status, FOMO_NO_MEMORY);
    EXPECT_NE(std::string(error.message).find("ulimit"), std::string::npos) << error.message;
  }
  no_threads = no_opencv_threads = false;
  EXPECT_TRUE(encode()) << error.message;
  api->model_close(model);
  std::exit(testing::Test::HasFailure() ? 1 : 0);
}

// The first test, as its child process must have no threads yet.
TEST(NoThreadsTest, TheProcessLivesWithoutOpenCvsThreads) {
  EXPECT_EXIT(encode_without_opencvs_threads(), testing::ExitedWithCode(0), "");
}

TEST(NoThreadsTest, AnimatesOnTheCallersThread) {
  const FomoEngineApi* api = open_engine();
  ASSERT_NE(api, nullptr);

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
