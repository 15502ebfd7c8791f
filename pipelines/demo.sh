#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing, builds, animates the bundled portrait with the bundled clip, and prints where
# the result is and how fast it was made. It is safe to run again; the second run takes seconds.
#   pipelines/demo.sh [options] [-- property=value ...]
# --source FILE   the picture                          (assets/portrait.png)
# --driving FILE  the clip whose motion it takes       (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --output FILE   the MP4 file to write                (demo.mp4 in the project's folder)
# What follows -- goes to the element, such as: -- relative=false
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4
model=builtin device=auto output=$root/demo.mp4
take_options "source driving model device output" "$@"
no_operands
need_inputs
need_output "$source" "$driving" "$model"

echo "demo: looking for what is missing"
"$root/scripts/setup.sh"
echo "demo: building (minutes the first time, seconds later)"
export CCACHE_NOHASHDIR=1
[ -f "$build/build.ninja" ] ||
  meson setup -Dtests=disabled -Dtrain=disabled "$build" "$root" ||
  die "meson setup has failed: the reason is above"
meson compile -C "$build" || die "the build has failed: the reason is above"

echo "demo: animating $source with $driving"
use_build
"$root/pipelines/animate-file.sh" --source "$source" --driving "$driving" --model "$model" \
  --device "$device" --output "$output" -- "${properties[@]}"
echo "demo: look at $(realpath "$output")"
