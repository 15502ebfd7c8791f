#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Virtual functions of GStreamer's classes and functions of pads are set through GST_DEBUG_FUNCPTR, so that GStreamer's
log has their names. The argument is the project's folder."""
import re
import sys
from pathlib import Path

# Of GObject's class, whose functions GStreamer does not log, and of classes of the GstObject hierarchy.
GOBJECT = {"finalize", "dispose", "set_property", "get_property", "constructed"}
named, failures = 0, []
for path in sorted((Path(sys.argv[1]) / "gst").rglob("*.cc")):
    text = path.read_text()
    found = re.findall(r"\b(?:\w*class|klass)\)?->(\w+)\s*=\s*([^;]+);", text)
    found += re.findall(r"\bgst_pad_set_(\w+)_function(?:_full)?\s*\(\s*[^,]+,\s*([^;]+)\);", text)
    for function, value in found:
        if function in GOBJECT or value in {"TRUE", "FALSE", "nullptr"}:
            continue
        if value.startswith("GST_DEBUG_FUNCPTR("):
            named += 1
        else:
            failures.append(f"{path}: {function} = {value} is not in GST_DEBUG_FUNCPTR")
if named == 0:
    failures.append("no virtual function was found")
print("\n".join(failures) or f"{named} functions have names")
sys.exit(1 if failures else 0)
