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
constexpr size_t max_comment = 65535;
constexpr uint64_t local_signature = 0x04034b50;
constexpr uint64_t member_signature = 0x02014b50;
constexpr uint64_t end_signature = 0x06054b50;
constexpr uint64_t end64_signature = 0x06064b50;
constexpr uint64_t locator_signature = 0x07064b50;
constexpr uint16_t zip64_extra = 1;
constexpr uint16_t encrypted_flag = 1;
constexpr uint64_t in_zip64 = 0xffffffff;

struct Directory {
  uint64_t offset = 0, size = 0;
};

/// Position of the record at the archive's end.
size_t find_end_record(std::string_view file) {
  const size_t longest = std::min(file.size(), end_record_size + max_comment);
  for (size_t back = end_record_size; back <= longest; ++back) {
    const size_t position = file.size() - back;
    if (load_little_endian(file.data() + position, 4) == end_signature &&
        load_little_endian(file.data() + position + 20, 2) <= back - end_record_size)
      return position;
  }
  throw TruncatedError("has no directory at its end. Download or copy it again.");
}

Directory find_directory(std::string_view file) {
  const size_t end = find_end_record(file);
  ByteReader record(file, end + 12);
  Directory directory;
  directory.size = record.integer(4);
  directory.offset = record.integer(4);
  if (end >= locator_size &&
      load_little_endian(file.data() + end - locator_size, 4) == locator_signature) {
    ByteReader locator(file, end - locator_size + 8);
    const uint64_t position = locator.integer(8);
    if (position > file.size())
      throw_damaged("its zip64 directory lies outside of it");
    ByteReader record64(file, position);
    if (record64.integer(4) != end64_signature)
      throw_damaged("its zip64 directory is not where it should be");
    record64.take(36);
    directory.size = record64.integer(8);
    directory.offset = record64.integer(8);
  }
  if (directory.offset > file.size() || directory.size > file.size() - directory.offset)
    throw_damaged("its directory lies outside of it");
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

std::vector<ZipMember> read_zip_directory(std::string_view file) {
  const Directory directory = find_directory(file);
  ByteReader reader(file.substr(directory.offset, directory.size));
  std::vector<ZipMember> members;
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
    members.push_back(member);
  }
  return members;
}

std::string_view stored_member(std::string_view file, const ZipMember& member) {
  if (member.flags & encrypted_flag)
    throw FormatError("is an encrypted zip archive. Unpack what is in it and give that.");
  if (member.method != 0)
    throw FormatError("was packed again: its members are compressed, which PyTorch never does. "
                      "Get the file as torch.save wrote it.");
  if (member.packed_size != member.size || member.header > file.size())
    throw_damaged("a member's size or place is wrong");
  ByteReader reader(file, member.header);
  if (reader.integer(4) != local_signature)
    throw_damaged("a member is not where the directory has it");
  reader.take(22); // what the directory tells too
  const uint64_t name_size = reader.integer(2);
  const uint64_t extra_size = reader.integer(2);
  reader.take(name_size + extra_size);
  return reader.take(member.size);
}

} // namespace fomo
