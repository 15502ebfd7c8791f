#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Motion as SEI messages of a tiny H.264 or H.265 video: what is written is what comes out, byte for byte, also after
# the video was put into other containers, and it moves a picture.
. "$(dirname "$0")/helpers.sh"

clip=$work/clip.mp4
short_clip "$clip" 30
for codec in h264 h265; do
  encoder=x${codec#h}enc parser=${codec}parse
  gst-inspect-1.0 --exists "$encoder" || skip "GStreamer has no $encoder"

  gst-launch-1.0 -q filesrc location="$clip" ! qtdemux ! h264parse ! avdec_h264 ! videoconvert ! tee name=video \
    ! queue ! fomomotionenc device=cpu ! tee name=motion ! queue ! filesink location="$work/sent.motion" \
    motion. ! queue ! insert.motion \
    video. ! queue ! videoscale ! video/x-raw,width=64,height=64 ! "$encoder" tune=zerolatency ! "$parser" \
    ! fomomotioninsert name=insert ! mp4mux ! filesink location="$work/$codec.mp4"
  gst-launch-1.0 -q filesrc location="$work/$codec.mp4" ! qtdemux ! "$parser" ! fomomotionextract \
    ! filesink location="$work/mp4.motion"
  cmp "$work/sent.motion" "$work/mp4.motion" || fail "$codec in MP4 gives another motion"
done

echo "- remuxed"
gst-launch-1.0 -q filesrc location="$work/h264.mp4" ! qtdemux ! h264parse ! flvmux ! filesink location="$work/h264.flv"
gst-launch-1.0 -q filesrc location="$work/h264.flv" ! flvdemux ! h264parse ! fomomotionextract \
  ! filesink location="$work/flv.motion"
gst-launch-1.0 -q filesrc location="$work/h265.mp4" ! qtdemux ! h265parse ! matroskamux \
  ! filesink location="$work/h265.mkv"
gst-launch-1.0 -q filesrc location="$work/h265.mkv" ! matroskademux ! h265parse ! fomomotionextract \
  ! filesink location="$work/mkv.motion"
for container in flv mkv; do
  cmp "$work/sent.motion" "$work/$container.motion" || fail "$container gives another motion"
done

echo "- played"
gst-launch-1.0 -q filesrc location="$work/h264.flv" ! flvdemux ! h264parse ! fomomotionextract \
  ! fomomotiondec device=cpu source-image="$assets/portrait.png" ! videoconvert ! x264enc ! mp4mux \
  ! filesink location="$work/played.mp4"
check media "$work/played.mp4" size=256x256 frames=30 seconds=1.2

echo "- a video without motion has none"
gst-launch-1.0 -q filesrc location="$clip" ! qtdemux ! h264parse ! fomomotionextract ! filesink location="$work/none.motion"
[ ! -s "$work/none.motion" ] || fail "motion was found in the clip"
