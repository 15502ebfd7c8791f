// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>
#include <unordered_map>

#include "model/checkpoint/byte_reader.h"
#include "model/checkpoint/torch_archive.h"
#include "model/checkpoint/zip_directory.h"

namespace fomo {
namespace {

using Members = std::unordered_map<std::string_view, const ZipMember*>;

constexpr std::string_view pickle_name = "data.pkl";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// An archive without its end: PyTorch puts the pickle first, and that tells the storages' sizes.
[[noreturn]] void truncated(std::string_view file) {
  uint64_t expected = 0;
  try {
    ByteReader header(file, 26);
    const uint64_t name_size = header.integer(2);
    const uint64_t extra_size = header.integer(2);
    const std::string_view name = header.take(name_size);
    header.take(extra_size);
    if (ends_with(name, pickle_name)) {
      const Pickle pickle = read_pickle(file.substr(header.position()));
      expected = header.position() + pickle.size + pickle.storage_bytes();
    }
  } catch (const FormatError&) {
    // Then the message does without the number.
  }
  if (expected > file.size())
    throw_truncated(expected, file.size());
  throw TruncatedError("is cut off: the zip archive stops after " + byte_count(file.size()) +
                       ", before its directory. Download or copy it again.");
}

std::vector<ZipMember> directory_of(std::string_view file) {
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

/// Name of the folder that holds data.pkl, with its slash: torch.save takes the file's name for it.
std::string find_root(const std::vector<ZipMember>& members) {
  for (const ZipMember& member : members) {
    const size_t slash = member.name.find('/');
    if (slash != std::string_view::npos && member.name.substr(slash + 1) == pickle_name)
      return std::string(member.name.substr(0, slash + 1));
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

void check_byte_order(std::string_view file, const Members& members, const std::string& root) {
  const auto order = members.find(root + "byteorder");
  if (order != members.end() && stored_member(file, *order->second) == "big")
    throw FormatError("was written on a big-endian machine, which is not supported. Load it there "
                      "and save it on a little-endian one (x86, ARM).");
}

} // namespace

TorchArchive read_zip_container(std::string_view file) {
  const std::vector<ZipMember> directory = directory_of(file);
  refuse_torchscript(directory);
  const std::string root = find_root(directory);
  Members members;
  for (const ZipMember& member : directory)
    members.emplace(member.name, &member);
  check_byte_order(file, members, root);

  TorchArchive archive;
  archive.pickle = read_pickle(stored_member(file, *members.at(root + std::string(pickle_name))));
  for (const PickledStorage& storage : archive.pickle.storages) {
    const auto member = members.find(root + "data/" + std::string(storage.key));
    if (member == members.end())
      throw_damaged("a tensor's storage is missing");
    const std::string_view bytes = stored_member(file, *member->second);
    if (storage.count != bytes.size() / scalar_size(storage.type) ||
        bytes.size() % scalar_size(storage.type) != 0)
      throw_damaged("a storage's size is not the one its tensors expect");
    archive.storages.push_back(bytes);
  }
  return archive;
}

} // namespace fomo
