// SPDX-License-Identifier: LGPL-2.1-or-later
// Memory allocation fails in every function of the C table: each function reports the failure, and
// the process continues.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <new>
#include <string>
#include <vector>

#include <dlfcn.h>

#include <gtest/gtest.h>

#include "api/engine_api.h"
#include "tests/engine/centred_frame.h"

namespace {

/// Number of allocations of this thread before one fails; negative: none fails.
thread_local long allocations_left = -1;
thread_local bool failed = false;

void* allocate(size_t size, size_t alignment) {
  if (allocations_left >= 0 && allocations_left-- == 0) {
    failed = true;
    throw std::bad_alloc();
  }
  void* memory = alignment > alignof(std::max_align_t)
                     ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                     : std::malloc(size > 0 ? size : 1);
  if (!memory)
    throw std::bad_alloc();
  return memory;
}

} // namespace

// These functions replace those of the standard library, also for the engine library.
__attribute__((visibility("default"))) void* operator new(size_t size) { return allocate(size, 0); }
__attribute__((visibility("default"))) void* operator new[](size_t size) {
  return allocate(size, 0);
}
__attribute__((visibility("default"))) void* operator new(size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<size_t>(alignment));
}
__attribute__((visibility("default"))) void operator delete(void* memory) noexcept {
  std::free(memory);
}
__attribute__((visibility("default"))) void operator delete[](void* memory) noexcept {
  std::free(memory);
}
__attribute__((visibility("default"))) void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
__attribute__((visibility("default"))) void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}
__attribute__((visibility("default"))) void operator delete(void* memory,
                                                            std::align_val_t) noexcept {
  std::free(memory);
}
__attribute__((visibility("default"))) void operator delete(void* memory, size_t,
                                                            std::align_val_t) noexcept {
  std::free(memory);
}

namespace {

const FomoEngineApi* table() {
  static const FomoEngineApi* api = [] {
    void* library = dlopen(FOMO_ENGINE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(library, nullptr) << dlerror();
    return reinterpret_cast<FomoEngineGetApi>(dlsym(library, FOMO_ENGINE_ENTRY))(FOMO_ENGINE_ABI);
  }();
  return api;
}

/// Calls `call` repeatedly: first the first allocation fails, then the second and so on, up to
/// `most`, until no allocation fails. A call may succeed in spite of a failed allocation; if it
/// does not, it has to report the failure.
void fail_everywhere(const char* name, int most, bool allocates,
                     const std::function<bool(FomoError*)>& call) {
  SCOPED_TRACE(name);
  int reported = 0;
  for (int n = 0; n < most; n++) {
    FomoError error{};
    failed = false;
    allocations_left = n;
    const bool done = call(&error);
    allocations_left = -1;
    EXPECT_EQ(done, error.status == FOMO_OK) << n;
    if (!failed) {
      EXPECT_TRUE(done) << error.message;
      break;
    }
    if (!done) {
      reported++;
      EXPECT_NE(error.message[0], 0) << n;
    }
  }
  EXPECT_EQ(reported > 0, allocates);
}

class NoMemory : public testing::Test {
 protected:
  void SetUp() override {
    FomoError error{};
    // Loads the library of further decoders now: its libraries' initialisers end the process when
    // an allocation fails.
    const uint8_t none[] = {1, 2, 3};
    table()->picture_decode(none, sizeof none, "nothing", &error);
    model = table()->model_open(&options, &error);
    ASSERT_NE(model, nullptr) << error.message;
    picture = table()->picture_load(FOMO_ASSETS "/portrait.png", &error);
    source = table()->source_encode(model, picture, &framing, &error);
    ASSERT_NE(source, nullptr) << error.message;
    pose = table()->pose_detect(model, picture, &framing, &error);
    stream = table()->stream_new(model, &error);
    ASSERT_NE(stream, nullptr) << error.message;
    ASSERT_EQ(table()->model_describe(model, &info, &error), FOMO_OK);
    pixels.assign(static_cast<size_t>(info.width) * info.height * 3, 128);
    output = pixels;
  }
  void TearDown() override {
    table()->stream_free(stream);
    table()->pose_free(pose);
    table()->source_free(source);
    table()->picture_free(picture);
    table()->model_close(model);
  }

  const FomoModelOptions options = {"builtin", nullptr, "cpu", FOMO_PRECISION_AUTO, 1, 1, 0};
  const FomoFraming framing = {FOMO_CROP_CENTER, 0};
  FomoModel* model = nullptr;
  FomoPicture* picture = nullptr;
  FomoSource* source = nullptr;
  FomoPose* pose = nullptr;
  FomoStream* stream = nullptr;
  FomoModelInfo info = {};
  std::vector<uint8_t> pixels, output;
};

constexpr int kFew = 60; ///< number of allocations to fail in a call, which may make thousands

TEST_F(NoMemory, ModelsAndPictures) {
  // Another precision, so that the model is not shared.
  FomoModelOptions fp32 = options;
  fp32.precision = FOMO_PRECISION_FP32;
  fail_everywhere("model_open", kFew, true, [&](FomoError* error) {
    FomoModel* opened = table()->model_open(&fp32, error);
    if (opened)
      table()->model_close(opened);
    return opened != nullptr;
  });
  fail_everywhere("model_describe", kFew, false, [&](FomoError* error) {
    return table()->model_describe(model, &info, error) == FOMO_OK;
  });
  const auto made = [](FomoPicture* each) {
    if (each)
      table()->picture_free(each);
    return each != nullptr;
  };
  fail_everywhere("picture_load", kFew, true, [&](FomoError* error) {
    return made(table()->picture_load(FOMO_ASSETS "/portrait.png", error));
  });
  const std::vector<uint8_t> file = [] {
    std::ifstream input(FOMO_ASSETS "/portrait.png", std::ios::binary);
    return std::vector<uint8_t>(std::istreambuf_iterator<char>(input), {});
  }();
  fail_everywhere("picture_decode", kFew, true, [&](FomoError* error) {
    return made(table()->picture_decode(file.data(), file.size(), "portrait", error));
  });
  const FomoConstImage image = {pixels.data(), info.width, info.height, ptrdiff_t{3} * info.width,
                                3};
  fail_everywhere("picture_from_pixels", kFew, true, [&](FomoError* error) {
    return made(table()->picture_from_pixels(&image, error));
  });
}

TEST_F(NoMemory, Sources) {
  const auto made = [](FomoSource* each) {
    if (each)
      table()->source_free(each);
    return each != nullptr;
  };
  fail_everywhere("source_encode", kFew / 2, true, [&](FomoError* error) {
    return made(table()->source_encode(model, picture, &framing, error));
  });
  const FomoPresentation presentation = {1, 1, 0, 0, 3};
  fail_everywhere("source_present", kFew, true, [&](FomoError* error) {
    return made(table()->source_present(source, &presentation, error));
  });
  fail_everywhere("source_describe", kFew, false, [&](FomoError* error) {
    FomoSourceInfo described;
    return table()->source_describe(source, &described, error) == FOMO_OK;
  });
  fail_everywhere("pose_detect", kFew / 2, true, [&](FomoError* error) {
    FomoPose* detected = table()->pose_detect(model, picture, &framing, error);
    if (detected)
      table()->pose_free(detected);
    return detected != nullptr;
  });
}

TEST_F(NoMemory, Streams) {
  fail_everywhere("stream_set_reference", kFew, true, [&](FomoError* error) {
    return table()->stream_set_reference(stream, pose, error) == FOMO_OK;
  });
  fail_everywhere("stream_reset_reference", kFew, false, [&](FomoError* error) {
    return table()->stream_reset_reference(stream, error) == FOMO_OK;
  });
  fail_everywhere("stream_restart", kFew, false, [&](FomoError* error) {
    return table()->stream_restart(stream, error) == FOMO_OK;
  });
  FomoDriving driving = fomo::test::centred_frame(info, pixels.data());
  const FomoMark mark{1, 0.1, FOMO_CORNER_TOP_LEFT};
  const FomoCalibration calibration = fomo::test::plain_motion();
  const FomoImage out = {output.data(), info.width, info.height, ptrdiff_t{3} * info.width, 3};
  const auto animate = [&](FomoError* error) {
    FomoFrameInfo told;
    driving.seconds += 0.04;
    return table()->stream_animate(stream, source, &driving, &calibration, nullptr, &mark, &out,
                                   &told, error) == FOMO_OK;
  };
  fail_everywhere("stream_animate", kFew, true, animate);
  // The stream is usable after every failure.
  FomoError error{};
  EXPECT_TRUE(animate(&error)) << error.message;
}

// A stream that follows a face parses the detector's network with OpenCV. protobuf ends the process
// when an allocation fails there, so only the allocations before and after the parsing are tried.
TEST_F(NoMemory, ANewStream) {
  constexpr int before_parsing = 8;
  fail_everywhere("stream_new", before_parsing, true, [&](FomoError* error) {
    FomoStream* made = table()->stream_new(model, error);
    if (made)
      table()->stream_free(made);
    return made != nullptr;
  });
}

} // namespace
