# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for the scripts of this folder, which source this file. A script describes itself in the comment
# at its top (which --help prints), sets a variable for each option, and calls take_options with their names.

export LC_NUMERIC=C # a point in decimal numbers, whatever the language
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${FOMO_BUILD-$root/build} # Meson's build folder

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# Prints the comment at the top of the running script.
help() { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; }

# take_options "NAMES" "$@": --name VALUE or --name=VALUE sets the variable `name` (dashes become
# underscores). Other words go to the array `operands`. The words after -- go to the array `properties`,
# which the scripts pass to the fomotransfer element.
take_options() {
  local names=" $1 " name value
  shift
  operands=() properties=()
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help) help; exit 0 ;;
      --) shift; properties=("$@"); return ;;
      --*=*) name=${1%%=*} value=${1#*=} ;;
      --*)
        name=$1
        [ $# -ge 2 ] || die "$1 needs a value (see --help)"
        value=$2
        shift ;;
      *) operands+=("$1"); shift; continue ;;
    esac
    shift
    [[ $names = *" ${name#--} "* ]] || die "there is no option $name (see --help)"
    name=${name#--}
    printf -v "${name//-/_}" %s "$value"
  done
}

no_operands() { [ ${#operands[@]} -eq 0 ] || die "'${operands[0]}' is not an option (see --help)"; }

# need_file WHAT PATH
need_file() {
  [ -e "$2" ] || die "$1 '$2' does not exist"
  [ -f "$2" ] || die "$1 '$2' is not a file"
  [ -r "$2" ] || die "$1 '$2' cannot be read: check its permissions"
}

# Checks the input files of most scripts: the picture, the clip and the model.
need_inputs() {
  need_file "the picture" "$source"
  need_file "the driving clip" "$driving"
  need_model
}

need_model() { [ "$model" = builtin ] || need_file "the model" "$model"; }

need_output() {
  local folder input
  folder=$(dirname "$output")
  [ -d "$folder" ] && [ -w "$folder" ] || die "'$output' cannot be written: check the folder '$folder'"
  [ ! -d "$output" ] || die "'$output' is a folder: name a file in it"
  for input in "$@"; do
    [ ! "$output" -ef "$input" ] || die "'$output' is an input too: name another output"
  done
}

need_size() {
  [[ $size =~ ^[1-9][0-9]*$ ]] && [ "$size" -ge 16 ] && [ $((size % 2)) -eq 0 ] ||
    die "--size is an even number of pixels from 16, not '$size'"
}

# need_port OPTION NUMBER
need_port() {
  [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] && [ "$2" -le 65535 ] || die "$1 is a port from 1 to 65535, not '$2'"
}

# split_host HOST[:PORT] DEFAULT: sets `host` and `port`. An IPv6 address with a port is in brackets.
split_host() {
  host=$1 port=$2
  case $1 in
    \[*\]:*) host=${1%:*} port=${1##*:} ;;
    \[*\] | *:*:*) ;;
    *:*) host=${1%:*} port=${1##*:} ;;
  esac
  host=${host#\[} host=${host%\]}
  [ -n "$host" ] || die "there is no host in '$1'"
  need_port "the port of '$1'" "$port"
}

need_camera() {
  [ -c "$camera" ] || die "there is no camera at '$camera'; pipelines/without-camera.sh needs none"
  [ -r "$camera" ] || die "the camera '$camera' cannot be read: add yourself to its group, '$(stat -c %G "$camera")'"
}

# package_of ELEMENT: prints the Debian package that has the element.
package_of() {
  case $1 in
    x264enc) echo gstreamer1.0-plugins-ugly ;;
    avenc_aac) echo gstreamer1.0-libav ;;
    rtmp2sink | srtsink | mpegtsmux | hlssink2 | webrtcbin | fpsdisplaysink | h264parse) echo gstreamer1.0-plugins-bad ;;
    compositor | textoverlay | videoconvert | videoscale | videotestsrc | decodebin | audioconvert | audioresample)
      echo gstreamer1.0-plugins-base ;;
    *) echo gstreamer1.0-plugins-good ;;
  esac
}

# need_elements ELEMENT...: if elements are missing, names the packages to install and ends the script. If
# fomotransfer is not installed, makes GStreamer find it in the build folder.
need_elements() {
  command -v gst-launch-1.0 >/dev/null ||
    die "gst-launch-1.0 is missing: sudo apt-get install gstreamer1.0-tools"
  local element missing=() packages=()
  for element in "$@"; do
    gst-inspect-1.0 --exists "$element" && continue
    missing+=("$element")
    packages+=("$(package_of "$element")")
  done
  [ ${#missing[@]} -eq 0 ] ||
    die "GStreamer lacks ${missing[*]}: sudo apt-get install $(printf '%s\n' "${packages[@]}" | sort -u | xargs)"
  have_fomotransfer && return
  use_build
  have_fomotransfer ||
    die "GStreamer does not find the element fomotransfer: run pipelines/demo.sh once, which builds it"
}

# Sets `fomo_model` to the path of the tool: the installed one, or the one of the build folder.
need_fomo_model() {
  fomo_model=$(command -v fomo-model || true)
  [ -n "$fomo_model" ] || fomo_model=$build/tools/fomo-model
  [ -x "$fomo_model" ] || die "there is no fomo-model: run pipelines/demo.sh once, which builds it"
}

# Without a version, gst-inspect-1.0 looks for an element of GStreamer's own version.
have_fomotransfer() { gst-inspect-1.0 --exists --atleast-version=0.0 fomotransfer; }

# GStreamer looks in the build folder first.
use_build() {
  local path=${GST_PLUGIN_PATH_1_0-${GST_PLUGIN_PATH-}}
  export GST_PLUGIN_PATH_1_0=$build/gst${path:+:$path}
}

# Any of several video sinks can open a window.
need_window() {
  [ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ] || die "no desktop to open a window on: DISPLAY is not set"
  local sink
  for sink in ximagesink xvimagesink glimagesink waylandsink gtksink; do
    gst-inspect-1.0 --exists $sink && return
  done
  die "GStreamer cannot open windows: sudo apt-get install gstreamer1.0-x"
}

# sound_branch CLIP MUXER: sets the array `sound` to a part of a pipeline that carries the sound of the
# clip, which may be a media file of any kind, to the muxer; to nothing when the clip is silent. AAC is
# copied, other sound is encoded as AAC. The queue has no limit, since the video leaves its encoder seconds
# later than the sound arrives.
sound_branch() {
  command -v gst-discoverer-1.0 >/dev/null ||
    die "gst-discoverer-1.0 is missing: sudo apt-get install gstreamer1.0-plugins-base-apps"
  local report queue=(queue max-size-time=0 max-size-bytes=0 max-size-buffers=0)
  report=$(LC_ALL=C.UTF-8 gst-discoverer-1.0 -v "$1" 2>&1) || true
  sound=()
  case $report in
    *' video #'*' audio #'*': audio/mpeg, mpegversion=(int)4'*)
      sound=(filesrc location="$1" ! parsebin name=tracks
        tracks. ! audio/mpeg ! "${queue[@]}" ! aacparse ! "$2.") ;;
    *' video #'*' audio #'* | *' audio #'*' video #'*)
      sound=(filesrc location="$1" ! decodebin name=tracks
        tracks. ! audioconvert ! audioresample ! "${queue[@]}" ! avenc_aac ! "$2.") ;;
    *' video #'*) ;;
    *) die "there is no video in '$1' that GStreamer can read (gst-discoverer-1.0 tells more)" ;;
  esac
}

# The part of a pipeline after `filesrc` or a camera: frames of any clip, decoded; interlaced ones as whole
# frames, one for each. Needs the elements of `decoding_elements`.
decoding=(decodebin ! videoconvert ! deinterlace fields=top)
decoding_elements=(decodebin videoconvert deinterlace)

# square SIZE: sets the array `square` to a part of a pipeline that cuts the largest centred square out of a
# picture and scales it.
square() {
  square=(videoconvert ! aspectratiocrop aspect-ratio=1/1 ! videoscale add-borders=false
    ! "video/x-raw,width=$1,height=$1,pixel-aspect-ratio=1/1")
}

# The elements of live_video and live_sound.
live_elements=("${decoding_elements[@]}" x264enc h264parse aacparse audioconvert audioresample avenc_aac)

# live_driver: sets the array `live_driver` to the decoded frames of the clip `driving` in real time or, if it is empty, of
# `camera`.
live_driver() {
  if [ -n "$driving" ]; then
    need_file "the driving clip" "$driving"
    # `identity sync=true` passes frames at the clip's speed, as a camera does.
    live_driver=(filesrc location="$driving" ! "${decoding[@]}" ! identity sync=true)
  else
    need_camera
    need_elements v4l2src
    live_driver=(v4l2src device="$camera" ! "${decoding[@]}")
  fi
  # The queue keeps the newest frame only: a slow machine sends fewer frames and no late ones.
  live_driver+=(! queue max-size-buffers=1 leaky=downstream)
}

# live_frames: sets the array `live_frames` to a part of a pipeline that takes the motion of live_driver, and gives
# frames of the animated `source`.
live_frames() {
  live_driver
  live_frames=("${live_driver[@]}"
    ! fomotransfer source-image="$source" model="$model" device="$device" "${properties[@]}")
}

# live_video BITRATE: sets the array `live_video` to live_frames as H.264 that is marked as synthetic. A `camera` has
# precedence over `driving`, which has a default. Checks the files that are named by options.
live_video() {
  need_file "the picture" "$source"
  need_model
  [[ $1 =~ ^[1-9][0-9]{0,5}$ ]] || die "--bitrate is a number of kbit/s, not '$1'"
  [ -z "$camera" ] || driving=
  live_frames
  # A key frame every two seconds lets viewers join.
  live_video=("${live_frames[@]}" ! videoconvert ! video/x-raw,format=I420
    ! x264enc tune=zerolatency speed-preset=veryfast bitrate="$1" key-int-max=50
    ! h264parse ! fomomark)
}

# live_sound MUXER: sets `sound` as sound_branch does; to nothing with a camera.
live_sound() {
  sound=()
  [ -z "$driving" ] || sound_branch "$driving" "$1"
}

# launch WORDS...: replaces the script by a pipeline, which runs until it ends or Ctrl-C is pressed.
launch() { exec gst-launch-1.0 -q -e "$@"; }

# launch_and_then CLEAN-UP WORDS...: runs a pipeline as `launch` does, then the command CLEAN-UP, and ends the script.
launch_and_then() {
  local clean_up=$1 status=0 child
  shift
  gst-launch-1.0 -q -e "$@" &
  child=$!
  trap 'kill -INT "$child" 2>/dev/null' INT TERM
  # A signal ends `wait` before the pipeline has ended.
  while :; do
    wait "$child" && status=0 || status=$?
    kill -0 "$child" 2>/dev/null || break
  done
  "$clean_up"
  exit "$status"
}

# launch_to_file WORDS...: runs a pipeline that writes the file $output and has an element `identity
# name=frames silent=false`; counts the frames that pass it and prints the speed, loading and
# encoding included. After Ctrl-C the file can be played.
launch_to_file() {
  local begin=$EPOCHREALTIME frames
  frames=$(gst-launch-1.0 -v -e "$@" | awk '
    /GstIdentity:frames: last-message = chain/ { if (++n % 50 == 0) print "  " n " frames" >"/dev/stderr" }
    END { print n + 0 }') || { rm -f "$output"; die "the pipeline has failed: the reason is above"; }
  [ "$frames" -gt 0 ] || { rm -f "$output"; die "no frame came out of '$driving'"; }
  awk -v begin="$begin" -v end="$EPOCHREALTIME" -v frames="$frames" -v output="$output" 'BEGIN {
    printf "%s: %d frames in %.1f s, %.1f frames/s\n", output, frames, end - begin, frames / (end - begin) }'
}
