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
  uint64_t end = 0; ///< of the last pickle, in bytes from the file's beginning
};

Pickles read_pickles(const ByteSource& file, ByteReader::Parts& text) {
  ByteReader reader(file, text);
  Pickles pickles;
  try {
    read_pickle(reader); // the magic number
    read_pickle(reader); // the version
    check_system(read_pickle(reader));
    pickles.object = read_pickle(reader);
  } catch (const TruncatedError&) {
    throw TruncatedError("is cut off: it stops after " + byte_count(file.size()) +
                         ", before the list of its tensors ends. Download or copy it again.");
  }
  pickles.end = reader.position();
  try {
    pickles.keys = read_pickle(reader);
    pickles.end = reader.position();
  } catch (const TruncatedError&) {
    // The storages' sizes still tell how long the file would be.
    const uint64_t expected =
        pickles.end + 8 * pickles.object.storages.size() + pickles.object.storage_bytes();
    throw_truncated(std::max<uint64_t>(expected, file.size() + 1), file.size());
  }
  return pickles;
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
  archive.storages = locate_storages(file, pickles);
  archive.pickle = std::move(pickles.object);
  return archive;
}

} // namespace fomo
