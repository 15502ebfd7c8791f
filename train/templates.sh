#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes assets/motion/*.fomomotion from head assets: renders a cycle of each template, and encodes its motion.
#   train/templates.sh --assets FOLDER [--out FOLDER] [--seed N] [--threads N] [NAME...]
# --out      folder for the files                       (assets/motion)
# --seed     details of the rendered face               (1)
# --threads  threads of the renderer, 0: all cores      (0)
# NAME...    the templates to make                      (nod smile talk look-around)
# The motion is that of the built-in model; run this again when the model changes.
# FOMO_BUILD names Meson's build folder (default: build beside this folder).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=${FOMO_BUILD:-$root/build}
assets= out=$root/assets/motion seed=1 threads=0 names=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --assets | --out | --seed | --threads)
      [ $# -gt 1 ] || { echo "templates.sh: $1 needs a value (see --help)" >&2; exit 2; }
      printf -v "${1#--}" %s "$2"
      shift ;;
    -*) echo "templates.sh: unknown option '$1' (see --help)" >&2; exit 2 ;;
    *) names+=("$1") ;;
  esac
  shift
done
[ -n "$assets" ] || { echo "templates.sh: --assets is missing (see --help)" >&2; exit 2; }
[ ${#names[@]} -gt 0 ] || names=(nod smile talk look-around)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
for name in "${names[@]}"; do
  "$build/train/fomo-render" --assets "$assets" --clip "$work/$name" --template "$name" --size 256 \
    --seed "$seed" --threads "$threads"
  # The frames are framed for the model. With crop=none nothing is followed or smoothed: the motion of a frame
  # depends on that frame alone, and the first frame continues the last one. The file begins with its only packet
  # that stands alone.
  GST_PLUGIN_PATH=$build/gst gst-launch-1.0 -q \
    multifilesrc location="$work/$name/%05d.png" caps="image/png,framerate=25/1" ! pngdec ! videoconvert \
    ! fomomotionenc crop=none quantiser=4 refresh-interval=100000 device=cpu precision=fp32 deterministic=true \
    ! filesink location="$out/$name.fomomotion"
  "$build/tools/fomo-model" motion "$out/$name.fomomotion"
done
