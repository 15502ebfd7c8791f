#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Tries the element without a camera: plays a clip several times instead, animates a picture with it, and
# shows the result and the speed in a window. Close the window or press Ctrl-C to stop.
#   pipelines/without-camera.sh [options] [-- property=value ...]
# --source FILE   the picture                          (assets/portrait.png)
# --driving FILE  the clip whose motion it takes       (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --times N       how many times the clip is played    (10)
# What follows -- goes to the element, such as: -- relative=false
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4 model=builtin device=auto times=10
take_options "source driving model device times" "$@"
no_operands
need_inputs
[[ $times =~ ^[1-9][0-9]*$ ]] || die "--times is a number from 1, not '$times'"
need_elements "${decoding_elements[@]}" concat fpsdisplaysink textoverlay
need_window

rounds=()
for ((i = 0; i < times; i++)); do
  rounds+=(filesrc location="$driving" ! "${decoding[@]}" ! queue max-size-buffers=2 ! rounds.)
done
# `identity sync=true` passes frames at the clip's speed, as a camera does. The queue keeps the newest
# frame only: a slow machine shows fewer frames and no late ones.
launch concat name=rounds ! identity sync=true \
  ! queue max-size-buffers=1 leaky=downstream \
  ! fomotransfer source-image="$source" model="$model" device="$device" "${properties[@]}" \
  ! videoconvert ! fpsdisplaysink sync=false \
  "${rounds[@]}"
