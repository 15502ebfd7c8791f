// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/colour.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <type_traits>

#include <lcms2.h>

#include "common/log.h"

namespace fomo {

namespace {

struct DeleteContext {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Context = std::unique_ptr<std::remove_pointer_t<cmsContext>, DeleteContext>;
using Profile = std::unique_ptr<void, CloseProfile>;

Context new_context() {
  Context context(cmsCreateContext(nullptr, nullptr));
  cmsSetLogErrorHandlerTHR(context.get(), [](cmsContext, cmsUInt32Number, const char* text) {
    log(LogLevel::debug, std::string("lcms2: ") + text);
  });
  return context;
}

/// A profile of what a PNG file says about its curve and its primaries.
Profile profile_of_png(cmsContext context, const ColourMeaning& meaning) {
  const std::array<double, 8> srgb = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
  const auto& xy = meaning.chromaticities[0] > 0 ? meaning.chromaticities : srgb;
  const cmsCIExyY white = {xy[0], xy[1], 1};
  const cmsCIExyYTRIPLE primaries = {{xy[2], xy[3], 1}, {xy[4], xy[5], 1}, {xy[6], xy[7], 1}};
  const double srgb_curve[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* curve = meaning.gamma > 0 ? cmsBuildGamma(context, 1 / meaning.gamma)
                                          : cmsBuildParametricToneCurve(context, 4, srgb_curve);
  if (!curve)
    return nullptr;
  cmsToneCurve* const curves[] = {curve, curve, curve};
  Profile profile(cmsCreateRGBProfileTHR(context, &white, &primaries, curves));
  cmsFreeToneCurve(curve);
  return profile;
}

cmsUInt32Number lcms_format(const SampleLayout& layout) {
  const cmsUInt32Number space =
      layout.colours == 1 ? PT_GRAY : (layout.colours == 3 ? PT_RGB : PT_CMYK);
  return COLORSPACE_SH(space) | CHANNELS_SH(static_cast<cmsUInt32Number>(layout.colours)) |
         EXTRA_SH(layout.alpha ? 1U : 0U) | BYTES_SH(layout.bits == 16 ? 2U : 1U) |
         FLAVOR_SH(layout.inverted ? 1U : 0U);
}

int colours_of(cmsHPROFILE profile) {
  switch (cmsGetColorSpace(profile)) {
  case cmsSigGrayData:
    return 1;
  case cmsSigRgbData:
    return 3;
  case cmsSigCmykData:
    return 4;
  default:
    return 0;
  }
}

/// Colours of a cube and all greys, 8-bit RGB.
std::vector<uint8_t> samples() {
  constexpr int steps = 6, distance = 51;
  std::vector<uint8_t> colours;
  for (int r = 0; r < steps; r++)
    for (int g = 0; g < steps; g++)
      for (int b = 0; b < steps; b++)
        for (const int level : {r, g, b})
          colours.push_back(static_cast<uint8_t>(level * distance));
  for (int level = 0; level < 256; level++)
    colours.insert(colours.end(), 3, static_cast<uint8_t>(level));
  return colours;
}

/// Whether a transform from 8-bit RGB or grey to 8-bit RGB changes no colour by more than a level.
bool changes_nothing(cmsHTRANSFORM transform, int colours) {
  std::vector<uint8_t> in = samples(), out(in.size());
  const size_t count = in.size() / 3;
  std::vector<uint8_t> grey;
  for (size_t i = 0; i < count && colours == 1; i++) {
    grey.push_back(in[3 * i]);
    in[3 * i + 1] = in[3 * i + 2] = in[3 * i];
  }
  cmsDoTransform(transform, colours == 1 ? grey.data() : in.data(), out.data(),
                 static_cast<cmsUInt32Number>(count));
  return std::equal(in.begin(), in.end(), out.begin(),
                    [](int a, int b) { return std::abs(a - b) <= 1; });
}

uint8_t to_8_bits(uint8_t value) { return value; }
uint8_t to_8_bits(uint16_t value) { return static_cast<uint8_t>((value + 128U) / 257U); }

/// The usual formula where no profile says better: what each ink leaves, times what black leaves.
uint8_t left_by(int ink, int black) {
  return static_cast<uint8_t>(((255 - ink) * (255 - black) + 127) / 255);
}

template<typename Sample>
void to_rgb(const SampleLayout& layout, const Sample* in, uint8_t* out, int count) {
  const int flip = layout.inverted ? 255 : 0;
  const int step = layout.colours + (layout.alpha ? 1 : 0);
  for (int i = 0; i < count; i++, in += step) {
    if (layout.colours == 4) {
      const int black = to_8_bits(in[3]) ^ flip;
      for (int c = 0; c < 3; c++)
        *out++ = left_by(to_8_bits(in[c]) ^ flip, black);
    } else {
      for (int c = 0; c < 3; c++)
        *out++ = static_cast<uint8_t>(to_8_bits(in[layout.colours == 1 ? 0 : c]) ^ flip);
    }
    if (layout.alpha)
      *out++ = to_8_bits(in[layout.colours]);
  }
}

} // namespace

ColourMeaning meaning_of_code_points(int primaries, int transfer) {
  constexpr int bt2020 = 9, display_p3 = 12, gamma_2_2 = 4, gamma_2_8 = 5, linear = 8;
  ColourMeaning meaning;
  if (primaries == bt2020)
    meaning.chromaticities = {0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046};
  else if (primaries == display_p3)
    meaning.chromaticities = {0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
  if (transfer == gamma_2_2)
    meaning.gamma = 1 / 2.2;
  else if (transfer == gamma_2_8)
    meaning.gamma = 1 / 2.8;
  else if (transfer == linear)
    meaning.gamma = 1;
  return meaning;
}

struct RowConverter::Transform {
  Context context = new_context();
  std::unique_ptr<void, DeleteTransform> handle;
  bool grey_as_rgb = false; ///< grey samples under a profile of RGB

  bool open(const SampleLayout& layout, const ColourMeaning& meaning);
};

/// False: the samples are taken as sRGB.
bool RowConverter::Transform::open(const SampleLayout& layout, const ColourMeaning& meaning) {
  const Profile from =
      meaning.icc.empty()
          ? profile_of_png(context.get(), meaning)
          : Profile(cmsOpenProfileFromMemTHR(context.get(), meaning.icc.data(),
                                             static_cast<cmsUInt32Number>(meaning.icc.size())));
  const int colours = from ? colours_of(from.get()) : 0;
  grey_as_rgb = layout.colours == 1 && colours == 3;
  if (colours != layout.colours && !grey_as_rgb) {
    log(LogLevel::debug, "A picture's colour profile is ignored: it is damaged, or is not about "
                         "the colours that the picture stores.");
    return false;
  }
  const Profile to(cmsCreate_sRGBProfileTHR(context.get()));
  const auto connect = [&](cmsUInt32Number in, cmsUInt32Number out, cmsUInt32Number flags) {
    handle.reset(cmsCreateTransformTHR(context.get(), from.get(), in, to.get(), out,
                                       INTENT_RELATIVE_COLORIMETRIC,
                                       flags | cmsFLAGS_BLACKPOINTCOMPENSATION));
    return handle != nullptr;
  };
  if (colours != 4 && connect(colours == 1 ? TYPE_GRAY_8 : TYPE_RGB_8, TYPE_RGB_8, 0) &&
      changes_nothing(handle.get(), colours))
    return false;
  SampleLayout input = layout;
  if (grey_as_rgb)
    input = {3, layout.alpha, 8, false};
  if (connect(lcms_format(input), layout.alpha ? TYPE_RGBA_8 : TYPE_RGB_8,
              layout.alpha ? cmsFLAGS_COPY_ALPHA : 0))
    return true;
  log(LogLevel::debug, "A picture's colour profile is ignored: lcms2 cannot use it.");
  return false;
}

RowConverter::RowConverter(const SampleLayout& layout, const ColourMeaning& meaning)
    : layout_(layout) {
  if (meaning.is_srgb())
    return;
  auto transform = std::make_unique<Transform>();
  if (transform->open(layout, meaning))
    transform_ = std::move(transform);
}

RowConverter::~RowConverter() = default;
RowConverter::RowConverter(RowConverter&&) noexcept = default;

bool RowConverter::copies() const {
  return !transform_ && layout_.colours == 3 && layout_.bits == 8 && !layout_.inverted;
}

void RowConverter::operator()(const void* in, uint8_t* out, int count) const {
  const size_t bytes = static_cast<size_t>(count) * static_cast<size_t>(channels());
  if (copies()) {
    std::memcpy(out, in, bytes);
    return;
  }
  if (transform_ && !transform_->grey_as_rgb) {
    cmsDoTransform(transform_->handle.get(), in, out, static_cast<cmsUInt32Number>(count));
    return;
  }
  if (layout_.bits == 16)
    to_rgb(layout_, static_cast<const uint16_t*>(in), out, count);
  else
    to_rgb(layout_, static_cast<const uint8_t*>(in), out, count);
  if (transform_) // in place: both sides have the same layout
    cmsDoTransform(transform_->handle.get(), out, out, static_cast<cmsUInt32Number>(count));
}

} // namespace fomo
