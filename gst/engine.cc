// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/engine.h"

#include "gst/engine_library.h"

namespace fomo {

namespace {

/// Hands over what the engine made, or throws what it said.
template<typename T>
T* checked(T* made, const FomoError& error) {
  if (made)
    return made;
  const FomoStatus status = error.status == FOMO_OK ? FOMO_FAILED : error.status;
  throw Error(status, error.message[0] ? error.message : "The engine failed and gave no reason.");
}

} // namespace

const Engine& Engine::open() {
  // A failed attempt throws, leaves the static unset, and the next call tries again.
  static const Engine engine(open_engine_library());
  return engine;
}

ModelHandle Engine::open_model(const FomoModelOptions& options) const {
  FomoError error{};
  return {checked(api_->model_open(&options, &error), error), api_->model_close};
}

FomoModelInfo Engine::describe(const FomoModel& model) const {
  FomoModelInfo info{};
  api_->model_describe(&model, &info);
  return info;
}

PictureHandle Engine::load_picture(const std::string& path) const {
  FomoError error{};
  return {checked(api_->picture_load(path.c_str(), &error), error), api_->picture_free};
}

PictureHandle Engine::decode_picture(const uint8_t* data, size_t size, const char* name) const {
  FomoError error{};
  return {checked(api_->picture_decode(data, size, name, &error), error), api_->picture_free};
}

PictureHandle Engine::picture_from_pixels(const FomoImage& image) const {
  FomoError error{};
  return {checked(api_->picture_from_pixels(&image, &error), error), api_->picture_free};
}

SourceHandle Engine::encode_source(const ModelHandle& model, const FomoPicture& picture,
                                   FomoCrop crop) const {
  FomoError error{};
  FomoSource* source = checked(api_->source_encode(model.get(), &picture, crop, &error), error);
  return {source, [model, free = api_->source_free](FomoSource* s) { free(s); }};
}

StreamHandle Engine::new_stream(const ModelHandle& model) const {
  FomoError error{};
  FomoStream* stream = checked(api_->stream_new(model.get(), &error), error);
  return {stream, [model, free = api_->stream_free](FomoStream* s) { free(s); }};
}

void Engine::reset_reference(FomoStream& stream) const { api_->stream_reset_reference(&stream); }

FomoFrameInfo Engine::animate(FomoStream& stream, const FomoSource& source,
                              const FomoMotion& motion, const FomoImage& driving,
                              const FomoImage& output) const {
  FomoError error{};
  FomoFrameInfo info{};
  const FomoStatus status =
      api_->stream_animate(&stream, &source, &motion, &driving, &output, &info, &error);
  if (status != FOMO_OK)
    throw Error(status, error.message[0] ? error.message : "The engine could not animate a frame.");
  return info;
}

} // namespace fomo
