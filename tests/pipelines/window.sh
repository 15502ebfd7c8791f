#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The scripts that open a window, on a virtual display. The screen shows the animation. A clip takes the
# place of the camera.
. "$(dirname "$0")/helpers.sh"

command -v Xvfb >/dev/null || skip "no Xvfb: apt-get install xvfb"
gst-inspect-1.0 --exists ximagesink || skip "no ximagesink: apt-get install gstreamer1.0-x"

unset DISPLAY WAYLAND_DISPLAY
expect_failure "DISPLAY is not set" "$pipelines/without-camera.sh"
expect_failure "there is no camera at '$work/none'" "$pipelines/webcam.sh" --camera "$work/none"

# Xvfb chooses a free display and prints its number when it is ready.
mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp -noreset 3>"$work/display" 2>"$work/xvfb.log" &
children+=($!)
read -rt 60 display <"$work/display" || fail "Xvfb does not start: $(cat "$work/xvfb.log")"
export DISPLAY=:$display

clip=$work/clip.mp4
short_clip "$clip" 60
head_picture "$work/head.png"
record "$(animation "$work/head.png" "$clip" "${each_alone[*]}")" "$work/expected.avi"

# on_screen: for four seconds the window shows frames of the animation, in order. In that time the clip
# starts again twice at most. A slow machine shows few of the frames. The region leaves out the text
# that tells the speed.
on_screen() {
  check follow "ximagesrc use-damage=false num-buffers=8 ! video/x-raw,framerate=2/1" \
    "$work/expected.avi" frames=8 rounds=3 region=0,0,256,192 expected-region=0,0,256,192 >>"$work/looks" 2>&1
}

echo "- without a camera"
"$pipelines/without-camera.sh" --source "$work/head.png" --driving "$clip" --times 15 -- "${each_alone[@]}" >"$work/said" 2>&1 &
children+=($!)
wait_until 120 on_screen
tail -n 1 "$work/looks"
kill "${children[-1]}"
wait "${children[-1]}" 2>/dev/null || true

echo "- it ends with the clip"
"$pipelines/without-camera.sh" --driving "$clip" --times 1

echo "- webcam, a clip in its place"
"$pipelines/webcam.sh" "$work/head.png" --driving "$clip" --size 256 -- overlay= "${each_alone[@]}" </dev/null >"$work/said" 2>&1 &
children+=($!)
wait_until 120 on_screen
tail -n 1 "$work/looks"

# press KEYSYM: sends a key to every window, as the X server does.
press() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import ctypes, sys
class Key(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("sent", ctypes.c_int),
                ("display", ctypes.c_void_p)] + [(n, ctypes.c_ulong) for n in ("window", "root", "child", "time")] + [
                (n, ctypes.c_int) for n in ("x", "y", "x_root", "y_root", "state", "code", "same_screen")] + [
                ("rest", ctypes.c_long * 24)]
x = ctypes.CDLL("libX11.so.6")
for name in ("XOpenDisplay", "XDefaultRootWindow", "XStringToKeysym"):
    getattr(x, name).restype = ctypes.c_void_p if name == "XOpenDisplay" else ctypes.c_ulong
display = ctypes.c_void_p(x.XOpenDisplay(None))
root = ctypes.c_ulong(x.XDefaultRootWindow(display))
code = x.XKeysymToKeycode(display, ctypes.c_ulong(x.XStringToKeysym(sys.argv[1].encode())))
ignored, count = ctypes.c_ulong(), ctypes.c_uint()
windows = ctypes.POINTER(ctypes.c_ulong)()
x.XQueryTree(display, root, ctypes.byref(ignored), ctypes.byref(ignored), ctypes.byref(windows), ctypes.byref(count))
for window in windows[:count.value]:
    key = Key(type=2, display=display, window=window, root=root.value, code=code, same_screen=1)
    x.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(1), ctypes.byref(key))
x.XCloseDisplay(display)
PYTHON
}
said() { grep -qx "$1" "$work/said"; }

echo "- keys in its window"
press minus
wait_until 60 said "strength 0.9"
press o
wait_until 60 said "overlay guide+keypoints+crops+stats"
press q
wait "${children[-1]}" || fail "it ends badly with q: $(cat "$work/said")"
said '[1-9][0-9]* frames' || fail "it does not say how many frames it has shown"
