// SPDX-License-Identifier: LGPL-2.1-or-later
// JPEG files, row by row with libjpeg.
#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include <jpeglib.h>

#include "common/log.h"
#include "pictures/colour.h"
#include "pictures/decoders.h"
#include "pictures/exif.h"
#include "pictures/row_assembler.h"

namespace fomo {

namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

/// libjpeg's reader. Its errors jump back into the function that called libjpeg: such a function
/// has no local object with a destructor, and returns false. reason() then says why.
class JpegReader {
 public:
  explicit JpegReader(const PictureBytes& file);
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool read_header();
  /// Ready for rows whose sides are the picture's divided by `reduction`: 1, 2, 4 or 8.
  bool start(int reduction);
  /// The next row, packed: grey, RGB or CMYK.
  bool read_row(uint8_t* row);

  uint32_t full_width() const { return info_.image_width; }
  uint32_t full_height() const { return info_.image_height; }
  int width() const { return static_cast<int>(info_.output_width); }
  int height() const { return static_cast<int>(info_.output_height); }
  /// Bytes of memory that libjpeg needs for all of the picture: a progressive file's coefficients.
  uint64_t coefficient_bytes();
  SampleLayout layout() const;
  ColourMeaning meaning();
  int orientation() const;
  const char* reason() const { return reason_; }

 private:
  [[noreturn]] static void on_error(j_common_ptr info) {
    auto& self = *static_cast<JpegReader*>(info->client_data);
    info->err->format_message(info, self.reason_);
    std::longjmp(self.back_, 1);
  }
  static void on_message(j_common_ptr info, int level);
  static void on_progress(j_common_ptr info);
  uint8_t* icc_profile(unsigned* size);

  jpeg_decompress_struct info_ = {};
  jpeg_error_mgr errors_ = {};
  jpeg_progress_mgr progress_ = {};
  std::jmp_buf back_ = {};
  PictureBytes file_;
  char reason_[JMSG_LENGTH_MAX] = "";
};

JpegReader::JpegReader(const PictureBytes& file) : file_(file) {
  info_.err = jpeg_std_error(&errors_);
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  errors_.output_message = [](j_common_ptr) {};
  progress_.progress_monitor = on_progress;
  info_.client_data = this;
}

/// Level -1 is a warning about damage; the first one tells enough.
void JpegReader::on_message(j_common_ptr info, int level) {
  if (level >= 0 || info->err->num_warnings++ > 0)
    return;
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  log(LogLevel::debug, std::string("libjpeg: ") + text);
}

/// Each scan of a progressive file goes over all of the picture, and a small file can have very
/// many.
void JpegReader::on_progress(j_common_ptr info) {
  constexpr int most_scans = 500;
  auto& self = *static_cast<JpegReader*>(info->client_data);
  if (self.info_.input_scan_number <= most_scans)
    return;
  std::strcpy(self.reason_, "it has more than 500 scans");
  std::longjmp(self.back_, 1);
}

bool JpegReader::read_header() {
  if (setjmp(back_) != 0)
    return false;
  constexpr unsigned longest_marker = 0xffff;
  jpeg_create_decompress(&info_);
  info_.progress = &progress_;
  jpeg_mem_src(&info_, file_.data, file_.size);
  jpeg_save_markers(&info_, JPEG_APP0 + 1, longest_marker);
  jpeg_save_markers(&info_, JPEG_APP0 + 2, longest_marker);
  jpeg_read_header(&info_, TRUE);
  if (info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK)
    info_.out_color_space = JCS_CMYK;
  else if (info_.num_components == 1)
    info_.out_color_space = JCS_GRAYSCALE;
  else
    info_.out_color_space = JCS_RGB;
  return true;
}

bool JpegReader::start(int reduction) {
  if (setjmp(back_) != 0)
    return false;
  info_.scale_num = 1;
  info_.scale_denom = static_cast<unsigned>(reduction);
  jpeg_start_decompress(&info_);
  return true;
}

bool JpegReader::read_row(uint8_t* row) {
  if (setjmp(back_) != 0)
    return false;
  JSAMPROW line = row;
  jpeg_read_scanlines(&info_, &line, 1);
  return true;
}

uint64_t JpegReader::coefficient_bytes() {
  if (!jpeg_has_multiple_scans(&info_))
    return 0;
  uint64_t count = 0;
  for (int i = 0; i < info_.num_components; i++) {
    const jpeg_component_info& component = info_.comp_info[i];
    count += uint64_t{component.width_in_blocks} * component.height_in_blocks * DCTSIZE2;
  }
  return count * sizeof(JCOEF);
}

SampleLayout JpegReader::layout() const {
  // Adobe's programs store the inverse of what ink is printed, and mark their files.
  const bool cmyk = info_.out_color_space == JCS_CMYK;
  return {info_.out_color_components, false, 8, cmyk && info_.saw_Adobe_marker};
}

/// The profile, allocated by libjpeg; null without one.
uint8_t* JpegReader::icc_profile(unsigned* size) {
  if (setjmp(back_) != 0)
    return nullptr;
  JOCTET* data = nullptr;
  return jpeg_read_icc_profile(&info_, &data, size) ? data : nullptr;
}

ColourMeaning JpegReader::meaning() {
  ColourMeaning meaning;
  unsigned size = 0;
  if (const std::unique_ptr<uint8_t, Free> profile{icc_profile(&size)})
    meaning.icc.assign(profile.get(), profile.get() + size);
  return meaning;
}

int JpegReader::orientation() const {
  for (auto* marker = info_.marker_list; marker; marker = marker->next)
    if (marker->marker == JPEG_APP0 + 1 && marker->data_length >= 6 &&
        std::memcmp(marker->data, "Exif\0", 5) == 0)
      return exif_orientation(marker->data, marker->data_length);
  return kUpright;
}

/// A progressive file takes the memory of all its coefficients, however far it is reduced.
void check_memory(JpegReader& jpeg) {
  constexpr uint64_t most_bytes = 200'000'000;
  const uint64_t bytes = jpeg.coefficient_bytes();
  if (bytes > most_bytes)
    throw std::runtime_error("it is progressive and of " + std::to_string(jpeg.full_width()) + "x" +
                             std::to_string(jpeg.full_height()) + " pixels, which takes " +
                             std::to_string(bytes / 1'000'000) + " MB of memory, more than " +
                             std::to_string(most_bytes / 1'000'000) +
                             " MB. Save it as a baseline JPEG file");
}

} // namespace

Picture decode_jpeg(const PictureBytes& file) {
  JpegReader jpeg(file);
  if (!jpeg.read_header())
    throw std::runtime_error(jpeg.reason());
  check_size(jpeg.full_width(), jpeg.full_height());
  check_memory(jpeg);
  const int reduction =
      reduction_for(jpeg.full_width(), jpeg.full_height(), 3, file.size + jpeg.coefficient_bytes());
  const int by_libjpeg = std::min(reduction, 8);
  if (!jpeg.start(by_libjpeg))
    throw std::runtime_error(jpeg.reason());
  const SampleLayout layout = jpeg.layout();
  const RowConverter convert(layout, jpeg.meaning());
  RowAssembler assembler(jpeg.width(), jpeg.height(), 3, reduction / by_libjpeg,
                         jpeg.orientation());
  std::vector<uint8_t> row(static_cast<size_t>(jpeg.width()) * layout.colours);
  std::vector<uint8_t> converted(static_cast<size_t>(jpeg.width()) * 3);
  for (int y = 0; y < jpeg.height(); y++) {
    if (!jpeg.read_row(row.data()))
      throw std::runtime_error(jpeg.reason());
    convert(row.data(), converted.data(), jpeg.width());
    assembler.add(converted.data());
  }
  return assembler.take();
}

} // namespace fomo
