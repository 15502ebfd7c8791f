// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/network.h"

namespace fomo::train {

/// Initial weights of a model in the official layout (He initialisation; Jacobians start at the
/// identity). The same `seed` gives the same weights.
TensorMap initial_weights(const ModelConfig& config, uint64_t seed);

/// Names of the parts of a model that are trained separately.
constexpr char kKeypointPart[] = "keypoints";
constexpr char kMotionPart[] = "motion";
constexpr char kGeneratorPart[] = "generator"; ///< without its dense motion

/// Moves all weights to a device. Weights that are there already stay the same tensors.
void move_to(at::Device device, TensorMap& weights);

/// The part that a tensor belongs to.
std::string part_of(const std::string& name);

/// Whether a tensor is trained: false for batch norm's statistics and for blur kernels.
bool is_trainable(const std::string& name);

/// Makes the batch norms of a part use each batch's statistics (true) or the running ones (false).
void set_training(KeypointDetector& detector, bool training);
void set_training(DenseMotionNetwork& network, bool training);
void set_training(Generator& generator, bool training); ///< without its dense motion

/// Factor on the logits of an occlusion map that makes it crisp.
constexpr double kCrispness = 8;

/// Sharpens the model's occlusion map: scales its logits by kCrispness. A map trained by
/// cross-entropy is a probability; where the source is probably but not certainly hidden, part of
/// it would still show. The generator is trained on crisp maps. Throws Error (FOMO_SETTINGS) if the
/// model has no occlusion map.
void make_occlusion_crisp(TensorMap& weights, const ModelConfig& config);

/// The inverse of make_occlusion_crisp, to continue the training of an exported model whose logits
/// were scaled by `crispness`.
void make_occlusion_soft(TensorMap& weights, double crispness);

/// Sharpens a predicted occlusion map as make_occlusion_crisp would.
at::Tensor crisp(const at::Tensor& occlusion);

/// Writes a model file for inference: the weights in half precision, and the configuration.
void export_model(const std::string& path, const TensorMap& weights, const ModelConfig& config,
                  const std::map<std::string, std::string>& metadata);

/// Multiply-accumulate operations of one driving frame at the configured size, without those that
/// encode the source.
double frame_macs(const TensorMap& weights, const ModelConfig& config);

} // namespace fomo::train
