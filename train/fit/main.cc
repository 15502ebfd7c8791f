// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-train: trains First Order Motion Models on rendered pairs, exports and tries them.
#include <ATen/Parallel.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include <CLI/CLI.hpp>
#include <opencv2/core.hpp>

#include "common/error.h"
#include "train/data/landmarks.h"
#include "train/fit/animate.h"
#include "train/fit/device.h"
#include "train/fit/loop.h"

namespace {

using namespace fomo;
using namespace fomo::train;

struct Options {
  std::string state, config, data, valid;
  std::string out, source, driving, model, init;
  std::string device = "auto";
  int threads = 0;
  bool crisp_occlusion = false;
  StageOptions stage;
  LoopOptions loop;
};

constexpr char kVideoStage[] = "video";
/// Metadata key of an exported model: the factor by which the occlusion map's logits were scaled.
constexpr char kCrispOcclusion[] = "crisp_occlusion";

// Default options of a part's training.
struct Defaults {
  double learning_rate;
  int batch, gpu_batch; ///< pairs a step
  int64_t steps;
  double live_norm;
};

Defaults defaults_of(const std::string& part) {
  if (part == kKeypointPart)
    return {2e-3, 4, 32, 17500, 0.75};
  if (part == kMotionPart)
    return {3e-3, 8, 64, 11500, 0.75};
  if (part == kGeneratorPart)
    return {3e-3, 3, 64, 33000, 0.02};
  return {2e-4, 4, 4, 100000, 0.75};
}

// The configuration of the built-in model, small enough for 30 frames/s on two cores.
ModelConfig builtin_config() {
  ModelConfig config;
  config.num_kp = kLandmarks;
  config.num_face_kp = kFaceLandmarks;
  config.first_mouth_kp = kMouthLeft;
  config.first_ear_kp = kLeftEar;
  config.kp_detector.block_expansion = 20;
  config.kp_detector.max_features = 128;
  // All keypoints share one map of Jacobians. One map for each keypoint would cost more than the
  // hourglass.
  config.kp_detector.single_jacobian_map = true;
  // The heatmaps have the size of the features. Without padding a keypoint near the border would
  // have to be detected by a cell three cells away from it.
  config.kp_detector.pad = 3;
  config.generator.block_expansion = 16;
  config.generator.max_features = 64;
  config.generator.num_bottleneck_blocks = 2;
  config.generator.keep_source = true;
  config.dense_motion.block_expansion = 16;
  config.dense_motion.max_features = 128;
  config.dense_motion.kp_variance = 0.004;
  return config;
}

ModelConfig chosen_config(const Options& options) {
  if (!options.init.empty())
    return model_config(Checkpoint::open(options.init), options.config);
  return options.config.empty() ? builtin_config() : load_config(options.config);
}

std::string state_file(const Options& options, const std::string& part) {
  return options.state + "/" + part + ".safetensors";
}

// Initial weights or those of the checkpoint `--init`, replaced by those of all stages that have a
// state file.
TensorMap stage_weights(const Options& options, const ModelConfig& config) {
  TensorMap weights = initial_weights(config, options.loop.seed);
  if (!options.init.empty()) {
    const Checkpoint init = Checkpoint::open(options.init);
    for (const auto& [name, tensor] : load_tensors(init))
      weights.at(name).copy_(tensor);
    const auto crisp = init.metadata().find(kCrispOcclusion);
    if (crisp != init.metadata().end())
      make_occlusion_soft(weights, std::stod(crisp->second));
  }
  for (const char* part : {kKeypointPart, kMotionPart, kGeneratorPart, kVideoStage})
    load_stage_weights(state_file(options, part), weights);
  return weights;
}

// Sets the options that the user left out; their defaults depend on part and device.
void apply_defaults(Options& options, const std::string& part) {
  StageOptions& stage = options.stage;
  LoopOptions& loop = options.loop;
  const Defaults defaults = defaults_of(part);
  stage.device = training_device(options.device);
  stage.pretrained = !options.init.empty();
  if (stage.batch == 0)
    stage.batch = stage.device.is_cpu() ? defaults.batch : defaults.gpu_batch;
  if (loop.samples == 0)
    loop.samples = defaults.steps * stage.batch;
  if (loop.loaders < 0) // a GPU would have to wait for batches drawn between the steps
    loop.loaders =
        stage.device.is_cpu() ? 0 : std::max(1, int(std::thread::hardware_concurrency()) - 1);
  loop.state = state_file(options, part);
  loop.log = options.state + "/" + part + ".log";
}

void train_part(Options options, const std::string& part) {
  apply_defaults(options, part);
  const ModelConfig config = chosen_config(options);
  TensorMap weights = stage_weights(options, config);
  move_to(options.stage.device, weights);
  std::filesystem::create_directories(options.state);
  if (part == kVideoStage) {
    const Videos train(options.data), valid(options.valid);
    run_loop(*video_stage(weights, config, train, valid, options.stage), weights, options.loop);
    return;
  }
  if (config.num_kp != kLandmarks || !config.estimate_jacobian)
    throw Error(FOMO_SETTINGS,
                "Rendered pairs teach " + std::to_string(kLandmarks) +
                    " keypoints with Jacobians; this model has " + std::to_string(config.num_kp) +
                    ". Train it from videos, or set num_kp to " + std::to_string(kLandmarks) + ".");
  const Dataset train(options.data), valid(options.valid);
  options.stage.validation_pairs =
      std::min(options.stage.validation_pairs, static_cast<int>(valid.size()));
  const auto make = part == kKeypointPart ? keypoint_stage
                    : part == kMotionPart ? motion_stage
                                          : generator_stage;
  run_loop(*make(weights, config, train, valid, options.stage), weights, options.loop);
}

void export_state(const Options& options) {
  const ModelConfig config = chosen_config(options);
  TensorMap weights = stage_weights(options, config);
  std::map<std::string, std::string> metadata{{"format", "fomotransfer"}};
  if (options.crisp_occlusion) {
    make_occlusion_crisp(weights, config);
    metadata[kCrispOcclusion] = std::to_string(kCrispness);
  }
  export_model(options.out, weights, config, metadata);
  std::cout << options.out << ": " << std::filesystem::file_size(options.out) / 1e6 << " MB, "
            << 2e-9 * frame_macs(weights, config) << " GFLOP a driving frame\n";
}

void add_training(CLI::App& app, Options& options, const std::string& part,
                  const std::string& about) {
  const Defaults defaults = defaults_of(part);
  CLI::App* sub = app.add_subcommand(part, about);
  sub->add_option("--data", options.data,
                  part == kVideoStage ? "folder of folders of frames"
                                      : "folder of shards to train on")
      ->required();
  sub->add_option("--valid", options.valid, "the same, held out")->required();
  sub->add_option("--state", options.state,
                  "folder of the training state; training continues from a state that is there")
      ->required();
  sub->add_option("--config", options.config, "FOMM YAML file (default: the built-in model's)");
  sub->add_option("--init", options.init, "checkpoint to fine-tune, with its configuration");
  sub->add_option("--samples", options.loop.samples,
                  "total number of pairs to train on; default: those of " +
                      std::to_string(defaults.steps) + " steps");
  sub->add_option("--batch", options.stage.batch,
                  "pairs a step; default " + std::to_string(defaults.batch) + ", on a GPU " +
                      std::to_string(defaults.gpu_batch));
  sub->add_option("--learning-rate", options.loop.learning_rate,
                  "default " + std::to_string(defaults.learning_rate));
  sub->add_option("--seconds", options.loop.seconds,
                  "total training time of all runs, in place of --samples");
  sub->add_option("--device", options.device, "auto (a GPU if there is one), cpu, cuda, cuda:N")
      ->capture_default_str();
  sub->add_option("--loaders", options.loop.loaders,
                  "threads that draw batches ahead; default: none, or all cores but one for a GPU");
  sub->add_option("--seed", options.loop.seed)->capture_default_str();
  sub->add_option("--pause-file", options.loop.pause_file,
                  "training sleeps while this file exists");
  sub->add_option("--save-seconds", options.loop.save_seconds)->capture_default_str();
  sub->add_option("--validate-seconds", options.loop.validate_seconds)->capture_default_str();
  sub->add_option("--live-norm", options.loop.live_norm,
                  "share of the training in which batch norm uses the batch's statistics; 0 to "
                  "fine-tune a checkpoint with its own; default " +
                      std::to_string(defaults.live_norm))
      ->check(CLI::Range(0.0, 1.0));
  if (part == kVideoStage)
    sub->add_option("--vgg", options.stage.vgg,
                    "VGG-19 weights (.safetensors, torchvision's names) for the perceptual loss");
  if (part == kMotionPart) {
    sub->add_option("--detected", options.stage.detected, "share of batches on detected keypoints")
        ->check(CLI::Range(0.0, 1.0));
    sub->add_option("--led", options.stage.led,
                    "share of batches on keypoints moved by another identity (relative motion)")
        ->check(CLI::Range(0.0, 1.0));
  }
  if (part == kGeneratorPart) {
    sub->add_option("--crop", options.stage.crop, "side of the crops, pixels, a multiple of 16")
        ->check(CLI::Range(32, 256))
        ->capture_default_str();
    sub->add_option("--predicted", options.stage.predicted,
                    "share of batches on motion that the motion network predicts")
        ->check(CLI::Range(0.0, 1.0));
    sub->add_option("--adversarial", options.stage.adversarial,
                    "weight of the adversarial loss relative to the reconstruction loss; 0: none")
        ->check(CLI::Range(0.0, 10.0));
  }
  sub->preparse_callback([&options, defaults](size_t) {
    options.loop.learning_rate = defaults.learning_rate;
    options.stage.batch = 0;
    options.loop.samples = 0;
    options.loop.loaders = -1;
    options.loop.live_norm = defaults.live_norm;
  });
  sub->callback([&options, part] { train_part(options, part); });
}

void add_tools(CLI::App& app, Options& options) {
  CLI::App* sub =
      app.add_subcommand("export", "writes the model of a state folder in half precision");
  sub->add_option("--state", options.state)->required();
  sub->add_option("--config", options.config);
  sub->add_option("--init", options.init, "the checkpoint that training started from");
  sub->add_option("--out", options.out, ".safetensors file")->required();
  sub->add_flag("--crisp-occlusion", options.crisp_occlusion,
                "sharpen the occlusion map, for a model taught by rendered pairs");
  sub->callback([&options] { export_state(options); });
  sub = app.add_subcommand("animate",
                           "animates a picture with a folder of frames through the plain network");
  sub->add_option("--model", options.model)->required();
  sub->add_option("--source", options.source, "picture")->required();
  sub->add_option("--driving", options.driving, "folder of numbered pictures")->required();
  sub->add_option("--out", options.out, "folder for the frames")->required();
  sub->callback([&options] {
    animate_folder({options.model, options.source, options.driving, options.out});
  });
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Trains models of the First Order Motion Model's architecture."};
  app.require_subcommand(1);
  app.add_option("--threads", options.threads, "CPU threads, 0: all cores");
  app.parse_complete_callback([&options] {
    if (options.threads > 0)
      at::set_num_threads(options.threads);
    cv::setNumThreads(1);
  });
  add_training(app, options, kKeypointPart, "trains the keypoint detector");
  add_training(app, options, kMotionPart, "trains the dense motion network");
  add_training(app, options, kGeneratorPart, "trains the generator");
  add_training(app, options, kVideoStage,
               "trains all parts from videos with FOMM's self-supervised losses");
  add_tools(app, options);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "fomo-train: " << error.what() << "\n";
    return 1;
  }
}
