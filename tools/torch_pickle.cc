// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/torch_pickle.h"

#include <cstring>

namespace fomo {
namespace {

std::string little_endian(uint64_t value, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

const char* storage_class(ScalarType type) {
  switch (type) {
  case ScalarType::f16:
    return "HalfStorage";
  case ScalarType::bf16:
    return "BFloat16Storage";
  case ScalarType::f32:
    return "FloatStorage";
  case ScalarType::f64:
    return "DoubleStorage";
  case ScalarType::i16:
    return "ShortStorage";
  case ScalarType::i32:
    return "IntStorage";
  case ScalarType::i64:
    return "LongStorage";
  case ScalarType::u8:
    return "ByteStorage";
  case ScalarType::i8:
    return "CharStorage";
  case ScalarType::boolean:
    break;
  }
  return "BoolStorage";
}

} // namespace

std::vector<int64_t> contiguous_strides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

void PickleWriter::integer(int64_t value) {
  if (value >= INT32_MIN && value <= INT32_MAX)
    bytes_ += 'J' + little_endian(static_cast<uint64_t>(value), 4);
  else
    bytes_ += "\x8a\x08" + little_endian(static_cast<uint64_t>(value), 8);
}

void PickleWriter::real(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bytes_ += 'G';
  for (size_t i = 8; i-- > 0;) // big-endian, unlike everything else in a pickle
    bytes_ += static_cast<char>(bits >> (8 * i));
}

void PickleWriter::string(std::string_view text) {
  bytes_ += 'X' + little_endian(text.size(), 4);
  bytes_ += text;
}

void PickleWriter::global(std::string_view module, std::string_view name) {
  bytes_ += 'c';
  bytes_ += module;
  bytes_ += '\n';
  bytes_ += name;
  bytes_ += '\n';
}

void PickleWriter::begin_ordered_dict() {
  global("collections", "OrderedDict");
  bytes_ += ")R(";
}

void PickleWriter::tensor(const TensorReference& tensor) {
  global("torch._utils", "_rebuild_tensor_v2");
  bytes_ += "((";
  string("storage");
  global("torch", storage_class(tensor.type));
  string(tensor.key);
  string("cuda:0");
  integer(static_cast<int64_t>(tensor.storage_count));
  if (legacy_)
    bytes_ += tensor.view_metadata.empty() ? "N" : tensor.view_metadata;
  bytes_ += "tQ";
  integer(tensor.offset);
  tuple(tensor.shape);
  tuple(tensor.strides);
  boolean(false);
  global("collections", "OrderedDict");
  bytes_ += ")RtR";
}

void PickleWriter::tuple(const std::vector<int64_t>& values) {
  bytes_ += '(';
  for (const int64_t value : values)
    integer(value);
  bytes_ += 't';
}

std::string legacy_prefix(bool little_endian_machine) {
  PickleWriter magic(true), version(true), system(true);
  magic.raw({"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12});
  version.integer(1001);
  system.begin_dict();
  system.string("protocol_version");
  system.integer(1001);
  system.string("little_endian");
  system.boolean(little_endian_machine);
  system.string("type_sizes");
  system.begin_dict();
  for (const auto& [name, size] :
       {std::pair("short", 2), std::pair("int", 4), std::pair("long", 4)}) {
    system.string(name);
    system.integer(size);
  }
  system.end_dict();
  system.end_dict();
  return magic.finish() + version.finish() + system.finish();
}

std::string legacy_keys(const std::vector<std::string>& keys) {
  PickleWriter list(true);
  list.begin_list();
  for (const std::string& key : keys)
    list.string(key);
  list.end_list();
  return list.finish();
}

} // namespace fomo
