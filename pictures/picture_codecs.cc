// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture_codecs.h"

#include <stdexcept>
#include <string>

#include "common/log.h"

namespace fomo {

namespace {

[[noreturn, maybe_unused]] void throw_not_built(const char* library, const char* package) {
  throw std::runtime_error(std::string("this build of fomotransfer has no ") + library +
                           ". Save the picture as PNG or JPEG, or install the package " + package +
                           " and build fomotransfer again");
}

Picture decode(PictureKind kind, const PictureBytes& file) {
  switch (kind) {
  case PictureKind::webp:
    return decode_webp(file);
  case PictureKind::tiff:
    return decode_tiff(file);
  case PictureKind::heif:
#ifdef FOMO_HAVE_HEIF
    return decode_heif(file);
#else
    throw_not_built("libheif", "libheif-dev");
#endif
  case PictureKind::avif:
#ifdef FOMO_HAVE_AVIF
    return decode_avif(file);
#else
    throw_not_built("libavif", "libavif-dev");
#endif
  case PictureKind::jpeg_xl:
#ifdef FOMO_HAVE_JPEG_XL
    return decode_jpeg_xl(file);
#else
    throw_not_built("libjxl", "libjxl-dev");
#endif
  default:
    throw std::runtime_error("its format is not known");
  }
}

} // namespace

} // namespace fomo

extern "C" __attribute__((visibility("default"))) const fomo::PictureCodecs fomo_picture_codecs = {
    fomo::kPictureCodecsVersion, fomo::decode, fomo::set_log};
