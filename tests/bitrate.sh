#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Measures bit rate against quality: motion (fomomotionenc ! fomomotiondec) beside x264, x265 and SVT-AV1 at 5, 10,
# 20 and 50 kbit/s, on the bundled clip. Prints a table and draws the curves. Needs ffmpeg (Debian package) with these
# encoders, and ten minutes of one core. Python packages of 500 MB go to build-bitrate/.
#   tests/bitrate.sh [--build DIR] [--json FILE] [--svg FILE] [--frames N] [--jobs N] [--yardstick "PYTHON SCORE.PY"]
# --build DIR   the build with gst/                     (build)
# --json FILE   the numbers                             (docs/bitrate.json)
# --svg FILE    the curves                              (docs/bitrate.svg)
# --frames N    the first frames of the clip only; 0: all (0)
# --jobs N      how many things are done at a time      (1)
# --yardstick   a command that compares videos with a driving video by face landmarks, and prints JSON, as
#               COMMAND --source PICTURE --driving CLIP --output out=VIDEO --json. Without it FLIP and SSIM alone are
#               measured.
set -euo pipefail
cd "$(dirname "$0")/.."

build=build json=docs/bitrate.json svg=docs/bitrate.svg frames=0 jobs=1 yardstick=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --build | --json | --svg | --frames | --jobs | --yardstick)
      printf -v "${1#--}" %s "${2:?$1 wants a value}"
      shift ;;
    *) echo "bitrate: unknown argument '$1' (see tests/bitrate.sh --help)" >&2; exit 2 ;;
  esac
  shift
done
[ -e "$build/gst/libgstfomotransfer.so" ] ||
  { echo "bitrate: there is no plugin in $build/gst: run meson compile -C $build" >&2; exit 1; }
command -v ffmpeg >/dev/null || { echo "bitrate: ffmpeg is missing: sudo apt-get install ffmpeg" >&2; exit 1; }
for encoder in libx264 libx265 libsvtav1; do
  ffmpeg -hide_banner -encoders 2>/dev/null | grep -w $encoder >/dev/null ||
    { echo "bitrate: this ffmpeg has no $encoder" >&2; exit 1; }
done
python=build-bitrate/bin/python
if ! "$python" -c 'import cv2, flip_evaluator, matplotlib, skimage' 2>/dev/null; then
  python3 -m venv build-bitrate
  "$python" -m pip install --quiet opencv-python-headless==5.0.0.93 flip-evaluator==1.7 matplotlib==3.11.2 \
    scikit-image==0.26.0 ||
    { echo "bitrate: pip could not install the packages; look at its messages above" >&2; exit 1; }
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" tests/bitrate.py measure --clip assets/driving.mp4 --build "$build" --work "$work" --frames "$frames" \
  --jobs "$jobs" --yardstick "$yardstick" --json "$json"
"$python" tests/bitrate.py plot --json "$json" --svg "$svg"
"$python" tests/bitrate.py table --json "$json"
