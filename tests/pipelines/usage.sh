#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each script of pipelines/ has a help text, accepts the options in it and no others, and names missing
# elements.
. "$(dirname "$0")/helpers.sh"

# The environment of a GStreamer without plugins.
mkdir "$work/none"
poor=(env -u GST_PLUGIN_PATH GST_PLUGIN_PATH_1_0="$work/none" GST_PLUGIN_SYSTEM_PATH_1_0="$work/none"
  GST_REGISTRY_1_0="$work/registry" GST_REGISTRY="$work/registry" DISPLAY=:0)

for script in "$pipelines"/*.sh; do
  name=${script##*/}
  bash -n "$script"
  [ "$name" = lib.sh ] && continue
  [ -x "$script" ] || fail "$name cannot be run"
  "$script" --help >"$work/said"
  grep -qF "pipelines/$name [options]" "$work/said" || fail "$name --help does not show how it is called"
  # The script accepts every option that the help names.
  while read -r option; do
    grep -qE "take_options \".*\b${option#--}\b.*\"" "$script" || fail "$name has no $option"
  done < <(grep -oE '^--[a-z-]+' "$work/said")
  expect_failure "there is no option --nonsense" "$script" --nonsense 1
done

expect_failure "sudo apt-get install gstreamer1.0-libav gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
gstreamer1.0-plugins-ugly" "${poor[@]}" "$pipelines/grid.sh" --output "$work/grid.mp4"
expect_failure "gstreamer1.0-plugins-bad" "${poor[@]}" "$pipelines/rtmp.sh" rtmp://localhost/live/me
expect_failure "v4l2src" "${poor[@]}" "$pipelines/webcam.sh" --camera /dev/null
