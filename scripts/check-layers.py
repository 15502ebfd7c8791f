#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the includes of the C, C++ and CUDA sources against the table of folders.

    scripts/check-layers.py [FOLDER]

FOLDER is the project's folder; default: the one that this script is in. The table is the one in
docs/architecture.md with the columns "folder", "what is in it" and "may include". A row applies to
all files below its folder for which no longer row exists; a row may be a single file's. Its last
column has:

    nothing           no header of this project and of the libraries below
    everything        no restriction
    GStreamer, LibTorch, OpenCV, CUDA
                      headers of that library
    `folder/`         headers of the row of that folder
    `folder/*`        headers of the row of that folder and of all rows below it
    `folder/file.h`   that header
    everything but X  everything except X, which is one of the above

A file may always include headers of its own row. Headers of other libraries are not checked. The
script prints each violation as FILE:LINE: RULE, and ends with status 1 if there is a violation.
"""
import re
import sys
from pathlib import Path

TABLE = "docs/architecture.md"
HEADINGS = ["folder", "what is in it", "may include"]
SOURCE_NAMES = {".c", ".cc", ".cpp", ".cu", ".cuh", ".h", ".hpp"}
NO_SOURCES = re.compile(r"(build.*|deps|\..*)")  # top-level folders without sources
LIBRARIES = {
    "GStreamer": re.compile(r"gst/"),
    "LibTorch": re.compile(r"(ATen|c10|torch|caffe2)/"),
    "OpenCV": re.compile(r"opencv2?/"),
    "CUDA": re.compile(r"(cuda|cublas|cudnn|cufft|curand|cusolver|cusparse|nvrtc|nvtx|cub/|thrust/)"),
}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


class TableError(Exception):
    pass


class Rule:
    """What the files of one row may include."""

    def __init__(self, folder, text):
        self.folder, self.text = folder, text
        self.all_but = text.startswith("everything")
        listed = re.sub(r"^(everything( but)?|nothing)", "", text)
        self.names = re.findall(r"`([^`]+)`", listed)
        words = re.findall(r"\w+", re.sub(r"`[^`]+`", "", listed))
        self.libraries = [word for word in words if word in LIBRARIES]
        unknown = set(words) - set(LIBRARIES) - {"and"}
        if unknown:
            raise TableError(f"the row of `{folder}`: what is {', '.join(sorted(unknown))}?")
        if not listed and not text:
            raise TableError(f"the row of `{folder}` does not say what may be included")

    def allows_library(self, library):
        return (library in self.libraries) != self.all_but

    def allows_header(self, header, row):
        """`row` is the folder whose row applies to the header."""
        if row == self.folder:
            return True
        named = any(
            header == name or row == name or (name.endswith("/*") and row.startswith(name[:-1]))
            for name in self.names)
        return named != self.all_but


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def read_table(path):
    """The rules of the table: folder -> Rule."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next((i for i, line in enumerate(lines) if cells(line) == HEADINGS), None)
    if start is None:
        raise TableError("there is no table with the columns " + ", ".join(HEADINGS))
    rules = {}
    for line in lines[start + 2:]:
        if not line.startswith("|"):
            break
        row = cells(line)
        if len(row) != len(HEADINGS):
            raise TableError(f"a row of {len(row)} columns: {line}")
        folder = row[0].strip("`")
        if folder in rules:
            raise TableError(f"`{folder}` has two rows")
        rules[folder] = Rule(folder, row[2])
    return rules


def row_of(path, rules):
    """The longest folder of the table that `path` is in, or None."""
    fitting = [folder for folder in rules if path.startswith(folder)]
    return max(fitting, key=len, default=None)


def sources(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.suffix in SOURCE_NAMES and not NO_SOURCES.fullmatch(name.parts[0]):
            yield path, name.as_posix()


def find_header(root, path, quoted, name):
    """The path, relative to `root`, of the project's header that is included, or None."""
    if not quoted:
        return None
    for candidate in (path.parent / name, root / name):
        if candidate.is_file():
            return candidate.resolve().relative_to(root).as_posix()
    return None


def check_include(root, path, rule, rules, quoted, name):
    """The message about a forbidden include, or None if the include is allowed."""
    header = find_header(root, path, quoted, name)
    if header is None:
        library = next((key for key, pattern in LIBRARIES.items() if pattern.match(name)), None)
        if library is None or rule.allows_library(library):
            return None
        what = f"{library} ({name})"
    else:
        row = row_of(header, rules)
        if row is None or rule.allows_header(header, row):
            return None  # a header without a row is reported by itself
        what = header
    return f"`{rule.folder}` must not include {what}; it may include: {rule.text}"


def check(root):
    """All violations, as one line of text each."""
    rules = read_table(root / TABLE)
    found = [f"{TABLE}: `{folder}` does not exist" for folder in rules
             if not (root / folder).exists()]
    for rule in rules.values():
        found += [f"{TABLE}: `{rule.folder}` may include `{name}`, which does not exist"
                  for name in rule.names if not (root / name.rstrip("*")).exists()]
    for path, name in sources(root):
        folder = row_of(name, rules)
        if folder is None:
            found.append(f"{name}:1: no row of the table in {TABLE} applies to this file")
            continue
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            include = INCLUDE.match(line)
            if not include:
                continue
            wrong = check_include(root, path, rules[folder], rules, include[1] == '"', include[2])
            if wrong:
                found.append(f"{name}:{number}: {wrong}")
    return found


def main():
    if len(sys.argv) > 2 or "-h" in sys.argv or "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    try:
        found = check(root)
    except TableError as error:
        found = [f"{TABLE}: {error}"]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
