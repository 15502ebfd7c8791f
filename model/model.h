// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "model/backend/backend.h"

namespace fomo {

/// What to load, and how to run it.
struct ModelOptions {
  std::string model = "builtin"; ///< a checkpoint file, or "builtin"
  std::string config;            ///< a FOMM YAML file; empty: read from the weights
  std::string device = "auto";   ///< "auto", "cpu", "cuda", "cuda:N"
  FomoPrecision precision = FOMO_PRECISION_AUTO;
  int threads = 0; ///< CPU threads, 0: all cores
  bool align_corners = true;
  bool deterministic = false; ///< see BackendOptions
};

/// A loaded model. Thread-safe. Models that are open at the same time and have the same options,
/// apart from `threads`, share their weights.
class Model {
 public:
  /// Loads a model, or shares its weights. Throws Error that names the file, the reason and the
  /// remedy.
  static std::shared_ptr<Model> open(const ModelOptions& options);

  /// The model `like` with another backend, which tests use to disturb the one that it has.
  static std::shared_ptr<Model> with_backend(const Model& like, std::shared_ptr<Backend> backend);

  const ModelConfig& config() const;
  /// Fills `info`.
  void describe(FomoModelInfo& info) const;
  /// Whether it may be a model of faces: what its configuration says (`about_faces`), otherwise
  /// false for the published checkpoints of other things and true for all other models.
  bool about_faces() const;
  /// Whether it was opened as "builtin".
  bool is_builtin() const;
  /// CPU threads, 0: all cores.
  int threads() const { return threads_; }
  /// Throws Error (FOMO_SETTINGS) unless `image` is RGB of the model's frame size.
  void check_frame(const ConstImage& image) const;
  Backend& backend() const { return *backend_; }

 private:
  struct Loaded; // the shared part

  std::shared_ptr<const Loaded> loaded_;
  std::shared_ptr<Backend> backend_;
  int threads_ = 0;
  bool shared_ = false;
  double load_ms_ = 0;
};

} // namespace fomo
