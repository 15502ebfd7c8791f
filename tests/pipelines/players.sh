#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The element where other programs put it: playbin's video-filter, gst-play's sink, an effect of ges-launch, and the
# virtual camera. The kernel module v4l2loopback cannot be loaded in a test: /dev/null is the device, and instead of
# v4l2sink something reads the clock in the picture.
. "$(dirname "$0")/helpers.sh"

clip=$work/clip.mp4
head_picture "$work/head.png"
short_clip "$clip" 50
record "$(animation "$work/head.png" "$clip" "${each_alone[*]}")" "$work/expected.avi"
filter="fomotransfer qos=false source-image=$work/head.png ${each_alone[*]}"
recorder() { echo "videoconvert ! video/x-raw,format=BGR ! avimux ! filesink location=$work/$1"; }

echo "- playbin"
gst-launch-1.0 -q playbin uri="file://$clip" video-filter="$filter" audio-sink="fakesink sync=false" \
  video-sink="$(recorder playbin.avi)"
check follow "$work/playbin.avi" "$work/expected.avi"

echo "- gst-play-1.0"
gst-play-1.0 -q --no-interactive --videosink="$filter ! $(recorder play.avi)" --audiosink="fakesink sync=false" "$clip" \
  >"$work/said" 2>&1 || fail "$(cat "$work/said")"
check follow "$work/play.avi" "$work/expected.avi"

echo "- the virtual camera"
expect_failure "sudo modprobe v4l2loopback video_nr=10" "$pipelines/virtual-camera.sh" --output /dev/nothing10
expect_failure "there is no camera at '$work/none'" "$pipelines/virtual-camera.sh" --output /dev/null --camera "$work/none"
mkdir "$work/bin"
real=$(command -v gst-launch-1.0)
cat >"$work/bin/gst-launch-1.0" <<END
#!/usr/bin/env bash
words=()
for word in "\$@"; do
  case \$word in
    v4l2sink) words+=(identity name=glass sync=true ! fakesink) ;;
    device=/dev/null) ;;
    *) words+=("\$word") ;;
  esac
done
exec "$real" "\${words[@]}"
END
chmod +x "$work/bin/gst-launch-1.0"
PATH=$work/bin:$PATH "${clock[@]}" FOMO_GLASS_LOG="$work/sent" "$pipelines/virtual-camera.sh" --output /dev/null \
  --driving "$clip" --source "$work/head.png" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
check_lateness "$work/sent" "$work/sent" 5

command -v ges-launch-1.0 >/dev/null || skip "no ges-launch-1.0: apt-get install ges1.0-tools (the rest was tested)"
echo "- ges-launch-1.0"
# Rendered as a file: VP8 in WebM. The editing services write all properties of an effect down, also the ones that cannot
# be read, such as source-sample, and complain then; that is a warning only.
env -u G_DEBUG ges-launch-1.0 +clip "$clip" +effect "$filter" -o "$work/edited.webm" --format "video/webm:video/x-vp8" \
  --video-caps video/x-raw,width=256,height=256,framerate=25/1 \
  >"$work/said" 2>&1 || fail "$(cat "$work/said")"
check media "$work/edited.webm"
check follow "$work/edited.webm" "$work/expected.avi" times=0.15
