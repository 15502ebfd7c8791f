// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// The IPTC's term for a composite of which a part was made by a trained algorithm: an existing
/// picture and a driving video, animated by a model.
inline constexpr char kDigitalSourceType[] =
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

/// What made a video.
struct Provenance {
  std::string generator; ///< name and version: "fomotransfer 0.1.0"
  std::string model;     ///< "builtin", or the base name of the checkpoint; may be empty
  std::string created;   ///< date and time in UTC, ISO 8601; may be empty
};

/// The same as a JSON object on one line, with the digital source type. Empty members are left out.
/// Bytes of `provenance` that are not ASCII are passed on, control characters are escaped.
std::string to_json(const Provenance& provenance);

/// The time now: "2026-12-01T12:00:00Z".
std::string utc_now();

} // namespace fomo
