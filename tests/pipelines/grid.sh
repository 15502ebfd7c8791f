#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/grid.sh with two pictures: the clip is on the left, each picture at rest is above its
# animation, and all show the same moment.
. "$(dirname "$0")/helpers.sh"

clip=$work/clip.mp4
short_clip "$clip" 30
picture "$work/other.png" 5
pictures=("$assets/portrait.png" "$work/other.png")
"$pipelines/grid.sh" "${pictures[@]}" --driving "$clip" --output "$work/grid.mp4"
check media "$work/grid.mp4" size=1024x512 frames=30 seconds=1.2 sound=yes
check sounds "$work/grid.mp4" "$clip"
check same "$work/grid.mp4" "$(scaled "$clip" 512)" region=0,0,512,512
for i in 0 1; do
  x=$((512 + 256 * i))
  rest="videotestsrc num-buffers=1 ! fomotransfer source-image=\"${pictures[i]}\" strength=0"
  check same "$work/grid.mp4" "$rest ! videoconvert ! imagefreeze num-buffers=30" \
    region=$x,0,256,256 still=yes
  check same "$work/grid.mp4" "$(animation "${pictures[i]}" "$clip")" region=$x,256,256,256
done

expect_failure "the picture '$work/none.png' does not exist" "$pipelines/grid.sh" "$work/none.png"
