// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/torch_objects.h"

#include <limits>
#include <string>

#include "model/checkpoint/format_error.h"

namespace fomo {
namespace {

constexpr size_t max_rank = 16;
constexpr size_t max_tensors = 100'000; // a training checkpoint has 1,000
/// PyTorch's keys are numbers. A hostile pickle can name one long key again and again, and each
/// look-up reads it.
constexpr size_t max_key = 64;

struct StorageClass {
  const char* name;
  ScalarType type;
};
constexpr StorageClass storage_classes[] = {
    {"HalfStorage", ScalarType::f16},  {"BFloat16Storage", ScalarType::bf16},
    {"FloatStorage", ScalarType::f32}, {"DoubleStorage", ScalarType::f64},
    {"ShortStorage", ScalarType::i16}, {"IntStorage", ScalarType::i32},
    {"LongStorage", ScalarType::i64},  {"ByteStorage", ScalarType::u8},
    {"CharStorage", ScalarType::i8},   {"BoolStorage", ScalarType::boolean},
};

const Value& item(const Pickle& pickle, const Value& sequence, size_t index) {
  return pickle.at(sequence.items[index]);
}

uint64_t non_negative(const Value& value, const char* what) {
  if (value.kind != Value::Kind::integer || value.integer < 0)
    throw_damaged(what);
  return static_cast<uint64_t>(value.integer);
}

std::vector<int64_t> dimensions(const Pickle& pickle, const Value& value, const char* what) {
  if (value.kind != Value::Kind::tuple && value.kind != Value::Kind::list)
    throw_damaged(what);
  if (value.items.size() > max_rank)
    throw_damaged("a tensor has more than 16 dimensions");
  std::vector<int64_t> result;
  for (const ValueRef ref : value.items)
    result.push_back(static_cast<int64_t>(non_negative(pickle.at(ref), what)));
  return result;
}

/// Throws unless the elements of the tensor lie within the `limit` ones that follow its first.
void check_extent(const PickledTensor& tensor, uint64_t limit) {
  for (const int64_t size : tensor.shape)
    if (size == 0)
      return;
  uint64_t last = 0;
  for (size_t d = 0; d < tensor.shape.size(); ++d) {
    const auto steps = static_cast<uint64_t>(tensor.shape[d] - 1);
    const auto stride = static_cast<uint64_t>(tensor.strides[d]);
    if (steps != 0 && stride > (limit - last) / steps)
      throw_damaged("a tensor reaches beyond its storage");
    last += steps * stride;
  }
  if (last >= limit)
    throw_damaged("a tensor reaches beyond its storage");
}

void check_count(const PickledTensor& tensor) {
  int64_t count = 1;
  for (const int64_t size : tensor.shape)
    if (size != 0 && count > (std::numeric_limits<int64_t>::max() >> 4) / size)
      throw_damaged("a tensor's shape is absurd");
    else
      count *= size;
}

} // namespace

int64_t allowed_global(std::string_view module, std::string_view name) {
  if (module == "collections" && name == "OrderedDict")
    return ordered_dict;
  if (module == "torch._utils" && name == "_rebuild_tensor_v2")
    return rebuild_tensor_v2;
  if (module == "torch")
    for (const StorageClass& storage : storage_classes)
      if (name == storage.name)
        return first_storage_class + static_cast<int64_t>(storage.type);
  throw FormatError("names the Python object '" + printable(module) + "." + printable(name) +
                    "', which has no place among a checkpoint's weights and could run code; it was "
                    "refused. Use a file of state dicts: torch.save({'generator': "
                    "generator.state_dict(), 'kp_detector': kp_detector.state_dict()}, …).");
}

uint32_t add_storage(Pickle& pickle, const Value& id, StorageByKey& storage_by_key) {
  using Kind = Value::Kind;
  if (id.kind != Kind::tuple || id.items.size() < 5 || id.items.size() > 6)
    throw_damaged("a tensor's storage is not described as PyTorch does");
  const Value& tag = item(pickle, id, 0);
  const Value& storage_class = item(pickle, id, 1);
  const Value& key = item(pickle, id, 2);
  if (tag.kind != Kind::string || tag.text != "storage" || storage_class.kind != Kind::global ||
      storage_class.integer < first_storage_class || key.kind != Kind::string ||
      key.text.size() > max_key)
    throw_damaged("a tensor's storage is not described as PyTorch does");
  PickledStorage storage;
  storage.key = key.text;
  storage.type = static_cast<ScalarType>(storage_class.integer - first_storage_class);
  storage.count = non_negative(item(pickle, id, 4), "a storage's size is not a number");

  const auto [known, is_new] = storage_by_key.emplace(storage.key, pickle.storages.size());
  if (is_new)
    pickle.storages.push_back(storage);
  if (pickle.storages.size() > max_tensors || pickle.views.size() > max_tensors)
    throw FormatError("has far more tensors than a First Order Motion Model. It is none.");
  const PickledStorage& first = pickle.storages[known->second];
  if (first.type != storage.type || first.count != storage.count)
    throw_damaged("a storage is described in two ways");

  StorageView view{known->second, 0, storage.count};
  if (id.items.size() == 6 && item(pickle, id, 5).kind != Kind::none) {
    const Value& metadata = item(pickle, id, 5); // (key, offset, size)
    if (metadata.kind != Kind::tuple || metadata.items.size() != 3)
      throw_damaged("a storage's view is not described as PyTorch does");
    view.offset = non_negative(item(pickle, metadata, 1), "a view's offset is not a number");
    view.count = non_negative(item(pickle, metadata, 2), "a view's size is not a number");
    if (view.offset > storage.count || view.count > storage.count - view.offset)
      throw_damaged("a view reaches beyond its storage");
  }
  pickle.views.push_back(view);
  return static_cast<uint32_t>(pickle.views.size() - 1);
}

uint32_t add_tensor(Pickle& pickle, const Value& arguments) {
  if (arguments.kind != Value::Kind::tuple || arguments.items.size() < 4)
    throw_damaged("a tensor is not described as PyTorch does");
  const Value& storage = item(pickle, arguments, 0);
  if (storage.kind != Value::Kind::storage)
    throw_damaged("a tensor has no storage");
  if (pickle.tensors.size() >= max_tensors)
    throw FormatError("has far more tensors than a First Order Motion Model. It is none.");
  PickledTensor tensor;
  tensor.view = static_cast<uint32_t>(storage.integer);
  const uint64_t available = pickle.views[tensor.view].count;
  const uint64_t offset = non_negative(item(pickle, arguments, 1), "a tensor's offset is wrong");
  tensor.shape = dimensions(pickle, item(pickle, arguments, 2), "a tensor's shape is wrong");
  tensor.strides = dimensions(pickle, item(pickle, arguments, 3), "a tensor's strides are wrong");
  if (tensor.shape.size() != tensor.strides.size())
    throw_damaged("a tensor's shape and strides differ in length");
  if (offset > available)
    throw_damaged("a tensor begins beyond its storage");
  check_count(tensor);
  check_extent(tensor, available - offset);
  tensor.offset = static_cast<int64_t>(offset);
  pickle.tensors.push_back(std::move(tensor));
  return static_cast<uint32_t>(pickle.tensors.size() - 1);
}

} // namespace fomo
