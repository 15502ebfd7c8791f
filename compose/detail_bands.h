// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo::compose {

/// Where the network's picture ends and the source's detail begins: the Gaussian between the two
/// bands, in pixels of the network's frame at 256. Finer, and eyes keep the network's blur;
/// coarser, and the source's own expression stays.
constexpr float kBandSigma = 1.5F;

/// The gate compares both pictures blurred by this, and relative to their surroundings.
constexpr float kGateSigma = 1.5F;
constexpr float kSurroundingsSigma = 8;
/// How far around a disagreement detail yields.
constexpr float kSpreadSigma = 3;
/// And how softly the gate closes.
constexpr float kSoftenSigma = 3;
/// Levels of luma at which detail begins to yield, and at which none is left.
constexpr float kAgree = 1.5F, kDisagree = 5;

/// The occlusion map is a sigmoid, which hardly reaches 1: from here on the source counts as seen.
constexpr float kSurelyVisible = 0.9F;

} // namespace fomo::compose
