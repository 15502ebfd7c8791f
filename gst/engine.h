// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/engine_api.h"
#include "common/error.h"

namespace fomo {

/// Owning handles of the engine's objects. A handle also keeps alive the objects that its object
/// depends on: a source and a stream keep their model.
using ModelHandle = std::shared_ptr<FomoModel>;
using PictureHandle = std::shared_ptr<FomoPicture>;
using SourceHandle = std::shared_ptr<FomoSource>;
using PoseHandle = std::shared_ptr<FomoPose>;
using StreamHandle = std::shared_ptr<FomoStream>;
using MotionHandle = std::shared_ptr<FomoMotionFrame>;
using MotionEncoderHandle = std::shared_ptr<FomoMotionEncoder>;
using MotionDecoderHandle = std::shared_ptr<FomoMotionDecoder>;

/// The engine library's C table with C++ handles and exceptions. Each function calls the function
/// of FomoEngineApi that is named in its comment, and throws Error if that function fails.
class Engine {
 public:
  /// The engine of this process. The first successful call opens the library, which stays open
  /// until the process ends. Thread-safe. Throws Error (FOMO_LIBRARY) that lists every path tried
  /// with the reason of its failure.
  static const Engine& open();

  /// See FomoEngineApi::watch_files.
  void watch_files(FomoFileWaits waits, void* data) const { api_->watch_files(waits, data); }

  /// model_open. May take seconds.
  ModelHandle open_model(const FomoModelOptions& options) const;

  /// model_describe.
  FomoModelInfo describe(const FomoModel& model) const;

  /// picture_load.
  PictureHandle load_picture(const std::string& path) const;

  /// picture_decode. `name` identifies the file in error messages.
  PictureHandle decode_picture(const uint8_t* data, size_t size, const char* name) const;

  /// picture_from_pixels: copies an RGB or RGBA image.
  PictureHandle picture_from_pixels(const FomoConstImage& image) const;

  /// source_encode. Thread-safe.
  SourceHandle encode_source(const ModelHandle& model, const FomoPicture& picture,
                             const FomoFraming& framing) const;

  /// source_present. Thread-safe.
  SourceHandle present(const SourceHandle& source, const FomoPresentation& presentation) const;

  /// source_describe.
  FomoSourceInfo describe(const FomoSource& source) const;

  /// pose_detect. Thread-safe.
  PoseHandle detect_pose(const ModelHandle& model, const FomoPicture& picture,
                         const FomoFraming& framing) const;

  /// stream_new.
  StreamHandle new_stream(const ModelHandle& model) const;

  /// stream_restart.
  void restart(FomoStream& stream) const;
  /// stream_reset_reference.
  void reset_reference(FomoStream& stream) const;
  /// stream_set_reference.
  void set_reference(FomoStream& stream, const FomoPose& pose) const;

  /// stream_animate. `overlay` and `mark` may be null.
  FomoFrameInfo animate(FomoStream& stream, const FomoSource& source, const FomoDriving& driving,
                        const FomoCalibration& calibration, const FomoOverlay* overlay,
                        const FomoMark* mark, const FomoImage& output) const;

  /// motion_read.
  MotionHandle read_motion(FomoStream& stream, const FomoDriving& driving,
                           FomoFrameInfo& info) const;
  /// motion_animate. `motions`: one for each face, or for all. `overlay` and `mark` may be null.
  FomoFrameInfo animate(FomoStream& stream, const FomoSource& source,
                        const std::vector<const FomoMotionFrame*>& motions,
                        const FomoCalibration& calibration, const FomoOverlay* overlay,
                        const FomoMark* mark, const FomoImage& output) const;

  /// motion_encoder_new.
  MotionEncoderHandle new_motion_encoder(const FomoMotionCoding& coding) const;
  /// motion_encoder_set.
  void set_coding(FomoMotionEncoder& encoder, const FomoMotionCoding& coding, bool refresh) const;
  /// motion_encode_header.
  FomoPacket encode_header(FomoMotionEncoder& encoder, const FomoMotionHeader& header) const;
  /// motion_encode.
  FomoPacket encode_motion(FomoMotionEncoder& encoder, const FomoMotionFrame& motion,
                           int ticks) const;

  /// motion_decoder_new.
  MotionDecoderHandle new_motion_decoder(int num_kp) const;
  /// motion_decoder_reset.
  void reset(FomoMotionDecoder& decoder) const;
  /// motion_decode. Null if the packet is not a frame.
  MotionHandle decode_motion(FomoMotionDecoder& decoder, const uint8_t* data, size_t size,
                             double seconds, FomoPacketInfo& info) const;
  /// motion_packet_length.
  int64_t packet_length(const uint8_t* data, size_t size) const {
    return api_->motion_packet_length(data, size);
  }

 private:
  explicit Engine(const FomoEngineApi* api) : api_(api) {}

  const FomoEngineApi* api_;
};

} // namespace fomo
