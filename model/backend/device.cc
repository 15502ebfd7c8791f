// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/device.h"

#include "common/error.h"
#include "common/log.h"
#include "model/backend/cpu/cpu_backend.h"
#include "model/backend/cuda_library.h"
#include "model/backend/device_name.h"
#include "model/backend/memory_budget.h"
#include "model/kernels/bf16_unit.h"

namespace fomo {

namespace {

constexpr const char* kDeviceHelp = "Set device to auto, cpu, cuda or cuda:N.";

/// Whether bf16 has instructions of its own: emulated, it takes many times as long as fp32.
bool cpu_has_bf16() {
  return kernels::supported_bf16_units().size() > simd::supported_isas().size();
}

} // namespace

Device find_device(const std::string& name) {
  if (name == "cpu")
    return {};
  if (name == "auto" || name.empty()) {
    if (!has_cuda_driver())
      return {};
    try {
      if (cuda_library().device_count() > 0)
        return {0};
      log(LogLevel::info, "No usable GPU; running on the CPU.");
    } catch (const Error& error) {
      log(LogLevel::warning, std::string(error.what()) + " Running on the CPU.");
    }
    return {};
  }
  const int index = cuda_index_of(name);
  if (index < 0)
    throw Error(FOMO_SETTINGS, "No such device '" + name + "'. " + kDeviceHelp);
  if (!has_cuda_driver())
    throw Error(FOMO_NOT_FOUND, "Device '" + name +
                                    "' is not there: this machine has no NVIDIA driver "
                                    "(libcuda.so.1). Install it, or set device=cpu.");
  const int count = cuda_library().device_count();
  if (index >= count)
    throw Error(FOMO_NOT_FOUND, "Device '" + name + "' is not there: " + std::to_string(count) +
                                    " GPU(s) found. " + kDeviceHelp);
  return {index};
}

FomoPrecision choose_precision(FomoPrecision wanted, const Device& device) {
  if (wanted == FOMO_PRECISION_AUTO) {
    if (device.is_cuda())
      return FOMO_PRECISION_FP16;
    return kernels::is_bf16_faster() ? FOMO_PRECISION_BF16 : FOMO_PRECISION_FP32;
  }
  if (!device.is_cuda() && wanted == FOMO_PRECISION_FP16)
    throw Error(FOMO_SETTINGS, "precision=fp16 needs a GPU. Set precision=fp32, or device=cuda.");
  if (!device.is_cuda() && wanted == FOMO_PRECISION_BF16 && !cpu_has_bf16())
    throw Error(FOMO_SETTINGS, "precision=bf16 needs a GPU or a CPU with bf16 arithmetic, which "
                               "this one has not. Set precision to fp32.");
  return wanted;
}

const char* precision_name(FomoPrecision precision) {
  switch (precision) {
  case FOMO_PRECISION_FP16:
    return "fp16";
  case FOMO_PRECISION_BF16:
    return "bf16";
  case FOMO_PRECISION_AUTO:
    return "auto";
  case FOMO_PRECISION_FP32:
    break;
  }
  return "fp32";
}

std::shared_ptr<Backend> make_backend(const Checkpoint& checkpoint, const ModelConfig& config,
                                      const Device& device, FomoPrecision precision,
                                      const BackendOptions& options) {
  if (device.is_cuda())
    return cuda_library().make_backend(checkpoint, config, device.cuda_index, precision, options);
  check_memory(config);
  if (precision == FOMO_PRECISION_FP32)
    return make_cpu_backend(checkpoint, config, options);
  const kernels::Bf16Unit& unit = kernels::best_bf16_unit();
  log(LogLevel::info, std::string("The network runs in bf16 on ") + unit.name + ".");
  return make_cpu_backend(checkpoint, config, options, &unit);
}

} // namespace fomo
