#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the fuzzers with clang, address and undefined behaviour sanitizers, and runs each.
#   tests/fuzz.sh [SECONDS [TARGET...]]     default: 60 seconds each, all targets
# Fuzzers add inputs with new coverage to build-fuzz/corpus/TARGET. When an input crashes, hangs or
# takes much memory, the fuzzer stops, and the script prints the input's name; the input is in
# build-fuzz/found/TARGET. Copy the input to tests/fuzz/found/TARGET, where the test fuzz_replay reads
# it. The status is 0 if there is no such input.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1-} in
  -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
seconds=${1:-60}
[[ $seconds =~ ^[0-9]+$ ]] || { echo "fuzz: '$seconds' is no number of seconds (see --help)" >&2; exit 2; }
[ $# -gt 0 ] && shift
command -v clang++ >/dev/null || { echo "fuzz: install the package clang" >&2; exit 1; }

build=build-fuzz
[ -f $build/build.ninja ] || CC=clang CXX=clang++ meson setup $build -Dfuzz=enabled -Dtests=enabled \
  -Dtrain=disabled -Dcuda=disabled -Dbuildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
ninja -C $build fuzzers

targets=("$@")
[ ${#targets[@]} -gt 0 ] || for fuzzer in $build/tests/fuzz/fuzz_*; do
  [ -x "$fuzzer" ] && [ -f "$fuzzer" ] && targets+=("${fuzzer##*/fuzz_}")
done
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
status=0
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target" "$build/found/$target"
  echo "fuzz: $target, $seconds seconds"
  log=$build/$target.log
  options=()
  [ -f "tests/fuzz/$target.dict" ] && options+=("-dict=tests/fuzz/$target.dict")
  "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$build/found/$target/" "${options[@]}" "$build/corpus/$target" \
    "tests/fuzz/corpus/$target" $([ -d "tests/fuzz/found/$target" ] && echo "tests/fuzz/found/$target") >"$log" 2>&1 || {
    echo "fuzz: $target FAILED, see $log" >&2
    tail -n 40 "$log" >&2
    status=1
  }
  grep -E 'number_of_executed_units|average_exec_per_sec' "$log" || true
done
exit $status
