// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model best-frame: finds the best neutral pose in a driving video.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>

#include <unistd.h>

#include "common/error.h"
#include "driver/calibration/pose_distance.h"
#include "driver/driver.h"
#include "engine/source.h"
#include "face/framing.h"
#include "model/model.h"
#include "pictures/picture.h"
#include "pictures/picture_framing.h"
#include "tools/commands.h"
#include "tools/video_reader.h"

namespace fomo {

namespace {

struct BestFrameOptions {
  ModelOptions model;
  FomoCrop crop = FOMO_CROP_AUTO;
  std::string source, driving, out;
  int timeout = kReadTimeout.count(); // seconds
};

/// Detects the pose in driving frames with the framing that the element uses for a reference-image
/// of the same `crop`.
class DrivingPoseDetector {
 public:
  DrivingPoseDetector(const Model& model, FomoCrop crop)
      : model_(model), crop_(crop), driver_(model.about_faces()),
        workspace_(model.backend().new_workspace()),
        pixels_(size_t{3} * model.config().frame_width * model.config().frame_height) {}

  /// Detects the keypoints of the next frame. Returns false if the crop needs a face and there is
  /// none. `seconds`: time in the video.
  bool detect(const Picture& frame, double seconds, KeypointSet& keypoints) {
    const int width = model_.config().frame_width, height = model_.config().frame_height;
    if (looks_for_faces(crop_, model_.about_faces())) {
      FomoDriving driving{};
      driving.frame = frame_of(image_of(frame));
      driving.seconds = seconds;
      driving.crop = FOMO_CROP_FACE;
      const DriverSight sight = driver_.look(driving, packed_rgb(pixels_, width, height));
      if (sight.face.state != FOMO_FACE_TRACKING)
        return false;
      // The crop of this frame alone, not the steady crop, as for a reference-image.
      constexpr int most_taps = 4;
      const Square crop = face_crop(sight.face.face, sight.square.roll, frame.width, frame.height);
      FrameReader(image_of(frame))
          .read(box_of(crop), crop.roll, most_taps, packed_rgb(pixels_, width, height));
    } else {
      pixels_ = resize_region(frame, crop_region(crop_, frame.width, frame.height), width, height);
    }
    keypoints = model_.backend()
                    .detect(*workspace_, packed_rgb(pixels_, width, height), model_.threads())
                    .keypoints;
    return true;
  }

 private:
  const Model& model_;
  FomoCrop crop_;
  Driver driver_;
  std::unique_ptr<Workspace> workspace_;
  std::vector<uint8_t> pixels_;
};

/// The result of the search.
struct BestFrame {
  Picture picture;
  size_t index = 0;    ///< of the frame, from 0
  size_t frames = 0;   ///< number of frames of the video
  size_t seen = 0;     ///< number of frames with a detected pose
  double seconds = 0;  ///< time of the frame in the video
  double distance = 0; ///< pose_distance to the picture
};

BestFrame find_best_frame(const BestFrameOptions& options) {
  VideoReader video(options.driving, std::chrono::seconds(options.timeout));
  const auto model = Model::open(options.model);
  const Picture source = load_picture(options.source);
  BestFrameSearch search(detect_pose(*model, source, {options.crop, 0}));
  DrivingPoseDetector detector(*model, options.crop);
  BestFrame best;
  Picture frame;
  for (; video.next(frame); best.frames++) {
    KeypointSet keypoints;
    const double seconds = video.seconds(best.frames);
    if (!detector.detect(frame, seconds, keypoints))
      continue;
    best.seen++;
    if (!search.add(keypoints))
      continue;
    best.index = best.frames;
    best.seconds = seconds;
    best.picture = frame;
  }
  best.distance = search.distance();
  if (best.seen == 0)
    throw Error(FOMO_SETTINGS, "No face was found in the " + std::to_string(best.frames) +
                                   " frames of '" + options.driving +
                                   "'. Use --crop center for their middle, or --crop none for all "
                                   "of them.");
  if (!std::isfinite(best.distance))
    throw Error(FOMO_FAILED, "The model sees no pose in '" + options.source + "' or in '" +
                                 options.driving +
                                 "'. Use a picture and a video of what it was trained on.");
  return best;
}

/// Checks that the output can be written, before the search, which may take minutes.
void check_output(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  if (std::filesystem::is_directory(path) || access(folder.c_str(), W_OK) != 0)
    throw Error(FOMO_OPEN_READ,
                "'" + path + "' cannot be written: check the folder '" + folder.string() + "'.");
}

void best_frame(const BestFrameOptions& options) {
  if (!options.out.empty())
    check_output(options.out);
  const BestFrame best = find_best_frame(options);
  std::printf("frame %zu, %.3f s, distance %.4f; %zu frames, %zu looked at\n", best.index,
              best.seconds, best.distance, best.frames, best.seen);
  if (options.out.empty())
    return;
  save_picture(best.picture, options.out);
  std::printf("written: %s\n", options.out.c_str());
}

} // namespace

void add_best_frame(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand(
      "best-frame", "Find the driving frame whose pose is nearest to the picture's, for the "
                    "element's reference-image");
  auto options = std::make_shared<BestFrameOptions>();
  command->add_option("--source", options->source, "The picture to animate")->required();
  command->add_option("--driving", options->driving, "The driving video")->required();
  command->add_option("--out", options->out, "PNG file to write the whole frame to")
      ->check([](const std::string& name) {
        const std::string end = ".png";
        const bool png = name.size() > end.size() &&
                         name.compare(name.size() - end.size(), end.size(), end) == 0;
        return png ? std::string() : "the name must end in .png";
      });
  command
      ->add_option("--crop", options->crop,
                   "The part that the model sees, as the element's property crop: auto, face, "
                   "center or none")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, FomoCrop>{{"auto", FOMO_CROP_AUTO},
                                                                  {"face", FOMO_CROP_FACE},
                                                                  {"center", FOMO_CROP_CENTER},
                                                                  {"none", FOMO_CROP_NONE}}))
      ->default_str("auto");
  command->add_option("--model,-m", options->model.model, "Checkpoint file, or builtin")
      ->capture_default_str();
  command->add_option("--config", options->model.config,
                      "FOMM YAML file; default: from the weights");
  command->add_option("--device", options->model.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  command->add_flag("--deterministic", options->model.deterministic,
                    "Choose algorithms without timing them: the same results on every run");
  command->add_option("--threads", options->model.threads, "CPU threads, 0: all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command
      ->add_option("--timeout", options->timeout,
                   "Give up when nothing comes out of the video for so many seconds")
      ->check(CLI::Range(1, kLongestReadTimeout))
      ->capture_default_str();
  command->callback([options] { best_frame(*options); });
}

} // namespace fomo
