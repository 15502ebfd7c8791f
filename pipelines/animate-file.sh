#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates a picture with a driving clip, file to file. The clip's sound is kept.
#   pipelines/animate-file.sh [options] [-- property=value ...]
# --source FILE   the picture                          (assets/portrait.png)
# --driving FILE  the clip whose motion it takes       (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --output FILE   the MP4 file to write                (animated.mp4)
# What follows -- goes to the element, such as: -- relative=false crop=none
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4
model=builtin device=auto output=animated.mp4
take_options "source driving model device output" "$@"
no_operands
need_inputs
need_output "$source" "$driving" "$model"
need_elements decodebin videoconvert videoscale x264enc mp4mux aacparse audioconvert audioresample avenc_aac

sound_branch "$driving" file
# I420, since few players show 4:4:4, which the encoder would choose for RGB. I420 needs even sizes; the
# picture may have an odd one.
launch_to_file filesrc location="$driving" ! decodebin ! videoconvert \
  ! fomotransfer source-image="$source" model="$model" device="$device" "${properties[@]}" \
  ! identity name=frames silent=false \
  ! videoconvert ! videoscale ! "video/x-raw,format=I420,width=[2,16384,2],height=[2,16384,2]" ! x264enc ! mp4mux name=file ! filesink location="$output" \
  "${sound[@]}"
