// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/pictures/files.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <lcms2.h>
#include <opencv2/imgcodecs.hpp>
#include <tiffio.h>
#include <unistd.h>
#include <zlib.h>

namespace fomo::test {

std::vector<uint8_t> file_of(const std::string& extension, int type) {
  const double most = CV_MAT_DEPTH(type) == CV_16U ? 65535 : 255;
  cv::Mat bgr(4 * 8, 8 * 8, type, cv::Scalar(0, 0, most, most));
  if (CV_MAT_CN(type) == 1)
    bgr.setTo(cv::Scalar(most / 2));
  else
    bgr.colRange(4 * 8, 8 * 8).setTo(cv::Scalar(most, 0, 0, 0));
  std::vector<uint8_t> bytes;
  cv::imencode(extension, bgr, bytes);
  return bytes;
}

std::vector<uint8_t> noisy_file(const std::string& extension, int type,
                                const std::vector<int>& settings) {
  cv::Mat image(47, 61, type);
  cv::RNG(7).fill(image, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_16U ? 65536 : 256);
  std::vector<uint8_t> bytes;
  cv::imencode(extension, image, bytes, settings);
  return bytes;
}

void insert_chunk(std::vector<uint8_t>& png, const std::string& type,
                  const std::vector<uint8_t>& body) {
  std::vector<uint8_t> chunk{0, 0, static_cast<uint8_t>(body.size() >> 8),
                             static_cast<uint8_t>(body.size())};
  chunk.insert(chunk.end(), type.begin(), type.end());
  chunk.insert(chunk.end(), body.begin(), body.end());
  const uLong sum = crc32(0, chunk.data() + 4, static_cast<uInt>(chunk.size() - 4));
  for (int shift = 24; shift >= 0; shift -= 8)
    chunk.push_back(static_cast<uint8_t>(sum >> shift));
  png.insert(png.begin() + 33, chunk.begin(), chunk.end());
}

void set_header_checksum(std::vector<uint8_t>& png) {
  const uLong sum = crc32(0, png.data() + 12, 17);
  for (size_t i = 0; i < 4; i++)
    png[29 + i] = static_cast<uint8_t>(sum >> (24 - 8 * i));
}

std::vector<uint8_t> cmyk_file(uint8_t cyan, uint8_t magenta, uint8_t yellow, uint8_t black) {
  return even_jpeg(32, 16, {cyan, magenta, yellow, black});
}

std::vector<uint8_t> even_jpeg(int width, int height, const std::vector<uint8_t>& colour,
                               bool progressive) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<unsigned>(width);
  info.image_height = static_cast<unsigned>(height);
  info.input_components = static_cast<int>(colour.size());
  info.in_color_space = colour.size() == 4 ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&info);
  info.write_Adobe_marker = static_cast<boolean>(colour.size() == 4);
  if (progressive)
    jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  std::vector<uint8_t> row;
  for (int x = 0; x < width; x++)
    row.insert(row.end(), colour.begin(), colour.end());
  while (info.next_scanline < info.image_height) {
    JSAMPROW line = row.data();
    jpeg_write_scanlines(&info, &line, 1);
  }
  jpeg_finish_compress(&info);
  const std::vector<uint8_t> file(data, data + size);
  jpeg_destroy_compress(&info);
  free(data);
  return file;
}

std::vector<uint8_t> exif_block(int orientation) {
  return {'M', 'M',  0, 42, 0, 0, 0, 8, 0, 1,
          1,   0x12, 0, 3,  0, 0, 0, 1, 0, static_cast<uint8_t>(orientation),
          0,   0,    0, 0,  0, 0};
}

void insert_marker(std::vector<uint8_t>& jpeg, int number, const std::string& label,
                   const std::vector<uint8_t>& body) {
  const size_t length = 2 + label.size() + body.size();
  std::vector<uint8_t> marker{0xff, static_cast<uint8_t>(0xe0 + number),
                              static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
  marker.insert(marker.end(), label.begin(), label.end());
  marker.insert(marker.end(), body.begin(), body.end());
  jpeg.insert(jpeg.begin() + 2, marker.begin(), marker.end());
}

std::vector<uint8_t> display_p3_profile() {
  const cmsCIExyY white = {0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
  const double srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* curve = cmsBuildParametricToneCurve(nullptr, 4, srgb);
  cmsToneCurve* const curves[] = {curve, curve, curve};
  cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::vector<uint8_t> bytes(size);
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  cmsFreeToneCurve(curve);
  return bytes;
}

void insert_profile(std::vector<uint8_t>& png, const std::vector<uint8_t>& profile) {
  uLongf size = compressBound(profile.size());
  std::vector<uint8_t> body(3 + size); // a name, its end, the method
  body[0] = 'p';
  compress(body.data() + 3, &size, profile.data(), profile.size());
  body.resize(3 + size);
  insert_chunk(png, "iCCP", body);
}

std::vector<uint8_t> tiff_file(const TiffSettings& settings, const void* samples) {
  std::string name = testing::TempDir() + "fomo-tiff-XXXXXX";
  close(mkstemp(name.data()));
  TIFF* tiff = TIFFOpen(name.c_str(), "w");
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, settings.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, settings.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, settings.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, settings.count);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, settings.format);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, settings.photometric);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, settings.planes);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, settings.orientation);
  if (settings.extra >= 0) {
    const auto kind = static_cast<uint16_t>(settings.extra);
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  }
  if (!settings.icc.empty())
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, static_cast<uint32_t>(settings.icc.size()),
                 settings.icc.data());
  const bool apart = settings.planes == PLANARCONFIG_SEPARATE;
  const int row_count = settings.width * (apart ? 1 : settings.count);
  const size_t sample_bytes = static_cast<size_t>(settings.bits) / 8;
  const auto* bytes = static_cast<const uint8_t*>(samples);
  if (settings.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, settings.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, settings.tile);
    const size_t pixel = sample_bytes * static_cast<size_t>(settings.count);
    const auto side = static_cast<size_t>(settings.tile);
    for (int y = 0; y < settings.height; y += settings.tile)
      for (int x = 0; x < settings.width; x += settings.tile) {
        std::vector<uint8_t> tile(side * side * pixel);
        for (int i = 0; i < settings.tile && y + i < settings.height; i++)
          std::copy_n(bytes + (static_cast<size_t>(y + i) * settings.width + x) * pixel,
                      static_cast<size_t>(std::min(settings.tile, settings.width - x)) * pixel,
                      &tile[static_cast<size_t>(i) * side * pixel]);
        TIFFWriteTile(tiff, tile.data(), static_cast<uint32_t>(x), static_cast<uint32_t>(y), 0, 0);
      }
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 5);
    for (int plane = 0; plane < (apart ? settings.count : 1); plane++)
      for (int y = 0; y < settings.height; y++) {
        std::vector<uint8_t> row(bytes, bytes + row_count * sample_bytes);
        TIFFWriteScanline(tiff, row.data(), static_cast<uint32_t>(y), static_cast<uint16_t>(plane));
        bytes += row.size();
      }
  }
  TIFFClose(tiff);
  std::ifstream file(name, std::ios::binary);
  const std::vector<uint8_t> contents{std::istreambuf_iterator<char>(file), {}};
  std::remove(name.c_str());
  return contents;
}

namespace {

void append(std::vector<uint8_t>& bytes, const std::vector<uint8_t>& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

void append_number(std::vector<uint8_t>& bytes, size_t value, int count) {
  for (int i = 0; i < count; i++)
    bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

std::vector<uint8_t> riff_chunk(const std::string& type, const std::vector<uint8_t>& contents) {
  std::vector<uint8_t> bytes(type.begin(), type.end());
  append_number(bytes, contents.size(), 4);
  append(bytes, contents);
  if (contents.size() % 2)
    bytes.push_back(0);
  return bytes;
}

/// The chunk that begins an extended WebP file.
std::vector<uint8_t> webp_header(uint8_t flags, int width, int height) {
  std::vector<uint8_t> header{flags, 0, 0, 0};
  append_number(header, static_cast<size_t>(width) - 1, 3);
  append_number(header, static_cast<size_t>(height) - 1, 3);
  return riff_chunk("VP8X", header);
}

constexpr size_t kRiffHeader = 12;

} // namespace

void wrap_webp(std::vector<uint8_t>& webp, bool alpha, int width, int height, const char* name,
               const std::vector<uint8_t>& body) {
  const bool icc = std::string(name) == "ICCP";
  std::vector<uint8_t> contents{'W', 'E', 'B', 'P'};
  append(contents, webp_header(static_cast<uint8_t>((icc ? 0x20 : 0x08) | (alpha ? 0x10 : 0)),
                               width, height));
  if (icc)
    append(contents, riff_chunk(name, body));
  append(contents, {webp.begin() + kRiffHeader, webp.end()});
  if (!icc)
    append(contents, riff_chunk(name, body));
  webp = riff_chunk("RIFF", contents);
}

std::vector<uint8_t> animated_webp(int side, const std::vector<std::vector<uint8_t>>& frames,
                                   int offset) {
  std::vector<uint8_t> contents{'W', 'E', 'B', 'P'};
  append(contents, webp_header(0x02, side, side));
  append(contents, riff_chunk("ANIM", {0, 0, 0, 0, 0, 0}));
  for (const auto& frame : frames) {
    std::vector<uint8_t> body;
    append_number(body, static_cast<size_t>(offset / 2), 3);
    append_number(body, static_cast<size_t>(offset / 2), 3);
    append_number(body, static_cast<size_t>(side - 2 * offset) - 1, 3);
    append_number(body, static_cast<size_t>(side - 2 * offset) - 1, 3);
    append_number(body, 100, 3); // ms
    body.push_back(0);
    append(body, {frame.begin() + kRiffHeader, frame.end()});
    append(contents, riff_chunk("ANMF", body));
  }
  return riff_chunk("RIFF", contents);
}

} // namespace fomo::test
