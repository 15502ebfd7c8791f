#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# hardening.sh FILE... [--nothing-to-fortify FILE...]: each library and program has full RELRO, immediate
# binding, a stack that is not executable, no relocation of code, a stack protector, and calls that
# _FORTIFY_SOURCE checks (the second group makes no calls that could be checked); programs are
# position independent.
set -euo pipefail

failed=0
# expect FILE WHAT COMMAND...: the command succeeds.
expect() {
  local file=$1 what=$2
  shift 2
  "$@" && return
  echo "${file##*/}: $what" >&2
  failed=1
}

[ $# -gt 0 ] || { echo "hardening: no file was given" >&2; exit 2; }
fortified=yes
for file in "$@"; do
  [ "$file" != --nothing-to-fortify ] || { fortified=no; continue; }
  segments=$(readelf -lW "$file") dynamic=$(readelf -dW "$file") symbols=$(readelf -W --dyn-syms "$file")
  expect "$file" "no GNU_RELRO segment" grep -q GNU_RELRO <<<"$segments"
  expect "$file" "not bound when it is loaded" grep -qE 'BIND_NOW|FLAGS_1.*NOW' <<<"$dynamic"
  expect "$file" "executable stack" grep -qE 'GNU_STACK .* RW ' <<<"$segments"
  expect "$file" "relocations in the code" bash -c '! grep -q TEXTREL' <<<"$dynamic"
  expect "$file" "no stack protector" grep -q __stack_chk_fail <<<"$symbols"
  [ $fortified = no ] || expect "$file" "no call of _FORTIFY_SOURCE" grep -qE '__[a-z]+_chk(@|$)' <<<"$symbols"
  if grep -q INTERP <<<"$segments"; then
    expect "$file" "not position independent" grep -qE 'FLAGS_1.*PIE' <<<"$dynamic"
  fi
done
exit $failed
