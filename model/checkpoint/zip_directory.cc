// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/zip_directory.h"

#include <algorithm>
#include <string>

#include "model/checkpoint/byte_reader.h"

namespace fomo {
namespace {

// APPNOTE.TXT 4.3: fixed sizes and signatures of the records.
constexpr size_t end_record_size = 22;
constexpr size_t locator_size = 20;
constexpr uint64_t local_header_size = 30;
constexpr size_t max_comment = 65535;
constexpr uint64_t local_signature = 0x04034b50;
constexpr uint64_t member_signature = 0x02014b50;
constexpr uint64_t end_signature = 0x06054b50;
constexpr uint64_t end64_signature = 0x06064b50;
constexpr uint64_t locator_signature = 0x07064b50;
constexpr uint16_t zip64_extra = 1;
constexpr uint16_t encrypted_flag = 1;
constexpr uint64_t in_zip64 = 0xffffffff;

/// The end of a file, as far as the archive's end record and the zip64 locator before it reach.
struct Tail {
  explicit Tail(const ByteSource& file)
      : bytes(file.text(file.size() - length_of(file), length_of(file))),
        offset(file.size() - bytes.size()) {}

  static uint64_t length_of(const ByteSource& file) {
    return std::min<uint64_t>(file.size(), locator_size + end_record_size + max_comment);
  }

  std::string bytes;
  uint64_t offset; ///< in the file
};

/// Position of the end record in the tail.
size_t find_end_record(std::string_view tail) {
  const size_t longest = std::min(tail.size(), end_record_size + max_comment);
  for (size_t back = end_record_size; back <= longest; ++back) {
    const size_t position = tail.size() - back;
    if (load_little_endian(tail.data() + position, 4) == end_signature &&
        load_little_endian(tail.data() + position + 20, 2) <= back - end_record_size)
      return position;
  }
  throw TruncatedError("has no directory at its end. Download or copy it again.");
}

/// The directory's place in a zip64 archive, from the record that the locator points to.
FileRange read_end64(const ByteSource& file, uint64_t position) {
  constexpr uint64_t record_size = 56;
  if (position > file.size() || record_size > file.size() - position)
    throw_damaged("its zip64 directory lies outside of it");
  const std::string bytes = file.text(position, record_size);
  ByteReader record(bytes);
  if (record.integer(4) != end64_signature)
    throw_damaged("its zip64 directory is not where it should be");
  record.take(36);
  FileRange directory;
  directory.size = record.integer(8);
  directory.offset = record.integer(8);
  return directory;
}

FileRange find_directory(const ByteSource& file) {
  const Tail tail(file);
  const size_t end = find_end_record(tail.bytes);
  ByteReader record(tail.bytes, end + 12);
  FileRange directory;
  directory.size = record.integer(4);
  directory.offset = record.integer(4);
  if (end >= locator_size &&
      load_little_endian(tail.bytes.data() + end - locator_size, 4) == locator_signature)
    directory = read_end64(file, ByteReader(tail.bytes, end - locator_size + 8).integer(8));
  if (directory.offset > file.size() || directory.size > file.size() - directory.offset)
    throw_damaged("its directory lies outside of it");
  if (directory.size > max_description)
    throw FormatError("is a zip archive with far more members than a checkpoint has. Give a "
                      "checkpoint of the First Order Motion Model (.pth.tar or .safetensors).");
  return directory;
}

/// Replaces the sizes that did not fit by those of the zip64 extra field.
void read_zip64(std::string_view extra, ZipMember& member) {
  ByteReader reader(extra);
  while (reader.left() >= 4) {
    const uint64_t id = reader.integer(2);
    ByteReader field(reader.take(reader.integer(2)));
    if (id != zip64_extra)
      continue;
    for (uint64_t* value : {&member.size, &member.packed_size, &member.header})
      if (*value == in_zip64)
        *value = field.integer(8);
  }
}

} // namespace

ZipDirectory read_zip_directory(const ByteSource& file) {
  const FileRange range = find_directory(file);
  ZipDirectory directory;
  directory.text = std::make_shared<const std::string>(file.text(range.offset, range.size));
  ByteReader reader(*directory.text);
  while (reader.left() >= 4) {
    if (reader.integer(4) != member_signature)
      throw_damaged("its directory has something else than members");
    ZipMember member;
    reader.take(4); // versions
    member.flags = static_cast<uint16_t>(reader.integer(2));
    member.method = static_cast<uint16_t>(reader.integer(2));
    reader.take(8); // time and CRC
    member.packed_size = reader.integer(4);
    member.size = reader.integer(4);
    const uint64_t name_size = reader.integer(2);
    const uint64_t extra_size = reader.integer(2);
    const uint64_t comment_size = reader.integer(2);
    reader.take(8); // disk and attributes
    member.header = reader.integer(4);
    member.name = reader.take(name_size);
    read_zip64(reader.take(extra_size), member);
    reader.take(comment_size);
    directory.members.push_back(member);
  }
  return directory;
}

FileRange stored_member(const ByteSource& file, const ZipMember& member) {
  if (member.flags & encrypted_flag)
    throw FormatError("is an encrypted zip archive. Unpack what is in it and give that.");
  if (member.method != 0)
    throw FormatError("was packed again: its members are compressed, which PyTorch never does. "
                      "Get the file as torch.save wrote it.");
  if (member.packed_size != member.size || member.header > file.size() ||
      local_header_size > file.size() - member.header)
    throw_damaged("a member's size or place is wrong");
  const std::string bytes = file.text(member.header, local_header_size);
  ByteReader header(bytes);
  if (header.integer(4) != local_signature)
    throw_damaged("a member is not where the directory has it");
  header.take(22); // the directory has these fields too
  FileRange data;
  data.offset = member.header + local_header_size + header.integer(2) + header.integer(2);
  data.size = member.size;
  if (data.offset > file.size() || data.size > file.size() - data.offset)
    throw TruncatedError("ends too early. Download or copy it again.");
  return data;
}

} // namespace fomo
