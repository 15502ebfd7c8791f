#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Plays a clip through the element in a loop for hours, with another picture every second, and logs memory and the
# time of frames (median, 99%, 99.9%, most). The status is 0 if nothing grows and nothing fails.
#   tests/soak.sh [--minutes N | --seconds N] [--lines N] [--build FOLDER] [--log FILE] [--model MODEL]
#                 [--clip FILE.mp4] [PICTURE...]
# Default: an hour, a line a minute, the folder build, the bundled clip and pictures, the built-in model.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"

seconds=3600 lines= build=build log= clip=assets/driving.mp4 options=() pictures=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --minutes | --seconds | --lines | --build | --log | --model | --clip)
      [ $# -ge 2 ] || { echo "soak: $1 needs a value (see --help)" >&2; exit 2; }
      case $1 in
        --minutes) seconds=$((60 * $2)) ;;
        --seconds) seconds=$2 ;;
        --lines) lines=$2 ;;
        --build) build=$2 ;;
        --log) log=$2 ;;
        --model) options+=(--model "$2") ;;
        --clip) clip=$2 ;;
      esac
      shift ;;
    -*) echo "soak: unknown option '$1' (see --help)" >&2; exit 2 ;;
    *) pictures+=("$1") ;;
  esac
  shift
done
[ ${#pictures[@]} -gt 0 ] || pictures=(assets/portrait.png tests/fuzz/corpus/jpeg/rgb)
[ -n "$lines" ] || lines=$((seconds / 60 > 10 ? seconds / 60 : 10))
[ -x "$build/tests/storm/soak" ] || { echo "soak: $build/tests/storm/soak is missing; run tests/run.sh --build-only" >&2; exit 1; }

command=(meson devenv -C "$build" -w "$here" "$build/tests/storm/soak" --seconds "$seconds" --lines "$lines"
  --clip "$clip" "${options[@]}" "${pictures[@]}")
if [ -n "$log" ]; then
  "${command[@]}" | tee "$log"
else
  "${command[@]}"
fi
