// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz-seeds FOLDER: writes the seeds of the targets that read models.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/model/checkpoint_files.h"
#include "tools/random_model.h"

namespace {

using namespace fomo;

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

/// The model with the fewest weights.
ModelConfig tiny_config() {
  ModelConfig config;
  config.num_kp = 1;
  config.kp_detector.block_expansion = config.kp_detector.max_features = 1;
  config.kp_detector.num_blocks = 1;
  config.kp_detector.scale_factor = 1;
  config.generator.block_expansion = config.generator.max_features = 1;
  config.generator.num_down_blocks = config.generator.num_bottleneck_blocks = 0;
  config.dense_motion.block_expansion = config.dense_motion.max_features = 1;
  config.dense_motion.num_blocks = 1;
  config.dense_motion.scale_factor = 1;
  return config;
}

/// Stores all tensors as views of one small storage, so that the file is mostly description.
test::StoreTensor shared_storage() {
  return [](test::TorchFile& file, const std::string&, const TensorToWrite& tensor) {
    TensorReference reference = file.store(ScalarType::f32, std::string(8, '\0'));
    reference.shape = tensor.shape;
    reference.strides.assign(tensor.shape.size(), 0);
    return reference;
  };
}

std::string safetensors(const test::Tensors& tensors, const ModelConfig& config) {
  const test::ScratchFolder scratch;
  write_safetensors(scratch.path("model"), tensors, {{"config", to_yaml(config)}});
  return test::read_file(scratch.path("model"));
}

} // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: fuzz-seeds FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  const ModelConfig config = tiny_config();
  const RandomModel model(config);
  const test::Tensors tensors = model.tensors();
  test::Tensors few; // the networks' first tensors
  for (const char* name : {"generator.first.conv.bias", "kp_detector.kp.bias"})
    few[name] = tensors.at(name);
  write(folder / "legacy" / "whole",
        test::torch_model(tensors, Container::legacy, shared_storage()));
  write(folder / "legacy" / "few", test::torch_model(few, Container::legacy));
  write(folder / "zip" / "whole", test::torch_model(tensors, Container::zip, shared_storage()));
  write(folder / "zip" / "few", test::torch_model(few, Container::zip));
  write(folder / "safetensors" / "whole", safetensors(tensors, config));
  write(folder / "safetensors" / "few", safetensors(few, config));

  test::TorchFile pickled(Container::zip);
  pickled.pickle.begin_dict();
  pickled.pickle.string("generator");
  pickled.pickle.tensor(pickled.store(ScalarType::f32, "12345678"));
  pickled.pickle.end_dict();
  write(folder / "pickle" / "tensor", pickled.pickle.finish());
  write(folder / "pickle" / "framed",
        "\x80\x04\x95" + std::string("\x0a\0\0\0\0\0\0\0", 8) + "}\x94\x8c\x01" + "a\x94K\x01s.");
  write(folder / "pickle" / "text", "(dp0\nVa\np1\nI1\ns(lp2\nI01\naF1.5\nasVb\nL12L\ns.");

  write(folder / "config_yaml" / "tiny", to_yaml(config));
  write(folder / "config_yaml" / "published", to_yaml(ModelConfig()));
  write(folder / "config_inference" / "published",
        std::string("\x09\x02\x01\x05\x04\x04\x02\x06\x04\x04\x02\0\x06\x03\x02\x06\x01\0", 18));
  write(folder / "config_inference" / "yaml",
        std::string("\x02\x02\x01\x01\x01\x01\x02\x01\x01\x01\x02\0\x01\x01\x01\x01\x01\0", 18) +
            "model_params: {common_params: {num_kp: 3}}");
}
