#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# fomo-model best-frame and the two passes of pipelines/best-frame.sh. The clip shows the portrait tilted by
# several angles. The best frame is the one that is not tilted.
. "$(dirname "$0")/helpers.sh"

fomo_model=$FOMO_BUILD/tools/fomo-model
source=$assets/portrait.png

# tilted OUTPUT ANGLE: writes the portrait turned by the angle (radians), as PNG.
tilted() {
  gst-launch-1.0 -q filesrc location="$source" ! pngdec ! videoconvert ! rotate angle="$2" \
    ! videoconvert ! video/x-raw,format=RGB ! pngenc ! filesink location="$1"
}
# clip OUTPUT: writes the pictures $work/0.png, $work/1.png and so on as a lossless clip.
clip() {
  gst-launch-1.0 -q multifilesrc location="$work/%d.png" caps=image/png,framerate=25/1 ! pngdec \
    ! videoconvert ! video/x-raw,format=BGR ! avimux ! filesink location="$1"
}
# expect_frame PATTERN ARGUMENT...: runs best-frame; its output has a line that matches the pattern.
expect_frame() {
  local words=$1
  shift
  "$fomo_model" best-frame --source "$source" "$@" >"$work/said"
  cat "$work/said"
  grep -qE "$words" "$work/said" || fail "it does not say '$words'"
}

echo "- two frames without a face, then a head that tilts through the portrait's own pose"
for i in 0 1; do
  gst-launch-1.0 -q videotestsrc num-buffers=1 pattern=gradient ! video/x-raw,width=512,height=512 \
    ! pngenc ! filesink location="$work/$i.png"
done
# Less than 10 degrees: a head that leans more from its first frame on counts as upright.
angles=(-0.1 0.1 -0.06 0 0.06 0.12)
for i in "${!angles[@]}"; do tilted "$work/$((i + 2)).png" "${angles[i]}"; done
clip "$work/clip.avi"
expect_frame '^frame 5, 0\.200 s, distance 0\.0[0-9]*; 8 frames, [1-6] looked at$' \
  --driving "$work/clip.avi" --out "$work/best.png"
check same "$(still "$work/best.png" 512)" "$(still "$source" 512)" max-error=3 still=yes

echo "- a name with spaces and quotes, a size that is odd, a clip with an orientation tag"
mkdir "$work/a \"folder\""
odd="$work/a \"folder\"/it's me.mov"
gst-launch-1.0 -q filesrc location="$work/clip.avi" ! decodebin ! videoflip method=counterclockwise \
  ! videoconvert ! videoscale ! video/x-raw,width=511,height=511 ! pngenc \
  ! taginject tags=image-orientation=rotate-90 ! qtmux ! filesink location="$odd"
expect_frame '^frame 5, 0\.200 s' --driving "$odd" --out "$work/upright.png"
check same "$(still "$work/upright.png" 512)" "$(still "$source" 512)" max-error=4 still=yes

echo "- two passes: motion counts from the frame that was found"
"$pipelines/best-frame.sh" --driving "$work/clip.avi" --output "$work/out.mp4" --frame "$work/frame.png" \
  -- face-timeout=0
check same "$(still "$work/frame.png" 512)" "$(still "$source" 512)" max-error=3 still=yes
check media "$work/out.mp4" size=256x256 frames=8 sound=no
check same "$work/out.mp4" "$(animation "$source" "$work/clip.avi" "reference-image=$work/frame.png face-timeout=0")"

echo "- errors name their reason"
gst-launch-1.0 -q videotestsrc num-buffers=4 pattern=gradient ! video/x-raw,width=64,height=64 ! avimux \
  ! filesink location="$work/empty.avi"
expect_failure "No face was found in the 4 frames of '$work/empty.avi'" \
  "$fomo_model" best-frame --source "$source" --driving "$work/empty.avi"
expect_failure "--crop center" "$pipelines/best-frame.sh" --driving "$work/empty.avi" --output "$work/none.mp4"
[ ! -e "$work/none.mp4" ] || fail "a file was left behind"
expect_failure "cannot be decoded" "$fomo_model" best-frame --source "$source" --driving "$FOMO_SOURCE/README.md"
expect_failure "none.png" "$fomo_model" best-frame --source "$work/none.png" --driving "$work/clip.avi"
head -c 150000 "$work/clip.avi" >"$work/cut.avi"
expect_failure "'$work/cut.avi'" "$fomo_model" best-frame --source "$source" --driving "$work/cut.avi"
short_clip "$work/sound.mp4" 60
promised_video "$work/sound.mp4" "$work/promised.ts"
expect_failure "'$work/promised.ts' cannot be read: GStreamer got nothing out of it for 2 seconds" \
  "$fomo_model" best-frame --timeout 2 --source "$source" --driving "$work/promised.ts"
