// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/person.h"

namespace fomo::render {

/// A skin material: a random mix of two textures with a random tint.
Material skin_material(const Assets& assets, Random& random);

/// Eyeballs; `white` scales their brightness.
Part make_eyes(const Proxy& eyes, const cv::Mat& texture, float white, float gloss);

/// Teeth whose enamel is about as bright as `white`. The upper row belongs to the skull, the lower
/// one to the jaw; `upper` and `lower` raise them, decimetres.
Part make_teeth(const Assets& assets, const Proxy& shape, float white, float upper, float lower);

Part make_tongue(const Assets& assets, const Vec3& tint);

/// Hair, brows or lashes in `color`.
Part make_hair(const Proxy& proxy, const Vec3& color, float gloss);

/// Adds eyes, mouth, brows, lashes, and perhaps hair, a beard, headwear, earrings and glasses.
void dress(const Assets& assets, Random& random, Person& person);

} // namespace fomo::render
