// SPDX-License-Identifier: LGPL-2.1-or-later
// WebP files: lossy, lossless, and the first frame of animated ones.
#include <cstring>
#include <memory>
#include <stdexcept>

#include <webp/decode.h>
#include <webp/demux.h>

#include "pictures/colour.h"
#include "pictures/decoders.h"
#include "pictures/exif.h"
#include "pictures/row_assembler.h"

namespace fomo {

namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DeleteDemuxer>;

/// A frame of a file; its picture may be a part of the canvas.
class Frame {
 public:
  explicit Frame(const Demuxer& file) {
    if (!WebPDemuxGetFrame(file.get(), 1, &frame_))
      throw std::runtime_error("there is no frame in it");
  }
  ~Frame() { WebPDemuxReleaseIterator(&frame_); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  const WebPIterator* operator->() const { return &frame_; }

 private:
  WebPIterator frame_ = {};
};

/// The contents of a chunk; empty where there is none.
std::vector<uint8_t> chunk(const Demuxer& file, const char* name) {
  WebPChunkIterator found = {};
  std::vector<uint8_t> contents;
  if (WebPDemuxGetChunk(file.get(), name, 1, &found))
    contents.assign(found.chunk.bytes, found.chunk.bytes + found.chunk.size);
  WebPDemuxReleaseChunkIterator(&found);
  return contents;
}

/// A lossless picture, and the alpha of a lossy one, is in memory as a whole while it is decoded.
void check_memory(const WebPBitstreamFeatures& features) {
  constexpr int lossless = 2;
  constexpr uint64_t most_bytes = 160'000'000;
  const uint64_t pixels = uint64_t(features.width) * uint64_t(features.height);
  if (pixels * (features.format == lossless ? 4 : (features.has_alpha ? 1 : 0)) > most_bytes)
    throw std::runtime_error("it is lossless or transparent and of " +
                             std::to_string(features.width) + "x" +
                             std::to_string(features.height) +
                             " pixels, which takes too much memory to decode. Save it as a PNG "
                             "file");
}

/// Decodes the frame into its place on a canvas whose sides are divided by `reduction`.
void decode_frame(const Frame& frame, int reduction, Picture& canvas) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config) ||
      WebPGetFeatures(frame->fragment.bytes, frame->fragment.size, &config.input) != VP8_STATUS_OK)
    throw std::runtime_error("it is damaged");
  check_memory(config.input);
  const int left = frame->x_offset / reduction, top = frame->y_offset / reduction;
  const int width = std::min((config.input.width + reduction - 1) / reduction, canvas.width - left);
  const int height =
      std::min((config.input.height + reduction - 1) / reduction, canvas.height - top);
  if (width < 1 || height < 1)
    throw std::runtime_error("its first frame lies outside of it");
  if (reduction > 1 || width < config.input.width || height < config.input.height) {
    config.options.use_scaling = 1;
    config.options.scaled_width = width;
    config.options.scaled_height = height;
  }
  const size_t stride = static_cast<size_t>(canvas.width) * canvas.channels;
  const size_t start = static_cast<size_t>(top) * stride + size_t(left) * canvas.channels;
  config.output.colorspace = canvas.channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {&canvas.pixels[start], static_cast<int>(stride),
                          canvas.pixels.size() - start};
  const VP8StatusCode status = WebPDecode(frame->fragment.bytes, frame->fragment.size, &config);
  if (status != VP8_STATUS_OK)
    throw std::runtime_error(status == VP8_STATUS_SUSPENDED || status == VP8_STATUS_NOT_ENOUGH_DATA
                                 ? "it is cut short"
                                 : "it is damaged");
}

} // namespace

Picture decode_webp(const PictureBytes& bytes) {
  const WebPData data{bytes.data, bytes.size};
  const Demuxer file(WebPDemux(&data));
  if (!file)
    throw std::runtime_error("it is damaged or cut short");
  const uint32_t width = WebPDemuxGetI(file.get(), WEBP_FF_CANVAS_WIDTH);
  const uint32_t height = WebPDemuxGetI(file.get(), WEBP_FF_CANVAS_HEIGHT);
  check_size(width, height);
  const Frame frame(file);
  const bool covers = frame->x_offset == 0 && frame->y_offset == 0 &&
                      frame->width == static_cast<int>(width) &&
                      frame->height == static_cast<int>(height);
  const int channels = frame->has_alpha || !covers ? 4 : 3;
  // The decoder's picture and the one that is made of it are in memory at once.
  const size_t decoded = size_t{width} * height * channels;
  const int reduction = reduction_for(width, height, channels, bytes.size + decoded);
  const auto reduced = [reduction](uint32_t side) {
    return (static_cast<int>(side) + reduction - 1) / reduction;
  };
  Picture canvas{reduced(width), reduced(height), channels, {}};
  canvas.pixels.resize(static_cast<size_t>(canvas.width) * canvas.height * channels);
  decode_frame(frame, reduction, canvas);

  const std::vector<uint8_t> exif = chunk(file, "EXIF");
  return upright_srgb(std::move(canvas), {chunk(file, "ICCP"), 0, {}},
                      exif_orientation(exif.data(), exif.size()));
}

} // namespace fomo
