#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Animates a picture with a video clip in an application of your own:
  animate.py PICTURE CLIP OUTPUT.mp4
Needs the Debian packages python3-gi and gir1.2-gstreamer-1.0."""
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst


def show_event(message):
    """Prints the element's messages. Each has a field `event`."""
    structure = message.get_structure()
    if structure.get_name() != "fomotransfer":
        return
    event = structure.get_value("event")
    if event == "model-loaded":
        print("model", structure.get_value("name"), "on", structure.get_value("device"))
    else:
        print(event)


def run(pipeline):
    """Plays the pipeline to its end. The text of an error is suitable for the user: it names the
    object, the reason and the remedy."""
    bus = pipeline.get_bus()
    pipeline.set_state(Gst.State.PLAYING)
    wanted = Gst.MessageType.EOS | Gst.MessageType.ERROR | Gst.MessageType.ELEMENT
    while True:
        message = bus.timed_pop_filtered(Gst.CLOCK_TIME_NONE, wanted)
        if message.type == Gst.MessageType.EOS:
            return
        if message.type == Gst.MessageType.ERROR:
            sys.exit(message.parse_error()[0].message)
        show_event(message)


def main():
    Gst.init(None)
    if len(sys.argv) != 4:
        sys.exit("animate.py PICTURE CLIP OUTPUT.mp4")
    pipeline = Gst.parse_launch(
        "filesrc name=clip ! decodebin ! fomotransfer name=animator ! videoconvert "
        "! video/x-raw,format=I420 ! x264enc ! mp4mux ! filesink name=file"
    )
    animator = pipeline.get_by_name("animator")
    animator.set_property("source-image", sys.argv[1])  # may be set again at any time
    pipeline.get_by_name("clip").set_property("location", sys.argv[2])
    pipeline.get_by_name("file").set_property("location", sys.argv[3])
    try:
        run(pipeline)
        stats = animator.get_property("stats")
        print(stats.get_value("frames"), "frames,", f"{stats.get_value('total-mean-ms'):.1f} ms each")
    finally:
        pipeline.set_state(Gst.State.NULL)


main()
