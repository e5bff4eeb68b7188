#!/usr/bin/env python3
"""Compares the tables of docs/architecture.md with the package's manifest, and the manifest with the rule of the floors
and with what the sources import.

    swift package dump-package | python3 pipelines/tools/check_architecture.py [--write]

Exits with 0 if everything agrees, with 1 and one line per difference if not; --write writes the tables (and still checks
the rule).
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- {}: begin -->", "<!-- {}: end -->"

# From the ground up; a target's floor follows from its folder. A target imports from floors below its own.
FLOORS = ["C", "Base", "Bindings", "Batches", "Services", "Runs", "Stages", "Dashboard", "ToolKit", "Tools", "Tests"]
# On the ground the C++ shim includes its own C header; night-tools names the tools to have them built; tests use what helps
# several of them.
SOCIABLE = {"C", "Tools", "Tests"}
# Targets that the others on their floor are built on and may import too; a later one may import an earlier one.
FOUNDATIONS = ["Fault", "ObjectSources", "Removal", "StageRun", "Results"]


def floor_of(target):
    """The index of the floor of a target's folder; None for a folder outside the floors."""
    words = [word for word in target.get("path", "").split("/") if word != "."]
    if words[:1] == ["Tests"]:
        return FLOORS.index("Tests")
    if words[:1] == ["Sources"] and len(words) > 1 and words[1] in FLOORS:
        return FLOORS.index(words[1])
    return None


def foundations_below(name):
    """The targets that a target may import on its own floor."""
    return FOUNDATIONS[:FOUNDATIONS.index(name)] if name in FOUNDATIONS else FOUNDATIONS


def imports_of(target):
    """The names of a target's own imports, and of those from other packages."""
    inner, outer = [], []
    for dependency in target["dependencies"]:
        (kind, words), = ((kind, words) for kind, words in dependency.items() if kind != "condition")
        (outer if kind == "product" and words[1] else inner).append(words[0])
    return sorted(inner), sorted(outer)


def broken_rules(targets):
    """One line for each import that goes sideways or up."""
    floors = {target["name"]: floor_of(target) for target in targets}
    for target in targets:
        name, own = target["name"], floors[target["name"]]
        if own is None:
            yield f"{name} is in {target.get('path')}, which is not on a floor: move it below Sources/FLOOR/ or Tests/"
            continue
        for imported in imports_of(target)[0]:
            other = floors.get(imported)
            if other is None or other < own:
                continue
            if other == own and (FLOORS[own] in SOCIABLE or imported in foundations_below(name)):
                continue
            yield (f"{name} ({own} {FLOORS[own]}) imports {imported} ({other} {FLOORS[other]}): "
                   "a target imports only from floors below its own")


def idle_imports(targets):
    """One line for each dependency of a target that none of its files imports."""
    kinds = {target["name"]: target["type"] for target in targets}
    for target in targets:
        sources = list((ROOT / target["path"]).rglob("*.swift")) if "path" in target else []
        imported = {name for source in sources
                    for name in re.findall(r"^(?:@testable )?(?:\w+ )?import (\w+)$", source.read_text("utf-8"), re.M)}
        inner, outer = imports_of(target)
        for name in inner + outer:
            # Executables are named to have them built.
            if sources and name not in imported and kinds.get(name) != "executable":
                yield f"{target['name']} depends on {name}, which none of its files imports"


def target_table(targets):
    """One row per target, by floor and name."""
    rows = ["| Target | Floor | Imports |", "| --- | --- | --- |"]
    for target in sorted(targets, key=lambda target: (floor_of(target) or 0, target["name"].lower())):
        inner, outer = imports_of(target)
        floor = floor_of(target) or 0
        rows.append(f"| {target['name']} | {floor} {FLOORS[floor]} | "
                    + ", ".join(inner + [f"*{name}*" for name in outer]) + " |")
    return rows


def package_table(manifest):
    """One row per external package."""
    users = {}
    for target in manifest["targets"]:
        for dependency in target["dependencies"]:
            product = dependency.get("product")
            if product and product[1]:
                users.setdefault(product[1].lower(), set()).add((product[0], target["name"]))
    rows = ["| Package | Version | Products | Imported by |", "| --- | --- | --- | --- |"]
    for dependency in manifest["dependencies"]:
        for source in dependency.get("sourceControl", []):
            address = source["location"]["remote"][0]["urlString"]
            name = address.rstrip("/").split("/")[-1].removesuffix(".git")
            version = ", ".join(source["requirement"].get("exact", [str(source["requirement"])]))
            used = users.get(source["identity"].lower(), set()) | users.get(name.lower(), set())
            rows.append(f"| [{name}]({address}) | {version} | {', '.join(sorted({product for product, _ in used}))} | "
                        f"{', '.join(sorted({target for _, target in used}, key=str.lower))} |")
    return rows


def unknown_names(text):
    """One line for each type or folder that the page's prose names and the sources do not have."""
    prose = text.split(BEGIN.format("targets"))[0]
    names = set(re.findall(r"`(?:\w+/)*([A-Z]\w*[a-z]\w*(?:\.js)?)`", prose))
    listed = subprocess.run(
        ["git", "ls-files", "Sources"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    # A file, a folder, or a declaration.
    known = {word for path in listed.split() for word in [*path.split("/"), Path(path).stem]}
    for path in listed.split():
        if path.endswith(".swift"):
            source = (ROOT / path).read_text("utf-8")
            known.update(re.findall(r"\b(?:struct|class|enum|protocol|actor|typealias) (\w+)", source))
    for name in sorted(names - known):
        yield f"docs/architecture.md names {name}, which is not in Sources"


def differences(name, written, wanted):
    """One line for each row of a table that is missing or stale."""
    for row in wanted:
        if row not in written:
            yield f"docs/architecture.md, table of {name}: lacks the row {row}"
    for row in written:
        if row not in wanted:
            yield f"docs/architecture.md, table of {name}: has the stale row {row}"


def main():
    manifest = json.load(sys.stdin)
    targets = manifest["targets"]
    tables = {"targets": target_table(targets), "packages": package_table(manifest)}
    text = PAGE.read_text("utf-8")
    problems = [*broken_rules(targets), *idle_imports(targets), *unknown_names(text)]
    for name, wanted in tables.items():
        begin, end = BEGIN.format(name), END.format(name)
        if text.count(begin) != 1 or text.count(end) != 1:
            sys.exit(f"docs/architecture.md needs the lines {begin} and {end}, once each")
        head, rest = text.split(begin)
        body, tail = rest.split(end)
        if "--write" in sys.argv[1:]:
            text = head + begin + "\n\n" + "\n".join(wanted) + "\n\n" + end + tail
        else:
            problems += differences(name, [row for row in body.splitlines() if row.startswith("|")], wanted)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    elif any("architecture.md" in problem for problem in problems):
        problems.append("update it: swift package dump-package | python3 pipelines/tools/check_architecture.py --write")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
