#!/usr/bin/env python3
"""Finds the words that docs/style.md retires (words.txt beside this file), and lines of docs over 120 columns.

Looks at the files that git knows, or at those given. Of programs it reads comments and text literals, of everything else
the whole text. `--count` prints one line per file. Exits with 1 if anything was found.
"""

import argparse
import io
import pathlib
import re
import subprocess
import sys
import tokenize

TOOLS = pathlib.Path(__file__).resolve().parent
ROOT = TOOLS.parent.parent
WIDTH = 120

# The pages that name the words, files made elsewhere, data, and lists whose checksum decides whether to install again.
EXCLUDED = re.compile(
    r"^(docs/style\.md|pipelines/tools/(words\.txt|check_words\.py|page-notice\.txt)|Sources/Dashboard/Page/(vue|charts/echarts)\.js)$"
    r"|^Tests/Fixtures/.*\.(json|jsonl|txt|csv|toml)$|requirements[^/]*\.txt$"
)
# Texts that go into sealed versions: rewording them would change bytes. A test of one quotes it.
SEALED = {
    ("Sources/Services/ObjectSources/Directory/DirectorySource.swift", "is no f"),
    ("Sources/Stages/CleanStage/DecoderPool.swift", "come to an end"),
    ("Tests/CleanStageTests/DecoderPoolTests.swift", "come to an end"),
}
PROSE = {
    ".md", ".txt", ".js", ".css", ".html", ".sh", ".mk", ".map", ".toml", ".yml", ".yaml", ".sql", ".example", ".service",
    ".timer",
}
PROGRAMS = {".swift", ".py", ".h", ".hpp", ".c", ".cpp"}

# A comment, or a text in quotes, in Swift and C: the longest kinds first.
C_LIKE = re.compile(r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.S)
LEADER = re.compile(r"^\s*(?:///?|#+!?|\*|--|>)\s?")


def rules():
    for line in (TOOLS / "words.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, advice = line.split(" => ")
            yield re.compile(pattern, re.I), advice


def without_code(literal, opening):
    """A text literal without the code in it: Swift's \\(…), Python's {…}."""
    kept, depth, index = [], 0, 0
    while index < len(literal):
        if depth == 0 and literal.startswith(opening, index):
            depth, index = 1, index + len(opening)
            kept.append("…")
            continue
        character = literal[index]
        if depth:
            depth += (character in "({") - (character in ")}")
        else:
            kept.append(character)
        index += 1
    return "".join(kept)


def pieces(path, text):
    """The prose of a file: number of its first line, and the text."""
    if path.suffix == ".py":
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
            elif token.type == tokenize.STRING:
                formatted = "f" in token.string.split(token.string[-1])[0].lower()
                yield token.start[0], without_code(token.string, "{") if formatted else token.string
    elif path.suffix in PROGRAMS:
        for match in C_LIKE.finditer(text):
            literal = match.group()
            yield text.count("\n", 0, match.start()) + 1, (
                without_code(literal, "\\(") if literal.startswith('"') and path.suffix == ".swift" else literal)
    else:
        yield 1, text


def found(path, text):
    """Line, match and advice of each word that is gone. Comments and lines that follow each other are read as one text."""
    joined, starts = "", []
    last = None
    for number, piece in pieces(path, text):
        # Literals and comments on one line are apart; comments on lines that follow each other belong together.
        joined += " " if last is not None and number == last + 1 else " ¶ "
        for offset, line in enumerate(piece.split("\n")):
            starts.append((len(joined), number + offset))
            joined += re.sub(r"\s+", " ", LEADER.sub("", line)).strip() + " "
            last = number + offset
        joined = joined.rstrip(" ") + " "
    for pattern, advice in RULES:
        for match in pattern.finditer(joined):
            line = max((entry for entry in starts if entry[0] <= match.start()), default=(0, 1))[1]
            yield line, match.group(), advice


def long_lines(text):
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        # Tables and code cannot be wrapped, nor can a line that is one long word (a link).
        elif not fenced and len(line) > WIDTH and not line.lstrip().startswith("|") and " " in line.strip():
            yield number, len(line)


def files(given):
    names = given or subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    for name in names:
        path = ROOT / name
        known = path.suffix in PROSE | PROGRAMS or path.name == "Makefile"
        if known and not EXCLUDED.search(name) and path.is_file():
            yield name, path


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("files", nargs="*", help="files below the checkout; without any, all that git knows")
parser.add_argument("--count", action="store_true", help="print how many were found in each file, not each one")
arguments = parser.parse_args()
RULES = list(rules())

total = 0
for name, path in files(arguments.files):
    text = path.read_text(encoding="utf-8")
    problems = [
        (line, f"\"{word}\": {advice}") for line, word, advice in found(path, text) if (name, word) not in SEALED]
    if path.suffix == ".md":
        problems += [(line, f"{width} columns; wrap at {WIDTH}") for line, width in long_lines(text)]
    total += len(problems)
    if arguments.count and problems:
        print(f"{len(problems):5} {name}")
    elif not arguments.count:
        for line, problem in sorted(problems):
            print(f"{name}:{line}: {problem}")
if total:
    sys.exit(f"check_words: {total} found; see docs/style.md")
