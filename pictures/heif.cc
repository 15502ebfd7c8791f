// SPDX-License-Identifier: LGPL-2.1-or-later
// HEIC files with libheif, which turns pictures upright by itself.
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include <libheif/heif.h>

#include "pictures/decoders.h"
#include "pictures/row_assembler.h"

namespace fomo {

namespace {

template<auto release>
struct Release {
  template<typename Handle>
  void operator()(Handle* handle) const {
    release(handle);
  }
};
using Context = std::unique_ptr<heif_context, Release<heif_context_free>>;
using ImageHandle = std::unique_ptr<heif_image_handle, Release<heif_image_handle_release>>;
using Image = std::unique_ptr<heif_image, Release<heif_image_release>>;
using Options = std::unique_ptr<heif_decoding_options, Release<heif_decoding_options_free>>;
using CodePoints = std::unique_ptr<heif_color_profile_nclx, Release<heif_nclx_color_profile_free>>;

void check(const heif_error& error) {
  if (error.code != heif_error_Ok)
    throw std::runtime_error(error.message ? error.message : "it is damaged");
}

ColourMeaning meaning_of(const ImageHandle& handle) {
  if (const size_t size = heif_image_handle_get_raw_color_profile_size(handle.get())) {
    ColourMeaning meaning;
    meaning.icc.resize(size);
    check(heif_image_handle_get_raw_color_profile(handle.get(), meaning.icc.data()));
    return meaning;
  }
  heif_color_profile_nclx* found = nullptr;
  if (heif_image_handle_get_nclx_color_profile(handle.get(), &found).code != heif_error_Ok)
    return {};
  const CodePoints points(found);
  return meaning_of_code_points(points->color_primaries, points->transfer_characteristics);
}

Image decode(const ImageHandle& handle, bool alpha) {
  const Options options(heif_decoding_options_alloc());
  if (!options)
    throw std::bad_alloc();
  options->convert_hdr_to_8bit = 1;
  heif_image* image = nullptr;
  check(heif_decode_image(handle.get(), &image, heif_colorspace_RGB,
                          alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
                          options.get()));
  return Image(image);
}

} // namespace

Picture decode_heif(const PictureBytes& file) {
  const Context context(heif_context_alloc());
  if (!context)
    throw std::bad_alloc();
  check(heif_context_read_from_memory_without_copy(context.get(), file.data, file.size, nullptr));
  heif_image_handle* found = nullptr;
  check(heif_context_get_primary_image_handle(context.get(), &found));
  const ImageHandle handle(found);
  check_size(static_cast<uint64_t>(heif_image_handle_get_width(handle.get())),
             static_cast<uint64_t>(heif_image_handle_get_height(handle.get())), kMostWholePixels);
  const bool alpha = heif_image_handle_has_alpha_channel(handle.get());
  const bool premultiplied = alpha && heif_image_handle_is_premultiplied_alpha(handle.get());
  const Image image = decode(handle, alpha);
  const int width = heif_image_get_width(image.get(), heif_channel_interleaved);
  const int height = heif_image_get_height(image.get(), heif_channel_interleaved);
  int stride = 0;
  const uint8_t* pixels =
      heif_image_get_plane_readonly(image.get(), heif_channel_interleaved, &stride);
  if (!pixels || width < 1 || height < 1)
    throw std::runtime_error("it has no pixels");
  check_size(static_cast<uint64_t>(width), static_cast<uint64_t>(height), kMostWholePixels);

  const RowConverter convert({3, alpha, 8, false}, meaning_of(handle));
  const int channels = convert.channels();
  const size_t row_bytes = static_cast<size_t>(width) * channels;
  RowAssembler assembler(
      width, height, channels,
      reduction_for(width, height, channels, file.size + row_bytes * static_cast<size_t>(height)));
  std::vector<uint8_t> row(row_bytes), converted(row_bytes);
  for (int y = 0; y < height; y++) {
    std::copy_n(pixels + static_cast<ptrdiff_t>(stride) * y, row_bytes, row.begin());
    if (premultiplied)
      unpremultiply(row.data(), width);
    convert(row.data(), converted.data(), width);
    assembler.add(converted.data());
  }
  return assembler.take();
}

} // namespace fomo
