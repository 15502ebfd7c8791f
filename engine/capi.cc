// SPDX-License-Identifier: LGPL-2.1-or-later
// Implements the C table of api/engine_api.h with the C++ engine.
#include "api/engine_api.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "common/file_wait.h"
#include "engine/boundary.h"
#include "engine/guard.h"
#include "engine/stream.h"
#include "model/model.h"
#include "payload/motion_decoder.h"
#include "payload/motion_encoder.h"

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

struct FomoMotionFrame {
  explicit FomoMotionFrame(fomo::MotionFrame&& frame) : motion(std::move(frame)) {
    static std::atomic<uint64_t> made{0};
    motion.id = ++made;
  }

  fomo::MotionFrame motion;
};

struct FomoMotionEncoder {
  explicit FomoMotionEncoder(const fomo::MotionCoding& coding) : encoder(coding) {}

  fomo::MotionEncoder encoder;
  std::vector<uint8_t> bytes; // of the last packet
};

struct FomoMotionDecoder {
  explicit FomoMotionDecoder(int keypoints) : decoder(keypoints) {}

  fomo::MotionDecoder decoder;
};

namespace {

using fomo::Guarded;

const char* text_or_empty(const char* text) { return text ? text : ""; }

void set_log(FomoLogFunction function, void* user_data) { fomo::set_log(function, user_data); }

void watch_files(FomoFileWaits waits, void* user_data) { fomo::watch_files(waits, user_data); }

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
      std::make_shared<const fomo::Source>(model->model, picture->picture, *framing), nullptr};
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

FomoMotionFrame* read_motion(FomoStream* stream, const FomoDriving* driving, FomoFrameInfo* info) {
  fomo::check_driving(*driving);
  *info = {};
  return new FomoMotionFrame{stream->stream.read(*driving, *info)};
}

void animate_motion(FomoStream* stream, const FomoSource* source,
                    const FomoMotionFrame* const* motions, int32_t count,
                    const FomoCalibration* calibration, const FomoOverlay* overlay,
                    const FomoMark* mark, const FomoImage* output, FomoFrameInfo* info) {
  if (!motions || count < 1)
    throw fomo::Error(FOMO_SETTINGS, "No motion was given to animate a picture by. Pass at least "
                                     "one motion, which may be NULL.");
  fomo::check_calibration(*calibration);
  fomo::check_output(*output);
  static const fomo::MotionFrame none;
  std::vector<const fomo::MotionFrame*> frames;
  for (int32_t i = 0; i < count; i++)
    frames.push_back(motions[i] ? &motions[i]->motion : &none);
  stream->stream.animate(source->source, source->presented, frames, *calibration, overlay, mark,
                         *output, *info);
}

void free_motion(FomoMotionFrame* motion) { delete motion; }

fomo::MotionCoding coding_of(const FomoMotionCoding& coding) {
  return {coding.quantiser, coding.refresh, coding.jacobians != 0};
}

FomoMotionEncoder* new_encoder(const FomoMotionCoding* coding) {
  return new FomoMotionEncoder(coding_of(*coding));
}

void free_encoder(FomoMotionEncoder* encoder) { delete encoder; }

void set_encoder(FomoMotionEncoder* encoder, const FomoMotionCoding* coding, int32_t refresh) {
  encoder->encoder.set(coding_of(*coding));
  if (refresh)
    encoder->encoder.refresh();
}

void encode_header(FomoMotionEncoder* encoder, const FomoMotionHeader* header, FomoPacket* packet) {
  encoder->bytes = fomo::write_motion_header(
      {header->model_name, header->model_sha256, static_cast<uint32_t>(header->num_kp),
       static_cast<uint32_t>(header->tick_num), static_cast<uint32_t>(header->tick_den)});
  *packet = {encoder->bytes.data(), encoder->bytes.size(), 0};
}

void encode_motion(FomoMotionEncoder* encoder, const FomoMotionFrame* motion, int32_t ticks,
                   FomoPacket* packet) {
  fomo::MotionEncoder::Packet coded =
      encoder->encoder.encode(motion->motion, static_cast<uint32_t>(std::max(ticks, 0)));
  encoder->bytes = std::move(coded.bytes);
  *packet = {encoder->bytes.data(), encoder->bytes.size(), coded.base};
}

FomoMotionDecoder* new_decoder(int32_t num_kp) { return new FomoMotionDecoder(num_kp); }

void free_decoder(FomoMotionDecoder* decoder) { delete decoder; }

void reset_decoder(FomoMotionDecoder* decoder) { decoder->decoder.reset(); }

FomoMotionFrame* decode_motion(FomoMotionDecoder* decoder, const uint8_t* data, size_t size,
                               double seconds, FomoPacketInfo* info) {
  fomo::DecodedMotion decoded = decoder->decoder.decode(data, size, seconds);
  *info = {};
  info->kind = static_cast<FomoPacketKind>(decoded.kind);
  info->alone = decoded.base;
  info->ticks = static_cast<int32_t>(decoded.ticks);
  info->lost = static_cast<int32_t>(decoded.lost);
  info->face = decoded.frame.face;
  info->event = decoded.frame.event;
  if (decoded.kind == fomo::PacketKind::header) {
    std::snprintf(info->header.model_name, sizeof info->header.model_name, "%s",
                  decoded.header.model_name.c_str());
    std::snprintf(info->header.model_sha256, sizeof info->header.model_sha256, "%s",
                  decoded.header.model_sha256.c_str());
    info->header.num_kp = static_cast<int32_t>(decoded.header.keypoints);
    info->header.tick_num = static_cast<int32_t>(decoded.header.tick_num);
    info->header.tick_den = static_cast<int32_t>(decoded.header.tick_den);
  }
  if (decoded.kind != fomo::PacketKind::frame && decoded.kind != fomo::PacketKind::concealed)
    return nullptr;
  return new FomoMotionFrame{std::move(decoded.frame)};
}

int64_t packet_length(const uint8_t* data, size_t size) {
  fomo::SeiMessage message;
  switch (fomo::read_sei(data, size, message)) {
  case fomo::SeiOutcome::message:
    return static_cast<int64_t>(message.length);
  case fomo::SeiOutcome::incomplete:
    return 0;
  default:
    return -1;
  }
}

const FomoEngineApi kApi = {
    FOMO_ENGINE_ABI,
    sizeof(FomoEngineApi),
    set_log,
    watch_files,
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
    Guarded<read_motion>::call,
    Guarded<animate_motion>::call,
    free_motion,
    Guarded<new_encoder>::call,
    free_encoder,
    Guarded<set_encoder>::call,
    Guarded<encode_header>::call,
    Guarded<encode_motion>::call,
    Guarded<new_decoder>::call,
    free_decoder,
    Guarded<reset_decoder>::call,
    Guarded<decode_motion>::call,
    packet_length,
};

} // namespace

extern "C" __attribute__((visibility("default"))) const FomoEngineApi*
fomo_engine_get_api(uint32_t abi) {
  return abi == FOMO_ENGINE_ABI ? &kApi : nullptr;
}
