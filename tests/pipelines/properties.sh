#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# docs/properties.md and docs/motion.md agree with the elements' properties: names, types, defaults, when they may
# change.
. "$(dirname "$0")/helpers.sh"

rows_of() { "$FOMO_BUILD/tests/pipelines/list-properties" "$1" | LC_ALL=C sort; }

# agree ELEMENT DOCUMENT [SECTION]: all tables of the document, or those of a section.
agree() {
  [ -s "$work/element" ] || fail "$1 has no properties"
  # The last column, which says what a property is for, is not compared.
  awk -v section="${3-}" '/^## /{inside = $0 == "## " section} section == "" || inside' "$FOMO_SOURCE/docs/$2" \
    | sed -nE 's/^(\| `[a-z-]+` \|.*\|)[^|]*\|$/\1/p' | LC_ALL=C sort >"$work/document"
  diff -u --label "docs/$2" --label "$1" "$work/document" "$work/element" || fail "docs/$2 and $1 differ"
}

rows_of fomotransfer >"$work/element"
agree fomotransfer properties.md
rows_of fomomotionenc >"$work/element"
agree fomomotionenc motion.md "Properties of fomomotionenc"
# What fomomotiondec has besides the properties of fomotransfer.
rows_of fomomotiondec | LC_ALL=C comm -23 - <(rows_of fomotransfer) >"$work/element"
agree fomomotiondec motion.md "Properties of fomomotiondec"
