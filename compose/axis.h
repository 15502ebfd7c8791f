// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "compose/lines.h"

namespace fomo::compose {

/// Resizes a line from `in` to `out` samples with four taps and half-pixel centres. The input has
/// kMargin more samples at either end.
class FourTaps {
 public:
  enum class Curve {
    linear,
    cubic ///< Catmull-Rom: smooth, interpolates the samples
  };
  static constexpr int kMargin = 2;

  FourTaps(int in, int out, Curve curve);

  int in() const { return in_; }
  int out() const { return static_cast<int>(first_.size()); }
  /// The first tap of output `i`, as an index that counts the margin, and the four weights.
  int first(int i) const { return first_[i]; }
  const float* weights(int i) const { return weights_.data() + static_cast<size_t>(4) * i; }

  void run(const Lines& lines, const float* in, float* out) const {
    lines.resample(out, in, first_.data(), weights_.data(), this->out());
  }

 private:
  int in_;
  std::vector<int> first_;
  std::vector<float> weights_;
};

/// The same with two taps: linear, with repeated borders.
class TwoTaps {
 public:
  TwoTaps(int in, int out);

  int out() const { return static_cast<int>(left_.size()); }
  int left(int i) const { return left_[i]; }
  int right(int i) const { return left_[i] + 1 < in_ ? left_[i] + 1 : left_[i]; }
  float share(int i) const { return share_[i]; } ///< the weight of right(i)
  Spread spread() const { return {left_.data(), share_.data()}; }

 private:
  int in_;
  std::vector<int> left_;
  std::vector<float> share_;
};

} // namespace fomo::compose
