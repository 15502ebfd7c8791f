#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing, builds, runs the tests. Ends with the line
#   N passed, N failed, N skipped
# and with status 0 when something passed and nothing failed. Safe to run again.
#   tests/run.sh [--asan] [--build-only] [what `meson test` takes: names, --suite NAME, ...]
# --asan        in a build of its own (build-asan), with the address and undefined behaviour
#               sanitizers, without the suite `pipelines`, whose programs are not built here
# --build-only  stops before the tests
# With CI=true in the environment, compiler warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."

build=build asan=no build_only=no
options=(-Dtests=enabled -Dtrain=enabled)
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --asan) asan=yes build=build-asan ;;
    --build-only) build_only=yes ;;
    *) break ;;
  esac
  shift
done

[ "${CI-}" = true ] && options+=(-Dwerror=true)
if [ $asan = yes ]; then
  # Checks at run time are slow enough; debug code without optimisation would be slower still.
  options+=(-Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debugoptimized)
  # What was freed is kept for a while: less of it, as a test watches how much memory is taken.
  export ASAN_OPTIONS=detect_odr_violation=0:quarantine_size_mb=16 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export LSAN_OPTIONS=suppressions=$PWD/tests/sanitizers/leaks.supp:print_suppressions=0
  export GST_REGISTRY_FORK=no # GStreamer's scanner is a program without the sanitizers' run time
  set -- --no-suite pipelines "$@"
fi

scripts/setup.sh --tests </dev/null
# ccache may share its work between checkouts of different names.
export CCACHE_NOHASHDIR=1
if [ -f $build/build.ninja ]; then
  meson configure $build "${options[@]}"
else
  echo "run: configuring $build"
  meson setup $build "${options[@]}"
fi
echo "run: building"
meson compile -C $build
[ $build_only = no ] || exit 0

echo "run: testing"
log=$build/meson-logs/testlog.json
rm -f $log
status=0
meson test -C $build --no-rebuild --print-errorlogs "$@" </dev/null || status=$?

# The log has one line of JSON for each test.
count() { grep -cE "\"result\": \"($1)\"" $log 2>/dev/null || true; }
passed=$(count 'OK|EXPECTEDFAIL')
skipped=$(count 'SKIP')
failed=$(count 'FAIL|ERROR|TIMEOUT|INTERRUPT|UNEXPECTEDPASS')
echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
[ "$status" -eq 0 ] && [ "${failed:-0}" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
