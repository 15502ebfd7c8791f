// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <map>
#include <string>

#include "model/checkpoint/byte_reader.h"
#include "model/checkpoint/torch_archive.h"

namespace fomo {
namespace {

/// 0x1950a86a20f9469cfc6c, little-endian.
constexpr std::string_view magic_number("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);

Pickle next_pickle(std::string_view file, size_t& position) {
  Pickle pickle = read_pickle(file.substr(position));
  position += pickle.size;
  return pickle;
}

void check_system(const Pickle& system) {
  const Value* little_endian = system.find(system.object(), "little_endian");
  if (little_endian == nullptr || little_endian->kind != Value::Kind::boolean)
    throw_damaged("it does not say its byte order");
  if (little_endian->integer == 0)
    throw FormatError("was written on a big-endian machine, which is not supported. Load it there "
                      "and save it on a little-endian one (x86, ARM).");
}

/// The pickles at the beginning of a file.
struct Pickles {
  Pickle object, keys;
  bool has_keys = false; ///< false: the file ends before the list of the storages' keys does
  size_t end = 0;        ///< behind the last pickle that was read, in bytes
};

/// Reads the pickles from the file's first bytes. Throws TruncatedError when these end within the
/// object.
Pickles read_pickles(std::string_view start) {
  Pickles pickles;
  next_pickle(start, pickles.end); // the magic number
  next_pickle(start, pickles.end); // the version
  check_system(next_pickle(start, pickles.end));
  pickles.object = next_pickle(start, pickles.end);
  try {
    pickles.keys = next_pickle(start, pickles.end);
    pickles.has_keys = true;
  } catch (const TruncatedError&) {
  }
  return pickles;
}

/// Reads as much of the file as the pickles take. A first part is enough for most files; a part
/// that turns out too small is followed by one of four times its size.
Pickles read_pickles(const ByteSource& file, std::shared_ptr<const std::string>& text) {
  for (uint64_t size = uint64_t{1} << 20;; size *= 4) {
    const bool is_all = size >= std::min(file.size(), max_description);
    text = std::make_shared<const std::string>(file.text(0, std::min(file.size(), size)));
    try {
      Pickles pickles = read_pickles(*text);
      if (pickles.has_keys || (is_all && file.size() <= max_description))
        return pickles;
      if (is_all)
        throw_too_many_objects();
    } catch (const TruncatedError&) {
      if (is_all && file.size() > max_description)
        throw_too_many_objects();
      if (is_all)
        throw TruncatedError("is cut off: it stops after " + byte_count(file.size()) +
                             ", before the list of its tensors ends. Download or copy it again.");
    }
  }
}

/// Finds the storages behind the pickles, in the order of their keys.
std::vector<FileRange> locate_storages(const ByteSource& file, const Pickles& pickles) {
  const Pickle& object = pickles.object;
  // A map, not a hash table: a hostile file can choose keys whose hashes collide.
  std::map<std::string_view, size_t> index_by_key;
  for (size_t i = 0; i < object.storages.size(); ++i)
    index_by_key[object.storages[i].key] = i;
  if (pickles.keys.object().kind != Value::Kind::list)
    throw_damaged("the list of its storages is missing");

  // Checked first, so that the message can say how much of a file is missing.
  const uint64_t expected = pickles.end + 8 * object.storages.size() + object.storage_bytes();
  if (expected > file.size())
    throw_truncated(expected, file.size());

  std::vector<FileRange> found(object.storages.size());
  uint64_t position = pickles.end;
  for (const ValueRef ref : pickles.keys.object().items) {
    const auto known = index_by_key.find(pickles.keys.at(ref).text);
    if (known == index_by_key.end())
      throw_damaged("it has a storage that nothing refers to");
    const PickledStorage& storage = object.storages[known->second];
    unsigned char count[8];
    file.read(position, count, sizeof count);
    if (load_little_endian(count, sizeof count) != storage.count)
      throw_damaged("a storage's size is not the one its tensors expect");
    found[known->second] = {position + sizeof count, storage.count * scalar_size(storage.type)};
    position += sizeof count + found[known->second].size;
    index_by_key.erase(known);
  }
  if (!index_by_key.empty())
    throw_damaged("a tensor's storage is missing");
  return found;
}

} // namespace

bool is_legacy_container(std::string_view start) {
  try {
    const Pickle first = read_pickle(start.substr(0, 32));
    return first.object().kind == Value::Kind::big_integer && first.object().text == magic_number;
  } catch (const FormatError&) {
    return false;
  }
}

TorchArchive read_legacy_container(const ByteSource& file) {
  TorchArchive archive;
  Pickles pickles = read_pickles(file, archive.text);
  if (!pickles.has_keys) {
    // The storages' sizes still tell how long the file would be.
    const uint64_t expected =
        pickles.end + 8 * pickles.object.storages.size() + pickles.object.storage_bytes();
    throw_truncated(std::max<uint64_t>(expected, file.size() + 1), file.size());
  }
  archive.storages = locate_storages(file, pickles);
  archive.pickle = std::move(pickles.object);
  return archive;
}

} // namespace fomo
