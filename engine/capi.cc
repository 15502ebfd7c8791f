// SPDX-License-Identifier: LGPL-2.1-or-later
// Implements the C table of api/engine_api.h with the C++ engine.
#include "api/engine_api.h"

#include <memory>

#include "engine/boundary.h"
#include "engine/guard.h"
#include "engine/stream.h"
#include "model/model.h"

struct FomoModel {
  std::shared_ptr<const fomo::Model> model;
};

struct FomoPicture {
  std::shared_ptr<const fomo::Picture> picture;
};

struct FomoSource {
  std::shared_ptr<const fomo::Source> source;
  std::shared_ptr<const fomo::PresentedSource>
      presented; // null: the crop as the model generates it
};

struct FomoPose {
  fomo::KeypointSet keypoints;
};

struct FomoStream {
  explicit FomoStream(std::shared_ptr<const fomo::Model> model) : stream(std::move(model)) {}

  fomo::Stream stream;
};

namespace {

using fomo::Guarded;

const char* text_or_empty(const char* text) { return text ? text : ""; }

void set_log(FomoLogFunction function, void* user_data) { fomo::set_log(function, user_data); }

FomoModel* open_model(const FomoModelOptions* wanted) {
  fomo::ModelOptions options;
  options.model = text_or_empty(wanted->model);
  options.config = text_or_empty(wanted->config);
  options.device = text_or_empty(wanted->device);
  options.precision = wanted->precision;
  options.threads = wanted->threads;
  options.align_corners = wanted->align_corners != 0;
  options.deterministic = wanted->deterministic != 0;
  return new FomoModel{fomo::Model::open(options)};
}

void close_model(FomoModel* model) { delete model; }

void describe_model(const FomoModel* model, FomoModelInfo* info) { model->model->describe(*info); }

FomoPicture* new_picture(fomo::Picture picture) {
  return new FomoPicture{std::make_shared<const fomo::Picture>(std::move(picture))};
}

FomoPicture* load_picture(const char* path) { return new_picture(fomo::load_picture(path)); }

FomoPicture* decode_picture(const uint8_t* data, size_t size, const char* name) {
  return new_picture(fomo::decode_picture(data, data ? size : 0, name));
}

FomoPicture* copy_picture(const FomoConstImage* image) {
  fomo::check_picture(*image);
  return new_picture(fomo::copy_picture(*image));
}

void free_picture(FomoPicture* picture) { delete picture; }

FomoSource* encode_source(const FomoModel* model, const FomoPicture* picture,
                          const FomoFraming* framing) {
  return new FomoSource{
      std::make_shared<const fomo::Source>(*model->model, picture->picture, *framing), nullptr};
}

FomoSource* present_source(const FomoSource* source, const FomoPresentation* presentation) {
  fomo::check_presentation(*presentation);
  return new FomoSource{source->source, source->source->present(*presentation)};
}

void describe_source(const FomoSource* source, FomoSourceInfo* info) {
  *info = source->source->describe();
}

void free_source(FomoSource* source) { delete source; }

FomoPose* detect_pose(const FomoModel* model, const FomoPicture* picture,
                      const FomoFraming* framing) {
  return new FomoPose{fomo::detect_pose(*model->model, *picture->picture, *framing)};
}

void free_pose(FomoPose* pose) { delete pose; }

FomoStream* new_stream(const FomoModel* model) { return new FomoStream(model->model); }

void free_stream(FomoStream* stream) { delete stream; }

void restart(FomoStream* stream) { stream->stream.restart(); }

void reset_reference(FomoStream* stream) { stream->stream.reset_reference(); }

void set_reference(FomoStream* stream, const FomoPose* pose) {
  stream->stream.set_reference(pose->keypoints);
}

void animate(FomoStream* stream, const FomoSource* source, const FomoDriving* driving,
             const FomoCalibration* calibration, const FomoOverlay* overlay, const FomoMark* mark,
             const FomoImage* output, FomoFrameInfo* info) {
  fomo::check_driving(*driving);
  fomo::check_calibration(*calibration);
  fomo::check_output(*output);
  *info = stream->stream.animate(source->source, source->presented, *driving, *calibration, overlay,
                                 mark, *output);
}

const FomoEngineApi kApi = {
    FOMO_ENGINE_ABI,
    sizeof(FomoEngineApi),
    set_log,
    Guarded<open_model>::call,
    close_model,
    Guarded<describe_model>::call,
    Guarded<load_picture>::call,
    Guarded<decode_picture>::call,
    Guarded<copy_picture>::call,
    free_picture,
    Guarded<encode_source>::call,
    Guarded<present_source>::call,
    Guarded<describe_source>::call,
    free_source,
    Guarded<detect_pose>::call,
    free_pose,
    Guarded<new_stream>::call,
    free_stream,
    Guarded<restart>::call,
    Guarded<reset_reference>::call,
    Guarded<set_reference>::call,
    Guarded<animate>::call,
};

} // namespace

extern "C" __attribute__((visibility("default"))) const FomoEngineApi*
fomo_engine_get_api(uint32_t abi) {
  return abi == FOMO_ENGINE_ABI ? &kApi : nullptr;
}
