// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture_kind.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace fomo {

namespace {

using std::string_view_literals::operator""sv;

/// The first bytes of a file as text, any of which may be 0.
std::string_view start_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), std::min<size_t>(size, 256)};
}

bool has(std::string_view start, size_t at, std::string_view bytes) {
  return start.size() >= at + bytes.size() && start.compare(at, bytes.size(), bytes) == 0;
}

/// Kind of an ISO base media file by the brands of its first box: major brand, version, compatible
/// brands, four bytes each.
PictureKind kind_by_brand(std::string_view start) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(start.data());
  const size_t box = size_t{bytes[2]} << 8 | bytes[3]; // no such box reaches 64 KiB
  PictureKind kind = PictureKind::unknown;
  for (size_t at = 8; at + 4 <= std::min(box, start.size()); at += 4) {
    const std::string_view brand = start.substr(at, 4);
    if (brand == "avif"sv || brand == "avis"sv)
      return PictureKind::avif;
    for (const auto heif :
         {"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv, "mif1"sv, "msf1"sv})
      if (brand == heif)
        kind = PictureKind::heif;
  }
  return kind;
}

} // namespace

PictureKind picture_kind(const uint8_t* data, size_t size) {
  const std::string_view start = start_of(data, size);
  if (has(start, 0, "\x89PNG\r\n\x1a\n"sv))
    return PictureKind::png;
  if (has(start, 0, "\xff\xd8\xff"sv))
    return PictureKind::jpeg;
  if (has(start, 0, "GIF87a"sv) || has(start, 0, "GIF89a"sv))
    return PictureKind::gif;
  if (has(start, 0, "RIFF"sv) && has(start, 8, "WEBP"sv))
    return PictureKind::webp;
  for (const auto tiff : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
    if (has(start, 0, tiff))
      return PictureKind::tiff;
  if (has(start, 0, "\xff\x0a"sv) || has(start, 0, "\0\0\0\x0cJXL \r\n\x87\n"sv))
    return PictureKind::jpeg_xl;
  if (has(start, 4, "ftyp"sv) && size >= 16)
    return kind_by_brand(start);
  if (has(start, 0, "BM"sv))
    return PictureKind::bmp;
  return PictureKind::unknown;
}

const char* kind_name(PictureKind kind) {
  switch (kind) {
  case PictureKind::png:
    return "PNG";
  case PictureKind::jpeg:
    return "JPEG";
  case PictureKind::gif:
    return "GIF";
  case PictureKind::bmp:
    return "BMP";
  case PictureKind::webp:
    return "WebP";
  case PictureKind::tiff:
    return "TIFF";
  case PictureKind::heif:
    return "HEIC";
  case PictureKind::avif:
    return "AVIF";
  case PictureKind::jpeg_xl:
    return "JPEG XL";
  case PictureKind::unknown:
    break;
  }
  return nullptr;
}

const char* foreign_kind(const uint8_t* data, size_t size) {
  const std::string_view start = start_of(data, size);
  const struct {
    size_t at;
    std::string_view bytes;
    const char* name;
  } kinds[] = {
      {0, "%PDF"sv, "a PDF document"},
      {0, "%!PS"sv, "a PostScript document"},
      {0, "8BPS"sv, "a Photoshop document"},
      {0, "gimp xcf"sv, "a GIMP document"},
      {0, "\x76\x2f\x31\x01"sv, "an OpenEXR picture"},
      {0, "#?RADIANCE"sv, "a Radiance HDR picture"},
      {0, "\0\0\0\x0cjP  "sv, "a JPEG 2000 picture"},
      {0, "\xff\x4f\xff\x51"sv, "a JPEG 2000 picture"},
      {4, "ftyp"sv, "a video"},
      {0, "\x1a\x45\xdf\xa3"sv, "a video"},
      {8, "AVI "sv, "a video"},
      {0, "PK\x03\x04"sv, "a ZIP archive"},
      {0, "\x1f\x8b"sv, "a compressed file"},
      {0, "<!DOCTYPE"sv, "a web page"},
      {0, "<html"sv, "a web page"},
      {0, "<svg"sv, "an SVG drawing"},
      {0, "<?xml"sv, "an XML document"},
  };
  for (const auto& kind : kinds)
    if (has(start, kind.at, kind.bytes))
      return kind.name;
  return nullptr;
}

} // namespace fomo
