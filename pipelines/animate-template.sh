#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates a picture with a motion template, without any driving video: to a file, or to a window.
#   pipelines/animate-template.sh [options] [-- property=value ...]
# --source FILE    the picture                          (assets/portrait.png)
# --template NAME  nod, smile, talk or look-around, or a file that fomomotionenc ! filesink wrote (nod)
# --output FILE    the MP4 file to write; empty: a window (animated.mp4)
# --seconds N      play the template as often as so many seconds need, in full, so that the file loops too; 0: once (0)
# --device NAME    auto, cpu, cuda or cuda:N            (auto)
# What follows -- goes to the element, such as: -- output=picture strength=0.8
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png template=nod output=animated.mp4 seconds=0 device=auto
take_options "source template output seconds device" "$@"
no_operands
need_file "the picture" "$source"
[[ $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "--seconds is a number from 0, not '$seconds'"
motion=$template
[[ $template = */* || $template = *.fomomotion ]] || motion=$root/assets/motion/$template.fomomotion
[ -e "$motion" ] || [ "$motion" = "$template" ] ||
  die "there is no template '$template': name nod, smile, talk, look-around or a file"
need_file "the motion" "$motion"
need_fomo_model
read -r frames duration < <("$fomo_model" motion "$motion" | awk '$1 == "frames:" { print $2, $4 }')
[ -n "$duration" ] && [ "$frames" -gt 0 ] || die "there is no motion in '$motion'"
rounds=$(awk -v duration="$duration" -v seconds="$seconds" 'BEGIN {
  rounds = int(seconds / duration)
  print rounds * duration < seconds - 1e-6 || rounds == 0 ? rounds + 1 : rounds }')

# The template's first frame is the neutral pose, so that each round is the same.
animation=(multifilesrc location="${motion//%/%%}" loop=true num-buffers="$rounds" ! fomomotionparse
  ! fomomotiondec source-image="$source" device="$device" reference=first "${properties[@]}")
if [ -z "$output" ]; then
  need_elements multifilesrc videoconvert
  need_window
  launch "${animation[@]}" ! videoconvert ! autovideosink
fi
need_output "$source" "$motion"
need_elements multifilesrc videoconvert videoscale x264enc h264parse mp4mux
driving=$motion
launch_to_file "${animation[@]}" ! identity name=frames silent=false \
  ! videoconvert ! videoscale ! "video/x-raw,format=I420,width=[2,16384,2],height=[2,16384,2]" ! x264enc \
  ! h264parse ! fomomark ! mp4mux ! filesink location="$output"
