#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the project in a system of each Debian suite, with that suite's GStreamer and without LibTorch, and runs the
# element's tests there. The last line for a suite is "versions: SUITE, GStreamer N: N passed, N failed, N skipped".
#   tests/versions.sh [--root-only] [SUITE...] [-- what `meson test` takes]
# SUITE: bookworm (GStreamer 1.22), trixie (1.26), forky (1.28); default: trixie forky
# --root-only  stops before the build
# Without more arguments the suite `gst` runs. It needs root and debootstrap, takes ten minutes or more for a suite, and
# downloads some hundred megabytes. FOMO_ROOTS is the folder of the systems (see tests/roots.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/roots.sh

root_only=no suites=() tests=(--suite gst)
while [ $# -gt 0 ]; do
  case $1 in
    --root-only) root_only=yes ;;
    --) shift; tests=("$@"); break ;;
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "versions: unknown argument '$1' (see tests/versions.sh --help)" >&2; exit 2 ;;
    *) suites+=("$1") ;;
  esac
  shift
done
[ ${#suites[@]} -gt 0 ] || suites=(trixie forky)
need_roots

packages=(libgtest-dev libopencv-imgcodecs-dev gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-base-apps
  gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav
  python3 binutils procps openssl)
status=0
for suite in "${suites[@]}"; do
  root=$(build_root "$suite")
  in_root "$root" apt-get -qq install -y --no-install-recommends "${packages[@]}" >"$root.log" 2>&1 ||
    { tail -n 5 "$root.log"; exit 1; }
  # GStreamer's own checks of pipelines, where the suite has them.
  in_root "$root" apt-get -qq install -y --no-install-recommends gst-validate >"$root.log" 2>&1 || true
  version=$(in_root "$root" pkg-config --modversion gstreamer-1.0)
  echo "versions: $suite has GStreamer $version"
  [ $root_only = no ] || continue
  compile=(env CCACHE_DIR=/var/cache/ccache PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin)
  [ -e "$root/build/build.ninja" ] ||
    in_root "$root" "${compile[@]}" meson setup /build /src -Dtorch=disabled -Dtests=enabled >"$root.log" 2>&1 ||
    { tail -n 20 "$root.log"; exit 1; }
  # What tests open at run time; `meson test` builds the tests that it runs and what they link.
  in_root "$root" "${compile[@]}" ninja -C /build engine/libfomoengine.so pictures/libfomopictures.so \
    model/builtin/builtin.safetensors >"$root.log" 2>&1 ||
    { grep -A 20 '^FAILED' "$root.log" | head -n 60; exit 1; }
  in_root "$root" "${compile[@]}" meson test -C /build --print-errorlogs --timeout-multiplier 4 "${tests[@]}" || status=1
  log=$root/build/meson-logs/testlog.json
  count() { grep -cE "\"result\": \"($1)\"" "$log" || true; }
  echo "versions: $suite, GStreamer $version: $(count 'OK|EXPECTEDFAIL') passed," \
    "$(count 'FAIL|ERROR|TIMEOUT|INTERRUPT|UNEXPECTEDPASS') failed, $(count SKIP) skipped"
done
exit $status
