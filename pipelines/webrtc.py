#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serves the H.264 stream of a pipeline to browsers by WebRTC. pipelines/webrtc.sh checks the requirements and starts it.

  webrtc.py ADDRESS PORT MOST PIPELINE...

The pipeline ends in `tee name=viewers`, to which each viewer gets a branch of its own, MOST at a time. The connection is
made as WHEP describes it (draft-ietf-wish-whep): POST /whep with an offer returns the answer, with all candidates in it,
and the address of the connection, whose DELETE ends it. / is a page that does this.
"""
import http.server
import pathlib
import random
import re
import signal
import sys
import threading
import uuid

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstVideo", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstVideo, GstWebRTC  # noqa: E402

LARGEST_OFFER = 100_000
PATIENCE = 10  # seconds for the steps of a connection


class Refused(Exception):
    """A viewer that cannot be served, with the reason."""


def payload_type(offer):
    """The number by which the offer means H.264 in the form that every browser decodes."""
    for number, parameters in re.findall(r"^a=fmtp:(\d+) (.*?)\r?$", offer, re.MULTILINE):
        if (re.search(rf"^a=rtpmap:{number} H264/90000", offer, re.MULTILINE | re.IGNORECASE)
                and "packetization-mode=1" in parameters and "profile-level-id=42" in parameters):
            return int(number)
    raise Refused("the offer has no H.264 (baseline, packetization-mode 1)")


def offered(text):
    status, message = GstSdp.SDPMessage.new_from_text(text)
    if status != GstSdp.SDPResult.OK:
        raise Refused("this is no session description")
    return GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.OFFER, message)


class Viewer:
    """One connection, and its branch of the pipeline."""

    def __init__(self, pipeline, on_end):
        self.pipeline, self.on_end = pipeline, on_end
        self.tee = pipeline.get_by_name("viewers")
        self.source_pad, self.replies, self.ended = None, [], False
        # A viewer whose connection stalls loses frames, and does not stop the others.
        self.queue = Gst.ElementFactory.make("queue")
        self.queue.set_property("leaky", 2)
        self.queue.set_property("max-size-buffers", 30)
        self.pay = Gst.ElementFactory.make("rtph264pay")
        self.pay.set_property("config-interval", -1)
        self.pay.set_property("aggregate-mode", 1)  # zero-latency
        self.peer = Gst.ElementFactory.make("webrtcbin")
        self.peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.peer.connect("notify::connection-state", self.on_connection_state)

    def answer(self, offer):
        """Connects, and returns the answer to the offer. Raises Refused."""
        number = payload_type(offer)
        for element in (self.queue, self.pay, self.peer):
            self.pipeline.add(element)
        self.queue.link(self.pay)
        # The payloader takes its numbers from these caps, and the answer names them before the first packet.
        caps = Gst.Caps.from_string(
            "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,packetization-mode=(string)1,"
            f"payload={number},ssrc=(uint){random.getrandbits(32)}")
        if not self.pay.link_filtered(self.peer, caps):
            raise Refused("the stream cannot be sent")
        transceiver = self.peer.emit("get-transceiver", 0)
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        transceiver.set_property("do-nack", True)
        for element in (self.peer, self.pay, self.queue):
            element.sync_state_with_parent()
        self.ask("set-remote-description", offered(offer))
        answer = self.ask("create-answer", None).get_value("answer")
        gathered = threading.Event()
        self.peer.connect("notify::ice-gathering-state", lambda peer, _: self.has_gathered() and gathered.set())
        self.ask("set-local-description", answer)
        if not self.has_gathered() and not gathered.wait(PATIENCE):
            raise Refused("this machine's addresses were not found in time")
        return self.peer.get_property("local-description").sdp.as_text()

    def ask(self, action, argument):
        """Lets webrtcbin do something, waits for it, and returns its reply."""
        done = threading.Event()
        promise = Gst.Promise.new_with_change_func(lambda promise, *_: done.set())
        self.peer.emit(action, argument, promise)
        if not done.wait(PATIENCE):
            raise Refused(f"{action} took too long")
        reply = promise.get_reply()
        self.replies.append(reply)  # values that are taken out of it are parts of it
        if reply and reply.has_field("error"):
            raise Refused(f"{action}: {reply.get_value('error').message}")
        return reply

    def has_gathered(self):
        return self.peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE

    def on_connection_state(self, peer, _):
        state = peer.get_property("connection-state")
        if state == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
            GLib.idle_add(self.link)
        elif state in (GstWebRTC.WebRTCPeerConnectionState.FAILED, GstWebRTC.WebRTCPeerConnectionState.CLOSED):
            self.on_end()

    # These run in the main loop, one after the other.

    def link(self):
        """Lets the stream in, with a key frame. webrtcbin holds up who sends before it is connected."""
        if not self.source_pad and not self.ended:
            self.source_pad = self.tee.request_pad_simple("src_%u")
            self.source_pad.link(self.queue.get_static_pad("sink"))
            self.source_pad.send_event(GstVideo.video_event_new_upstream_force_key_unit(Gst.CLOCK_TIME_NONE, True, 0))
        return GLib.SOURCE_REMOVE

    def remove(self):
        """Takes the branch out of the pipeline: first from the tee, between two frames, then the rest."""
        self.ended = True
        if self.source_pad:
            self.source_pad.add_probe(Gst.PadProbeType.IDLE, self.unlink)
        else:
            self.take_down()
        return GLib.SOURCE_REMOVE

    def unlink(self, pad, _):
        pad.unlink(pad.get_peer())
        GLib.idle_add(self.take_down)
        return Gst.PadProbeReturn.REMOVE

    def take_down(self):
        if self.source_pad:
            self.tee.release_request_pad(self.source_pad)
        # The last element first: it may hold up the ones before it.
        for element in (self.peer, self.pay, self.queue):
            element.set_locked_state(True)
            element.set_state(Gst.State.NULL)
            if element.get_parent():
                self.pipeline.remove(element)
        return GLib.SOURCE_REMOVE


class Viewers:
    """All connections. Its functions may be called by any thread."""

    def __init__(self, pipeline, most):
        self.pipeline, self.most = pipeline, most
        self.lock, self.viewers = threading.Lock(), {}

    def add(self, offer):
        """The connection's name and the answer to its offer. Raises Refused."""
        name = uuid.uuid4().hex
        viewer = Viewer(self.pipeline, lambda: self.remove(name))
        with self.lock:
            if len(self.viewers) >= self.most:
                raise Refused(f"there are {self.most} viewers already")
            self.viewers[name] = viewer
        try:
            return name, viewer.answer(offer)
        except Exception:
            self.remove(name)
            raise

    def remove(self, name):
        """Whether there was such a connection. It ends soon."""
        with self.lock:
            viewer = self.viewers.pop(name, None)
        if viewer:
            GLib.idle_add(viewer.remove)
        return viewer is not None


class Handler(http.server.BaseHTTPRequestHandler):
    viewers = None
    timeout = PATIENCE

    def do_GET(self):
        if self.path == "/":
            self.reply(200, (pathlib.Path(__file__).parent / "webrtc.html").read_bytes(), "text/html; charset=utf-8")
        else:
            self.reply(404, b"there is only /\n")

    def do_POST(self):
        size = self.headers.get("Content-Length", "")
        if self.path != "/whep":
            self.reply(404, b"offers go to /whep\n")
        elif not size.isdecimal() or int(size) > LARGEST_OFFER:
            self.reply(413, b"this is no offer\n")
        elif self.headers.get_content_type() != "application/sdp":
            self.reply(415, b"an offer is application/sdp\n")
        else:
            try:
                name, answer = self.viewers.add(self.rfile.read(int(size)).decode(errors="replace"))
            except Refused as refused:
                self.reply(503, f"{refused}\n".encode())
            else:
                self.reply(201, answer.encode(), "application/sdp", Location="/whep/" + name)

    def do_DELETE(self):
        known = self.path.startswith("/whep/") and self.viewers.remove(self.path[len("/whep/"):])
        self.reply(200 if known else 404, b"")

    def reply(self, status, body, kind="text/plain; charset=utf-8", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    address, port, most, words = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    Gst.init(None)
    pipeline = Gst.parse_launchv(words)
    loop, failed = GLib.MainLoop(), []

    def on_message(_, message):
        if message.type == Gst.MessageType.ERROR:
            failed.append(message.parse_error()[0].message)
        if message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
            loop.quit()

    pipeline.get_bus().add_signal_watch()
    pipeline.get_bus().connect("message", on_message)
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
    Handler.viewers = Viewers(pipeline, most)
    try:
        server = http.server.ThreadingHTTPServer((address, port), Handler)
    except OSError as error:
        sys.exit(f"webrtc.sh: {address}:{port}: {error.strerror}: name another --port")
    pipeline.set_state(Gst.State.PLAYING)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://{address}:{port}/", flush=True)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    if failed:
        sys.exit("webrtc.sh: " + failed[0])


if __name__ == "__main__":
    main()
