// SPDX-License-Identifier: LGPL-2.1-or-later
// The C table of api/engine_api.h over the C++ engine.
#include <cstdio>
#include <new>

#include "api/engine_api.h"
#include "common/error.h"
#include "common/log.h"
#include "engine/driver_tracker.h"
#include "engine/stream.h"
#include "model/model.h"

struct FomoModel {
  std::shared_ptr<fomo::Model> model;
};

struct FomoPicture {
  std::shared_ptr<const fomo::Picture> picture;
};

struct FomoSource {
  std::shared_ptr<const fomo::Source> picture;
  std::shared_ptr<const fomo::PresentedSource> presented; // null: as the model paints it
};

struct FomoPose {
  fomo::KeypointSet keypoints;
};

struct FomoStream {
  explicit FomoStream(std::shared_ptr<const fomo::Model> model) : stream(std::move(model)) {}

  fomo::Stream stream;
};

struct FomoTracker {
  fomo::DriverTracker tracker;
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
    fomo::ModelOptions opened;
    opened.model = text_or_empty(options->model);
    opened.config = text_or_empty(options->config);
    opened.device = text_or_empty(options->device);
    opened.precision = options->precision;
    opened.threads = options->threads;
    opened.align_corners = options->align_corners != 0;
    return new FomoModel{fomo::Model::open(opened)};
  });
}

void model_close(FomoModel* model) { delete model; }

void model_describe(const FomoModel* model, FomoModelInfo* info) { model->model->describe(*info); }

/// No larger than can be of use.
FomoPicture* new_picture(fomo::Picture picture) {
  return new FomoPicture{
      std::make_shared<const fomo::Picture>(fomo::limit_picture(std::move(picture)))};
}

FomoPicture* picture_load(const char* path, FomoError* error) {
  return created(error, [&] { return new_picture(fomo::load_picture(path)); });
}

FomoPicture* picture_decode(const uint8_t* data, size_t size, const char* name, FomoError* error) {
  return created(error, [&] { return new_picture(fomo::decode_picture(data, size, name)); });
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
    return new_picture(std::move(picture));
  });
}

void picture_free(FomoPicture* picture) { delete picture; }

FomoSource* source_encode(FomoModel* model, const FomoPicture* picture, const FomoFraming* framing,
                          FomoError* error) {
  return created(error, [&] {
    return new FomoSource{std::make_shared<fomo::Source>(*model->model, picture->picture, *framing),
                          nullptr};
  });
}

FomoSource* source_with_view(const FomoSource* source, const FomoView* view, FomoError* error) {
  return created(error, [&] {
    return new FomoSource{source->picture, source->picture->present(*view)};
  });
}

void source_describe(const FomoSource* source, FomoSourceInfo* info) {
  *info = source->picture->describe();
}

void source_free(FomoSource* source) { delete source; }

FomoPose* pose_detect(FomoModel* model, const FomoPicture* picture, const FomoFraming* framing,
                      FomoError* error) {
  return created(error, [&] {
    return new FomoPose{fomo::detect_pose(*model->model, *picture->picture, *framing)};
  });
}

void pose_free(FomoPose* pose) { delete pose; }

FomoStream* stream_new(FomoModel* model, FomoError* error) {
  return created(error, [&] { return new FomoStream(model->model); });
}

void stream_free(FomoStream* stream) { delete stream; }

void stream_restart(FomoStream* stream) { stream->stream.restart(); }

void stream_reset_reference(FomoStream* stream) { stream->stream.reset_reference(); }

void stream_set_reference(FomoStream* stream, const FomoPose* pose) {
  stream->stream.set_reference(pose->keypoints);
}

FomoStatus stream_animate(FomoStream* stream, const FomoSource* source, const FomoDriving* driving,
                          const FomoCalibration* calibration, const FomoOverlay* overlay,
                          const FomoImage* output, FomoFrameInfo* info, FomoError* error) {
  return guarded(error, [&] {
    *info = stream->stream.animate(source->picture, source->presented, *driving, *calibration,
                                   overlay, *output);
  });
}

FomoTracker* tracker_new(FomoError* error) {
  return created(error, [] { return new FomoTracker(); });
}

void tracker_free(FomoTracker* tracker) { delete tracker; }

void tracker_reset(FomoTracker* tracker) { tracker->tracker.reset(); }

FomoStatus tracker_update(FomoTracker* tracker, const FomoFrame* frame, double seconds,
                          const FomoBox* given, int32_t given_count, FomoFace* face,
                          FomoError* error) {
  return guarded(error, [&] {
    *face =
        tracker->tracker.update(fomo::view_of(*frame), seconds,
                                given_count > 0 ? std::vector<FomoBox>(given, given + given_count)
                                                : std::vector<FomoBox>());
  });
}

void frame_read(const FomoFrame* frame, const FomoSquare* square, const FomoImage* out) {
  fomo::read_crop(fomo::view_of(*frame), {square->cx, square->cy, square->size}, *out);
}

const FomoEngineApi kApi = {
    FOMO_ENGINE_ABI,      sizeof(FomoEngineApi), fomo::set_log,  model_open,
    model_close,          model_describe,        picture_load,   picture_decode,
    picture_from_pixels,  picture_free,          source_encode,  source_with_view,
    source_describe,      source_free,           pose_detect,    pose_free,
    stream_new,           stream_free,           stream_restart, stream_reset_reference,
    stream_set_reference, stream_animate,        tracker_new,    tracker_free,
    tracker_reset,        tracker_update,        frame_read,
};

} // namespace

extern "C" __attribute__((visibility("default"))) const FomoEngineApi*
fomo_engine_get_api(uint32_t abi) {
  return abi == FOMO_ENGINE_ABI ? &kApi : nullptr;
}
