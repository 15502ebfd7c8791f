// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include <gst/gst.h>

#include "gst/engine.h"

namespace fomo {

/// Where a picture comes from: either a path or file URI, or a sample.
struct PictureOrigin {
  std::string location;
  std::shared_ptr<GstSample> sample;

  bool empty() const { return location.empty() && !sample; }
};

/// Decodes a picture. A sample contains raw video or an encoded picture (image/png, image/jpeg
/// ...). Throws Error that names the picture, the reason and the remedy.
PictureHandle load_picture(const Engine& engine, const PictureOrigin& origin);

} // namespace fomo
