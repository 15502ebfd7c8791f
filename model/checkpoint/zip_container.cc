// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <map>
#include <string>

#include "model/checkpoint/byte_reader.h"
#include "model/checkpoint/torch_archive.h"
#include "model/checkpoint/zip_directory.h"

namespace fomo {
namespace {

/// By name within the archive's root folder. A map, not a hash table: a hostile archive can choose
/// names whose hashes collide.
using Members = std::map<std::string_view, const ZipMember*>;

constexpr std::string_view pickle_name = "data.pkl";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// An archive without its end. PyTorch writes the pickle first, and the pickle has the storages'
/// sizes.
[[noreturn]] void truncated(const ByteSource& file) {
  uint64_t expected = 0;
  try {
    const std::string bytes = file.text(0, std::min(file.size(), max_description));
    ByteReader header(bytes, 26);
    const uint64_t name_size = header.integer(2);
    const uint64_t extra_size = header.integer(2);
    const std::string_view name = header.take(name_size);
    header.take(extra_size);
    if (ends_with(name, pickle_name)) {
      const Pickle pickle = read_pickle(std::string_view(bytes).substr(header.position()));
      expected = header.position() + pickle.size + pickle.storage_bytes();
    }
  } catch (const FormatError&) {
    // The message does without the number then.
  }
  if (expected > file.size())
    throw_truncated(expected, file.size());
  throw TruncatedError("is cut off: the zip archive stops after " + byte_count(file.size()) +
                       ", before its directory. Download or copy it again.");
}

ZipDirectory directory_of(const ByteSource& file) {
  try {
    return read_zip_directory(file);
  } catch (const TruncatedError&) {
    truncated(file);
  }
}

/// Says what an archive without data.pkl is.
[[noreturn]] void refuse_archive(const std::vector<ZipMember>& members) {
  for (const ZipMember& member : members)
    for (const char* end : {".pth.tar", ".pth", ".pt", ".safetensors"})
      if (ends_with(member.name, end))
        throw FormatError("is a zip archive with '" + std::string(member.name.substr(0, 200)) +
                          "' in it. Unpack it and give that file.");
  throw FormatError("is a zip archive, but not one that torch.save wrote: it has no data.pkl. Give "
                    "a checkpoint of the First Order Motion Model (.pth.tar or .safetensors).");
}

/// Name of the folder with data.pkl in it, slash included. torch.save names it after the file.
std::string_view find_root(const std::vector<ZipMember>& members) {
  for (const ZipMember& member : members) {
    const size_t slash = member.name.find('/');
    if (slash != std::string_view::npos && member.name.substr(slash + 1) == pickle_name)
      return member.name.substr(0, slash + 1);
  }
  refuse_archive(members);
}

void refuse_torchscript(const std::vector<ZipMember>& members) {
  for (const ZipMember& member : members) {
    const std::string_view name = member.name.substr(member.name.find('/') + 1);
    if (name.substr(0, 5) == "code/" || name == "constants.pkl" || name == "model.json")
      throw FormatError("is a TorchScript archive (a compiled program), not a checkpoint. Give the "
                        "checkpoint it was made from (.pth.tar) or its state dicts.");
  }
}

/// Text of a small member; empty if there is no such member.
std::string text_of(const ByteSource& file, const Members& members, std::string_view name) {
  constexpr uint64_t max_size = 64;
  const auto member = members.find(name);
  if (member == members.end())
    return "";
  const FileRange range = stored_member(file, *member->second);
  return file.text(range.offset, std::min(range.size, max_size));
}

Pickle pickle_of(const ByteSource& file, const Members& members, ByteReader::Parts& text) {
  const FileRange range = stored_member(file, *members.at(pickle_name));
  if (range.size > max_description)
    throw_too_many_objects();
  const auto size = static_cast<size_t>(range.size);
  std::unique_ptr<char[]> bytes(new char[size]);
  file.read(range.offset, bytes.get(), size);
  const std::string_view view(bytes.get(), size);
  text.push_back(std::move(bytes));
  return read_pickle(view);
}

} // namespace

TorchArchive read_zip_container(const ByteSource& file) {
  const ZipDirectory directory = directory_of(file);
  refuse_torchscript(directory.members);
  const std::string_view root = find_root(directory.members);
  Members members;
  for (const ZipMember& member : directory.members)
    if (member.name.substr(0, root.size()) == root)
      members.emplace(member.name.substr(root.size()), &member);
  if (text_of(file, members, "byteorder") == "big")
    throw FormatError("was written on a big-endian machine, which is not supported. Load it there "
                      "and save it on a little-endian one (x86, ARM).");

  TorchArchive archive;
  archive.pickle = pickle_of(file, members, archive.text);
  for (const PickledStorage& storage : archive.pickle.storages) {
    const auto member = members.find("data/" + std::string(storage.key));
    if (member == members.end())
      throw_damaged("a tensor's storage is missing");
    const FileRange range = stored_member(file, *member->second);
    if (storage.count != range.size / scalar_size(storage.type) ||
        range.size % scalar_size(storage.type) != 0)
      throw_damaged("a storage's size is not the one its tensors expect");
    archive.storages.push_back(range);
  }
  return archive;
}

} // namespace fomo
