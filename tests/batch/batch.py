#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""fomo-batch: a list is done, continued, shared, and survives the death of a worker."""
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "live"))
from fomo_live import CLIP, PORTRAIT, SOURCE, count_frames, load_gstreamer, wait_until

PROGRAM = SOURCE / "tools/fomo-batch"
FRAMES = 12


def launch(text):
    subprocess.run(["gst-launch-1.0", "-q", *text.split()], check=True)


class Batch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.inputs = Path(tempfile.mkdtemp())
        launch(f"filesrc location={CLIP} ! decodebin ! videoconvert ! identity eos-after={FRAMES} ! videoscale "
               f"! video/x-raw,width=256,height=256 ! x264enc ! mp4mux ! filesink location={cls.inputs}/short.mp4")
        launch(f"filesrc location={CLIP} ! decodebin name=d d. ! videoconvert ! identity eos-after={FRAMES} ! queue ! x264enc ! mux. "
               f"mp4mux name=mux ! filesink location={cls.inputs}/sound.mp4 d. ! audioconvert ! queue ! identity eos-after=20 ! avenc_aac ! mux.")
        cls.frames = count_frames(cls.inputs / "short.mp4")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.inputs)

    def setUp(self):
        self.work = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.work)
        for path in self.inputs.iterdir():
            shutil.copy(path, self.work)
        shutil.copy(PORTRAIT, self.work / "a.png")
        (self.work / "text.png").write_text("This is a text.\n")
        self.list = self.work / "jobs.csv"
        self.state = self.work / "jobs.csv.state"

    def write_list(self, *rows, columns="picture,driver,output"):
        self.list.write_text("\n".join([columns, *rows]) + "\n")

    def start(self, *options):
        return subprocess.Popen([PROGRAM, self.list, *options], stderr=subprocess.PIPE, text=True)

    def run_list(self, *options, status=0):
        process = self.start(*options)
        said = process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, status, said)
        return said

    def report(self):
        with open(self.state / "report.csv", newline="") as file:
            return list(csv.DictReader(file))

    def events(self, event):
        """How often this happened to each output."""
        path = self.state / "journal"
        lines = path.read_text().splitlines() if path.exists() else []
        return Counter(entry["output"] for entry in map(json.loads, lines) if entry["event"] == event)

    def test_list(self):
        self.write_list("a.png,short.mp4,out/1.mp4,", "a.png,short.mp4,out/2.mkv,0", "text.png,short.mp4,3.mp4,",
                        "a.png,text.png,4.mp4,", "a.png,none.mp4,5.mp4,", "a.png,sound.mp4,6.mp4,", columns="picture,driver,output,strength")
        said = self.run_list("--workers", "2", status=1)
        rows = {row["output"]: row for row in self.report()}
        self.assertEqual([row["state"] for row in rows.values()], ["done", "done", "failed", "failed", "failed", "done"], said)
        self.assertIn("it is not a picture of a known format", rows["3.mp4"]["error"])
        self.assertIn("No such file", rows["5.mp4"]["error"])
        for name in ("out/1.mp4", "out/2.mkv"):
            self.assertEqual(count_frames(self.work / name), self.frames)
            self.assertEqual(int(rows[name]["frames"]), self.frames)
            self.assertGreater(float(rows[name]["seconds"]), 0)
        tracks = subprocess.run(["gst-discoverer-1.0", self.work / "6.mp4"], capture_output=True, text=True).stdout
        self.assertIn("audio", tracks)
        self.assertEqual(list(self.work.rglob("*.part")), [])

        # The same list again: nothing is done anew. What changed, and what is gone, is.
        self.run_list(status=1)
        self.assertEqual(set(self.events("begun").values()), {1})
        self.write_list("a.png,short.mp4,out/1.mp4,0.5", "a.png,short.mp4,out/2.mkv,0", "a.png,sound.mp4,6.mp4,",
                        columns="picture,driver,output,strength")
        (self.work / "6.mp4").write_bytes(b"not what was written")
        self.run_list("--report", self.work / "report.json")
        self.assertEqual({name: self.events("done")[name] for name in ("out/1.mp4", "out/2.mkv", "6.mp4")},
                         {"out/1.mp4": 2, "out/2.mkv": 1, "6.mp4": 2})
        self.assertEqual([row["state"] for row in json.loads((self.work / "report.json").read_text())], ["done"] * 3)

    def test_one_of_two_workers_is_killed(self):
        self.write_list(*(f"a.png,short.mp4,{i}.mp4" for i in range(5)))
        process = self.start("--workers", "2")
        wait_until("a finished job", lambda: self.events("done"))

        def victim():
            for claim in (self.state / "claims").iterdir():
                try:
                    return json.loads(claim.read_text())["pid"]
                except (OSError, ValueError):
                    pass
            return None

        os.kill(wait_until("a job in progress", victim), signal.SIGKILL)
        said = process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 0, said)
        names = [f"{i}.mp4" for i in range(5)]
        self.assertEqual(self.events("done"), Counter(names), "something was lost, or done twice")
        begun = self.events("begun")
        self.assertEqual(sum(begun.values()), 6, "only the job of the dead worker begins again")
        for name in names:
            self.assertEqual(count_frames(self.work / name), self.frames)
        self.assertEqual(list(self.work.rglob("*.part")), [])

    def test_two_machines_and_shards(self):
        self.write_list(*(f"a.png,short.mp4,{i}.mp4" for i in range(4)))
        self.run_list("--shard", "2/4")
        self.assertEqual(self.events("done"), Counter(["1.mp4"]))
        both = [self.start(), self.start("--no-wait")]
        for process in both:
            said = process.communicate(timeout=300)[1]
            self.assertIn(process.returncode, (0, 1), said)
        self.assertEqual(both[0].returncode, 0)
        self.assertEqual(self.events("done"), Counter(f"{i}.mp4" for i in range(4)))

    def test_interrupted(self):
        self.write_list("a.png,short.mp4,1.mp4", "a.png,short.mp4,2.mp4")
        process = self.start()
        wait_until("a job in progress", lambda: self.events("begun"))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertFalse(list((self.state / "claims").iterdir()))
        self.run_list()
        self.assertEqual(self.events("done"), Counter(["1.mp4", "2.mp4"]))

    def test_claim_of_a_machine_that_died(self):
        self.write_list("a.png,short.mp4,1.mp4")
        sys.dont_write_bytecode = True
        program = load_program()
        job = program.read_jobs(self.list)[0]
        state = program.State(self.state)
        state.me = {"host": "elsewhere", "pid": 1, "begun": "1"}
        self.assertTrue(state.claim(job, self.work))
        self.run_list("--no-wait", status=1)
        self.assertFalse(self.events("done"), "another machine's job was taken")
        old = os.stat(self.state / "lock").st_mtime - 2 * program.DEAD_AFTER
        os.utime(self.state / "claims" / job.id, (old, old))
        self.run_list()
        self.assertEqual(self.events("done"), Counter(["1.mp4"]))
        # The other machine was only slow: its result comes too late, and is not published.
        state.finish(job, {"error": "late"}, lambda: self.fail("published twice"))
        self.assertEqual(self.events("failed"), Counter())

    def test_lists_that_cannot_be_used(self):
        for rows, columns, words in (
                (["a.png,short.mp4"], "picture,driver", "no column output"),
                (["a.png,short.mp4,1.avi"], "picture,driver,output", "neither in .mp4 nor in .mkv"),
                (["a.png,short.mp4,1.mp4"] * 2, "picture,driver,output", "the same output"),
                (["a.png,short.mp4"], "picture,driver,output", "as many cells")):
            self.write_list(*rows, columns=columns)
            self.assertIn(words, self.run_list(status=2))
        self.write_list("a.png,short.mp4,1.mp4,1", columns="picture,driver,output,nonsense")
        self.run_list(status=1)
        self.assertIn("no property 'nonsense'", self.report()[0]["error"])


def load_program():
    """The program as a module."""
    from importlib.machinery import SourceFileLoader
    from importlib.util import module_from_spec, spec_from_loader
    loader = SourceFileLoader("fomo_batch", str(PROGRAM))
    module = module_from_spec(spec_from_loader("fomo_batch", loader))
    sys.modules["fomo_batch"] = module
    loader.exec_module(module)
    return module


if __name__ == "__main__":
    load_gstreamer()
    unittest.main(verbosity=2, warnings="ignore")
