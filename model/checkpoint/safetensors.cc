// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/safetensors.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "model/checkpoint/byte_reader.h"
#include "model/checkpoint/mapped_file.h"
#include "model/checkpoint/safetensors_format.h"

namespace fomo {
namespace {

using Json = nlohmann::json;

constexpr uint64_t max_header = 16 << 20;
constexpr int max_depth = 3; // header, tensor, its lists
constexpr size_t max_rank = 16;

struct TypeName {
  const char* name;
  ScalarType type;
};
constexpr TypeName type_names[] = {
    {"F16", ScalarType::f16},      {"BF16", ScalarType::bf16}, {"F32", ScalarType::f32},
    {"F64", ScalarType::f64},      {"I16", ScalarType::i16},   {"I32", ScalarType::i32},
    {"I64", ScalarType::i64},      {"U8", ScalarType::u8},     {"I8", ScalarType::i8},
    {"BOOL", ScalarType::boolean},
};

std::string quoted(const std::string& name) { return "'" + printable(name) + "'"; }

Json parse_header(std::string_view text) {
  const auto check_depth = [](int depth, Json::parse_event_t, Json&) {
    if (depth > max_depth)
      throw_damaged("its header is nested too deeply");
    return true;
  };
  Json header;
  try {
    header = Json::parse(text.begin(), text.end(), check_depth);
  } catch (const Json::exception&) {
    throw_damaged("its header is not JSON");
  }
  if (!header.is_object())
    throw_damaged("its header is not a JSON object");
  return header;
}

ScalarType parse_type(const Json& tensor, const std::string& name) {
  const auto type = tensor.find("dtype");
  if (type == tensor.end() || !type->is_string())
    throw_damaged("tensor " + quoted(name) + " has no type");
  for (const TypeName& known : type_names)
    if (*type == known.name)
      return known.type;
  throw FormatError("has the tensor " + quoted(name) + " of a type that is not supported, " +
                    quoted(type->get<std::string>()) + ". Save it as F32 or F16.");
}

/// A list of integers that are not negative.
std::vector<uint64_t> parse_numbers(const Json& tensor, const char* key, const std::string& name) {
  const auto list = tensor.find(key);
  if (list == tensor.end() || !list->is_array() || list->size() > max_rank)
    throw_damaged("tensor " + quoted(name) + " has no " + key);
  std::vector<uint64_t> numbers;
  for (const Json& number : *list) {
    if (!number.is_number_unsigned())
      throw_damaged("tensor " + quoted(name) + " has wrong " + key);
    numbers.push_back(number.get<uint64_t>());
  }
  return numbers;
}

/// Row-major strides; the bytes of all elements in `bytes`.
StoredTensor lay_out(ScalarType type, const std::vector<uint64_t>& shape, const std::string& name,
                     uint64_t& bytes) {
  constexpr uint64_t limit = std::numeric_limits<int64_t>::max() / 16;
  StoredTensor tensor;
  tensor.type = type;
  tensor.strides.resize(shape.size());
  uint64_t count = 1;
  bool is_empty = false;
  for (size_t d = shape.size(); d-- > 0;) {
    tensor.strides[d] = static_cast<int64_t>(count);
    is_empty = is_empty || shape[d] == 0;
    if (shape[d] > limit / count)
      throw_damaged("tensor " + quoted(name) + " has an absurd shape");
    if (shape[d] != 0)
      count *= shape[d];
  }
  for (const uint64_t size : shape)
    tensor.shape.push_back(static_cast<int64_t>(size));
  bytes = is_empty ? 0 : count * scalar_size(type);
  return tensor;
}

/// `end` becomes where the data have to reach at least, whether they do or not.
StoredTensor parse_tensor(const Json& described, const std::string& name, std::string_view data,
                          uint64_t& end) {
  if (!described.is_object())
    throw_damaged("tensor " + quoted(name) + " is not described");
  uint64_t bytes = 0;
  StoredTensor tensor =
      lay_out(parse_type(described, name), parse_numbers(described, "shape", name), name, bytes);
  const std::vector<uint64_t> offsets = parse_numbers(described, "data_offsets", name);
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes)
    throw_damaged("tensor " + quoted(name) + " has an extent that does not fit its shape");
  if (offsets[1] > uint64_t{1} << 60)
    throw_damaged("tensor " + quoted(name) + " lies beyond every file");
  end = std::max(end, offsets[1]);
  tensor.data =
      reinterpret_cast<const std::byte*>(data.data()) + std::min<uint64_t>(offsets[0], data.size());
  return tensor;
}

std::map<std::string, std::string> parse_metadata(const Json& described) {
  if (!described.is_object())
    throw_damaged("its metadata is not a JSON object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : described.items()) {
    if (!value.is_string())
      throw_damaged("its metadata has something else than text");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

} // namespace

const char* safetensors_type_name(ScalarType type) {
  for (const TypeName& known : type_names)
    if (known.type == type)
      return known.name;
  return "F32";
}

SafetensorsFile read_safetensors(std::string_view file) {
  if (file.size() < 8)
    throw TruncatedError("is too short for a .safetensors file. Download or copy it again.");
  const uint64_t header_size = load_little_endian(file.data(), 8);
  if (header_size > max_header)
    throw_damaged("its header is too large");
  if (header_size > file.size() - 8)
    throw_truncated(8 + header_size, file.size());
  const Json header = parse_header(file.substr(8, header_size));
  const std::string_view data = file.substr(8 + header_size);
  SafetensorsFile result;
  uint64_t end = 0;
  for (const auto& [name, described] : header.items()) {
    if (name == "__metadata__")
      result.metadata = parse_metadata(described);
    else
      result.tensors[name] = parse_tensor(described, name, data, end);
  }
  if (end > data.size())
    throw_truncated(8 + header_size + end, file.size());
  return result;
}

SafetensorsFile SafetensorsFile::open(const std::string& path) {
  const auto file = MappedFile::open(path);
  try {
    SafetensorsFile result = read_safetensors(file->bytes());
    file->expect_sequential();
    result.storage = file;
    return result;
  } catch (const FormatError& error) {
    throw Error(FOMO_WRONG_TYPE, "'" + path + "' " + error.what());
  }
}

const StoredTensor& SafetensorsFile::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end())
    throw Error(FOMO_WRONG_TYPE, "The .safetensors file has no tensor '" + name + "'.");
  return found->second;
}

} // namespace fomo
