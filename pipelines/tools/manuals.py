#!/usr/bin/env python3
"""Writes a manual page for each tool, from the tool's own help (--experimental-dump-help).

usage: manuals.py FOLDER TOOL…    e.g. manuals.py .build/man .build/release/fetch

Pages are named as git names them: nocturne-fetch(1), so that they do not collide with another fetch(1).
"""

import json
import pathlib
import subprocess
import sys


def roff(text: str) -> str:
    """Text with troff's special characters escaped; a leading dot or quote is not a request."""
    lines = []
    for line in text.replace("\\", "\\e").replace("-", "\\-").split("\n"):
        lines.append("\\&" + line if line[:1] in (".", "'") else line)
    return "\n".join(lines)


def paragraphs(text: str) -> list[str]:
    """A discussion's blocks: headings in capitals become sections, indented lines are kept as they are."""
    out = []
    for block in text.strip().split("\n\n"):
        heading, _, rest = block.partition("\n")
        if heading and heading == heading.upper() and rest:
            out += [f".SH {heading}", ".nf", roff(rest), ".fi"]
        else:
            out += [".PP", roff(" ".join(block.split()))]
    return out


def synopsis(command: dict, parents: list[str]) -> str:
    words = ["nocturne", *parents]
    for argument in command.get("arguments", []):
        if argument["kind"] == "positional":
            name = argument["valueName"].upper() + ("…" if argument["isRepeating"] else "")
            words.append(f"[{name}]" if argument["isOptional"] else name)
    if any(argument["kind"] != "positional" for argument in command.get("arguments", [])):
        words.append("[OPTIONS]")
    return " ".join(words)


def arguments(command: dict) -> list[str]:
    out = []
    for argument in command.get("arguments", []):
        if not argument.get("shouldDisplay", True):
            continue
        if argument["kind"] == "positional":
            title = argument["valueName"].upper()
        else:
            dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
            title = ", ".join(dashes[name["kind"]] + name["name"] for name in argument["names"])
            if argument["kind"] == "option":
                title += f" {argument['valueName'].upper()}"
        out += [".TP", f".B {roff(title)}", roff(argument.get("abstract", "")) or "."]
    return out


def subcommands(command: dict, parents: list[str]) -> list[str]:
    out = []
    for sub in command.get("subcommands", []):
        if sub["commandName"] == "help":
            continue
        path = [*parents, sub["commandName"]]
        out += [f".SH {' '.join(path).upper()}", ".B " + roff(synopsis(sub, path)), ".PP", roff(sub["abstract"])]
        out += [block for block in paragraphs(sub.get("discussion", "")) if not block.startswith(".SH")]
        out += arguments(sub)
    return out


def page(tool: str) -> tuple[str, str]:
    dump = subprocess.run([tool, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    version = subprocess.run([tool, "--version"], check=True, capture_output=True, text=True).stdout.split()
    command = json.loads(dump)["command"]
    name = command["commandName"]
    parents = [] if name == "nocturne" else [name]
    title = "-".join(["nocturne", *parents])
    lines = [
        f'.TH {title.upper()} 1 "" "Nocturne {version[1]}"',
        ".SH NAME",
        roff(f"{title} - {command['abstract'].rstrip('.').lower()}"),
        ".SH SYNOPSIS",
        ".B " + roff(synopsis(command, parents)),
        ".SH DESCRIPTION",
        *paragraphs(command.get("discussion", "")),
    ]
    if command.get("arguments"):
        lines += [".SH OPTIONS", *arguments(command)]
    lines += subcommands(command, parents)
    lines += [".SH SEE ALSO", "The documentation in docs/, beginning with docs/index.md."]
    return title, "\n".join(lines) + "\n"


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for tool in sys.argv[2:]:
        title, text = page(tool)
        (folder / f"{title}.1").write_text(text)


if __name__ == "__main__":
    main()
