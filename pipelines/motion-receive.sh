#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates a picture with the motion that motion-send.sh on another machine sends, in a window or to a file. Lost and
# late packets are concealed. Ctrl-C stops it.
#   pipelines/motion-receive.sh [options] [-- property=value ...]
# --source FILE     the picture                          (assets/portrait.png)
# --picture-from HOST[:PORT]  fetch the picture that motion-send.sh --picture offers there (port 5005)
# --port N          UDP port that the motion comes to    (5004)
# --latency N       milliseconds to wait for late packets (80); also the delay of the picture
# --output FILE     write an MP4 file instead of opening a window
# --model FILE      a First Order Motion Model checkpoint (the built-in model); the sender's
# --device NAME     auto, cpu, cuda or cuda:N            (auto)
# What follows -- goes to fomomotiondec, such as: -- output=picture overlay=stats
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png picture_from='' port=5004 latency=80 output='' model=builtin device=auto
take_options "source picture-from port latency output model device" "$@"
no_operands
need_port --port "$port"
[[ $latency =~ ^[0-9]{1,4}$ ]] || die "--latency is a number of milliseconds up to 9999, not '$latency'"
need_model
if [ -n "$picture_from" ]; then
  command -v curl >/dev/null || die "curl is missing, which fetches the picture: sudo apt-get install curl"
  motion_port=$port
  split_host "$picture_from" 5005
  folder=$(mktemp -d)
  remove_folder() { rm -rf "$folder"; }
  source=$folder/picture
  [[ $host = *:* ]] && host="[$host]"
  curl -fsS --max-time 60 --max-filesize 100000000 --retry 5 --retry-connrefused -o "$source" \
    "http://$host:$port/picture" || {
    remove_folder
    die "there is no picture at '$picture_from': start motion-send.sh --picture there first"
  }
  port=$motion_port
fi
need_file "the picture" "$source"

# The jitter buffer puts packets in order, waits for a missing one at most as long as --latency says, and then goes on
# without it.
reception=(udpsrc port="$port"
  caps="application/x-rtp,media=application,clock-rate=90000,encoding-name=X-GST,payload=96"
  ! rtpjitterbuffer latency="$latency" ! rtpgstdepay
  ! fomomotiondec source-image="$source" model="$model" device="$device" "${properties[@]}" ! videoconvert)
if [ -n "$output" ]; then
  need_output "$source" "$model"
  need_elements udpsrc rtpjitterbuffer rtpgstdepay videoconvert videoscale x264enc h264parse mp4mux
  reception+=(! videoscale ! "video/x-raw,format=I420,width=[2,16384,2],height=[2,16384,2]"
    ! x264enc tune=zerolatency ! h264parse ! fomomark ! mp4mux ! filesink location="$output")
else
  need_elements udpsrc rtpjitterbuffer rtpgstdepay videoconvert
  need_window
  # The queue lets the decoder work on the next frame while the window waits for the time of this one: one slow frame
  # does not delay those behind it.
  reception+=(! queue max-size-buffers=4 max-size-bytes=0 max-size-time=0 ! autovideosink)
fi
[ -n "$picture_from" ] || launch "${reception[@]}"
launch_and_then remove_folder "${reception[@]}"
