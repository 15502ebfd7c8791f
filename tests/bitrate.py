# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bit rate against quality: motion (fomomotionenc, fomomotiondec) beside x264, x265 and SVT-AV1. See tests/bitrate.sh.

measure: codes the clip in all ways, compares the results with it, writes a JSON file.
plot:    draws the JSON file's curves as SVG.
table:   prints the JSON file as a Markdown table.
"""
import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SIZE = 256  # of the model's frames
TARGETS = (5, 10, 20, 50)  # kbit/s
QUANTISERS = (1, 3, 5, 8)
EVERY = 11  # FLIP and SSIM are those of every eleventh frame
CODECS = {
    "x264": ["-c:v", "libx264", "-preset", "veryslow"],
    "x265": ["-c:v", "libx265", "-preset", "slow"],
    "SVT-AV1": ["-c:v", "libsvtav1", "-preset", "4"],
}
# key, title, whether more is better; the last ones are the yardstick's
METRICS = (
    ("flip", "FLIP, perceived difference", False),
    ("ssim", "SSIM", True),
    ("akd_px", "face landmarks: mean distance, pixels of 256", False),
    ("expr_corr", "expression: correlation with the clip's", True),
    ("mouth_corr", "mouth opening: correlation", True),
    ("pose_corr", "head rotation: correlation", True),
)


class Failed(Exception):
    pass


def call(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        raise Failed("%s: %s" % (" ".join(command[:9]), (done.stderr or done.stdout)[-600:]))
    return done.stdout


def ffmpeg(*words, **more):
    return call(["ffmpeg", "-y", "-nostdin", "-loglevel", "error", *words], **more)


def gst(build, *words):
    return call(["gst-launch-1.0", "-q", *words], env=dict(os.environ, GST_PLUGIN_PATH=os.path.join(build, "gst")))


def frames_of(path):
    import cv2
    clip, frames = cv2.VideoCapture(path), []
    while True:
        there, frame = clip.read()
        if not there:
            return frames
        frames.append(frame)


def code_motion(args, work, quantiser, jacobians):
    """Codes the clip as motion, animates its first frame (as JPEG) with it. Returns bytes of the motion."""
    name = os.path.join(work, "q%d%s" % (quantiser, "" if jacobians else "n"))
    motion, out = name + ".fomomotion", name + ".mkv"
    source = ["filesrc", "location=" + os.path.join(work, "clip.mkv"), "!", "matroskademux", "!", "avdec_ffv1", "!", "videoconvert"]
    gst(args.build, *source, "!", "fomomotionenc", "crop=none", "quantiser=%d" % quantiser, "jacobians=%s" % str(jacobians).lower(),
        "device=cpu", "threads=1", "!", "filesink", "location=" + motion)
    gst(args.build, "filesrc", "location=" + motion, "!", "fomomotionparse", "!", "fomomotiondec",
        "source-image=" + os.path.join(work, "base.jpg"), "crop=none", "reference=first", "mark=none", "qos=false", "device=cpu", "threads=1", "!",
        "video/x-raw,width=%d,height=%d" % (SIZE, SIZE), "!", "videoconvert", "!", "video/x-raw,format=I420", "!",
        "avenc_ffv1", "!", "matroskamux", "!", "filesink", "location=" + out)
    return os.path.getsize(motion), out


def code_video(work, codec, target, side):
    """Codes the clip with an ordinary codec, two passes where the encoder has them. Returns bytes of the packets."""
    name = "%s-%d-%d" % (codec, target, side)
    coded, out, log = (os.path.join(work, name + end) for end in (".mkv", ".ffv1.mkv", ".log"))
    common = ["-i", os.path.join(work, "clip.mkv"), "-an", "-vf", "scale=%d:%d:flags=area" % (side, side), "-pix_fmt", "yuv420p",
              *CODECS[codec], "-b:v", "%dk" % target, "-g", "1000"]
    if codec == "SVT-AV1":
        ffmpeg(*common, "-svtav1-params", "rc=1", coded)
    elif codec == "x265":
        ffmpeg(*common, "-x265-params", "log-level=error:pass=1:stats=" + log, "-f", "null", "-")
        ffmpeg(*common, "-x265-params", "log-level=error:pass=2:stats=" + log, coded)
    else:
        try:
            ffmpeg(*common, "-pass", "1", "-passlogfile", log, "-f", "null", "-")
            ffmpeg(*common, "-pass", "2", "-passlogfile", log, coded)
        except Failed:  # x264 refuses rates that its coarsest quantiser does not reach
            ffmpeg(*[word for word in common if word not in ("-b:v", "%dk" % target)], "-qp", "51", coded)
    sizes = call(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=size", "-of", "csv=p=0", coded])
    ffmpeg("-i", coded, "-vf", "scale=%d:%d:flags=lanczos" % (SIZE, SIZE), "-c:v", "ffv1", "-pix_fmt", "yuv420p", out)
    return sum(int(line.strip(",")) for line in sizes.split()), out


def compare(reference, path):
    """FLIP and SSIM, means over every eleventh frame."""
    import cv2
    import flip_evaluator
    from skimage.metrics import structural_similarity
    flips, ssims = [], []
    out = frames_of(path)
    if len(out) != len(reference):
        sys.exit("bitrate: %s has %d frames, the clip %d" % (path, len(out), len(reference)))
    for a, b in list(zip(reference, out))[::EVERY]:
        rgb = [cv2.cvtColor(x, cv2.COLOR_BGR2RGB).astype("float32") / 255 for x in (a, b)]
        flips.append(float(flip_evaluator.evaluate(rgb[0], rgb[1], "LDR")[1]))
        ssims.append(float(structural_similarity(a, b, channel_axis=2)))
    return {"flip": sum(flips) / len(flips), "ssim": sum(ssims) / len(ssims)}


def motion_scores(args, work, rows):
    """Adds what the yardstick says of each output."""
    def score(row):
        said = call([*args.yardstick.split(), "--source", os.path.join(work, "base.png"), "--driving", os.path.join(work, "clip.mkv"),
                     "--output", "out=" + row["path"], "--json"])
        scores = json.loads(said)["out"]
        row.update({key: scores[key] for key in ("akd_px", "expr_corr", "mouth_corr", "eyes_corr", "pose_corr", "aed_driving", "sharp")})
        print("%s, %s: %s" % (row["codec"], row["name"], row), file=sys.stderr, flush=True)

    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(score, rows))


def measure(args):
    import cv2
    work = args.work
    os.makedirs(work, exist_ok=True)
    clip = os.path.join(work, "clip.mkv")
    limit = ["-frames:v", str(args.frames)] if args.frames else []
    ffmpeg("-i", args.clip, "-an", "-vf", "scale=%d:%d:flags=area" % (SIZE, SIZE), *limit, "-c:v", "ffv1", "-pix_fmt", "yuv420p", clip)
    reference = frames_of(clip)
    seconds = len(reference) / 25
    cv2.imwrite(os.path.join(work, "base.png"), reference[0])
    cv2.imwrite(os.path.join(work, "base.jpg"), reference[0], [cv2.IMWRITE_JPEG_QUALITY, 90])
    base = os.path.getsize(os.path.join(work, "base.jpg"))

    def motion_row(quantiser, jacobians):
        size, path = code_motion(args, work, quantiser, jacobians)
        return {"codec": "motion" if jacobians else "motion without Jacobians", "name": "quantiser %d" % quantiser,
                "kbps": size * 8e-3 / seconds, "path": path, **compare(reference, path)}

    def video_row(codec, target):
        # Where few bits are there a smaller picture may look better: the better one counts.
        sized = []
        for side in (SIZE, SIZE // 2)[: 2 if target <= 10 else 1]:
            size, path = code_video(work, codec, target, side)
            sized.append({"codec": codec, "name": "%d kbit/s, %dx%d" % (target, side, side), "target": target,
                          "kbps": size * 8e-3 / seconds, "path": path, **compare(reference, path)})
        fits = [row for row in sized if row["kbps"] <= 1.15 * target] or [min(sized, key=lambda row: row["kbps"])]
        return min(fits, key=lambda row: row["flip"])

    with ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(motion_row, q, True) for q in QUANTISERS] + [pool.submit(motion_row, 5, False)]
        jobs += [pool.submit(video_row, codec, target) for codec in CODECS for target in TARGETS]
        rows = [job.result() for job in jobs]

    def write():
        plain = [{key: value for key, value in row.items() if key != "path"} for row in rows]
        with open(args.json, "w") as file:
            json.dump({"frames": len(reference), "seconds": seconds, "base_bytes": base, "rows": plain}, file, indent=1)
            file.write("\n")

    write()
    if args.yardstick:
        motion_scores(args, work, rows)
    write()


COLOURS = {"motion": "#c0392b", "motion without Jacobians": "#e59866", "x264": "#2c3e50", "x265": "#2980b9", "SVT-AV1": "#27ae60"}


def plot(args):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "fomotransfer", "font.size": 9})
    from matplotlib import pyplot
    with open(args.json) as file:
        result = json.load(file)
    rows = result["rows"]
    shown = [metric for metric in METRICS if all(row.get(metric[0]) is not None for row in rows)]
    figure, axes = pyplot.subplots((len(shown) + 1) // 2, 2, figsize=(9, 3.1 * ((len(shown) + 1) // 2)), squeeze=False)
    picture = result["base_bytes"] * 8e-3 / result["seconds"]
    for ax, (key, title, rising) in zip(axes.flat, shown):
        for codec, colour in COLOURS.items():
            line = sorted((row["kbps"], row[key]) for row in rows if row["codec"] == codec)
            ax.plot(*zip(*line), "o-", color=colour, label=codec, markersize=4, linewidth=1.4)
            if codec == "motion":
                ax.plot([x + picture for x, _ in line], [y for _, y in line], "o:", color=colour, markersize=3, linewidth=1,
                        label="motion and the picture (JPEG)")
        ax.set_xscale("log")
        ax.set_xticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
        ax.minorticks_off()
        ax.set_title("%s (%s is better)" % (title, "higher" if rising else "lower"), fontsize=9)
        ax.grid(alpha=0.3)
    for ax in axes[-1]:
        ax.set_xlabel("kbit/s")
    axes.flat[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(args.svg, metadata={"Date": None})


def table(args):
    with open(args.json) as file:
        result = json.load(file)
    keys = ["flip", "ssim", "akd_px", "expr_corr", "mouth_corr", "eyes_corr", "pose_corr", "aed_driving"]
    print("| | kbit/s | " + " | ".join(keys) + " |\n| --- |" + " --- |" * (len(keys) + 1))
    for row in result["rows"]:
        cells = ["-" if row.get(key) is None else "%.3f" % row[key] if row[key] < 10 else "%.1f" % row[key] for key in keys]
        print("| %s, %s | %.1f | %s |" % (row["codec"], row["name"], row["kbps"], " | ".join(cells)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for function in (measure, plot, table):
        command = commands.add_parser(function.__name__)
        command.add_argument("--json", required=True)
        command.set_defaults(function=function)
        if function is measure:
            command.add_argument("--clip", required=True)
            command.add_argument("--build", required=True)
            command.add_argument("--work", required=True)
            command.add_argument("--frames", type=int, default=0)
            command.add_argument("--yardstick", default="")
            command.add_argument("--jobs", type=int, default=1)
        if function is plot:
            command.add_argument("--svg", required=True)
    args = parser.parse_args()
    try:
        args.function(args)
    except Failed as error:
        sys.exit("bitrate: %s" % error)


if __name__ == "__main__":
    main()
