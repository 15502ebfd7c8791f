#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the files in packaging/ against the project, without a Debian tool and without a build of a package.

    packaging.py PROJECT BUILD VERSION

The changelog has the version of meson.build; the control file has what a package needs; the files and the options
that packaging/debian names exist; what a package must have is what `meson install` of this build installs.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

PROJECT, BUILD, VERSION = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
DEBIAN = PROJECT / "packaging" / "debian"
# What the package cannot do without, below the prefix; * stands for the folder of libraries.
NEEDED = ["*/gstreamer-1.0/libgstfomotransfer.so", "*/gstreamer-1.0/libgstfomogif.so",
          "*/fomotransfer/libfomoengine.so", "*/fomotransfer/libfomopictures.so", "bin/fomo-model",
          "bin/fomo-webcam", "share/fomotransfer/builtin.safetensors",
          "share/fomotransfer/face_detection_yunet_2023mar.onnx", "share/gstreamer-1.0/presets/GstFomoTransfer.prs"]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def paragraphs(path):
    """The paragraphs of a control file: dictionaries of its fields."""
    for text in re.split(r"\n\s*\n", path.read_text().strip()):
        fields = {}
        name = None
        for line in text.splitlines():
            if line.startswith((" ", "\t")):
                expect(name, f"{path}: '{line}' continues nothing")
                fields[name] = fields.get(name, "") + "\n" + line
            else:
                match = re.match(r"([A-Za-z0-9-]+):\s?(.*)$", line)
                expect(match, f"{path}: '{line}' is no field")
                if match:
                    name = match.group(1)
                    expect(name not in fields, f"{path}: two fields {name}")
                    fields[name] = match.group(2)
        yield fields


first = (DEBIAN / "changelog").read_text().splitlines()[0]
entry = re.match(r"(\S+) \(([^)]+)\) [a-z]+; urgency=\w+$", first)
expect(entry, f"changelog: '{first}' is no entry")
if entry:
    expect(entry.group(2) == VERSION, f"changelog: version {entry.group(2)}; meson.build has {VERSION}")
    expect("-" not in entry.group(2), "changelog: a native package has no revision")

source, *packages = paragraphs(DEBIAN / "control")
expect(entry and source["Source"] == entry.group(1), "control and changelog name different sources")
expect(re.match(r".+ <\S+@\S+>$", source["Maintainer"]), "control: Maintainer has no address")
for field in ["Section", "Priority", "Build-Depends", "Standards-Version"]:
    expect(source.get(field), f"control: no {field}")
expect([package["Package"] for package in packages] == ["gstreamer1.0-fomotransfer", "gstreamer1.0-fomotransfer-cuda"],
       "control: other packages than known")
expect(packages[-1].get("Build-Profiles") == "<pkg.fomotransfer.cuda>", "control: the package for GPUs is built always")
for package in packages:
    expect("${shlibs:Depends}" in package["Depends"], f"{package['Package']}: no ${{shlibs:Depends}}")
    expect("torch" not in json.dumps(package).lower() or "Build-Profiles" in package, f"{package['Package']} names LibTorch")
    for line in package["Description"].splitlines():
        expect(len(line) <= 80, f"{package['Package']}: a line of the description is too long: {line}")

# The longest licence of the copyright file is in the file; each Files paragraph's licence has a text.
copyright_paragraphs = list(paragraphs(DEBIAN / "copyright"))
texts = {fields["License"].split("\n")[0] for fields in copyright_paragraphs if "\n" in fields.get("License", "")}
for fields in copyright_paragraphs:
    if "Files" in fields:
        name = fields["License"].split("\n")[0]
        expect(name in texts, f"copyright: no text of the licence {name}")
        for pattern in fields["Files"].split():
            expect(pattern == "*" or list(PROJECT.glob(pattern)), f"copyright: {pattern} matches no file")

for path in DEBIAN.glob("gstreamer1.0-fomotransfer.*"):
    for name in path.read_text().split():
        there = (PROJECT / name).exists() or (PROJECT / "packaging" / name).exists()
        expect(there, f"{path.name}: {name} does not exist")

rules = (DEBIAN / "rules").read_text()
options = (PROJECT / "meson_options.txt").read_text()
for name in re.findall(r"-D([\w-]+)=", rules):
    expect(name.startswith("b_") or f"option('{name}'" in options, f"rules: meson has no option {name}")
expect("-Dtorch=disabled" in rules, "rules: the package is not built without LibTorch")

installed = json.loads(subprocess.run(["meson", "introspect", "--installed", BUILD], check=True, text=True,
                                      capture_output=True).stdout)
for needed in NEEDED:
    expect(any(path.endswith(needed.lstrip("*")) for path in installed.values()), f"meson install does not install {needed}")

container = (PROJECT / "packaging" / "Containerfile").read_text()
users = re.findall(r"^USER (\S+)$", container, re.MULTILINE)
expect(users and users[-1] != "root", "Containerfile: it ends as root")
for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", container, re.MULTILINE):
    for name in copied.split():
        expect((PROJECT / name).exists(), f"Containerfile: {name} does not exist")

for failure in failures:
    print("failed:", failure, file=sys.stderr)
sys.exit(1 if failures else 0)
