// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/engine.h"

#include "gst/engine_library.h"

namespace fomo {

namespace {

constexpr char kNoReason[] = "The engine failed and gave no reason.";

void check(FomoStatus status, const FomoError& error) {
  if (status != FOMO_OK)
    throw Error(status, error.message[0] ? error.message : kNoReason);
}

/// Returns `object`, or throws the engine's error if it is null.
template<typename T>
T* checked(T* object, const FomoError& error) {
  if (!object)
    check(error.status == FOMO_OK ? FOMO_FAILED : error.status, error);
  return object;
}

} // namespace

const Engine& Engine::open() {
  // If opening throws, the static stays uninitialised and the next call tries again.
  static const Engine engine(open_engine_library());
  return engine;
}

ModelHandle Engine::open_model(const FomoModelOptions& options) const {
  FomoError error{};
  return {checked(api_->model_open(&options, &error), error), api_->model_close};
}

FomoModelInfo Engine::describe(const FomoModel& model) const {
  FomoError error{};
  FomoModelInfo info{};
  check(api_->model_describe(&model, &info, &error), error);
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

PictureHandle Engine::picture_from_pixels(const FomoConstImage& image) const {
  FomoError error{};
  return {checked(api_->picture_from_pixels(&image, &error), error), api_->picture_free};
}

SourceHandle Engine::encode_source(const ModelHandle& model, const FomoPicture& picture,
                                   const FomoFraming& framing) const {
  FomoError error{};
  FomoSource* source = checked(api_->source_encode(model.get(), &picture, &framing, &error), error);
  return {source, [model, free = api_->source_free](FomoSource* s) { free(s); }};
}

SourceHandle Engine::present(const SourceHandle& source,
                             const FomoPresentation& presentation) const {
  FomoError error{};
  FomoSource* presented = checked(api_->source_present(source.get(), &presentation, &error), error);
  return {presented, [source, free = api_->source_free](FomoSource* s) { free(s); }};
}

FomoSourceInfo Engine::describe(const FomoSource& source) const {
  FomoError error{};
  FomoSourceInfo info{};
  check(api_->source_describe(&source, &info, &error), error);
  return info;
}

PoseHandle Engine::detect_pose(const ModelHandle& model, const FomoPicture& picture,
                               const FomoFraming& framing) const {
  FomoError error{};
  return {checked(api_->pose_detect(model.get(), &picture, &framing, &error), error),
          api_->pose_free};
}

StreamHandle Engine::new_stream(const ModelHandle& model) const {
  FomoError error{};
  FomoStream* stream = checked(api_->stream_new(model.get(), &error), error);
  return {stream, [model, free = api_->stream_free](FomoStream* s) { free(s); }};
}

void Engine::restart(FomoStream& stream) const {
  FomoError error{};
  check(api_->stream_restart(&stream, &error), error);
}

void Engine::reset_reference(FomoStream& stream) const {
  FomoError error{};
  check(api_->stream_reset_reference(&stream, &error), error);
}

void Engine::set_reference(FomoStream& stream, const FomoPose& pose) const {
  FomoError error{};
  check(api_->stream_set_reference(&stream, &pose, &error), error);
}

FomoFrameInfo Engine::animate(FomoStream& stream, const FomoSource& source,
                              const FomoDriving& driving, const FomoCalibration& calibration,
                              const FomoOverlay* overlay, const FomoMark* mark,
                              const FomoImage& output) const {
  FomoError error{};
  FomoFrameInfo info{};
  check(api_->stream_animate(&stream, &source, &driving, &calibration, overlay, mark, &output,
                             &info, &error),
        error);
  return info;
}

MotionHandle Engine::read_motion(FomoStream& stream, const FomoDriving& driving,
                                 FomoFrameInfo& info) const {
  FomoError error{};
  return {checked(api_->motion_read(&stream, &driving, &info, &error), error), api_->motion_free};
}

FomoFrameInfo Engine::animate(FomoStream& stream, const FomoSource& source,
                              const std::vector<const FomoMotionFrame*>& motions,
                              const FomoCalibration& calibration, const FomoOverlay* overlay,
                              const FomoMark* mark, const FomoImage& output) const {
  FomoError error{};
  FomoFrameInfo info{};
  check(api_->motion_animate(&stream, &source, motions.data(), static_cast<int32_t>(motions.size()),
                             &calibration, overlay, mark, &output, &info, &error),
        error);
  return info;
}

MotionEncoderHandle Engine::new_motion_encoder(const FomoMotionCoding& coding) const {
  FomoError error{};
  return {checked(api_->motion_encoder_new(&coding, &error), error), api_->motion_encoder_free};
}

void Engine::set_coding(FomoMotionEncoder& encoder, const FomoMotionCoding& coding,
                        bool refresh) const {
  FomoError error{};
  check(api_->motion_encoder_set(&encoder, &coding, refresh, &error), error);
}

FomoPacket Engine::encode_header(FomoMotionEncoder& encoder, const FomoMotionHeader& header) const {
  FomoError error{};
  FomoPacket packet{};
  check(api_->motion_encode_header(&encoder, &header, &packet, &error), error);
  return packet;
}

FomoPacket Engine::encode_motion(FomoMotionEncoder& encoder, const FomoMotionFrame& motion,
                                 int ticks) const {
  FomoError error{};
  FomoPacket packet{};
  check(api_->motion_encode(&encoder, &motion, ticks, &packet, &error), error);
  return packet;
}

MotionDecoderHandle Engine::new_motion_decoder(int num_kp) const {
  FomoError error{};
  return {checked(api_->motion_decoder_new(num_kp, &error), error), api_->motion_decoder_free};
}

void Engine::reset(FomoMotionDecoder& decoder) const {
  FomoError error{};
  check(api_->motion_decoder_reset(&decoder, &error), error);
}

MotionHandle Engine::decode_motion(FomoMotionDecoder& decoder, const uint8_t* data, size_t size,
                                   double seconds, FomoPacketInfo& info) const {
  FomoError error{};
  FomoMotionFrame* motion = api_->motion_decode(&decoder, data, size, seconds, &info, &error);
  check(error.status, error);
  return motion ? MotionHandle(motion, api_->motion_free) : nullptr;
}

} // namespace fomo
