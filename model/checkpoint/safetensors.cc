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

constexpr int max_depth = 3; // header, tensor, its lists
constexpr size_t max_rank = 16;
constexpr size_t max_tensors = 100'000;
constexpr const char* metadata_key = "__metadata__";

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

std::string in_quotes(const std::string& name) { return "'" + printable(name) + "'"; }

/// A tensor with row-major strides. `bytes` becomes the size of its elements.
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
      throw_damaged("tensor " + in_quotes(name) + " has an absurd shape");
    if (shape[d] != 0)
      count *= shape[d];
  }
  for (const uint64_t size : shape)
    tensor.shape.push_back(static_cast<int64_t>(size));
  bytes = is_empty ? 0 : count * scalar_size(type);
  return tensor;
}

ScalarType parse_type(const std::string& type, const std::string& tensor) {
  for (const TypeName& known : type_names)
    if (type == known.name)
      return known.type;
  throw FormatError("has the tensor " + in_quotes(tensor) + " of a type that is not supported, " +
                    in_quotes(type) + ". Save it as F32 or F16.");
}

/// Receives the header's JSON from the parser, piece by piece: a tree of a hostile header would
/// take forty times its size. The functions have the names that the parser calls them by, and
/// throw FormatError.
class HeaderReader {
 public:
  explicit HeaderReader(SafetensorsHeader& header) : header_(header) {}

  /// Where the data have to end at least, in bytes from the header's end.
  uint64_t data_end() const { return data_end_; }

  bool start_object(size_t) {
    descend();
    if (depth_ == 3)
      begin_nested(false);
    if (depth_ == 2)
      begin_entry();
    return true;
  }

  bool end_object() {
    if (depth_-- == 2 && !in_metadata_)
      add_tensor();
    return true;
  }

  bool start_array(size_t) {
    descend();
    if (depth_ == 1)
      throw_damaged("its header is not a JSON object");
    if (depth_ == 2)
      refuse_entry();
    if (depth_ == 3)
      begin_nested(true);
    return true;
  }

  bool end_array() {
    --depth_;
    return true;
  }

  bool key(std::string& text) {
    if (depth_ == 1)
      entry_ = std::move(text);
    else if (depth_ == 2)
      field_ = std::move(text);
    return true;
  }

  bool string(std::string& text) {
    check_place();
    if (depth_ == 2 && in_metadata_)
      header_.metadata[field_] = std::move(text);
    else if (depth_ == 2 && field_ == "dtype")
      type_ = std::move(text);
    else
      refuse_in_list();
    return true;
  }

  bool number_unsigned(uint64_t number) {
    if (depth_ != 3 || list_ == nullptr)
      return other();
    if (list_->size() == max_rank)
      throw_damaged("tensor " + in_quotes(entry_) + " has no " + field_);
    list_->push_back(number);
    return true;
  }

  bool null() { return other(); }
  bool boolean(bool) { return other(); }
  bool number_integer(int64_t) { return other(); } // a negative one
  bool number_float(double, const std::string&) { return other(); }
  bool binary(std::vector<uint8_t>&) { return other(); } // JSON text has none
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) {
    throw_damaged("its header is not JSON");
  }

 private:
  void descend() {
    if (++depth_ > max_depth)
      throw_damaged("its header is nested too deeply");
  }

  /// A value that belongs nowhere in a header, but may stand in a field that is not known.
  bool other() {
    check_place();
    if (in_metadata_)
      throw_damaged("its metadata has something else than text");
    refuse_in_list();
    return true;
  }

  void check_place() const {
    if (depth_ == 0)
      throw_damaged("its header is not a JSON object");
    if (depth_ == 1)
      refuse_entry();
  }

  void refuse_in_list() const {
    if (depth_ == 3 && list_ != nullptr)
      throw_damaged("tensor " + in_quotes(entry_) + " has wrong " + field_);
  }

  [[noreturn]] void refuse_entry() const {
    if (entry_ == metadata_key)
      throw_damaged("its metadata is not a JSON object");
    throw_damaged("tensor " + in_quotes(entry_) + " is not described");
  }

  void begin_entry() {
    in_metadata_ = entry_ == metadata_key;
    has_shape_ = has_offsets_ = false;
    type_.clear();
    shape_.clear();
    offsets_.clear();
  }

  void begin_nested(bool is_list) {
    if (in_metadata_)
      throw_damaged("its metadata has something else than text");
    list_ = nullptr;
    if (field_ == "shape")
      list_ = &shape_;
    if (field_ == "data_offsets")
      list_ = &offsets_;
    if (list_ == nullptr)
      return;
    if (!is_list)
      throw_damaged("tensor " + in_quotes(entry_) + " has no " + field_);
    list_->clear();
    (list_ == &shape_ ? has_shape_ : has_offsets_) = true;
  }

  void add_tensor() {
    if (type_.empty())
      throw_damaged("tensor " + in_quotes(entry_) + " has no type");
    if (!has_shape_ || !has_offsets_)
      throw_damaged("tensor " + in_quotes(entry_) + " has no " +
                    (has_shape_ ? "data_offsets" : "shape"));
    uint64_t bytes = 0;
    StoredTensor tensor = lay_out(parse_type(type_, entry_), shape_, entry_, bytes);
    if (offsets_.size() != 2 || offsets_[0] > offsets_[1] || offsets_[1] - offsets_[0] != bytes)
      throw_damaged("tensor " + in_quotes(entry_) + " has an extent that does not fit its shape");
    if (offsets_[1] > uint64_t{1} << 60)
      throw_damaged("tensor " + in_quotes(entry_) + " lies beyond every file");
    tensor.offset = offsets_[0];
    data_end_ = std::max(data_end_, offsets_[1]);
    if (header_.tensors.size() == max_tensors)
      throw FormatError("has far more tensors than a First Order Motion Model. It is none.");
    if (!header_.tensors.emplace(entry_, std::move(tensor)).second)
      throw_damaged("it has the tensor " + in_quotes(entry_) + " twice");
  }

  SafetensorsHeader& header_;
  int depth_ = 0;
  std::string entry_, field_; // the last keys at depth 1 and 2
  bool in_metadata_ = false;
  std::string type_;
  std::vector<uint64_t> shape_, offsets_;
  bool has_shape_ = false, has_offsets_ = false;
  std::vector<uint64_t>* list_ = nullptr; // which of the two is being read; null: an unknown field
  uint64_t data_end_ = 0;
};

} // namespace

const char* safetensors_type_name(ScalarType type) {
  for (const TypeName& known : type_names)
    if (known.type == type)
      return known.name;
  return "F32";
}

SafetensorsHeader read_safetensors(const ByteSource& file) {
  unsigned char size[8];
  if (file.size() < sizeof size)
    throw TruncatedError("is too short for a .safetensors file. Download or copy it again.");
  file.read(0, size, sizeof size);
  const uint64_t header_size = load_little_endian(size, sizeof size);
  if (header_size > max_description)
    throw_damaged("its header is too large");
  const uint64_t data = sizeof size + header_size;
  if (data > file.size())
    throw_truncated(data, file.size());
  const std::string text = file.text(sizeof size, header_size);
  SafetensorsHeader header;
  HeaderReader reader(header);
  nlohmann::json::sax_parse(text, &reader);
  if (reader.data_end() > file.size() - data)
    throw_truncated(data + reader.data_end(), file.size());
  for (auto& [name, tensor] : header.tensors) {
    tensor.offset += data;
    tensor.source = &file;
  }
  return header;
}

SafetensorsFile SafetensorsFile::open(const std::string& path) {
  SafetensorsFile result;
  result.file = MappedFile::open(path);
  try {
    SafetensorsHeader header = read_safetensors(*result.file);
    result.tensors = std::move(header.tensors);
    result.metadata = std::move(header.metadata);
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

const std::byte* SafetensorsFile::data(const StoredTensor& tensor) const {
  return file->data() + tensor.offset;
}

} // namespace fomo
