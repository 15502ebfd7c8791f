// SPDX-License-Identifier: LGPL-2.1-or-later
// JPEG XL files with libjxl, which turns pictures upright by itself.
#include <memory>
#include <stdexcept>

#include <jxl/decode.h>
#include <jxl/version.h>

#include "pictures/decoders.h"
#include "pictures/row_assembler.h"

namespace fomo {

namespace {

constexpr uint64_t kMostJpegXlPixels = 24'000'000; // libjxl takes 8 bytes and more for each

struct DestroyDecoder {
  void operator()(JxlDecoder* decoder) const { JxlDecoderDestroy(decoder); }
};

void check(JxlDecoderStatus status) {
  if (status != JXL_DEC_SUCCESS)
    throw std::runtime_error("it is damaged");
}

// libjxl 0.9 removed a parameter that it had never used. Both functions are about the pixels'
// profile.
#if JPEGXL_NUMERIC_VERSION < JPEGXL_COMPUTE_NUMERIC_VERSION(0, 9, 0)
JxlDecoderStatus icc_size(const JxlDecoder* decoder, const JxlPixelFormat& format, size_t* size) {
  return JxlDecoderGetICCProfileSize(decoder, &format, JXL_COLOR_PROFILE_TARGET_DATA, size);
}
JxlDecoderStatus read_icc(const JxlDecoder* decoder, const JxlPixelFormat& format,
                          std::vector<uint8_t>& icc) {
  return JxlDecoderGetColorAsICCProfile(decoder, &format, JXL_COLOR_PROFILE_TARGET_DATA, icc.data(),
                                        icc.size());
}
#else
JxlDecoderStatus icc_size(const JxlDecoder* decoder, const JxlPixelFormat&, size_t* size) {
  return JxlDecoderGetICCProfileSize(decoder, JXL_COLOR_PROFILE_TARGET_DATA, size);
}
JxlDecoderStatus read_icc(const JxlDecoder* decoder, const JxlPixelFormat&,
                          std::vector<uint8_t>& icc) {
  return JxlDecoderGetColorAsICCProfile(decoder, JXL_COLOR_PROFILE_TARGET_DATA, icc.data(),
                                        icc.size());
}
#endif

class JpegXlReader {
 public:
  explicit JpegXlReader(const PictureBytes& file);

  /// The first frame.
  Picture read();

 private:
  void read_info();
  void read_profile();
  void make_room();
  Picture picture() const;

  PictureBytes file_;
  std::unique_ptr<JxlDecoder, DestroyDecoder> decoder_;
  JxlBasicInfo info_ = {};
  ColourMeaning meaning_;
  JxlPixelFormat format_ = {3, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  std::vector<uint8_t> pixels_;
};

JpegXlReader::JpegXlReader(const PictureBytes& file)
    : file_(file), decoder_(JxlDecoderCreate(nullptr)) {
  if (!decoder_)
    throw std::bad_alloc();
  check(JxlDecoderSubscribeEvents(decoder_.get(), JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING |
                                                      JXL_DEC_FULL_IMAGE));
  check(JxlDecoderSetUnpremultiplyAlpha(decoder_.get(), JXL_TRUE));
  check(JxlDecoderSetInput(decoder_.get(), file.data, file.size));
}

Picture JpegXlReader::read() {
  while (true) {
    switch (JxlDecoderProcessInput(decoder_.get())) {
    case JXL_DEC_BASIC_INFO:
      read_info();
      break;
    case JXL_DEC_COLOR_ENCODING:
      read_profile();
      break;
    case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
      make_room();
      break;
    case JXL_DEC_FULL_IMAGE:
      return picture();
    case JXL_DEC_NEED_MORE_INPUT:
      throw std::runtime_error("it is cut short");
    default:
      throw std::runtime_error("it is damaged");
    }
  }
}

void JpegXlReader::read_info() {
  check(JxlDecoderGetBasicInfo(decoder_.get(), &info_));
  check_size(info_.xsize, info_.ysize, kMostJpegXlPixels);
  format_.num_channels = info_.num_color_channels + (info_.alpha_bits > 0 ? 1 : 0);
}

void JpegXlReader::read_profile() {
  // A lossy picture has colours of its own and can be made sRGB; others come as they were stored.
  if (!info_.uses_original_profile) {
    JxlColorEncoding srgb = {};
    srgb.color_space = info_.num_color_channels == 1 ? JXL_COLOR_SPACE_GRAY : JXL_COLOR_SPACE_RGB;
    srgb.white_point = JXL_WHITE_POINT_D65;
    srgb.primaries = JXL_PRIMARIES_SRGB;
    srgb.transfer_function = JXL_TRANSFER_FUNCTION_SRGB;
    srgb.rendering_intent = JXL_RENDERING_INTENT_RELATIVE;
    JxlDecoderSetPreferredColorProfile(decoder_.get(), &srgb);
  }
  size_t size = 0;
  if (icc_size(decoder_.get(), format_, &size) != JXL_DEC_SUCCESS)
    return;
  meaning_.icc.resize(size);
  if (read_icc(decoder_.get(), format_, meaning_.icc) != JXL_DEC_SUCCESS)
    meaning_.icc.clear();
}

void JpegXlReader::make_room() {
  size_t size = 0;
  check(JxlDecoderImageOutBufferSize(decoder_.get(), &format_, &size));
  if (size != size_t{info_.xsize} * info_.ysize * format_.num_channels)
    throw std::runtime_error("it is damaged");
  pixels_.resize(size);
  check(JxlDecoderSetImageOutBuffer(decoder_.get(), &format_, pixels_.data(), size));
}

Picture JpegXlReader::picture() const {
  const RowConverter convert(
      {static_cast<int>(info_.num_color_channels), info_.alpha_bits > 0, 8, false}, meaning_);
  const auto width = static_cast<int>(info_.xsize), height = static_cast<int>(info_.ysize);
  RowAssembler assembler(
      width, height, convert.channels(),
      reduction_for(info_.xsize, info_.ysize, convert.channels(), file_.size + pixels_.size()));
  const size_t row_bytes = size_t{info_.xsize} * format_.num_channels;
  std::vector<uint8_t> converted(static_cast<size_t>(width) * convert.channels());
  for (int y = 0; y < height; y++) {
    convert(&pixels_[row_bytes * y], converted.data(), width);
    assembler.add(converted.data());
  }
  return assembler.take();
}

} // namespace

Picture decode_jpeg_xl(const PictureBytes& file) { return JpegXlReader(file).read(); }

} // namespace fomo
