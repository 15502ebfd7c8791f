// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/appearance.h"

#include <cmath>
#include <vector>

namespace fomo {

bool Appearance::normalise() {
  constexpr double even = 12; // grey levels of standard deviation
  const auto count = static_cast<double>(cell_.size());
  double mean = 0, variance = 0;
  for (const float value : cell_)
    mean += value / count;
  for (const float value : cell_)
    variance += (value - mean) * (value - mean) / count;
  const double deviation = std::sqrt(variance);
  if (deviation <= even)
    return false;
  for (float& value : cell_)
    value = static_cast<float>((value - mean) / deviation);
  return true;
}

Appearance Appearance::of(const FrameReader& frame, const Box& box, double roll) {
  constexpr double with_hair = 1.4;
  constexpr int taps = 2;
  const Box region{center(box).x - with_hair * box.width / 2,
                   center(box).y - with_hair * box.height / 2, with_hair * box.width,
                   with_hair * box.height};
  std::vector<uint8_t> pixels(3 * cells * cells);
  Appearance result;
  if (!frame.read(region, roll, taps, {pixels.data(), cells, cells, 3 * cells, 3}))
    return result;
  std::copy(pixels.begin(), pixels.end(), result.cell_.begin());
  result.known_ = result.normalise();
  return result;
}

double Appearance::distance(const Appearance& other) const {
  if (!known_ || !other.known_)
    return 0;
  double sum = 0;
  for (size_t i = 0; i < cell_.size(); i++)
    sum += std::abs(cell_[i] - other.cell_[i]);
  return sum / static_cast<double>(cell_.size());
}

void Appearance::adapt(const Appearance& seen, double share) {
  if (!seen.known_)
    return;
  const float taken = known_ ? static_cast<float>(share) : 1.F;
  for (size_t i = 0; i < cell_.size(); i++)
    cell_[i] += taken * (seen.cell_[i] - cell_[i]);
  known_ = true;
}

} // namespace fomo
