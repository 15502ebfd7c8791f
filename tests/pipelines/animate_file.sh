#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/animate-file.sh: clips of several kinds, with and without sound; names with odd characters.
. "$(dirname "$0")/helpers.sh"

source=$assets/portrait.png
clip=$work/clip.mp4
short_clip "$clip" 30
expected=$work/expected.avi
record "$(animation "$source" "$clip")" "$expected"

echo "- an MP4 file: its sound is copied without encoding"
"$pipelines/animate-file.sh" --driving "$clip" --output "$work/a.mp4"
check media "$work/a.mp4" size=256x256 frames=30 seconds=1.2 sound=yes
check same "$work/a.mp4" "$expected"
check sounds "$work/a.mp4" "$clip"

echo "- a silent Matroska file"
gst-launch-1.0 -q filesrc location="$clip" ! qtdemux ! h264parse ! matroskamux ! filesink location="$work/b.mkv"
"$pipelines/animate-file.sh" --driving "$work/b.mkv" --output "$work/b.mp4"
check media "$work/b.mp4" size=256x256 frames=30 seconds=1.2 sound=no
check same "$work/b.mp4" "$expected"

echo "- a WebM file of an odd size, its sound in Vorbis, names with spaces and quotes"
mkdir "$work/a \"folder\""
odd="$work/a \"folder\"/it's me.webm"
gst-launch-1.0 -q filesrc location="$clip" ! decodebin name=clip \
  clip. ! videoconvert ! videoscale ! video/x-raw,width=321,height=181,pixel-aspect-ratio=1/1 \
  ! vp8enc deadline=1 ! webmmux name=file ! filesink location="$odd" \
  clip. ! audioconvert ! audioresample ! queue max-size-time=0 ! vorbisenc ! file.
"$pipelines/animate-file.sh" --driving="$odd" --output="$work/a \"folder\"/c.mp4" -- relative=false
mv "$work/a \"folder\"/c.mp4" "$work/c.mp4"
check media "$work/c.mp4" frames=30 seconds=1.2 sound=yes
check sounds "$work/c.mp4" "$clip"

echo "- an interlaced clip"
gst-launch-1.0 -q filesrc location="$clip" ! decodebin ! videoconvert ! interlace field-pattern=1:1 \
  ! x264enc interlaced=true ! h264parse ! matroskamux ! filesink location="$work/e.mkv"
# grep without -q reads to the end, so that the discoverer can write to the end.
gst-discoverer-1.0 -v "$work/e.mkv" | grep "interlace-mode=(string)\(interleaved\|mixed\)" >/dev/null ||
  fail "the clip is not interlaced"
"$pipelines/animate-file.sh" --driving "$work/e.mkv" --output "$work/e.mp4"
check media "$work/e.mp4" size=256x256 sound=no

echo "- errors name their reason"
expect_failure "there is no option --foo" "$pipelines/animate-file.sh" --foo bar
expect_failure "--source needs a value" "$pipelines/animate-file.sh" --source
expect_failure "'stray' is not an option" "$pipelines/animate-file.sh" stray
expect_failure "the picture '$work/none.png' does not exist" \
  "$pipelines/animate-file.sh" --source "$work/none.png" --output "$work/d.mp4"
echo text >"$work/text"
expect_failure "there is no video in '$work/text'" \
  "$pipelines/animate-file.sh" --driving "$work/text" --output "$work/d.mp4"
expect_failure "check the folder '$work/none'" \
  "$pipelines/animate-file.sh" --output "$work/none/d.mp4"
expect_failure "is an input too" "$pipelines/animate-file.sh" --driving "$clip" --output "$clip"
# The script passes on errors of the element and leaves no broken file behind.
expect_failure "$clip" "$pipelines/animate-file.sh" --source "$clip" --driving "$clip" --output "$work/d.mp4"
[ ! -e "$work/d.mp4" ] || fail "a broken file was left behind"
