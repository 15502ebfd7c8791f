#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates pictures with a webcam, in a window. These keys work in the window and in the terminal:
#   x    take the present pose as the neutral pose: look straight ahead when you press it
#   1-9  another picture      + -  more, less motion
#   o    another overlay      q    quit
# The small picture in the corner shows the driver, with an oval where the head should be.
#   pipelines/webcam.sh [options] [PICTURE ...] [-- property=value ...]
# PICTURE ...     the pictures                         (assets/portrait.png)
# --camera FILE   the camera's device                  (/dev/video0)
# --driving FILE  play this clip in a loop instead of the camera
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --size PIXELS   the side of the square that is shown; 0: the element's output size (512)
# --frames N      stop after N frames; -1: never       (-1)
# What follows -- goes to the element, such as: -- strength=1.5
set -euo pipefail
. "$(dirname "$0")/lib.sh"

camera=/dev/video0 driving='' model=builtin device=auto size=512 frames=-1
take_options "camera driving model device size frames" "$@"
pictures=("${operands[@]}")
[ ${#pictures[@]} -gt 0 ] || pictures=("$root/assets/portrait.png")
for picture in "${pictures[@]}"; do need_file "the picture" "$picture"; done
[ ${#pictures[@]} -le 9 ] || die "there are keys for 9 pictures, not for ${#pictures[@]}"
need_model
[ "$size" = 0 ] || need_size
if [ -n "$driving" ]; then
  need_file "the driving clip" "$driving"
  need_elements "${decoding_elements[@]}" autovideosink
  from=(--driving "$driving")
else
  need_camera
  need_elements v4l2src "${decoding_elements[@]}" autovideosink
  from=(--camera "$camera")
fi
need_window
fomo_webcam=$(command -v fomo-webcam || echo "$build/pipelines/fomo-webcam")
[ -x "$fomo_webcam" ] || die "there is no fomo-webcam: run pipelines/demo.sh once, which builds it"

exec "$fomo_webcam" "${from[@]}" --model "$model" --device "$device" --size "$size" --frames "$frames" \
  "${pictures[@]}" -- "${properties[@]}"
