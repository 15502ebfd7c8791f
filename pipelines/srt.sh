#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sends an animated picture over SRT, which repeats lost packets in time: to a server, or to players that call this
# machine. The sound of a clip is sent too; a camera has no sound.
#   pipelines/srt.sh [options] srt://SERVER:PORT [-- property=value ...]
#   pipelines/srt.sh [options] srt://:PORT [-- property=value ...]
# srt://:PORT      waits for players that call srt://THIS-MACHINE:PORT. More of the address goes to SRT, such as
#                  'srt://SERVER:9000?streamid=me&passphrase=0123456789' (who lists processes here can read it)
# --source FILE    the picture                          (assets/portrait.png)
# --driving FILE   the clip whose motion it takes       (assets/driving.mp4)
# --camera FILE    take the motion from this camera instead, such as /dev/video0
# --model FILE     a First Order Motion Model checkpoint (the built-in model)
# --device NAME    auto, cpu, cuda or cuda:N            (auto)
# --bitrate N      the video's bit rate, kbit/s         (1500)
# --latency N      milliseconds for repeating packets   (60); a connection takes the larger one of both ends
# What follows -- goes to the element, such as: -- relative=false
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4 camera=
model=builtin device=auto bitrate=1500 latency=60
take_options "source driving camera model device bitrate latency" "$@"
[ ${#operands[@]} -eq 1 ] && [[ ${operands[0]} =~ ^srt://[^/]*:[0-9]+(\?.*)?$ ]] ||
  die "name the server, as srt://localhost:9000, or srt://:9000 to wait for players (see --help)"
[[ $latency =~ ^[0-9]{1,4}$ ]] || die "--latency is a number of milliseconds up to 9999, not '$latency'"
need_elements "${live_elements[@]}" mpegtsmux srtsink
live_video "$bitrate"
live_sound stream
# alignment=7: seven packets of the transport stream make one of SRT. Nothing waits for players: who calls sees the
# stream from the next key frame on.
launch "${live_video[@]}" ! queue ! mpegtsmux name=stream alignment=7 \
  ! srtsink uri="${operands[0]}" latency="$latency" wait-for-connection=false sync=false "${sound[@]}"
