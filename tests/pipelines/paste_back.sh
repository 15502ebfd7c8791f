#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/paste-back.sh: the result has the size of the picture; the head moves, the rest does not.
. "$(dirname "$0")/helpers.sh"

source=$assets/portrait.png
clip=$work/clip.mp4
short_clip "$clip" 40
"$pipelines/paste-back.sh" --driving "$clip" --output "$work/full.mp4" -- relative=false
check media "$work/full.mp4" size=512x512 frames=40 seconds=1.6 sound=yes
check sounds "$work/full.mp4" "$clip"
check same "$work/full.mp4" "$(still "$source" 512 40) ! videocrop top=300" still=yes region=0,300,512,212
check tracks "$work/full.mp4" 160,40,140,150 "$clip" 70,60,116,140

echo "- a picture of odd size, wider than high"
few=$work/few.mp4
short_clip "$few" 10
gst-launch-1.0 -q filesrc location="$source" ! pngdec ! videoconvert ! videocrop bottom=151 right=1 ! pngenc \
  ! filesink location="$work/odd.png"
"$pipelines/paste-back.sh" --source "$work/odd.png" --driving "$few" --output "$work/odd.mp4"
check media "$work/odd.mp4" size=510x360 frames=10 sound=yes

echo "- a picture without a face"
gst-launch-1.0 -q videotestsrc num-buffers=1 pattern=gradient ! video/x-raw,width=300,height=200 ! pngenc \
  ! filesink location="$work/nobody.png"
expect_failure "Set crop=center" "$pipelines/paste-back.sh" --source "$work/nobody.png" --driving "$few" \
  --output "$work/none.mp4"
[ ! -e "$work/none.mp4" ] || fail "a broken file was left behind"
"$pipelines/paste-back.sh" --source "$work/nobody.png" --driving "$few" --output "$work/center.mp4" -- crop=center
check media "$work/center.mp4" size=300x200 frames=10 sound=yes
