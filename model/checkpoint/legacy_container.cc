// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>
#include <unordered_map>

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
    throw_damaged("it does not tell its byte order");
  if (little_endian->integer == 0)
    throw FormatError("was written on a big-endian machine, which is not supported. Load it there "
                      "and save it on a little-endian one (x86, ARM).");
}

/// Finds the storages behind the pickles; `keys` is the order in which they lie.
std::vector<std::string_view> locate_storages(std::string_view file, size_t position,
                                              const Pickle& object, const Pickle& keys) {
  std::unordered_map<std::string_view, size_t> index_by_key;
  for (size_t i = 0; i < object.storages.size(); ++i)
    index_by_key[object.storages[i].key] = i;
  if (keys.object().kind != Value::Kind::list)
    throw_damaged("the list of its storages is missing");

  // Checked beforehand, to tell how much of a file that is cut off is missing.
  const uint64_t expected = position + 8 * object.storages.size() + object.storage_bytes();
  if (expected > file.size())
    throw_truncated(expected, file.size());

  std::vector<std::string_view> found(object.storages.size());
  ByteReader reader(file, position);
  for (const ValueRef ref : keys.object().items) {
    const auto known = index_by_key.find(keys.at(ref).text);
    if (known == index_by_key.end())
      throw_damaged("it has a storage that nothing refers to");
    const PickledStorage& storage = object.storages[known->second];
    if (reader.integer(8) != storage.count)
      throw_damaged("a storage's size is not the one its tensors expect");
    found[known->second] = reader.take(storage.count * scalar_size(storage.type));
    index_by_key.erase(known);
  }
  if (!index_by_key.empty())
    throw_damaged("a tensor's storage is missing");
  return found;
}

} // namespace

bool is_legacy_container(std::string_view file) {
  try {
    const Pickle first = read_pickle(file.substr(0, 32));
    return first.object().kind == Value::Kind::big_integer && first.object().text == magic_number;
  } catch (const FormatError&) {
    return false;
  }
}

TorchArchive read_legacy_container(std::string_view file) {
  size_t position = 0;
  TorchArchive archive;
  try {
    next_pickle(file, position); // the magic number
    next_pickle(file, position); // the version
    check_system(next_pickle(file, position));
    archive.pickle = next_pickle(file, position);
  } catch (const TruncatedError&) {
    throw TruncatedError("is cut off: it stops after " + byte_count(file.size()) +
                         ", before the list of its tensors ends. Download or copy it again.");
  }
  Pickle keys;
  try {
    keys = next_pickle(file, position);
  } catch (const TruncatedError&) {
    // The storages' own sizes still tell how long the file would be.
    const uint64_t expected =
        position + 8 * archive.pickle.storages.size() + archive.pickle.storage_bytes();
    throw_truncated(std::max<uint64_t>(expected, file.size() + 1), file.size());
  }
  archive.storages = locate_storages(file, position, archive.pickle, keys);
  return archive;
}

} // namespace fomo
