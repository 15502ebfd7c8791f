#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the elements' reference: a Markdown page for each element, and index.md.

    scripts/plugin-docs.py [FOLDER]

FOLDER: where the pages go; default: build/plugin-docs. A page joins the gtk-doc comments of gst/ with
what gst-inspect-1.0 tells about the element, which it finds as GStreamer finds plugins (run
`meson devenv -C build`, or install the plugin). GStreamer's own generator (hotdoc's GStreamer extension)
reads the same comments; Debian has no package of it.

The script ends with status 1 and names the place when an element, a property or a signal has no
comment, or when a comment has no line "Since:".
"""
import os
import re
import subprocess
import sys
from pathlib import Path

PLUGINS = ["fomotransfer", "fomogif"]
# Properties and signals of GStreamer's base classes, which GStreamer documents.
INHERITED = {"name", "parent", "qos", "disable-passthrough"}
AGGREGATOR = {"emit-signals", "latency", "min-upstream-latency", "start-time", "start-time-selection", "samples-selected",
              "force-live"}


class DocsError(Exception):
    """A comment that is missing or not complete."""


def comments(folder):
    """The gtk-doc comments of the sources: {"element-NAME", "Type:property", "Type::signal": text}."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".c", ".cc", ".h"}:
            continue
        for block in re.finditer(r"/\*\*\n(.*?)\*/", path.read_text(), re.DOTALL):
            lines = [re.sub(r"^\s*\* ?", "", line) for line in block.group(1).splitlines()]
            heading = re.match(r"SECTION:(\S+)|(Gst\w+(?:::?[a-z0-9-]+)?):?$", lines[0])
            if not heading:
                continue
            name = heading.group(1) or heading.group(2)
            text = "\n".join(lines[1:]).strip()
            if not re.search(r"^Since: \d", text, re.MULTILINE):
                raise DocsError(f"{path}: the comment of {name} has no line 'Since:'")
            found[name] = text
    return found


def as_markdown(text):
    """gtk-doc's text as Markdown: no annotations, links as names, example code as blocks."""
    text = re.sub(r"^@\w+:.*\n?", "", text, flags=re.MULTILINE)

    def code(match):
        return "```\n" + match.group(1).strip() + "\n```\n" + match.group(2).strip()

    text = re.sub(r"\|\[\s*\n(.*?)\n?\]\|([^\n]*)", code, text, flags=re.DOTALL)
    text = re.sub(r"#element-(\w+)", r"[\1](\1.md)", text)
    text = re.sub(r"#Gst\w+::?([a-z0-9-]+)", r"`\1`", text)
    text = re.sub(r"#(\w+)", r"`\1`", text)
    return text.strip()


def inspect(*arguments):
    """What gst-inspect-1.0 prints, without the paths of this machine."""
    result = subprocess.run(["gst-inspect-1.0", "--no-colors", *arguments], text=True,
                            capture_output=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if result.returncode != 0:
        raise DocsError(f"gst-inspect-1.0 does not find {arguments[-1]}. Run meson devenv -C build, or install the plugin.")
    return re.sub(r"^ +Filename .*\n", "", result.stdout, flags=re.MULTILINE)


def elements(plugin):
    """The names of the plugin's elements, with their short description."""
    listed = re.findall(r"^  (\w+): (.*)$", inspect("--plugin", plugin), re.MULTILINE)
    if not listed:
        raise DocsError(f"the plugin {plugin} has no elements")
    return listed


def section(printed, title):
    """The names in a section of gst-inspect's output: properties or signals."""
    match = re.search(rf"^{title}:\n(.*?)(?=^\S|\Z)", printed, re.DOTALL | re.MULTILINE)
    return re.findall(r'^  "?([a-z][a-z0-9-]*)"? *:', match.group(1), re.MULTILINE) if match else []


def member(docs, types, separator, name):
    """The comment of a property or signal, of the element's own type or of one that it shares it with."""
    for kind in types:
        if kind + separator + name in docs:
            return as_markdown(docs[kind + separator + name])
    raise DocsError(f"{types[0]}{separator}{name} has no comment (/** {types[0]}{separator}{name}: ... */)")


def page(docs, element, short):
    """The page of an element."""
    if "element-" + element not in docs:
        raise DocsError(f"the element {element} has no comment (/** SECTION:element-{element} ... */)")
    printed = inspect(element)
    own = re.findall(r"^ *\+----(Gst\w+)$", printed, re.MULTILINE)[-1]
    types = [own] + sorted({name.split(":")[0] for name in docs if name.startswith("Gst")} - {own},
                           key=lambda name: name != "GstFomoTransfer")
    inherited = INHERITED | (AGGREGATOR if "+----GstAggregator" in printed else set())
    lines = [f"# {element}", "", short, "", as_markdown(docs["element-" + element]), ""]
    for title, heading, separator in [("Element Properties", "Properties", ":"),
                                      ("Element Actions", "Action signals", "::"),
                                      ("Element Signals", "Signals", "::")]:
        names = [name for name in section(printed, title) if name not in inherited]
        if names:
            lines += [f"## {heading}", ""]
        for name in names:
            lines += [f"### {name}", "", member(docs, types, separator, name), ""]
    return "\n".join([*lines, "## What gst-inspect-1.0 prints", "", "```", printed.strip(), "```", ""])


def main(arguments):
    project = Path(__file__).resolve().parent.parent
    if any(argument.startswith("-") for argument in arguments) or len(arguments) > 1:
        print(__doc__.strip())
        return 0 if arguments[0] in {"-h", "--help"} else 2
    folder = Path(arguments[0]) if arguments else project / "build" / "plugin-docs"
    try:
        docs = comments(project / "gst")
        index = ["# Elements of fomotransfer", ""]
        pages = {}
        for plugin in PLUGINS:
            for element, short in elements(plugin):
                pages[element] = page(docs, element, short)
                index.append(f"* [{element}]({element}.md): {short}")
        folder.mkdir(parents=True, exist_ok=True)
        for element, text in pages.items():
            (folder / f"{element}.md").write_text(text)
        (folder / "index.md").write_text("\n".join([*index, ""]))
    except DocsError as error:
        print(f"plugin-docs: {error}", file=sys.stderr)
        return 1
    print(f"plugin-docs: {len(pages)} elements in {folder}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
