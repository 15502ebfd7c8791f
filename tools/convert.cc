// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model convert: writes the weights and the configuration of a checkpoint as .safetensors.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "common/error.h"
#include "model/checkpoint/byte_source.h"
#include "model/checkpoint/config.h"
#include "model/checkpoint/format_error.h"
#include "model/checkpoint/half.h"
#include "model/checkpoint/published_checkpoints.h"
#include "model/checkpoint/safetensors.h"
#include "model/model_path.h"
#include "tools/commands.h"

namespace fomo {
namespace {

struct ConvertOptions {
  std::string input, output, config;
  bool half = false;
  std::map<std::string, std::string> metadata;
};

struct OwnedTensor {
  TensorToWrite described;
  std::vector<std::byte> bytes;
};

bool is_count(const StoredTensor& tensor) {
  return tensor.type == ScalarType::i64 && tensor.shape.empty(); // num_batches_tracked
}

/// Whether a tensor is a convolution's weight, which --half stores as fp16. Norms, biases and
/// anti-alias kernels are small and stay fp32.
bool is_convolution(const std::string& name, const StoredTensor& tensor) {
  return tensor.shape.size() == 4 && name.find("down.weight") == std::string::npos;
}

template<typename T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty())
    std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

OwnedTensor convert_tensor(const std::string& name, const StoredTensor& tensor, bool half) {
  OwnedTensor result;
  result.described.shape = tensor.shape;
  if (is_count(tensor)) {
    result.described.type = ScalarType::i64;
    result.bytes.resize(sizeof(int64_t));
    tensor.source->read(tensor.offset, result.bytes.data(), sizeof(int64_t));
    return result;
  }
  std::vector<float> values(static_cast<size_t>(tensor.count()));
  copy_to_floats(tensor, values.data());
  const bool stays_half = tensor.type == ScalarType::f16;
  std::vector<uint16_t> halves;
  if (stays_half || (half && is_convolution(name, tensor)))
    for (const float value : values) {
      halves.push_back(float_to_half(value));
      if (!std::isfinite(half_to_float(halves.back())) && std::isfinite(value))
        throw Error(FOMO_FAILED, "'" + name + "' has the value " + std::to_string(value) +
                                     ", too large for --half. Convert without it.");
    }
  result.described.type = halves.empty() ? ScalarType::f32 : ScalarType::f16;
  result.bytes = halves.empty() ? bytes_of(values) : bytes_of(halves);
  return result;
}

void convert(const ConvertOptions& options) {
  const Checkpoint checkpoint = Checkpoint::open(model_path(options.input));
  std::map<std::string, std::string> metadata = options.metadata;
  metadata.insert(checkpoint.metadata().begin(), checkpoint.metadata().end());
  ModelConfig config = model_config(checkpoint, options.config);
  if (!config.about_faces) // the new file is not recognised by its digest
    config.about_faces = may_be_about_faces(checkpoint);
  metadata["config"] = to_yaml(config);

  std::map<std::string, OwnedTensor> owned;
  std::map<std::string, TensorToWrite> tensors;
  uint64_t bytes = 0;
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    OwnedTensor& converted = owned[name] = convert_tensor(name, tensor, options.half);
    converted.described.data = converted.bytes.data();
    tensors[name] = converted.described;
    bytes += converted.bytes.size();
  }
  write_safetensors(options.output, tensors, metadata);
  std::printf("%s: %zu tensors, %s of weights (from %s)\n", options.output.c_str(), tensors.size(),
              byte_count(bytes).c_str(), byte_count(checkpoint.file_size()).c_str());
}

} // namespace

void add_convert(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand(
      "convert", "Write a checkpoint's weights and configuration as .safetensors, without the data "
                 "that only training needs");
  auto options = std::make_shared<ConvertOptions>();
  auto notes = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", options->input, "Checkpoint (.pth.tar or .safetensors), or builtin")
      ->required();
  command->add_option("OUT", options->output, "File to write")
      ->required()
      ->check(CLI::Validator(
          [](const std::string& name) {
            const std::string end = ".safetensors";
            return name.size() > end.size() &&
                           name.compare(name.size() - end.size(), end.size(), end) == 0
                       ? ""
                       : "the name must end in .safetensors";
          },
          "NAME.safetensors"));
  command->add_option("--config", options->config, "FOMM YAML file; default: from the weights");
  command->add_flag("--half", options->half, "Store convolution weights as fp16 (half the size)");
  command->add_option("--note", *notes, "KEY=TEXT for the file's metadata (licence, origin …)")
      ->allow_extra_args(false)
      ->check(CLI::Validator(
          [](const std::string& note) {
            return note.find('=') == std::string::npos ? "not KEY=TEXT" : "";
          },
          "KEY=TEXT"));
  command->callback([options, notes] {
    for (const std::string& note : *notes)
      options->metadata[note.substr(0, note.find('='))] = note.substr(note.find('=') + 1);
    convert(*options);
  });
}

} // namespace fomo
