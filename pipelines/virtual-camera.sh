#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes an animated picture a camera that video calls and browsers can choose, by the kernel module v4l2loopback.
#   pipelines/virtual-camera.sh [options] [-- property=value ...]
# --output FILE    the virtual camera's device          (/dev/video10)
# --camera FILE    the real camera's device             (/dev/video0)
# --driving FILE   take the motion from this clip instead, at its own speed
# --source FILE    the picture                          (assets/portrait.png)
# --model FILE     a First Order Motion Model checkpoint (the built-in model)
# --device NAME    auto, cpu, cuda or cuda:N            (auto)
# --size PIXELS    the side of the square that the camera shows (512)
# What follows -- goes to the element, such as: -- relative=false
# Make the device once for each start of the system:
#   sudo apt-get install v4l2loopback-dkms
#   sudo modprobe v4l2loopback video_nr=10 card_label=fomotransfer exclusive_caps=1
set -euo pipefail
. "$(dirname "$0")/lib.sh"

output=/dev/video10 camera=/dev/video0 driving='' source=$root/assets/portrait.png model=builtin device=auto size=512
take_options "output camera driving source model device size" "$@"
no_operands
need_file "the picture" "$source"
need_model
need_size
[ -c "$output" ] || die "there is no device '$output': sudo modprobe v4l2loopback video_nr=${output//[!0-9]/} (see --help)"
[ -w "$output" ] || die "'$output' cannot be written: add yourself to its group, '$(stat -c %G "$output")'"
need_elements "${decoding_elements[@]}" v4l2sink
live_frames
# Programs that use cameras know YUY2 best. The module cannot share memory with the element before it.
launch "${live_frames[@]}" ! "video/x-raw,width=$size,height=$size,pixel-aspect-ratio=1/1" \
  ! videoconvert ! video/x-raw,format=YUY2 ! identity drop-allocation=true ! v4l2sink device="$output" sync=false
