#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The pipelines that open a window, on a display of the test's own: what is on the screen is the
# animation. A row of JPEG pictures stands in for the camera.
. "$(dirname "$0")/helpers.sh"

command -v Xvfb >/dev/null || skip "no Xvfb: apt-get install xvfb"
gst-inspect-1.0 --exists ximagesink || skip "no ximagesink: apt-get install gstreamer1.0-x"

unset DISPLAY WAYLAND_DISPLAY
expect_failure "DISPLAY is not set" "$pipelines/without-camera.sh"
expect_failure "there is no camera at '$work/none'" "$pipelines/webcam.sh" --camera "$work/none"

# Xvfb takes a free display, and says which when it is ready.
mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp -noreset 3>"$work/display" 2>"$work/xvfb.log" &
children+=($!)
read -rt 60 display <"$work/display" || fail "Xvfb does not start: $(cat "$work/xvfb.log")"
export DISPLAY=:$display

clip=$work/clip.mp4
short_clip "$clip" 100
# Absolute motion, since a slow machine may show any frame first.
record "$(animation "$assets/portrait-head.png" "$clip" relative=false)" "$work/expected.avi"

# The part of the window above the text that tells the speed.
on_screen() {
  check follow "ximagesrc use-damage=false num-buffers=10 ! video/x-raw,framerate=10/1" \
    "$work/expected.avi" frames=10 region=0,0,256,192 expected-region=0,0,256,192 >>"$work/looks" 2>&1
}

echo "- without a camera"
"$pipelines/without-camera.sh" --driving "$clip" --times 15 -- relative=false >"$work/said" 2>&1 &
children+=($!)
wait_until 120 on_screen
tail -n 1 "$work/looks"
kill "${children[-1]}"
wait "${children[-1]}" 2>/dev/null || true

echo "- it ends with the clip"
"$pipelines/without-camera.sh" --driving "$clip" --times 1

echo "- webcam"
mkdir "$work/camera" "$work/bin"
gst-launch-1.0 -q filesrc location="$clip" ! decodebin ! videoconvert ! video/x-raw,format=RGB ! jpegenc quality=95 \
  ! multifilesink location="$work/camera/%03d.jpg"
cat >"$work/bin/gst-launch-1.0" <<SHIM
#!/usr/bin/env bash
# A row of JPEG pictures for the camera, at its pace.
words=()
for word in "\$@"; do
  case \$word in
    v4l2src) words+=(multifilesrc "location=$work/camera/%03d.jpg" loop=true caps=image/jpeg,framerate=25/1) ;;
    device=/dev/null) ;;
    decodebin) words+=(jpegdec ! identity sync=true ! decodebin) ;;
    *) words+=("\$word") ;;
  esac
done
exec "$(command -v gst-launch-1.0)" "\${words[@]}"
SHIM
chmod +x "$work/bin/gst-launch-1.0"
PATH=$work/bin:$PATH "$pipelines/webcam.sh" --camera /dev/null --frames 1500 -- relative=false >"$work/said" 2>&1 &
children+=($!)
wait_until 120 on_screen
tail -n 1 "$work/looks"
