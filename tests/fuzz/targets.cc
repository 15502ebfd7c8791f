// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fuzz/targets.h"

namespace fomo::fuzz {

const Target fuzz_targets[] = {
    {"legacy", run_legacy},
    {"zip", run_zip},
    {"safetensors", run_safetensors},
    {"pickle", run_pickle},
    {"config_yaml", run_config_yaml},
    {"config_inference", run_config_inference},
    {"png", run_png},
    {"jpeg", run_jpeg},
    {"gif", run_gif},
    {"bmp", run_bmp},
    {"webp", run_webp},
    {"tiff", run_tiff},
#ifdef FOMO_HAVE_HEIF
    {"heif", run_heif},
#endif
#ifdef FOMO_HAVE_AVIF
    {"avif", run_avif},
#endif
#ifdef FOMO_HAVE_JPEG_XL
    {"jpeg_xl", run_jpeg_xl},
#endif
    {"exif", run_exif},
    {"icc", run_icc},
    {"motion", run_motion},
    {"properties", run_properties},
    {nullptr, nullptr},
};

} // namespace fomo::fuzz
