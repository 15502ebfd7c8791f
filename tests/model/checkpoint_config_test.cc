// SPDX-License-Identifier: LGPL-2.1-or-later
// Configurations from tensor shapes, from YAML, and from both.
#include <gtest/gtest.h>
#include <unistd.h>

#include "model/checkpoint/published_checkpoints.h"
#include "model/checkpoint/sha256.h"
#include "model/checkpoint/state_layout.h"
#include "tests/model/checkpoint_files.h"
#include "tools/random_model.h"
#include "tools/training_file.h"

namespace fomo::test {
namespace {

/// The model_params that all of FOMM's configurations share (its `config` folder); `changes`
/// replaces whole lines.
std::string official_yaml(const std::map<std::string, std::string>& changes = {}) {
  std::string yaml = R"(dataset_params:
  frame_shape: [256, 256, 3]
model_params:
  common_params:
    num_kp: 10
    num_channels: 3
    estimate_jacobian: True
  kp_detector_params:
    temperature: 0.1
    block_expansion: 32
    max_features: 1024
    scale_factor: 0.25
    num_blocks: 5
  generator_params:
    block_expansion: 64
    max_features: 512
    num_down_blocks: 2
    num_bottleneck_blocks: 6
    estimate_occlusion_map: True
    dense_motion_params:
      block_expansion: 64
      max_features: 1024
      num_blocks: 5
      scale_factor: 0.25
  discriminator_params:
    scales: [1]
    block_expansion: 32
    use_kp: True
train_params:
  num_epochs: 100
)";
  for (const auto& [line, replacement] : changes) {
    const size_t at = yaml.find(line);
    EXPECT_NE(at, std::string::npos) << line;
    yaml.replace(at, line.size(), replacement);
  }
  return yaml;
}

class Config : public ::testing::Test {
 protected:
  /// A checkpoint of a configuration, with shapes only.
  Checkpoint checkpoint(
      const ModelConfig& config, int antialias_taps = 0,
      const std::function<void(Tensors&)>& change = [](Tensors&) {}) const {
    const RandomModel model(config, 0, antialias_taps, RandomModel::Values::none);
    Tensors tensors = model.tensors();
    change(tensors);
    const std::string path = folder_.path("model.pth.tar");
    write_training_file(path, tensors, false);
    return Checkpoint::open(path);
  }

  std::string inferred(const ModelConfig& config, int antialias_taps = 0) const {
    return to_yaml(infer_config(checkpoint(config, antialias_taps)));
  }

  std::string with_yaml(const ModelConfig& config, const std::string& yaml) const {
    return to_yaml(model_config(checkpoint(config), folder_.write("config.yaml", yaml)));
  }

  ScratchFolder folder_;
};

TEST_F(Config, DefaultsAreThePublishedOnes) {
  EXPECT_EQ(to_yaml(parse_config(official_yaml(), "vox")), to_yaml(ModelConfig()));
}

TEST_F(Config, OfficialConfigurationsFollowFromTheWeights) {
  // vox, vox-adv, taichi, taichi-adv, fashion, bair and nemo have these model_params; mgif has
  // more.
  const ModelConfig vox = parse_config(official_yaml(), "vox");
  EXPECT_EQ(inferred(vox), to_yaml(vox));
  const ModelConfig mgif =
      parse_config(official_yaml({{"    num_blocks: 5\n  gen",
                                   "    num_blocks: 5\n    single_jacobian_map: True\n  gen"}}),
                   "mgif");
  EXPECT_TRUE(mgif.kp_detector.single_jacobian_map);
  EXPECT_EQ(inferred(mgif), to_yaml(mgif));
}

TEST_F(Config, EveryOptionFollowsFromTheWeights) {
  const std::function<void(ModelConfig&)> changes[] = {
      [](ModelConfig& c) { c.num_kp = 1; },
      [](ModelConfig& c) { c.num_kp = 64; },
      [](ModelConfig& c) { c.estimate_jacobian = false; },
      [](ModelConfig& c) { c.kp_detector.block_expansion = 20, c.kp_detector.max_features = 60; },
      [](ModelConfig& c) { c.kp_detector.num_blocks = 1; },
      [](ModelConfig& c) { c.dense_motion.num_blocks = 6; },
      [](ModelConfig& c) { c.dense_motion.block_expansion = c.dense_motion.max_features = 24; },
      [](ModelConfig& c) { c.generator.estimate_occlusion_map = false; },
      [](ModelConfig& c) { c.generator.num_down_blocks = 0, c.generator.max_features = 512; },
      [](ModelConfig& c) { c.generator.num_down_blocks = 4, c.generator.max_features = 70; },
      [](ModelConfig& c) { c.generator.num_bottleneck_blocks = 0; },
      [](ModelConfig& c) { c.generator.num_bottleneck_blocks = 12; },
      [](ModelConfig& c) { c.kp_detector.scale_factor = c.dense_motion.scale_factor = 1; },
      [](ModelConfig& c) {
        c.kp_detector.scale_factor = c.dense_motion.scale_factor = 0.5;
        c.frame_height = c.frame_width = 128;
      },
      [](ModelConfig& c) {
        c.kp_detector.scale_factor = c.dense_motion.scale_factor = 0.125;
        c.frame_height = c.frame_width = 512;
      },
      [](ModelConfig& c) { c.dense_motion.scale_factor = 0.5; },
      // More blocks than the number of times that 64x64 can be halved.
      [](ModelConfig& c) { c.kp_detector.num_blocks = 7, c.frame_height = c.frame_width = 512; },
  };
  for (const auto& change : changes) {
    ModelConfig config = parse_config(to_yaml(small_config()), "small");
    config.kp_detector.max_features = config.dense_motion.max_features = 5; // of 4, 5, 5 …
    config.kp_detector.block_expansion = config.dense_motion.block_expansion = 4;
    config.generator.max_features = 6;
    config.generator.block_expansion = 5;
    change(config);
    EXPECT_EQ(inferred(config), to_yaml(config));
  }
}

TEST_F(Config, AntialiasKernelsAreThoseOfFomm) {
  EXPECT_EQ(antialias_taps(0.25), 13);
  EXPECT_EQ(antialias_taps(0.125), 29);
  EXPECT_EQ(antialias_taps(0.5), 5);
  for (const int stride : {2, 3, 4, 5, 6, 7, 8, 16}) {
    ModelConfig config = small_config();
    config.kp_detector.scale_factor = config.dense_motion.scale_factor = 1. / stride;
    EXPECT_EQ(config.keypoint_stride(), stride);
    EXPECT_EQ(infer_config(checkpoint(config)).motion_stride(), stride);
  }
}

TEST_F(Config, A512ForkKeepsItsKernelAndTakesTheStrideFromYaml) {
  // A model that was trained at 512 with the scale 0.125 and the 13 taps of the scale 0.25.
  const Checkpoint fork = checkpoint(small_config(), 13);
  EXPECT_EQ(infer_config(fork).keypoint_stride(), 4);
  const std::string yaml = folder_.write("vox-512.yaml", R"(
dataset_params: {frame_shape: [512, 512, 3]}
model_params:
  kp_detector_params: {scale_factor: 0.125}
  generator_params: {dense_motion_params: {scale_factor: 0.125}})");
  const ModelConfig config = model_config(fork, yaml);
  EXPECT_EQ(config.keypoint_stride(), 8);
  EXPECT_EQ(config.motion_stride(), 8);
  EXPECT_EQ(config.frame_height, 512);
  EXPECT_EQ(fork.at("kp_detector.down.weight").shape, (std::vector<int64_t>{3, 1, 13, 13}));
}

TEST_F(Config, YamlSetsWhatWeightsCannotTell) {
  const std::string yaml = R"(
dataset_params: {frame_shape: [128, 192, 3]}
model_params:
  kp_detector_params: {temperature: 0.25, pad: 3}
  generator_params: {dense_motion_params: {kp_variance: 0.02}})";
  ModelConfig expected = infer_config(checkpoint(small_config()));
  expected.frame_height = 128;
  expected.frame_width = 192;
  expected.kp_detector.temperature = 0.25;
  expected.kp_detector.pad = 3;
  expected.dense_motion.kp_variance = 0.02;
  EXPECT_EQ(with_yaml(small_config(), yaml), to_yaml(expected));
}

TEST_F(Config, FrameFollowsTheYamlsScaleWhenItIsNotGiven) {
  const ModelConfig config = model_config(
      checkpoint(small_config(), 13),
      folder_.write("c.yaml", "model_params: {kp_detector_params: {scale_factor: 0.125}}"));
  EXPECT_EQ(config.frame_width, 512);
}

TEST_F(Config, OptionsLeftOutMeanWhatTheyMeanToFomm) {
  const ModelConfig config =
      parse_config(official_yaml({{"    scale_factor: 0.25\n    num", "    num"},
                                  {"      scale_factor: 0.25\n", ""},
                                  {"    estimate_jacobian: True\n", ""},
                                  {"    estimate_occlusion_map: True\n", ""}}),
                   "vox");
  EXPECT_EQ(config.keypoint_stride(), 1);
  EXPECT_EQ(config.motion_stride(), 1);
  EXPECT_FALSE(config.estimate_jacobian);
  EXPECT_FALSE(config.generator.estimate_occlusion_map);
}

TEST_F(Config, ContradictionsNameBothValues) {
  const std::pair<const char*, const char*> contradictions[] = {
      {"common_params: {num_kp: 15}", "num_kp is 15 there and 3 in the weights"},
      {"common_params: {estimate_jacobian: false}", "estimate_jacobian is false there and true"},
      {"kp_detector_params: {block_expansion: 4}", "block_expansion is 4 there and 2"},
      {"kp_detector_params: {max_features: 4}", "max_features is 4 there and 3"},
      {"kp_detector_params: {single_jacobian_map: true}", "single_jacobian_map is true"},
      {"kp_detector_params: {scale_factor: 1}", "scale_factor is 1 there and 0.25"},
      {"generator_params: {num_bottleneck_blocks: 6}", "num_bottleneck_blocks is 6 there and 1"},
      {"generator_params: {dense_motion_params: {num_blocks: 5}}", "num_blocks is 5 there and 2"},
  };
  for (const auto& [option, what] : contradictions)
    EXPECT_TELLS(error_of([&, option = option] {
                   with_yaml(small_config(), std::string("model_params: {") + option + "}");
                 }),
                 what);
}

TEST_F(Config, WidthsThatAreNeverReachedDoNotContradict) {
  ModelConfig config = small_config();
  config.generator.max_features = 8; // 2, 4, 8
  const std::string yaml = "model_params: {generator_params: {max_features: 256}}";
  EXPECT_TELLS(with_yaml(config, yaml), "max_features: 256");
}

TEST_F(Config, BadYaml) {
  const std::pair<std::string, const char*> files[] = {
      {"", "neither model_params nor"},
      {"just text", "neither model_params nor"},
      {"a: [1, 2", "is not YAML"},
      {std::string(50'000, '['), "is not YAML"},
      {std::string((1 << 20) + 1, 'x'), "larger than any configuration"},
      {"model_params: {common_params: {num_kp: many}}", "whole number for common_params.num_kp"},
      {"model_params: {common_params: {num_kp: 0}}", "num_kp = 0"},
      {"model_params: {common_params: {num_kp: 1000000000000}}", "num_kp"},
      {"model_params: {common_params: {num_face_kp: 11}}", "num_face_kp = 11"},
      {"model_params: {kp_detector_params: {temperature: 0}}", "temperature = 0"},
      {"model_params: {kp_detector_params: {temperature: .nan}}", "temperature = nan"},
      {"model_params: {kp_detector_params: {scale_factor: -1}}", "scale_factor = -1"},
      {"model_params: {kp_detector_params: {scale_factor: 0}}", "scale_factor = 0"},
      {"model_params: {generator_params: {max_features: 4}}", "max_features = 4"},
      {"model_params: {generator_params: {keep_source: true, estimate_occlusion_map: false}}",
       "sets keep_source, but has no occlusion map"},
      {"model_params: {}\ndataset_params: {frame_shape: [250, 256, 3]}", "multiples of 128"},
      {"model_params: {}\ndataset_params: {frame_shape: 256}", "[height, width, channels]"},
      {"model_params: {}\ndataset_params: {frame_shape: [65536, 65536, 3]}", "must lie between"},
  };
  for (const auto& [text, what] : files)
    EXPECT_TELLS(error_of([&, text = text] { parse_config(text, "config.yaml"); }), what);
  EXPECT_TELLS(error_of([&] { load_config(folder_.path("nothing")); }), "does not exist");
  EXPECT_TELLS(error_of([] { load_config("~/vox-256.yaml"); }), "$HOME");
  EXPECT_TELLS(error_of([&] { load_config(folder_.path(".")); }), "is a folder");
}

TEST_F(Config, SafetensorsContainTheirConfiguration) {
  ModelConfig config = small_config();
  config.kp_detector.temperature = 0.2;
  config.generator.keep_source = true;
  config.frame_width = 384;
  const RandomModel model(config);
  const std::string path = folder_.path("own.safetensors");
  write_safetensors(path, model.tensors(), {{"config", to_yaml(config)}});
  EXPECT_EQ(to_yaml(infer_config(Checkpoint::open(path))), to_yaml(config));
  config.num_kp = 9;
  write_safetensors(path, model.tensors(), {{"config", to_yaml(config)}});
  EXPECT_TELLS(error_of([&] { infer_config(Checkpoint::open(path)); }), "num_kp is 9");
}

TEST_F(Config, ModelsThatAreNotFomm) {
  const auto error = [&](const std::function<void(Tensors&)>& change) {
    return error_of([&] { infer_config(checkpoint(small_config(), 0, change)); });
  };
  EXPECT_TELLS(error([](Tensors& t) { t.erase("generator.final.bias"); }),
               "lacks the tensor 'generator.final.bias'");
  EXPECT_TELLS(error([](Tensors& t) { t.erase("kp_detector.kp.weight"); }),
               "lacks the tensor 'kp_detector.kp.weight'");
  EXPECT_TELLS(error([](Tensors& t) { t["generator.first.conv.bias"].shape = {7}; }),
               "in the shape [7] where its other tensors ask for [2]");
  EXPECT_TELLS(error([](Tensors& t) {
                 t["kp_detector.kp.weight"].shape = {3, 5, 7, 7, 7};
               }),
               "3-D convolutions");
  EXPECT_TELLS(error([](Tensors& t) {
                 t["kp_detector.kp.weight"].shape = {3, 5, 7};
               }),
               "in the shape");
  EXPECT_TELLS(error([](Tensors& t) {
                 t["kp_detector.predictor.encoder.down_blocks.0.conv.weight"].shape[1] = 4;
               }),
               "DaGAN");
  EXPECT_TELLS(error([](Tensors& t) {
                 t["generator.extra.weight"] = {ScalarType::f32, {1}, nullptr};
               }),
               "'generator.extra.weight', which is not part");
  EXPECT_TELLS(error([](Tensors& t) {
                 t["kp_detector.down.weight"].shape = {3, 1, 12, 12};
               }),
               "kp_detector.down.weight");
}

TEST_F(Config, CountsOfBatchesAreNotNeeded) {
  const Checkpoint old = checkpoint(small_config(), 0, [](Tensors& tensors) {
    for (auto at = tensors.begin(); at != tensors.end();)
      at = at->second.type == ScalarType::i64 ? tensors.erase(at) : std::next(at);
  });
  EXPECT_EQ(infer_config(old).num_kp, small_config().num_kp);
}

TEST_F(Config, SaysWhetherTheModelIsAboutFaces) {
  EXPECT_FALSE(parse_config("model_params: {}", "a").about_faces.has_value());
  for (const bool value : {false, true}) {
    const std::string yaml =
        std::string("model_params: {common_params: {num_kp: 10, about_faces: ") +
        (value ? "true" : "false") + "}}";
    const ModelConfig config = parse_config(yaml, "a");
    EXPECT_EQ(config.about_faces, value);
    EXPECT_EQ(parse_config(to_yaml(config), "a").about_faces, value);
  }
  EXPECT_TELLS(
      error_of([] { parse_config("model_params: {common_params: {about_faces: perhaps}}", "a"); }),
      "common_params.about_faces");
}

TEST(Sha256, TestVectors) { // FIPS 180-4's examples, and the same in pieces
  const auto digest = [](const std::string& text, size_t piece) {
    Sha256 sum;
    for (size_t i = 0; i < text.size(); i += piece)
      sum.add(text.data() + i, std::min(piece, text.size() - i));
    return sum.digest();
  };
  for (const size_t piece : {1, 3, 63, 64, 65, 1000}) {
    EXPECT_EQ(digest("", piece),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(digest("abc", piece),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", piece),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(digest(std::string(1'000'000, 'a'), 64 * piece),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST_F(Config, OnlyTheDigestTellsAPublishedFileOfOtherThings) {
  const PublishedCheckpoint* fashion =
      find_published("b83989ebdc2f0c766034fbec004099ab70733cf4c562794f82c8077afbf7ba7e");
  ASSERT_NE(fashion, nullptr);
  EXPECT_FALSE(fashion->about_faces);
  EXPECT_EQ(find_published("abc"), nullptr);
  // A model with the published file's size and name, and other bytes.
  const RandomModel model(small_config());
  const std::string path =
      folder_.write("fashion.pth.tar", torch_model(model.tensors(), Container::legacy));
  EXPECT_FALSE(has_size_of_other_things(Checkpoint::open(path)));
  ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(fashion->bytes)), 0); // a hole
  const Checkpoint checkpoint = Checkpoint::open(path);
  EXPECT_TRUE(has_size_of_other_things(checkpoint));
  EXPECT_TRUE(may_be_about_faces(checkpoint));
}

} // namespace
} // namespace fomo::test
