// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include <ATen/ATen.h>

#include "model/checkpoint/safetensors.h"
#include "model/network/network.h"

/// Results of the official code, in tests/data/golden/<name>.
class Golden {
 public:
  explicit Golden(const std::string& name)
      : folder_(std::string(FOMO_TEST_DATA) + "/golden/" + name),
        file_(fomo::SafetensorsFile::open(folder_ + "/golden.safetensors")) {}

  std::string checkpoint() const { return folder_ + "/checkpoint.pth.tar"; }
  std::string config() const { return folder_ + "/config.yaml"; }
  bool has(const std::string& name) const { return file_.tensors.count(name) != 0; }

  /// A tensor, converted to fp32.
  at::Tensor tensor(const std::string& name) const {
    const fomo::StoredTensor& stored = file_.at(name);
    at::Tensor result = at::empty(stored.shape, at::kFloat);
    fomo::copy_to_floats(stored, result.mutable_data_ptr<float>());
    return result;
  }
  /// Bytes of a u8 tensor.
  std::vector<uint8_t> bytes(const std::string& name) const {
    const fomo::StoredTensor& stored = file_.at(name);
    const auto* first = reinterpret_cast<const uint8_t*>(file_.data(stored));
    return {first, first + stored.count()};
  }
  /// The modes for which the file has predictions: "align_corners.relative." and so on.
  std::vector<std::string> modes() const {
    std::vector<std::string> found;
    const std::string end = "prediction_u8";
    for (const auto& entry : file_.tensors)
      if (entry.first.size() > end.size() &&
          entry.first.compare(entry.first.size() - end.size(), end.size(), end) == 0)
        found.push_back(entry.first.substr(0, entry.first.size() - end.size()));
    return found;
  }

 private:
  std::string folder_;
  fomo::SafetensorsFile file_;
};

inline bool aligns_corners(const std::string& mode) { return mode.rfind("align_corners.", 0) == 0; }

inline FomoMotion motion_of(const std::string& mode) {
  if (mode.find(".absolute.") != std::string::npos)
    return {0, 0, 0};
  return {1, 1, mode.find("adapt_scale") != std::string::npos};
}

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}
