#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# docs/properties.md agrees with the element's properties: names, types, defaults, when they may change.
. "$(dirname "$0")/helpers.sh"

"$FOMO_BUILD/tests/pipelines/list-properties" | LC_ALL=C sort >"$work/element"
[ -s "$work/element" ] || fail "the element has no properties"
# The last column, which says what a property is for, is not compared.
sed -nE 's/^(\| `[a-z-]+` \|.*\|)[^|]*\|$/\1/p' "$FOMO_SOURCE/docs/properties.md" | LC_ALL=C sort >"$work/document"
diff -u --label docs/properties.md --label "the element" "$work/document" "$work/element" ||
  fail "docs/properties.md and the element differ"
