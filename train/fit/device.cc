// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/device.h"

#include <ATen/Context.h>
#include <dlfcn.h>

#include "common/error.h"

namespace fomo::train {
namespace {

// LibTorch's CUDA backend registers itself when it is loaded. open_part cannot load it: open_part
// binds a library's symbols to the library itself first, and the backend would then use a second
// copy of the symbols that this program shares with LibTorch.
std::string load_cuda() {
  static const std::string problem = [] {
    const bool loaded = dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) != nullptr;
    return std::string(loaded ? "" : dlerror());
  }();
  return problem;
}

} // namespace

at::Device training_device(const std::string& name) {
  if (name == "cpu")
    return at::kCPU;
  const std::string problem = load_cuda();
  const bool usable = problem.empty() && at::globalContext().hasCUDA();
  if (name == "auto" && !usable)
    return at::kCPU;
  if (!problem.empty())
    throw Error(FOMO_LIBRARY, "LibTorch's CUDA backend cannot be opened: " + problem +
                                  ". Run scripts/setup.sh --cuda, or give --device cpu.");
  if (!usable)
    throw Error(FOMO_NOT_FOUND, "Device '" + name +
                                    "' is not there: no GPU with a driver that works "
                                    "(nvidia-smi). Give --device cpu.");
  try {
    const at::Device device(name == "auto" ? "cuda:0" : name);
    const auto count = at::detail::getCUDAHooks().deviceCount();
    if (device.is_cuda() && device.index() < count)
      return {at::kCUDA, std::max<at::DeviceIndex>(device.index(), 0)};
  } catch (const c10::Error&) { // not a device's name
  }
  throw Error(FOMO_SETTINGS,
              "No such device '" + name + "'. Give --device auto, cpu, cuda or cuda:N.");
}

} // namespace fomo::train
