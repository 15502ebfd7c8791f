// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/torch/own_errors.h"

#include <c10/util/Exception.h>

#include "common/error.h"

namespace fomo {

namespace {

/// A backend that calls another one and translates its exceptions.
class Translated : public Backend {
 public:
  explicit Translated(std::shared_ptr<Backend> backend) : backend_(std::move(backend)) {}

  std::shared_ptr<const EncodedSource> encode(const ConstImage& source, int threads) override {
    return with_own_errors([&] { return backend_->encode(source, threads); });
  }
  std::unique_ptr<Workspace> new_workspace() override {
    return with_own_errors([&] { return backend_->new_workspace(); });
  }
  Detection detect(Workspace& workspace, const ConstImage& driving, int threads) override {
    return with_own_errors([&] { return backend_->detect(workspace, driving, threads); });
  }
  void generate(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
                const RenderOptions& options, const FomoImage& output, RenderedMotion* motion,
                int threads) override {
    with_own_errors([&] {
      backend_->generate(workspace, source, keypoints, options, output, motion, threads);
    });
  }
  void predict(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
               float* output, int threads) override {
    with_own_errors([&] { backend_->predict(workspace, source, keypoints, output, threads); });
  }

 private:
  std::shared_ptr<Backend> backend_;
};

} // namespace

void rethrow_as_error() {
  try {
    throw;
  } catch (const c10::OutOfMemoryError& exception) {
    throw Error(FOMO_NO_MEMORY, exception.what_without_backtrace());
  } catch (const c10::Error& exception) {
    throw Error(FOMO_FAILED, exception.what_without_backtrace());
  }
}

std::shared_ptr<Backend> translate_errors(std::shared_ptr<Backend> backend) {
  return std::make_shared<Translated>(std::move(backend));
}

} // namespace fomo
