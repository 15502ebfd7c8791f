// SPDX-License-Identifier: LGPL-2.1-or-later
// The C table of common/engine_api.h over the C++ engine.
#include <atomic>
#include <cstdio>
#include <new>

#include "common/engine_api.h"
#include "common/error.h"
#include "model/engine/engine.h"
#include "model/engine/log.h"

struct FomoModel {
  std::shared_ptr<fomo::Engine> engine;
};

struct FomoPicture {
  fomo::Picture picture;
};

struct FomoSource {
  std::shared_ptr<const fomo::EncodedSource> source;
};

struct FomoStream {
  explicit FomoStream(std::shared_ptr<const fomo::Engine> engine) : stream(std::move(engine)) {}

  fomo::Stream stream;
  std::atomic<bool> reset{false}; // asked for from any thread, done by the streaming thread
};

namespace {

FomoStatus report(FomoError* error, FomoStatus status, const char* message) {
  fomo::log(fomo::LogLevel::debug, message);
  if (error) {
    error->status = status;
    std::snprintf(error->message, sizeof error->message, "%s", message);
  }
  return status;
}

/// Runs `body`; an exception becomes a FomoError, so that none crosses the C boundary.
template<typename Body>
FomoStatus guarded(FomoError* error, Body&& body) noexcept {
  try {
    body();
    if (error)
      *error = {};
    return FOMO_OK;
  } catch (const fomo::Error& exception) {
    return report(error, exception.status(), exception.what());
  } catch (const std::bad_alloc&) {
    return report(error, FOMO_NO_MEMORY,
                  "Out of memory. Use a smaller model or picture, or close other programs.");
  } catch (const std::exception& exception) {
    return report(error, FOMO_FAILED, exception.what());
  } catch (...) {
    return report(error, FOMO_FAILED, "Unknown failure in the engine.");
  }
}

/// A new object from `make`, or nullptr and the error.
template<typename Make>
auto created(FomoError* error, Make&& make) noexcept -> decltype(make()) {
  decltype(make()) object = nullptr;
  guarded(error, [&] { object = make(); });
  return object;
}

const char* text_or_empty(const char* text) { return text ? text : ""; }

FomoModel* model_open(const FomoModelOptions* options, FomoError* error) {
  return created(error, [&] {
    fomo::EngineOptions engine;
    engine.model = text_or_empty(options->model);
    engine.config = text_or_empty(options->config);
    engine.device = text_or_empty(options->device);
    engine.precision = options->precision;
    engine.threads = options->threads;
    engine.align_corners = options->align_corners != 0;
    return new FomoModel{fomo::Engine::open(engine)};
  });
}

void model_close(FomoModel* model) { delete model; }

void model_describe(const FomoModel* model, FomoModelInfo* info) { model->engine->describe(*info); }

FomoPicture* picture_load(const char* path, FomoError* error) {
  return created(error, [&] { return new FomoPicture{fomo::load_picture(path)}; });
}

FomoPicture* picture_decode(const uint8_t* data, size_t size, const char* name, FomoError* error) {
  return created(error, [&] { return new FomoPicture{fomo::decode_picture(data, size, name)}; });
}

FomoPicture* picture_from_pixels(const FomoImage* image, FomoError* error) {
  return created(error, [&] {
    fomo::Picture picture{image->width, image->height, image->channels, {}};
    const size_t row = static_cast<size_t>(image->width) * image->channels;
    picture.pixels.reserve(row * image->height);
    for (int y = 0; y < image->height; y++) {
      const uint8_t* pixels = image->data + y * image->stride;
      picture.pixels.insert(picture.pixels.end(), pixels, pixels + row);
    }
    return new FomoPicture{std::move(picture)};
  });
}

void picture_free(FomoPicture* picture) { delete picture; }

FomoSource* source_encode(FomoModel* model, const FomoPicture* picture, FomoCrop crop,
                          FomoError* error) {
  return created(error,
                 [&] { return new FomoSource{model->engine->encode(picture->picture, crop)}; });
}

void source_free(FomoSource* source) { delete source; }

FomoStream* stream_new(FomoModel* model, FomoError* error) {
  return created(error, [&] { return new FomoStream(model->engine); });
}

void stream_free(FomoStream* stream) { delete stream; }

void stream_reset_reference(FomoStream* stream) { stream->reset = true; }

FomoStatus stream_animate(FomoStream* stream, const FomoSource* source, const FomoMotion* motion,
                          const FomoImage* driving, const FomoImage* output, FomoFrameInfo* info,
                          FomoError* error) {
  return guarded(error, [&] {
    if (stream->reset.exchange(false))
      stream->stream.reset_reference();
    *info = stream->stream.animate(*source->source, *motion, *driving, *output);
  });
}

const FomoEngineApi kApi = {
    FOMO_ENGINE_ABI,     sizeof(FomoEngineApi), fomo::set_log,          model_open,
    model_close,         model_describe,        picture_load,           picture_decode,
    picture_from_pixels, picture_free,          source_encode,          source_free,
    stream_new,          stream_free,           stream_reset_reference, stream_animate,
};

} // namespace

extern "C" __attribute__((visibility("default"))) const FomoEngineApi*
fomo_engine_get_api(uint32_t abi) {
  return abi == FOMO_ENGINE_ABI ? &kApi : nullptr;
}
