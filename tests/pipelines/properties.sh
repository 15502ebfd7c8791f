#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# docs/properties.md and docs/motion.md agree with the elements' properties: names, types, defaults, when they may
# change.
. "$(dirname "$0")/helpers.sh"

# agree ELEMENT DOCUMENT
agree() {
  "$FOMO_BUILD/tests/pipelines/list-properties" "$1" | LC_ALL=C sort >"$work/element"
  [ -s "$work/element" ] || fail "$1 has no properties"
  # The last column, which says what a property is for, is not compared.
  sed -nE 's/^(\| `[a-z-]+` \|.*\|)[^|]*\|$/\1/p' "$FOMO_SOURCE/docs/$2" | LC_ALL=C sort >"$work/document"
  diff -u --label "docs/$2" --label "$1" "$work/document" "$work/element" || fail "docs/$2 and $1 differ"
}

agree fomotransfer properties.md
agree fomomotionenc motion.md
