#!/usr/bin/env bash
# Makes a model from head assets in one command. After a kill, run it again: it continues.
#   train/train.sh --assets FOLDER --state FOLDER --out MODEL.safetensors
#                  [--pairs N] [--samples N] [--threads N] [--seed N] [--pause-file FILE]
# --pairs    pairs to render (about 0.13 s and 0.44 MB each); default 14000
# --samples  pairs that each of the three parts is trained on; default: that of fomo-train
# FOMO_BIN names the folder of fomo-render and fomo-train (default: build/train beside this folder).
set -euo pipefail
bin=${FOMO_BIN:-$(cd "$(dirname "$0")/.." && pwd)/build/train}
assets= state= out= pairs=14000 samples= threads=0 seed=1 pause=
while [ $# -gt 0 ]; do
  case $1 in
    --assets) assets=$2 ;;
    --state) state=$2 ;;
    --out) out=$2 ;;
    --pairs) pairs=$2 ;;
    --samples) samples=$2 ;;
    --threads) threads=$2 ;;
    --seed) seed=$2 ;;
    --pause-file) pause=$2 ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "train.sh: unknown argument '$1' (see --help)" >&2; exit 2 ;;
  esac
  [ $# -gt 1 ] || { echo "train.sh: $1 needs a value (see --help)" >&2; exit 2; }
  shift 2
done
for needed in assets state out; do
  [ -n "${!needed}" ] || { echo "train.sh: --$needed is missing (see --help)" >&2; exit 2; }
done

"$bin/fomo-render" --assets "$assets" --out "$state/valid" --seed 777 --pairs 96 --pairs-per-shard 96 --threads "$threads"
"$bin/fomo-render" --assets "$assets" --out "$state/pairs" --seed "$seed" --pairs "$pairs" --threads "$threads"
# Keeps glibc from returning memory to the system after every step and page-faulting it back in.
export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=67108864
common=(--data "$state/pairs" --valid "$state/valid" --state "$state" --seed "$seed" --pause-file "$pause")
[ -z "$samples" ] || common+=(--samples "$samples")
"$bin/fomo-train" --threads "$threads" keypoints "${common[@]}"
"$bin/fomo-train" --threads "$threads" motion "${common[@]}" --detected 0.3 --led 0.35
"$bin/fomo-train" --threads "$threads" generator "${common[@]}" --predicted 0.5 --adversarial 0.7
"$bin/fomo-train" export --state "$state" --out "$out" --crisp-occlusion
