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
need_elements "${live_elements[@]}" flvmux rtmp2sink
live_video "$bitrate"
live_sound stream
launch "${live_video[@]}" ! queue ! flvmux name=stream streamable=true ! rtmp2sink location="${operands[0]}" \
  "${sound[@]}"
