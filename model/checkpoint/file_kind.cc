// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/file_kind.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "model/checkpoint/byte_reader.h"
#include "model/checkpoint/torch_archive.h"

namespace fomo {
namespace {

constexpr const char* give_checkpoint =
    " Give a checkpoint of the First Order Motion Model (.pth.tar or .safetensors).";

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool has_at(std::string_view file, size_t position, std::string_view text) {
  return file.size() >= position && begins_with(file.substr(position), text);
}

/// The first bytes, which tell most kinds apart.
std::string beginning(const ByteSource& file) {
  return file.text(0, std::min<uint64_t>(file.size(), 4096));
}

/// The beginning in lower case, without byte order mark and leading white space.
std::string text_beginning(std::string_view file) {
  if (begins_with(file, "\xef\xbb\xbf"))
    file.remove_prefix(3);
  std::string text;
  for (const char c : file.substr(0, 1024))
    if (!text.empty() || std::isspace(static_cast<unsigned char>(c)) == 0)
      text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_text(std::string_view file) {
  const std::string_view start = file.substr(0, 512);
  return std::all_of(start.begin(), start.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t';
  });
}

void refuse_text(std::string_view file, uint64_t file_size) {
  const std::string text = text_beginning(file);
  if (begins_with(text, "version https://git-lfs"))
    throw FormatError("is a Git LFS pointer (" + byte_count(file_size) +
                      "), not the file it stands for. Run 'git lfs pull' where it came from, or "
                      "download the file itself.");
  for (const char* start : {"<!doctype", "<html", "<head", "<?xml", "<!--"})
    if (begins_with(text, start))
      throw FormatError("is a web page, not a checkpoint: the download went to a page (as when a "
                        "quota is spent). Open the link in a browser and save the file behind it.");
  if (is_text(file))
    throw FormatError(std::string("is a text file, not a checkpoint (a YAML configuration belongs "
                                  "into 'config').") +
                      give_checkpoint);
}

/// A tar header has a checksum: the sum of its bytes, where those of the checksum count as blanks.
bool is_tar(std::string_view file) {
  if (file.size() < 512)
    return false;
  if (has_at(file, 257, "ustar"))
    return true;
  uint64_t sum = 0;
  for (size_t i = 0; i < 512; ++i)
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(file[i]);
  uint64_t told = 0;
  bool has_digits = false;
  for (const char c : file.substr(148, 8)) {
    if (c >= '0' && c <= '7') {
      told = told * 8 + static_cast<uint64_t>(c - '0');
      has_digits = true;
    } else if (c != ' ' && c != '\0')
      return false;
  }
  return has_digits && sum == told && file[0] != '\0';
}

void refuse_archive(std::string_view file) {
  if (is_tar(file))
    throw FormatError("is a real tar archive; a checkpoint is none in spite of its name. Unpack it "
                      "and give the checkpoint in it.");
  struct Archive {
    std::string_view start;
    const char* name;
  };
  static constexpr Archive archives[] = {
      {"\x1f\x8b", "gzip"},
      {"BZh", "bzip2"},
      {"\xfd"
       "7zXZ",
       "xz"},
      {"7z\xbc\xaf", "7-Zip"},
      {"Rar!", "RAR"},
      {"\x28\xb5\x2f\xfd", "Zstandard"},
  };
  for (const Archive& archive : archives)
    if (begins_with(file, archive.start))
      throw FormatError(std::string("is compressed (") + archive.name +
                        "). Unpack it and give the checkpoint in it.");
}

void refuse_media(std::string_view file) {
  const bool picture = begins_with(file, "\x89PNG") || begins_with(file, "\xff\xd8\xff") ||
                       begins_with(file, "GIF8") || begins_with(file, "RIFF");
  const bool video = has_at(file, 4, "ftyp") || begins_with(file, "\x1a\x45\xdf\xa3");
  if (picture || video)
    throw FormatError(std::string("is a ") + (picture ? "picture" : "video") + ", not a model." +
                      give_checkpoint);
}

/// An ONNX ModelProto begins with its first two fields: ir_version and the producer's name.
bool is_onnx(std::string_view file) {
  if (file.size() < 8 || file[0] != 0x08 || file[1] < 1 || file[1] > 32)
    return false;
  const auto next = static_cast<unsigned char>(file[2]);
  return next == 0x12 || next == 0x1a || next == 0x22 || next == 0x3a || next == 0x42;
}

void refuse_model(std::string_view file) {
  const char* what = nullptr;
  if (is_onnx(file))
    what = "an ONNX model";
  else if (begins_with(file, "\x89HDF"))
    what = "an HDF5 file (Keras)";
  else if (begins_with(file, "GGUF"))
    what = "a GGUF file";
  else if (has_at(file, 4, "TFL3"))
    what = "a TensorFlow Lite model";
  if (what != nullptr)
    throw FormatError(std::string("is ") + what +
                      ", which cannot be read. Give the PyTorch checkpoint it was made from.");
}

/// A pickle that is not a container. read_pickle refuses other objects than tensors by name.
void refuse_pickle(const ByteSource& file, std::string_view start) {
  if (start[0] != '\x80')
    return;
  const std::string bytes = file.text(0, std::min(file.size(), max_description));
  Pickle pickle;
  try {
    pickle = read_pickle(bytes);
  } catch (const TruncatedError&) {
    throw TruncatedError("is cut off: it stops after " + byte_count(file.size()) +
                         ", within its first object. Download or copy it again.");
  }
  if (!pickle.storages.empty())
    throw FormatError(
        "is the 'data.pkl' of an unpacked checkpoint: the weights lay beside it. Give "
        "the .pth.tar file itself; it is not meant to be unpacked.");
  throw FormatError(std::string("is a Python pickle without tensors.") + give_checkpoint);
}

} // namespace

FileKind sniff_file(const ByteSource& file) {
  const std::string start = beginning(file);
  if (begins_with(start, "PK\x03\x04") || begins_with(start, "PK\x05\x06"))
    return FileKind::zip;
  if (is_legacy_container(start))
    return FileKind::legacy;
  // Eight bytes of the header's size, then the header, a JSON object.
  if (start.size() >= 9 && start[8] == '{' && load_little_endian(start.data(), 8) < (1ULL << 32))
    return FileKind::safetensors;
  return FileKind::unknown;
}

void refuse_file(const ByteSource& file) {
  if (file.size() == 0)
    throw FormatError("is empty (0 bytes). Download or copy it again.");
  const std::string start = beginning(file);
  if (std::all_of(start.begin(), start.end(), [](char c) { return c == '\0'; }))
    throw FormatError(
        "begins with zeros alone: a download or a copy did not finish. Download or copy "
        "it again.");
  refuse_archive(start);
  refuse_media(start);
  refuse_text(start, file.size());
  refuse_pickle(file, start);
  refuse_model(start);
  throw FormatError(std::string("is of no kind that is known here.") + give_checkpoint);
}

} // namespace fomo
