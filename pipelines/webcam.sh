#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates a picture with a webcam, in a window. Look straight into the camera when it starts: the
# first frame is the pose to which all others are compared. Close the window or press Ctrl-C to stop.
#   pipelines/webcam.sh [options] [-- property=value ...]
# --source FILE   the picture                          (assets/portrait-head.png)
# --camera FILE   the camera's device                  (/dev/video0)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --frames N      stop after so many frames; -1: never (-1)
# What follows -- goes to the element, such as: -- relative=false
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait-head.png camera=/dev/video0 model=builtin device=auto frames=-1
take_options "source camera model device frames" "$@"
no_operands
need_file "the picture" "$source"
need_model
need_camera
need_elements v4l2src decodebin videoconvert autovideosink
need_window

# The queue keeps the newest frame alone: a slow machine shows fewer frames, never late ones.
launch v4l2src device="$camera" num-buffers="$frames" ! decodebin ! videoconvert \
  ! queue max-size-buffers=1 leaky=downstream \
  ! fomotransfer source-image="$source" model="$model" device="$device" "${properties[@]}" \
  ! videoconvert ! autovideosink sync=false
