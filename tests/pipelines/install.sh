#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# After `meson devenv` and after `meson install` (into a temporary folder) GStreamer finds the plugin, the
# plugin finds the engine, and the engine finds the built-in model.
. "$(dirname "$0")/helpers.sh"

unset GST_PLUGIN_PATH_1_0 GST_PLUGIN_PATH FOMOTRANSFER_BUILTIN
export GST_REGISTRY_1_0=$work/registry GST_REGISTRY=$work/registry

animate=(gst-launch-1.0 videotestsrc num-buffers=2 ! video/x-raw,width=64,height=64
  ! fomotransfer "source-image=$assets/portrait.png" model=builtin ! fakesink)

echo "- without either of them the element is not found"
expect_failure "fomotransfer" gst-inspect-1.0 fomotransfer

echo "- meson devenv"
meson devenv -C "$FOMO_BUILD" gst-inspect-1.0 fomotransfer | grep -F "$FOMO_BUILD/gst/" ||
  fail "the plugin of the build folder is not found"
meson devenv -C "$FOMO_BUILD" "${animate[@]}"
meson devenv -C "$FOMO_BUILD" fomo-model --help >/dev/null

echo "- meson install"
DESTDIR=$work/root meson install -C "$FOMO_BUILD" --no-rebuild --quiet
plugin=$(find "$work/root" -name libgstfomotransfer.so)
# What is installed does not look into the checkout or the build folder, which others may be able to write to.
source=$(cd "$(dirname "$0")/../.." && pwd -P)
count=0
while IFS= read -r -d '' file; do
  readelf -h "$file" >/dev/null 2>&1 || continue
  count=$((count + 1))
  paths=$(readelf -d "$file" | sed -n 's/.*(R\(UN\)\?PATH).*\[\(.*\)\]/\2/p')
  case $paths in
    *"$source"* | *"$FOMO_BUILD"* | *deps* | .*) fail "${file#"$work"/root} looks into '$paths'" ;;
  esac
done < <(find "$work/root" -type f \( -name '*.so*' -o -perm -u+x \) -print0)
[ "$count" -ge 4 ] || fail "only $count programs and libraries are installed"
export GST_PLUGIN_PATH_1_0=${plugin%/*}
[[ $GST_PLUGIN_PATH_1_0 = */gstreamer-1.0 ]] || fail "the plugin is in $GST_PLUGIN_PATH_1_0"
GST_DEBUG=fomotransfer:4 "${animate[@]}" 2>"$work/said" || fail "$(cat "$work/said")"
grep -F "engine library: $work/root" "$work/said" || fail "another engine: $(cat "$work/said")"
GST_PRESET_PATH=$(dirname "$(find "$work/root" -name GstFomoTransfer.prs)") gst-inspect-1.0 fomotransfer |
  grep -F lively || fail "the presets are not installed"
"$(find "$work/root" -name fomo-model)" --help >/dev/null
