// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model motion: describes a file of motion.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/error.h"
#include "common/regular_file.h"
#include "payload/motion_decoder.h"
#include "tools/commands.h"

namespace fomo {
namespace {

struct File {
  MotionHeader header; ///< keypoints 0: the file has no header
  std::vector<DecodedMotion> frames;
  double seconds = 0;
  size_t bytes = 0;
};

File read_motion(const std::string& path) {
  const RegularFile opened(path);
  std::vector<uint8_t> content(opened.size());
  opened.read(0, content.data(), content.size());
  const uint8_t* data = content.data();
  File file;
  file.bytes = content.size();
  MotionDecoder decoder(1); // it reads the header
  for (size_t at = 0; at < content.size();) {
    SeiMessage message;
    if (read_sei(data + at, content.size() - at, message) != SeiOutcome::message)
      break;
    DecodedMotion packet = decoder.decode(data + at, message.length, file.seconds);
    at += message.length;
    if (packet.kind == PacketKind::header) {
      file.header = packet.header;
      decoder = MotionDecoder(static_cast<int>(file.header.keypoints));
    } else if (file.header.keypoints > 0 && packet.kind != PacketKind::ignored) {
      file.seconds +=
          static_cast<double>(packet.ticks) * file.header.tick_num / file.header.tick_den;
      file.frames.push_back(std::move(packet));
    }
  }
  if (file.header.keypoints == 0)
    throw Error(FOMO_WRONG_TYPE, "'" + path +
                                     "' is not a file of motion: it has no header. "
                                     "fomomotionenc ! filesink writes such files.");
  return file;
}

size_t count_of(const File& file, bool (*which)(const DecodedMotion&)) {
  return static_cast<size_t>(std::count_if(file.frames.begin(), file.frames.end(), which));
}

/// How far the farthest keypoint goes from one frame to another, pixels of 256. 0 if a frame has
/// none.
double step_between(const DecodedMotion& a, const DecodedMotion& b) {
  const std::vector<float>&from = a.frame.seen.keypoints.value, &to = b.frame.seen.keypoints.value;
  double farthest = 0;
  for (size_t i = 0; i + 1 < std::min(from.size(), to.size()); i += 2)
    farthest =
        std::max(farthest, std::hypot(double{to[i]} - from[i], double{to[i + 1]} - from[i + 1]));
  return farthest * 128; // places are -1 to 1
}

/// Steps of the keypoints: from the last frame to the first, as in a loop, and the largest within
/// the file.
struct Steps {
  double seam = 0, largest = 0;
};

Steps steps_of(const File& file) {
  Steps steps;
  for (size_t i = 0; i + 1 < file.frames.size(); i++)
    steps.largest = std::max(steps.largest, step_between(file.frames[i], file.frames[i + 1]));
  if (!file.frames.empty())
    steps.seam = step_between(file.frames.back(), file.frames.front());
  return steps;
}

void print_text(const File& file) {
  const MotionHeader& header = file.header;
  std::printf("model:      %s, %u keypoints\nsha256:     %s\n", header.model_name.c_str(),
              header.keypoints,
              header.model_sha256.empty() ? "unknown" : header.model_sha256.c_str());
  std::printf("frames:     %zu in %.2f s, %.1f bytes each\n", file.frames.size(), file.seconds,
              static_cast<double>(file.bytes) / std::max<size_t>(1, file.frames.size()));
  std::printf(
      "standalone: %zu\nundecoded:  %zu\nno face:    %zu\n",
      count_of(file, [](const DecodedMotion& f) { return f.base; }),
      count_of(file, [](const DecodedMotion& f) { return f.kind == PacketKind::concealed; }),
      count_of(file, [](const DecodedMotion& f) { return f.frame.seen.keypoints.empty(); }));
  const Steps steps = steps_of(file);
  std::printf(
      "seam:       %.2f pixels of 256 from the last frame to the first; largest step %.2f\n",
      steps.seam, steps.largest);
}

void print_json(const File& file) {
  nlohmann::json json;
  json["model"] = {{"name", file.header.model_name},
                   {"sha256", file.header.model_sha256},
                   {"keypoints", file.header.keypoints}};
  json["seconds"] = file.seconds;
  const Steps steps = steps_of(file);
  json["seam_pixels"] = steps.seam;
  json["largest_step_pixels"] = steps.largest;
  json["frames"] = nlohmann::json::array();
  for (const DecodedMotion& packet : file.frames) {
    const DrivingFrame& seen = packet.frame.seen;
    nlohmann::json frame = {{"seconds", seen.seconds},
                            {"standalone", packet.base},
                            {"decoded", packet.kind == PacketKind::frame},
                            {"keypoints", seen.keypoints.value},
                            {"jacobians", seen.keypoints.jacobian},
                            {"face_confidence", seen.evidence.face}};
    if (!is_empty(seen.crop))
      frame["crop"] = {seen.crop.cx, seen.crop.cy, seen.crop.size};
    if (seen.crop.roll != 0)
      frame["roll"] = seen.crop.roll;
    json["frames"].push_back(std::move(frame));
  }
  std::printf("%s\n", json.dump(2).c_str());
}

} // namespace

void add_motion(CLI::App& app, int&) {
  auto* command = app.add_subcommand("motion", "Describes a file of motion.");
  const auto path = std::make_shared<std::string>();
  const auto as_json = std::make_shared<bool>(false);
  command->add_option("file", *path, "what fomomotionenc ! filesink wrote")->required();
  command->add_flag("--json", *as_json, "every frame, as JSON");
  command->callback([path, as_json] {
    const File file = read_motion(*path);
    if (*as_json)
      print_json(file);
    else
      print_text(file);
  });
}

} // namespace fomo
