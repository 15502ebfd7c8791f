// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/foreign_model.h"

namespace fomo {
namespace {

constexpr const char* remedy = " Give a checkpoint of the First Order Motion Model, with "
                               "'generator' and 'kp_detector' in it.";

struct Family {
  const char* part; ///< a name that the First Order Motion Model does not have
  const char* description;
};

/// In order of significance: the first part that is found decides.
constexpr Family families[] = {
    {"region_predictor", "MRAA (Motion Representations for Articulated Animation)"},
    {"inpainting_network", "TPSMM (Thin-Plate Spline Motion Model)"},
    {"avd_network", "MRAA or TPSMM (both have a disentanglement network)"},
    {"bg_predictor", "MRAA or TPSMM (both have a background predictor)"},
    {"he_estimator", "face-vid2vid (3-D keypoints and a head pose estimator)"},
    {"depth_encoder", "DaGAN (Depth-Aware GAN)"},
    {"depth", "DaGAN (Depth-Aware GAN)"},
    {"appearance_feature_extractor", "LivePortrait"},
    {"motion_extractor", "LivePortrait"},
    {"spade_generator", "LivePortrait"},
    {"gen", "LIA (Latent Image Animator)"},
};

std::string list_names(const std::set<std::string>& names) {
  constexpr size_t most = 6;
  std::string text;
  size_t listed = 0;
  for (const std::string& name : names) {
    if (listed++ == most)
      return text + " …";
    text += (text.empty() ? "'" : ", '") + name + "'";
  }
  return text;
}

} // namespace

std::string describe_foreign(const std::set<std::string>& names, bool tensors) {
  for (const Family& family : families)
    if (names.count(family.part) != 0)
      return std::string("is a checkpoint of ") + family.description + ", another model." + remedy;
  if (names.empty())
    return std::string("has nothing in it.") + remedy;
  const bool has_generator = names.count("generator") != 0;
  const bool has_detector = names.count("kp_detector") != 0;
  if (has_generator || has_detector)
    return std::string("has a ") +
           (has_generator ? "generator but no kp_detector" : "kp_detector but no generator") +
           ": it is a part of a First Order Motion Model." + remedy;
  if (names.count("discriminator") != 0)
    return std::string("has a discriminator, but neither a generator nor a kp_detector: it is of "
                       "use for training alone.") +
           remedy;
  if (tensors && (names.count("dense_motion_network") != 0 || names.count("predictor") != 0 ||
                  names.count("bottleneck") != 0))
    return "is the state dict of a single network. Save both together: torch.save({'generator': "
           "generator.state_dict(), 'kp_detector': kp_detector.state_dict()}, …).";
  return "is a checkpoint, but not of a First Order Motion Model: it has " + list_names(names) +
         "." + remedy;
}

} // namespace fomo
