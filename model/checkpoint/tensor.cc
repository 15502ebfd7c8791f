// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstring>

#include "model/checkpoint/byte_source.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/half.h"

namespace fomo {
namespace {

float bfloat_to_float(uint16_t bits) {
  const uint32_t result = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &result, sizeof value);
  return value;
}

template<typename T>
struct Stored {
  using Raw = T;
  static float to_float(T value) { return static_cast<float>(value); }
};
struct StoredHalf {
  using Raw = uint16_t;
  static float to_float(uint16_t bits) { return half_to_float(bits); }
};
struct StoredBfloat {
  using Raw = uint16_t;
  static float to_float(uint16_t bits) { return bfloat_to_float(bits); }
};

template<typename S>
void copy_row(const std::byte* from, int64_t stride, int64_t count, float* out) {
  using Raw = typename S::Raw;
  const auto step = static_cast<int64_t>(sizeof(Raw)) * stride;
  for (int64_t i = 0; i < count; ++i) {
    Raw raw;
    std::memcpy(&raw, from + i * step, sizeof raw);
    out[i] = S::to_float(raw);
  }
}

using CopyRow = void (*)(const std::byte*, int64_t, int64_t, float*);

CopyRow row_copier(ScalarType type) {
  switch (type) {
  case ScalarType::f16:
    return copy_row<StoredHalf>;
  case ScalarType::bf16:
    return copy_row<StoredBfloat>;
  case ScalarType::f32:
    return copy_row<Stored<float>>;
  case ScalarType::f64:
    return copy_row<Stored<double>>;
  case ScalarType::i16:
    return copy_row<Stored<int16_t>>;
  case ScalarType::i32:
    return copy_row<Stored<int32_t>>;
  case ScalarType::i64:
    return copy_row<Stored<int64_t>>;
  case ScalarType::i8:
    return copy_row<Stored<int8_t>>;
  case ScalarType::u8:
  case ScalarType::boolean:
    break;
  }
  return copy_row<Stored<uint8_t>>;
}

bool is_contiguous(const StoredTensor& tensor) {
  int64_t expected = 1;
  for (size_t d = tensor.shape.size(); d-- > 0;) {
    if (tensor.shape[d] != 1 && tensor.strides[d] != expected)
      return false;
    expected *= tensor.shape[d];
  }
  return true;
}

/// Converts in pieces, so that a large tensor is not in memory twice.
void copy_contiguous(const StoredTensor& tensor, float* out) {
  constexpr int64_t max_piece = 1 << 16;
  const CopyRow copy = row_copier(tensor.type);
  const auto size = static_cast<int64_t>(scalar_size(tensor.type));
  const int64_t total = tensor.count();
  std::vector<std::byte> piece(static_cast<size_t>(std::min(total, max_piece) * size));
  for (int64_t done = 0; done < total; done += max_piece) {
    const int64_t count = std::min(total - done, max_piece);
    tensor.source->read(tensor.offset + static_cast<uint64_t>(done * size), piece.data(),
                        static_cast<uint64_t>(count * size));
    copy(piece.data(), 1, count, out + done);
  }
}

/// A strided view: one row of the last dimension after the other.
void copy_view(const StoredTensor& tensor, float* out) {
  std::vector<std::byte> bytes(static_cast<size_t>(tensor.extent()));
  tensor.source->read(tensor.offset, bytes.data(), bytes.size());
  const CopyRow copy = row_copier(tensor.type);
  const size_t rank = tensor.shape.size();
  const auto size = static_cast<int64_t>(scalar_size(tensor.type));
  const int64_t row = tensor.shape[rank - 1], total = tensor.count();
  std::vector<int64_t> index(rank, 0);
  for (int64_t done = 0; done < total; done += row) {
    int64_t offset = 0;
    for (size_t d = 0; d + 1 < rank; ++d)
      offset += index[d] * tensor.strides[d];
    copy(bytes.data() + offset * size, tensor.strides[rank - 1], row, out + done);
    for (size_t d = rank - 1; d-- > 0;) {
      if (++index[d] < tensor.shape[d])
        break;
      index[d] = 0;
    }
  }
}

} // namespace

size_t scalar_size(ScalarType type) {
  switch (type) {
  case ScalarType::f64:
  case ScalarType::i64:
    return 8;
  case ScalarType::f32:
  case ScalarType::i32:
    return 4;
  case ScalarType::f16:
  case ScalarType::bf16:
  case ScalarType::i16:
    return 2;
  case ScalarType::u8:
  case ScalarType::i8:
  case ScalarType::boolean:
    break;
  }
  return 1;
}

int64_t StoredTensor::count() const {
  int64_t count = 1;
  for (const int64_t size : shape)
    count *= size;
  return count;
}

uint64_t StoredTensor::extent() const {
  uint64_t elements = 1;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 0)
      return 0;
    elements += static_cast<uint64_t>(shape[d] - 1) * static_cast<uint64_t>(strides[d]);
  }
  return elements * scalar_size(type);
}

void copy_to_floats(const StoredTensor& tensor, float* out) {
  const int64_t total = tensor.count();
  if (total == 0)
    return;
  if (!is_contiguous(tensor))
    copy_view(tensor, out);
  else if (tensor.type == ScalarType::f32)
    tensor.source->read(tensor.offset, out, static_cast<uint64_t>(total) * sizeof(float));
  else
    copy_contiguous(tensor, out);
}

const char* container_name(Container container) {
  switch (container) {
  case Container::legacy:
    return "legacy";
  case Container::zip:
    return "zip";
  case Container::safetensors:
    break;
  }
  return "safetensors";
}

} // namespace fomo
