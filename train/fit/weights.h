// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/network.h"

namespace fomo::train {

/// Fresh weights of a model in the official layout (He initialisation; Jacobians start at the
/// identity). The same `seed` gives the same weights.
TensorMap initial_weights(const ModelConfig& config, uint64_t seed);

/// Parts of a model that are trained apart.
constexpr char kKeypointPart[] = "keypoints";
constexpr char kMotionPart[] = "motion";
constexpr char kGeneratorPart[] = "generator"; ///< without its dense motion

/// Puts all of them onto a device; those that are there already stay the same tensors.
void move_to(at::Device device, TensorMap& weights);

/// The part that a tensor belongs to.
std::string part_of(const std::string& name);

/// Whether gradients reach a tensor (not batch norm's statistics, not blur kernels).
bool is_trainable(const std::string& name);

/// Switches the batch norms of a part between the batch's statistics and the running ones.
void set_training(KeypointDetector& detector, bool training);
void set_training(DenseMotionNetwork& network, bool training);
void set_training(Generator& generator, bool training); ///< without its dense motion

/// How much steeper a crisp occlusion map's logit is.
constexpr double kCrispness = 8;

/// Sharpens the occlusion map: taught by cross-entropy it is as soft as its guesses are unsure, and
/// what is hidden more likely than not would still be drawn. The generator learns on crisp maps.
/// Throws Error (FOMO_SETTINGS) if the model has none.
void make_occlusion_crisp(TensorMap& weights, const ModelConfig& config);

/// The inverse, to train on from a model that was exported with a map `crispness` times as steep.
void make_occlusion_soft(TensorMap& weights, double crispness);

/// An occlusion map as the crisper model would have it.
at::Tensor crisp(const at::Tensor& occlusion);

/// Writes the weights in half precision with their configuration: what inference loads.
void export_model(const std::string& path, const TensorMap& weights, const ModelConfig& config,
                  const std::map<std::string, std::string>& metadata);

/// Multiply-accumulates of one driving frame at the configured size with the source encoded.
double frame_macs(const TensorMap& weights, const ModelConfig& config);

} // namespace fomo::train
