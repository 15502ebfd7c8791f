// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/detail_blend.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/thread_pool.h"
#include "compose/detail_bands.h"
#include "compose/detail_gate.h"

namespace fomo {

using compose::FieldLines;
using compose::Gaussian;
using compose::kBaseFloats;
using compose::Lines;
using compose::TwoTaps;

namespace {

std::string text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

void check(const ConstImage& image, PixelSize size, bool alpha_allowed, const char* what) {
  if (image.width == size.width && image.height == size.height &&
      (image.channels == 3 || (alpha_allowed && image.channels == 4)))
    return;
  throw Error(FOMO_SETTINGS, std::string("The ") + what + " of " + text(image.width, image.height) +
                                 " with " + std::to_string(image.channels) +
                                 " channels does not fit detail prepared for " +
                                 text(size.width, size.height) + ". Prepare it for that size.");
}

float band_sigma(PixelSize model) {
  return compose::kBandSigma * static_cast<float>(std::min(model.width, model.height)) / 256;
}

} // namespace

/// Buffers and tables, which depend on the sizes only.
struct DetailBlend::Work {
  PixelSize model, output;
  int field_width, field_height;
  FieldLines field;
  DetailGate gate;
  Gaussian blur;
  TwoTaps across, down;
  std::vector<float> generated;                          // r, g, b
  std::vector<float> base;                               // kBaseFloats for each pixel
  std::vector<float> blurred, u, v, visible, agree, low; // one line each
  std::vector<std::vector<float>> scratch;               // one base line for each thread

  Work(PixelSize model_size, PixelSize output_size, const MotionField& motion)
      : model(model_size), output(output_size), field_width(motion.width),
        field_height(motion.height), field(motion.width, motion.height, model.width, model.height),
        gate(model, motion.width, motion.height),
        blur(model.width, model.height, 3, band_sigma(model)), across(model.width, output.width),
        down(model.height, output.height) {
    const size_t width = model.width, pixels = width * model.height;
    generated.resize(3 * pixels);
    base.resize(kBaseFloats * pixels);
    blurred.resize(3 * width);
    for (std::vector<float>* line : {&u, &v, &visible, &agree})
      line->resize(width);
    low.resize(4 * width);
  }

  bool fits(const DetailSource& source, const MotionField& motion) const {
    return model.width == source.model().width && model.height == source.model().height &&
           output.width == source.output().width && output.height == source.output().height &&
           field_width == motion.width && field_height == motion.height;
  }

  float* base_line(int y) {
    return base.data() + static_cast<size_t>(kBaseFloats) * model.width * y;
  }

  void read(const Lines& lines, const ConstImage& image) {
    for (int y = 0; y < model.height; y++)
      lines.to_floats(generated.data() + static_cast<size_t>(3) * model.width * y,
                      image.data + y * image.stride, 3 * model.width);
  }
};

DetailBlend::DetailBlend() = default;
DetailBlend::~DetailBlend() = default;
DetailBlend::DetailBlend(DetailBlend&&) noexcept = default;
DetailBlend& DetailBlend::operator=(DetailBlend&&) noexcept = default;

void DetailBlend::operator()(const DetailSource& source, const MotionField& field,
                             const ConstImage& generated, const FomoImage& output, int threads) {
  check(generated, source.model(), false, "network's picture");
  check(output, source.output(), true, "output");
  if (!field.deformation || field.width < 1 || field.height < 1)
    throw Error(FOMO_SETTINGS, "Detail needs the deformation that made the frame, and there is "
                               "none. Switch detail off for this model.");
  if (!work_ || !work_->fits(source, field))
    work_ = std::make_unique<Work>(source.model(), source.output(), field);
  Work& work = *work_;
  const Lines& lines = compose::best_lines();

  work.read(lines, generated);
  work.gate.start(lines, source, field, work.generated.data());
  work.field.start(lines, field);
  work.blur.start(lines, work.generated.data());
  const compose::Texture detail = source.detail(), low = source.low();
  for (int y = 0; y < work.model.height; y++) {
    work.field.coordinates(lines, y, work.u.data(), work.v.data());
    work.field.occlusion(lines, y, work.visible.data());
    work.gate.line(lines, y, work.agree.data());
    work.blur.line(lines, y, work.blurred.data());
    if (source.has_alpha())
      lines.sample_byte_line(work.low.data(), low, work.u.data(), work.v.data(), work.model.width);
    const compose::BaseInput in = {work.generated.data() +
                                       static_cast<size_t>(3) * work.model.width * y,
                                   work.blurred.data(),
                                   work.agree.data(),
                                   work.visible.data(),
                                   work.u.data(),
                                   work.v.data(),
                                   source.visible_,
                                   source.across_,
                                   source.down_};
    lines.base(work.base_line(y), in, source.has_alpha() ? work.low.data() : nullptr,
               work.model.width);
  }

  work.scratch.resize(std::max<size_t>(work.scratch.size(), std::max(1, threads)));
  for (std::vector<float>& line : work.scratch)
    line.resize(static_cast<size_t>(kBaseFloats) * (work.model.width + 1));
  constexpr int kBlock = 16;
  const int blocks = (output.height + kBlock - 1) / kBlock;
  const auto blend_block = [&](int block, int slot) {
    for (int y = block * kBlock; y < std::min(output.height, (block + 1) * kBlock); y++)
      lines.blend(output.data + y * output.stride, output.channels,
                  work.base_line(work.down.left(y)), work.base_line(work.down.right(y)),
                  work.down.share(y), work.scratch[slot].data(), work.model.width,
                  work.across.spread(), detail, output.width);
  };
  ThreadPool::instance().parallel_for(blocks, std::max(1, threads), blend_block);
}

float DetailBlend::weight(int x, int y) const {
  return work_ ? work_->base_line(y)[static_cast<ptrdiff_t>(kBaseFloats) * x + 3] : 0;
}

} // namespace fomo
