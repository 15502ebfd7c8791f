#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Shows an animated picture in browsers, with little delay, by WebRTC: open the address that the script prints. No other
# server is needed. There is no sound in it. Any player that speaks WHEP can fetch the stream too, at /whep.
#   pipelines/webrtc.sh [options] [-- property=value ...]
# --source FILE    the picture                          (assets/portrait.png)
# --driving FILE   the clip whose motion it takes       (assets/driving.mp4)
# --camera FILE    take the motion from this camera instead, such as /dev/video0
# --model FILE     a First Order Motion Model checkpoint (the built-in model)
# --device NAME    auto, cpu, cuda or cuda:N            (auto)
# --bitrate N      the video's bit rate, kbit/s         (1500)
# --listen ADDRESS where the page is served             (127.0.0.1: to this machine alone; 0.0.0.0: to everybody)
# --port N                                              (8080)
# --viewers N      how many may watch at a time         (8)
# What follows -- goes to the element, such as: -- relative=false
# The video is encrypted, the page is not, and nobody is asked for a password: put a web server with TLS and a password
# before it if it is to be reached from other networks.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4 camera=
model=builtin device=auto bitrate=1500 listen=127.0.0.1 port=8080 viewers=8
take_options "source driving camera model device bitrate listen port viewers" "$@"
no_operands
need_port --port "$port"
[[ $viewers =~ ^[1-9][0-9]{0,2}$ ]] || die "--viewers is a number up to 999, not '$viewers'"
need_elements "${live_elements[@]}" webrtcbin rtph264pay
gst-inspect-1.0 --exists --atleast-version=0.0 nicesink ||
  die "GStreamer lacks nicesink: sudo apt-get install gstreamer1.0-nice"
python=/usr/bin/python3
"$python" -c 'import gi; gi.require_version("GstWebRTC", "1.0"); from gi.repository import GstWebRTC' 2>/dev/null ||
  die "Python lacks GStreamer: sudo apt-get install python3-gi gir1.2-gst-plugins-bad-1.0"
live_video "$bitrate"
# Baseline: what every browser decodes.
exec "$python" "$root/pipelines/webrtc.py" "$listen" "$port" "$viewers" "${live_video[@]}" \
  ! video/x-h264,profile=constrained-baseline,stream-format=byte-stream,alignment=au ! tee name=viewers allow-not-linked=true
