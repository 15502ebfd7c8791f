#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Measures the engine and the plain path, then several streams at a time, with the built-in model and with a
# full-size model of random weights.
#   benchmark.sh FOMO_MODEL
set -euo pipefail

tool=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for threads in 1 2; do
  "$tool" bench --threads $threads
done
"$tool" bench --no-plain --streams 1,2,4,8

"$tool" random "$work/full-size.safetensors"
for threads in 1 2; do
  "$tool" bench --model "$work/full-size.safetensors" --frames 10 --threads $threads
done
"$tool" bench --model "$work/full-size.safetensors" --frames 10 --no-plain --streams 1,2,4,8

echo "A checkpoint with its optimizer's state, as training leaves it:"
"$tool" random --with-optimizer "$work/training.pth.tar"
"$tool" bench --model "$work/training.pth.tar" --frames 3 --no-plain
