// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model inspect: describes the content of a checkpoint file.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <set>

#include "model/checkpoint/config.h"
#include "model/checkpoint/format_error.h"
#include "model/checkpoint/published_checkpoints.h"
#include "model/model_path.h"
#include "tools/commands.h"
#include "tools/file_digests.h"

namespace fomo {
namespace {

void print_row(const char* label, const std::string& text) {
  std::printf("%-14s %s\n", label, text.c_str());
}

const char* type_name(ScalarType type) {
  switch (type) {
  case ScalarType::f16:
    return "fp16";
  case ScalarType::bf16:
    return "bf16";
  case ScalarType::f32:
    return "fp32";
  case ScalarType::f64:
    return "fp64";
  default:
    return "integers";
  }
}

/// Prints one line for each network: the number of tensors and elements, bytes, types.
void print_networks(const Checkpoint& checkpoint) {
  struct Sum {
    size_t tensors = 0;
    uint64_t elements = 0, bytes = 0;
    std::set<std::string> types;
  };
  std::map<std::string, Sum> sums;
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    Sum& sum = sums[name.substr(0, name.find('.'))];
    const auto count = static_cast<uint64_t>(tensor.count());
    ++sum.tensors;
    sum.elements += count;
    sum.bytes += count * scalar_size(tensor.type);
    sum.types.insert(type_name(tensor.type));
  }
  for (const auto& [network, sum] : sums) {
    std::string text = std::to_string(sum.tensors) + " tensors, " + std::to_string(sum.elements) +
                       " numbers, " + byte_count(sum.bytes) + " (";
    for (const std::string& type : sum.types)
      text += (text.back() == '(' ? "" : ", ") + type;
    print_row((network + ":").c_str(), text + ")");
  }
}

void print_skipped(const Checkpoint& checkpoint) {
  const char* label = "not needed:";
  for (const SkippedPart& part : checkpoint.skipped()) {
    print_row(label, part.name + ", " + byte_count(part.bytes));
    label = "";
  }
}

void print_configuration(const ModelConfig& config) {
  std::printf("configuration:\n");
  const std::string yaml = to_yaml(config);
  for (size_t start = 0; start < yaml.size();) {
    const size_t end = yaml.find('\n', start);
    std::printf("    %s\n", yaml.substr(start, end - start).c_str());
    start = end + 1;
  }
}

void inspect(const std::string& model, const std::string& config_path) {
  const std::string path = model_path(model);
  const Checkpoint checkpoint = Checkpoint::open(path);
  ModelConfig config = model_config(checkpoint, config_path);
  const FileDigests digests = digest_file(path);
  const PublishedCheckpoint* published = find_published(digests.sha256);
  if (published == nullptr)
    published = find_published(digests.md5);
  if (!config.about_faces)
    config.about_faces = published == nullptr || published->about_faces;
  print_row("file:", path + ", " + byte_count(checkpoint.file_size()));
  print_row("sha256:", digests.sha256);
  print_row("published as:",
            published == nullptr ? "(not one of the published checkpoints)" : published->name);
  print_row("container:", container_name(checkpoint.container()));
  print_networks(checkpoint);
  print_skipped(checkpoint);
  for (const auto& [key, value] : checkpoint.metadata())
    if (key != "config")
      print_row((key + ":").c_str(), value);
  print_configuration(config);
}

} // namespace

void add_inspect(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand(
      "inspect", "Describe a checkpoint file: container, networks, configuration, which published "
                 "checkpoint it is, which parts are not needed");
  auto file = std::make_shared<std::string>();
  auto config = std::make_shared<std::string>();
  command->add_option("FILE", *file, "Checkpoint (.pth.tar or .safetensors), or builtin")
      ->required();
  command->add_option("--config", *config, "FOMM YAML file; default: from the weights");
  command->callback([file, config] { inspect(*file, *config); });
}

} // namespace fomo
