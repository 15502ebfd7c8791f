#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sends an animated picture to an RTMP server (nginx with its RTMP module, or a streaming platform), in
# real time. The sound of a clip is sent too; a camera has no sound.
#   pipelines/rtmp.sh [options] rtmp://SERVER/APPLICATION/STREAM [-- property=value ...]
# --source FILE   the picture                          (assets/portrait.png)
# --driving FILE  the clip whose motion it takes       (assets/driving.mp4)
# --camera FILE   take the motion from this camera instead, such as /dev/video0
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --bitrate N     the video's bit rate, kbit/s         (1500)
# What follows -- goes to the element, such as: -- relative=false
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4 camera=
model=builtin device=auto bitrate=1500
take_options "source driving camera model device bitrate" "$@"
[ ${#operands[@]} -eq 1 ] && [[ ${operands[0]} = rtmp*://?*/?* ]] ||
  die "name the server, as rtmp://localhost/live/me (see --help)"
need_file "the picture" "$source"
need_model
need_elements decodebin videoconvert x264enc h264parse flvmux rtmp2sink aacparse audioconvert audioresample avenc_aac

sound=()
if [ -n "$camera" ]; then
  need_camera
  need_elements v4l2src
  from=(v4l2src device="$camera" ! decodebin ! videoconvert)
else
  need_file "the driving clip" "$driving"
  sound_branch "$driving" stream
  # `identity sync=true` passes frames at the clip's speed, as a camera does.
  from=(filesrc location="$driving" ! decodebin ! videoconvert ! identity sync=true)
fi
# The first queue keeps the newest frame only: a slow machine sends fewer frames and no late ones.
# A key frame every two seconds lets viewers join.
launch "${from[@]}" ! queue max-size-buffers=1 leaky=downstream \
  ! fomotransfer source-image="$source" model="$model" device="$device" "${properties[@]}" \
  ! videoconvert ! video/x-raw,format=I420 \
  ! x264enc tune=zerolatency speed-preset=veryfast bitrate="$bitrate" key-int-max=50 \
  ! h264parse ! fomomark ! queue ! flvmux name=stream streamable=true ! rtmp2sink location="${operands[0]}" \
  "${sound[@]}"
