#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/side-by-side.sh: the picture, the clip and the animation are in a row and show the same moment.
. "$(dirname "$0")/helpers.sh"

source=$assets/portrait.png
clip=$work/clip.mp4
short_clip "$clip" 30
"$pipelines/side-by-side.sh" --driving "$clip" --output "$work/row.mp4"
check media "$work/row.mp4" size=768x256 frames=30 seconds=1.2 sound=yes
check sounds "$work/row.mp4" "$clip"
check same "$work/row.mp4" "$(still "$source" 256 30)" region=0,0,256,256 still=yes
check same "$work/row.mp4" "$clip" region=256,0,256,256
check same "$work/row.mp4" "$(animation "$source" "$clip")" region=512,0,256,256

expect_failure "--size is an even number" "$pipelines/side-by-side.sh" --size 255
