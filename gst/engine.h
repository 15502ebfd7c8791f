// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/engine_api.h"
#include "common/error.h"

namespace fomo {

/// The engine's objects. Each handle frees its object through the engine and keeps alive what the
/// object depends on (a source and a stream keep their model).
using ModelHandle = std::shared_ptr<FomoModel>;
using PictureHandle = std::shared_ptr<FomoPicture>;
using SourceHandle = std::shared_ptr<FomoSource>;
using PoseHandle = std::shared_ptr<FomoPose>;
using StreamHandle = std::shared_ptr<FomoStream>;

/// The engine library behind its C table, with C++ handles and exceptions.
class Engine {
 public:
  /// The engine of this process. The first call that succeeds opens the library, which then stays
  /// until the process ends. Thread-safe. Throws Error (FOMO_LIBRARY) that lists every place tried
  /// and why it was no good.
  static const Engine& open();

  /// Loads or shares weights; may take seconds. Throws Error.
  ModelHandle open_model(const FomoModelOptions& options) const;

  FomoModelInfo describe(const FomoModel& model) const;

  /// Decodes a picture file. Throws Error.
  PictureHandle load_picture(const std::string& path) const;

  /// The same from a file in memory; `name` stands in error messages.
  PictureHandle decode_picture(const uint8_t* data, size_t size, const char* name) const;

  /// Copies pixels (RGB or RGBA). Throws Error.
  PictureHandle picture_from_pixels(const FomoConstImage& image) const;

  /// Computes all that driving frames need of a picture. Any thread. Throws Error.
  SourceHandle encode_source(const ModelHandle& model, const FomoPicture& picture,
                             const FomoFraming& framing) const;

  /// The source prepared for such frames. Any thread. Throws Error.
  SourceHandle present(const SourceHandle& source, const FomoPresentation& presentation) const;

  FomoSourceInfo describe(const FomoSource& source) const;

  /// A still picture's pose. Any thread. Throws Error.
  PoseHandle detect_pose(const ModelHandle& model, const FomoPicture& picture,
                         const FomoFraming& framing) const;

  /// A new driving video. Throws Error.
  StreamHandle new_stream(const ModelHandle& model) const;

  void restart(FomoStream& stream) const;
  void reset_reference(FomoStream& stream) const;
  void set_reference(FomoStream& stream, const FomoPose& pose) const;

  /// One frame, see FomoEngineApi::stream_animate; `overlay` may be null. Throws Error.
  FomoFrameInfo animate(FomoStream& stream, const FomoSource& source, const FomoDriving& driving,
                        const FomoCalibration& calibration, const FomoOverlay* overlay,
                        const FomoImage& output) const;

 private:
  explicit Engine(const FomoEngineApi* api) : api_(api) {}

  const FomoEngineApi* api_;
};

} // namespace fomo
