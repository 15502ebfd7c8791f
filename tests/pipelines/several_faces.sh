#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/several-faces.sh with a picture that shows the portrait and its smaller mirror image. Both heads
# move as the driver's head does. The rest of the picture does not change.
. "$(dirname "$0")/helpers.sh"

source=$work/both.png
portrait=(filesrc location="$assets/portrait.png" ! pngdec ! videoconvert)
gst-launch-1.0 -q compositor name=both sink_1::xpos=512 sink_1::ypos=112 \
  sink_1::width=400 sink_1::height=400 ! video/x-raw,width=1024,height=512 ! videoconvert \
  ! video/x-raw,format=RGB ! pngenc snapshot=true ! filesink location="$source" \
  "${portrait[@]}" ! both.sink_0 "${portrait[@]}" ! videoflip method=horizontal-flip ! both.sink_1
clip=$work/clip.mp4
short_clip "$clip" 40

"$pipelines/several-faces.sh" "$source" --driving "$clip" --output "$work/all.mp4" -- relative=false
check media "$work/all.mp4" size=1024x512 frames=40 seconds=1.6 sound=yes
check sounds "$work/all.mp4" "$clip"
check same "$work/all.mp4" "$(animation "$source" "$clip" "output=picture faces=all relative=false")"
still="filesrc location=\"$source\" ! pngdec ! imagefreeze num-buffers=40"
check same "$work/all.mp4" "$still ! videocrop top=300" still=yes region=0,300,1024,212
first=160,40,140,150 second=678,143,110,117 # heads
check tracks "$work/all.mp4" $first "$clip" 70,60,116,140
check tracks "$work/all.mp4" $second "$clip" 70,60,116,140

echo "- one of the two faces"
"$pipelines/several-faces.sh" "$source" --driving "$clip" --output "$work/one.mp4" -- faces=one face-index=1 relative=false
check same "$work/one.mp4" "$still ! videocrop right=512" still=yes region=0,0,512,512
check tracks "$work/one.mp4" $second "$clip" 70,60,116,140

echo "- errors name their reason"
expect_failure "name one picture" "$pipelines/several-faces.sh"
expect_failure "Set face-index to at most 1" "$pipelines/several-faces.sh" "$source" --driving "$clip" \
  --output "$work/none.mp4" -- faces=one face-index=2
