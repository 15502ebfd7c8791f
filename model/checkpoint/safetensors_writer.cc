// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "model/checkpoint/pending_file.h"
#include "model/checkpoint/safetensors_format.h"

namespace fomo {
namespace {

using Json = nlohmann::ordered_json;

uint64_t byte_size(const TensorToWrite& tensor) {
  uint64_t size = scalar_size(tensor.type);
  for (const int64_t extent : tensor.shape)
    size *= static_cast<uint64_t>(extent);
  return size;
}

/// The header, padded with blanks so that the data behind it is aligned to 8 bytes.
std::string make_header(const std::map<std::string, TensorToWrite>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const uint64_t end = offset + byte_size(tensor);
    header[name] = {{"dtype", safetensors_type_name(tensor.type)},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

} // namespace

void write_safetensors(const std::string& path, const std::map<std::string, TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::string header = make_header(tensors, metadata);
  PendingFile file(path);
  unsigned char size[8];
  for (size_t i = 0; i < sizeof size; ++i)
    size[i] = static_cast<unsigned char>(static_cast<uint64_t>(header.size()) >> (8 * i));
  file.write(size, sizeof size);
  file.write(header.data(), header.size());
  for (const auto& [name, tensor] : tensors)
    file.write(tensor.data, byte_size(tensor));
  file.finish();
}

} // namespace fomo
