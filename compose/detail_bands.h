// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo::compose {

// All sigmas are in pixels of a model frame of 256 pixels.

/// The Gaussian that separates the low band, which comes from the generated picture, from the high
/// band, which comes from the source. With a smaller sigma eyes stay blurred; with a larger one the
/// expression of the source stays visible.
constexpr float kBandSigma = 1.5F;

/// The gate compares both pictures after this blur, each minus its own blur by kSurroundingsSigma.
constexpr float kGateSigma = 1.5F;
constexpr float kSurroundingsSigma = 8;
/// The gate spreads a difference by this blur, so that detail fades around it, too.
constexpr float kSpreadSigma = 3;
/// The gate is smoothed by this blur at last.
constexpr float kSoftenSigma = 3;
/// The difference of luma, in levels, at which detail begins to fade, and at which it is gone.
constexpr float kAgree = 1.5F, kDisagree = 5;

/// From this value of the occlusion map on the source counts as fully visible. The map is the
/// result of a sigmoid, which hardly reaches 1.
constexpr float kSurelyVisible = 0.9F;

} // namespace fomo::compose
