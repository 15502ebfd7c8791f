// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/model/hostile_files.h"

#include "tests/model/checkpoint_files.h"

namespace fomo::test {
namespace {

std::string safetensors(const std::string& header) {
  std::string size;
  for (size_t i = 0; i < 8; ++i)
    size += static_cast<char>(static_cast<uint64_t>(header.size()) >> (8 * i));
  return size + header + std::string(4, '\0');
}

/// A header of `bytes` bytes, whose entries come from repeated calls of `entry`.
template<typename Entry>
std::string safetensors_of(size_t bytes, Entry entry) {
  std::string header = "{";
  for (size_t i = 0; header.size() < bytes; ++i)
    header += (i == 0 ? "" : ",") + entry(std::to_string(i));
  return safetensors(header + "}");
}

const std::string kDescription = R"(":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";

std::string names_of_others(size_t bytes) {
  return safetensors_of(bytes, [](const std::string& i) { return '"' + i + kDescription; });
}

std::string names_of_generator(size_t bytes) {
  return safetensors_of(bytes,
                        [](const std::string& i) { return "\"generator." + i + kDescription; });
}

std::string one_name(size_t bytes) {
  return safetensors("{\"" + std::string(bytes, 'a') + kDescription + "}");
}

std::string prefixes(size_t bytes) {
  std::string name;
  while (name.size() < bytes)
    name += "module.";
  return safetensors("{\"" + name + kDescription + "}");
}

std::string metadata(size_t bytes) {
  std::string entries;
  for (size_t i = 0; entries.size() < bytes; ++i)
    entries += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
  return safetensors("{\"__metadata__\":{" + entries + "}}");
}

std::string brackets(size_t bytes) { return safetensors("{\"a\":" + std::string(bytes, '[')); }

std::string long_shape(size_t bytes) {
  std::string numbers = "1";
  while (numbers.size() < bytes)
    numbers += ",1";
  return safetensors("{\"a\":{\"shape\":[" + numbers + "]}}");
}

std::string unknown_fields(size_t bytes) {
  std::string fields;
  while (fields.size() < bytes)
    fields += "\"x\":1,";
  return safetensors("{\"a\":{" + fields + "\"y\":0}}");
}

/// A file with this pickle, in each of the two containers.
std::string legacy(const std::string& pickle) {
  return legacy_prefix() + pickle + legacy_keys({}) + std::string(16, '\0');
}
std::string zip(const std::string& pickle) {
  ZipWriter writer;
  writer.add("archive/data.pkl", pickle);
  return writer.finish();
}

std::string number(uint32_t value) {
  std::string bytes;
  for (size_t i = 0; i < 4; ++i)
    bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

/// A dict with the names "0", "1" … and the same value for each, under the key `part`.
std::string many_names(size_t bytes, const std::string& part, const std::string& value) {
  PickleWriter pickle(true);
  pickle.begin_dict();
  pickle.string(part);
  pickle.begin_ordered_dict();
  std::string names;
  for (size_t i = 0; names.size() < bytes; ++i) {
    const std::string name = std::to_string(i);
    names += "X" + number(static_cast<uint32_t>(name.size())) + name + value;
  }
  pickle.raw(names);
  pickle.end_dict();
  pickle.end_dict();
  return pickle.finish();
}

/// A file without parts: a top-level dict with one tensor under many names.
std::string flat_pickle(size_t bytes, const std::string& prefix, bool is_legacy) {
  TorchFile file(is_legacy ? Container::legacy : Container::zip);
  file.pickle.begin_dict();
  file.pickle.string("0");
  file.pickle.tensor(file.store(ScalarType::f32, "1234"));
  file.pickle.raw("q\x01"); // memorized as 1
  std::string names;
  for (size_t i = 1; names.size() < bytes; ++i) {
    const std::string name = prefix + std::to_string(i);
    names += "X" + number(static_cast<uint32_t>(name.size())) + name + "h\x01";
  }
  file.pickle.raw(names);
  file.pickle.end_dict();
  return file.finish();
}

std::string flat_legacy(size_t bytes) { return flat_pickle(bytes, "", true); }
std::string flat_zip(size_t bytes) { return flat_pickle(bytes, "generator.", false); }
std::string names_legacy(size_t bytes) { return legacy(many_names(bytes, "generator", "N")); }
std::string names_zip(size_t bytes) { return zip(many_names(bytes, "epoch", "K\x01")); }

std::string memo(size_t bytes) {
  std::string pickle = "\x80\x02}";
  for (uint32_t i = 0; pickle.size() < bytes; ++i)
    pickle += "r" + number(i);
  return legacy(pickle + ".");
}

/// Indices that fall into one bucket of a hash table whose size is a prime.
std::string memo_collisions(size_t bytes) {
  std::string pickle = "\x80\x02}";
  for (uint32_t i = 0; pickle.size() < bytes; ++i)
    pickle += "r" + number(i % 4000 * 1'056'323);
  return legacy(pickle + ".");
}

/// One dict of many values, with many references to it.
std::string repeated_dict(size_t bytes, const std::string& key) {
  std::string pickle =
      "\x80\x02}(X" + number(static_cast<uint32_t>(key.size())) + key + "q\x01}q\x02(";
  while (pickle.size() < bytes / 2)
    pickle += "K\x01K\x01";
  pickle += "u";
  while (pickle.size() < bytes)
    pickle += "h\x01h\x02";
  return pickle + "u.";
}

std::string repeated_part(size_t bytes) { return zip(repeated_dict(bytes, "generator")); }
std::string repeated_skipped(size_t bytes) { return legacy(repeated_dict(bytes, "optimizer")); }

/// Lists that each contain the previous list twice: 2^n paths lead to the first list.
std::string doubled_lists(size_t bytes) {
  std::string pickle = "\x80\x02}(X" + number(5) + "epoch]q\x01";
  while (pickle.size() < bytes)
    pickle += "0](h\x01h\x01"
              "eq\x01";
  return zip(pickle + "u.");
}

/// One long text as the name of many tensors.
std::string repeated_name(size_t bytes) {
  TorchFile file(Container::zip);
  file.pickle.begin_dict();
  file.pickle.string(std::string(bytes / 2, 'a'));
  file.pickle.raw("q\x02");
  file.pickle.tensor(file.store(ScalarType::f32, "1234"));
  file.pickle.raw("q\x01");
  std::string names;
  while (names.size() < bytes / 2)
    names += "h\x02h\x01";
  file.pickle.raw(names);
  file.pickle.end_dict();
  return file.finish();
}

/// One long text as the key of many references to a storage.
std::string repeated_key(size_t bytes) {
  PickleWriter pickle(false);
  pickle.begin_list();
  pickle.raw("(");
  pickle.string("storage");
  pickle.global("torch", "FloatStorage");
  pickle.string(std::string(bytes / 2, '1'));
  pickle.string("cpu");
  pickle.integer(1);
  pickle.raw("tq\x01Q");
  std::string references;
  while (references.size() < bytes / 2)
    references += "h\x01Q";
  pickle.raw(references);
  pickle.end_list();
  return zip(pickle.finish());
}

/// Many storages below a folder with a long name.
std::string long_root(size_t bytes) {
  TorchFile file(Container::zip, std::string(60'000, 'r'));
  file.pickle.begin_dict();
  for (size_t i = 0; i < bytes / 60'200; ++i) {
    file.pickle.string(std::to_string(i));
    file.pickle.tensor(file.store(ScalarType::f32, "1234"));
  }
  file.pickle.end_dict();
  return file.finish();
}

std::string storages(size_t bytes, Container container) {
  TorchFile file(container);
  file.pickle.begin_dict();
  for (size_t i = 0; i < bytes / 160; ++i) {
    file.pickle.string(std::to_string(i));
    file.pickle.tensor(file.store(ScalarType::f32, "1234"));
  }
  file.pickle.end_dict();
  return file.finish();
}
std::string storages_legacy(size_t bytes) { return storages(bytes, Container::legacy); }
std::string storages_zip(size_t bytes) { return storages(bytes, Container::zip); }

std::string zip_members(size_t bytes) {
  ZipWriter writer;
  for (size_t i = 0; i < bytes / 54; ++i)
    writer.add("a/" + std::to_string(i), "");
  return writer.finish();
}

/// Signatures of the end record at every place where an end record may be.
std::string zip_ends(size_t bytes) {
  std::string file = "PK\x03\x04";
  while (file.size() < bytes)
    file += "PK\x05\x06";
  return file;
}

std::string long_number(size_t bytes) { return "\x80\x02I" + std::string(bytes, '1') + "\n."; }

} // namespace

const std::vector<HostileFile>& hostile_files() {
  static const std::vector<HostileFile> files = {
      {"safetensors: names of others", names_of_others},
      {"safetensors: names of a generator", names_of_generator},
      {"safetensors: one name", one_name},
      {"safetensors: prefixes", prefixes},
      {"safetensors: metadata", metadata},
      {"safetensors: brackets", brackets},
      {"safetensors: a long shape", long_shape},
      {"safetensors: unknown fields", unknown_fields},
      {"legacy: names in a dict", names_legacy},
      {"legacy: names at the top", flat_legacy},
      {"legacy: memo", memo},
      {"legacy: colliding memo", memo_collisions},
      {"legacy: a repeated dict", repeated_skipped},
      {"legacy: storages", storages_legacy},
      {"zip: names in a dict", names_zip},
      {"zip: names at the top", flat_zip},
      {"zip: a repeated part", repeated_part},
      {"zip: doubled lists", doubled_lists},
      {"zip: a repeated name", repeated_name},
      {"zip: a repeated key", repeated_key},
      {"zip: a long root", long_root},
      {"zip: storages", storages_zip},
      {"zip: members", zip_members},
      {"zip: ends", zip_ends},
      {"pickle: a long number", long_number},
  };
  return files;
}

} // namespace fomo::test
