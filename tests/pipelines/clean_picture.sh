#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The first clip that a user sees, the bundled portrait driven by the bundled clip: no stain of a hue that
# the portrait has nowhere, and a background that stays the portrait's own.
. "$(dirname "$0")/helpers.sh"

portrait=$assets/portrait.png
# The first frame is the neutral pose: the portrait at rest.
still="$(animation "$portrait" "$assets/driving.mp4" reference=first) ! identity eos-after=2"
"$FOMO_BUILD/tests/pipelines/hue-check" "$(animation "$portrait" "$assets/driving.mp4" reference=first)" "$still" 0.5 3
