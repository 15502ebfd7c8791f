#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing, builds, and runs the tests. The last line of the output is
#   N passed, N failed, N skipped
# The status is 0 when at least one test passed and none failed. It may be run again.
#   tests/run.sh [--asan | --tsan] [--build-only] [what `meson test` takes: names, --suite NAME, ...]
# --asan        with the address and undefined behaviour sanitizers, in a build of its own
#               (build-asan): without the trainer, CUDA and the suite `pipelines`, whose programs are
#               not built here
# --tsan        with the thread sanitizer (build-tsan), the tests in which threads meet: thread pool, streams,
#               element and storm; other names may be given
# --build-only  stops before the tests
# With CI=true in the environment, compiler warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."

build=build sanitizer= build_only=no
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --asan) sanitizer=address,undefined build=build-asan ;;
    --tsan) sanitizer=thread build=build-tsan ;;
    --build-only) build_only=yes ;;
    *) break ;;
  esac
  shift
done

options=(-Dtests=enabled -Dtorch=enabled)
[ "${CI-}" = true ] && options+=(-Dwerror=true)
if [ -z "$sanitizer" ]; then
  options+=(-Dtrain=enabled)
else
  options+=(-Dtrain=disabled -Dcuda=disabled)
  # Code with checks and without optimisation would be too slow.
  options+=("-Db_sanitize=$sanitizer" -Db_lundef=false -Dbuildtype=debugoptimized)
  # AddressSanitizer keeps freed memory for a while; it keeps little, since tests measure memory.
  export ASAN_OPTIONS=detect_odr_violation=0:quarantine_size_mb=16 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export LSAN_OPTIONS=suppressions=$PWD/tests/sanitizers/leaks.supp:print_suppressions=0
  export TSAN_OPTIONS=suppressions=$PWD/tests/sanitizers/threads.supp:halt_on_error=1:die_after_fork=0
  # GStreamer locks in more than one order; memory that libraries touch is not ours; the stacks of old accesses are kept.
  TSAN_OPTIONS+=:detect_deadlocks=0:ignore_interceptors_accesses=1:history_size=7
  export GST_REGISTRY_FORK=no # GStreamer's scanner program has no sanitizer run time library
  if [ "$sanitizer" != thread ]; then
    set -- --no-suite pipelines "$@"
  else
    export G_SLICE=always-malloc # the thread sanitizer sees through malloc alone
    [ $# -gt 0 ] || set -- scan-plugins thread_pool kernels engine faulty-backend storm-fake storm
  fi
fi

scripts/setup.sh --tests </dev/null
# Checkouts with different names share ccache's results.
export CCACHE_NOHASHDIR=1
if [ -f $build/build.ninja ]; then
  # A build folder that is older than an option is read anew.
  meson configure $build "${options[@]}" >/dev/null 2>&1 || meson setup --reconfigure $build "${options[@]}"
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
# The limits are there to end tests that hang. A slow machine gets four times as long.
meson test -C $build --no-rebuild --print-errorlogs --timeout-multiplier 4 "$@" </dev/null || status=$?

# The log has one line of JSON for each test.
count() { grep -cE "\"result\": \"($1)\"" $log 2>/dev/null || true; }
passed=$(count 'OK|EXPECTEDFAIL')
skipped=$(count 'SKIP')
failed=$(count 'FAIL|ERROR|TIMEOUT|INTERRUPT|UNEXPECTEDPASS')
echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
[ "$status" -eq 0 ] && [ "${failed:-0}" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
