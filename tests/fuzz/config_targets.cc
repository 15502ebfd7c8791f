// SPDX-License-Identifier: LGPL-2.1-or-later
// Targets that read configurations.
#include <cstdlib>
#include <cstring>
#include <string>

#include "common/error.h"
#include "model/checkpoint/byte_source.h"
#include "model/checkpoint/config_yaml.h"
#include "model/checkpoint/format_error.h"
#include "model/checkpoint/state_layout.h"
#include "tests/fuzz/targets.h"

namespace fomo::fuzz {
namespace {

/// Reads small numbers from the fuzzer's input; gives 0 at its end.
class Numbers {
 public:
  Numbers(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  int below(int limit) {
    if (size_ == 0)
      return 0;
    --size_;
    return *data_++ % limit;
  }
  bool any() const { return size_ != 0; }
  std::string rest() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const uint8_t* data_;
  size_t size_;
};

ModelConfig make_config(Numbers& numbers) {
  ModelConfig config;
  config.num_kp = 1 + numbers.below(66);
  config.num_channels = 1 + numbers.below(5);
  config.estimate_jacobian = numbers.below(2) != 0;
  constexpr double scales[] = {1, 0.5, 0.25, 0.125, 0.3, 1. / 32};
  const auto hourglass = [&](auto& section) {
    section.block_expansion = 1 << numbers.below(9);
    section.max_features = section.block_expansion << numbers.below(5);
    section.num_blocks = 1 + numbers.below(9);
    section.scale_factor = scales[numbers.below(6)];
  };
  hourglass(config.kp_detector);
  hourglass(config.dense_motion);
  config.kp_detector.single_jacobian_map = numbers.below(2) != 0;
  config.generator.block_expansion = 1 << numbers.below(9);
  config.generator.max_features = config.generator.block_expansion << numbers.below(5);
  config.generator.num_down_blocks = numbers.below(8);
  config.generator.num_bottleneck_blocks = numbers.below(10);
  config.generator.estimate_occlusion_map = numbers.below(2) != 0;
  return config;
}

/// A .safetensors header, followed by any number of zeros.
class ZeroSource : public ByteSource {
 public:
  ZeroSource(std::string header, uint64_t size) : ByteSource(size), header_(std::move(header)) {}

 private:
  void copy(uint64_t offset, void* out, uint64_t count) const override {
    std::memset(out, 0, count);
    if (offset < header_.size())
      std::memcpy(out, header_.data() + offset, std::min<uint64_t>(count, header_.size() - offset));
  }

  std::string header_;
};

std::shared_ptr<const ByteSource> header_of(const StateLayout& layout) {
  std::string text = "{";
  uint64_t offset = 0;
  for (const auto& [name, shape] : layout) {
    uint64_t count = 1;
    std::string list;
    for (const int64_t size : shape) {
      count *= static_cast<uint64_t>(size);
      list += (list.empty() ? "" : ",") + std::to_string(size);
    }
    text += (text.size() > 1 ? ",\"" : "\"") + name + R"(":{"dtype":"U8","shape":[)" + list +
            R"(],"data_offsets":[)" + std::to_string(offset) + "," +
            std::to_string(offset + count) + "]}";
    offset += count;
  }
  text += "}";
  std::string file;
  for (int i = 0; i < 8; ++i)
    file += static_cast<char>(text.size() >> (8 * i));
  return std::make_shared<ZeroSource>(file + text, 8 + text.size() + offset);
}

/// Changes some names and shapes of the layout.
void damage(StateLayout& layout, Numbers& numbers) {
  for (int left = numbers.below(4); left > 0; --left) {
    auto entry = layout.begin();
    std::advance(entry,
                 (numbers.below(256) * 256 + numbers.below(256)) % static_cast<int>(layout.size()));
    std::vector<int64_t> shape = entry->second;
    std::string name = entry->first;
    const int kind = numbers.below(4);
    if (kind == 0 && !shape.empty())
      shape[static_cast<size_t>(numbers.below(8)) % shape.size()] = numbers.below(256);
    if (kind == 1)
      shape.push_back(1);
    if (kind == 2)
      name += ".extra";
    if (layout.size() > 1)
      layout.erase(entry);
    if (kind != 3)
      layout[name] = shape;
  }
}

} // namespace

int run_config_yaml(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const ModelConfig config = parse_config(text, "fuzzed");
    // A configuration that was read is the same after it is written and read again.
    const std::string written = to_yaml(config);
    if (to_yaml(parse_config(written, "written")) != written)
      std::abort();
  } catch (const Error&) {
  }
  return 0;
}

int run_config_inference(const uint8_t* data, size_t size) {
  Numbers numbers(data, size);
  StateLayout layout = state_layout(make_config(numbers));
  damage(layout, numbers);
  try {
    const Checkpoint checkpoint = Checkpoint::open(header_of(layout), "fuzzed");
    const ModelConfig inferred = infer_config(checkpoint);
    if (numbers.any())
      merge_yaml(inferred, numbers.rest(), "fuzzed", "weights");
  } catch (const Error&) {
  }
  return 0;
}

} // namespace fomo::fuzz
