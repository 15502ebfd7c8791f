#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds, tests and measures the GPU path. Needs a machine with an NVIDIA GPU, the CUDA Toolkit and what
# scripts/setup.sh --cuda installs. GStreamer is not needed: only the engine, fomo-model and the trainer are
# built (in build-gpu). Prints the results of the tests, then measurements as JSON, one object a line.
#   tests/gpu.sh [--libtorch DIR] [--device cuda:N] [--frames N]
# --libtorch DIR  LibTorch with include/ and lib/ (deps/torch, or the one of python3's torch)
set -euo pipefail
cd "$(dirname "$0")/.."

libtorch='' device=cuda:0 frames=1000
while [ $# -gt 0 ]; do
  case $1 in
    --libtorch) libtorch=${2:?--libtorch wants a folder}; shift ;;
    --device) device=${2:?--device wants a name}; shift ;;
    --frames) frames=${2:?--frames wants a number}; shift ;;
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "gpu: unknown argument '$1' (see tests/gpu.sh --help)" >&2; exit 2 ;;
  esac
  shift
done

{ command -v nvidia-smi && nvidia-smi -L; } 2>/dev/null ||
  { echo "gpu: no NVIDIA driver here; run this on a machine with a GPU" >&2; exit 1; }
if [ -z "$libtorch" ] && [ ! -d deps/torch ]; then
  libtorch=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))') ||
    { echo "gpu: no LibTorch: run scripts/setup.sh --cuda, or give --libtorch" >&2; exit 1; }
fi

build=build-gpu
[ -f $build/build.ninja ] ||
  meson setup $build -Delement=disabled -Dtrain=enabled -Dtests=enabled -Dcuda=enabled -Dlibtorch="$libtorch"
meson compile -C $build
meson test -C $build --no-rebuild --print-errorlogs --suite gpu
$build/tests/train/test_train --gtest_filter='*Gpu*'

tool=$build/tools/fomo-model
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$tool" random "$work/vox.safetensors" >/dev/null

# One object a line: each line is one measurement.
measure() {
  "$tool" bench --device "$device" --json "$@" | tr -d '\n '
  echo
}
echo "gpu: the full-size network, fp32 beside the plain path on the same GPU"
measure --model "$work/vox.safetensors" --precision fp32 --frames 100
for precision in fp16 bf16; do
  echo "gpu: the full-size network, $precision (the difference is against the plain path in fp32)"
  measure --model "$work/vox.safetensors" --precision $precision --frames "$frames"
done
for streams in 1 2 4 8 16; do
  echo "gpu: the full-size network, fp16, $streams stream(s) (device_memory_mb is all that is taken)"
  measure --model "$work/vox.safetensors" --precision fp16 --frames "$frames" --streams $streams --no-plain
done
echo "gpu: the built-in model, fp16"
measure --model builtin --precision fp16 --frames "$frames"
