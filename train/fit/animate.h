// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo::train {

struct AnimateOptions {
  std::string model;   ///< checkpoint
  std::string source;  ///< picture
  std::string driving; ///< folder of pictures, in the order of their names
  std::string out;     ///< folder for the frames
};

/// Animates a picture with the plain network (relative motion, adapted scale). Pictures are
/// stretched to the model's size. Throws Error.
void animate_folder(const AnimateOptions& options);

} // namespace fomo::train
