// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

// Fuzz targets: functions that the fuzzers call with any bytes, and the test fuzz_replay with the
// stored inputs. Each returns 0 and must not crash, hang, or throw. To add a target, declare its
// function here, list it in fuzz_targets (targets.cc) and in meson.build, and put seeds into
// corpus/NAME.
namespace fomo::fuzz {

using Run = int (*)(const uint8_t* data, size_t size);

int run_legacy(const uint8_t* data, size_t size);           ///< a model file, legacy container
int run_zip(const uint8_t* data, size_t size);              ///< a model file, zip container
int run_safetensors(const uint8_t* data, size_t size);      ///< a model file
int run_pickle(const uint8_t* data, size_t size);           ///< a pickle alone
int run_config_yaml(const uint8_t* data, size_t size);      ///< a FOMM YAML file
int run_config_inference(const uint8_t* data, size_t size); ///< names and shapes of tensors

int run_png(const uint8_t* data, size_t size); ///< a picture file, as are the next ones
int run_jpeg(const uint8_t* data, size_t size);
int run_gif(const uint8_t* data, size_t size);
int run_bmp(const uint8_t* data, size_t size);
int run_webp(const uint8_t* data, size_t size);
int run_tiff(const uint8_t* data, size_t size);
int run_heif(const uint8_t* data, size_t size);
int run_avif(const uint8_t* data, size_t size);
int run_jpeg_xl(const uint8_t* data, size_t size);
int run_exif(const uint8_t* data, size_t size); ///< an EXIF block
int run_icc(const uint8_t* data, size_t size);  ///< a byte and an ICC profile

int run_motion(const uint8_t* data, size_t size);     ///< packets of motion
int run_properties(const uint8_t* data, size_t size); ///< a value of source-image or device

/// Structure-aware mutations, see mutators.cc: a container's framing stays valid. The signature is
/// that of LLVMFuzzerCustomMutator.
size_t mutate_legacy(uint8_t* data, size_t size, size_t max_size, unsigned seed);
size_t mutate_zip(uint8_t* data, size_t size, size_t max_size, unsigned seed);
size_t mutate_safetensors(uint8_t* data, size_t size, size_t max_size, unsigned seed);
size_t mutate_pickle(uint8_t* data, size_t size, size_t max_size, unsigned seed);

struct Target {
  const char* name; ///< also the name of the folder of its inputs
  Run run;
};

/// All targets; the last entry has a null name.
extern const Target fuzz_targets[];

} // namespace fomo::fuzz
