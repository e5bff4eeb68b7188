"""Writes canonical.jsonl: JSON texts, each with the canonical form that Python gives it.

Run in this folder: python3 make_canonical.py > canonical.jsonl (the standard library is enough; seeded, so that every run
gives the same file). The canonical form is what docs/batch-format.md promises:
json.dumps(x, ensure_ascii=False, sort_keys=True, separators=(",", ":")).
"""

import json
import random
import struct

draw = random.Random(20261120)


def double(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def some_doubles():
    """Where layouts change, powers of ten and two, their neighbours, subnormals, and bits at random."""
    for exponent in range(-330, 309):
        if exponent % 7 == 0 or -8 < exponent < 24:
            yield float(f"1e{exponent}")
            yield float(f"-9.5e{exponent}" if exponent < 307 else "-1.5e307")
    for exponent in list(range(44, 72)) + [-1074, -1022, 1023]:
        at = struct.unpack("<Q", struct.pack("<d", 2.0**exponent))[0]
        yield from (double(at - 1) if at else 0.0, double(at), double(at + 1))
    yield from (0.0, -0.0, 0.1, 0.2 + 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308)
    for _ in range(400):
        value = double(draw.getrandbits(64))
        if value == value and abs(value) != float("inf"):
            yield value
    for _ in range(200):
        yield round(draw.uniform(-100, 100), draw.randrange(7))
    for _ in range(200):
        yield float(draw.randrange(10**16, 2 * 10**16))


def text(length):
    """Code points of every length in UTF-8, with the awkward ones often."""
    awkward = ['"', "\\", "/", "\0", "\x1f", "\x7f", "\b", "\f", "\n", "\r", "\t", "\u2028", "\ufeff", "\uffff", "e\u0301", "é"]
    points = [chr(draw.choice([draw.randrange(0x80), draw.randrange(0x800), draw.randrange(0xE000, 0x10000),
                               draw.randrange(0x10000, 0x110000)])) for _ in range(length)]
    return "".join(draw.choice(awkward) if draw.random() < 0.3 else point for point in points)


def value(depth):
    kind = draw.randrange(8 if depth else 6)
    if kind == 0:
        return draw.choice([None, True, False])
    if kind == 1:
        return draw.choice([0, -1, 2**63 - 1, -(2**63), draw.randrange(-(10**12), 10**12)])
    if kind == 2:
        return draw.choice(doubles)
    if kind in (3, 4, 5):
        return text(draw.randrange(12))
    if kind == 6:
        return [value(depth - 1) for _ in range(draw.randrange(5))]
    return {text(draw.randrange(4)): value(depth - 1) for _ in range(draw.randrange(6))}


doubles = list(some_doubles())
cases = [*doubles, 0, -1, 2**63 - 1, -(2**63)]
# The order of names is that of UTF-8 bytes, in which U+FFFF comes before U+10000 (UTF-16 has it the other way round).
cases.append({name: 0 for name in ["b", "a", "aa", "", "é", "e\u0301", "\uffff", "\U00010000", "Z", "~", "\x7f"]})
cases += [value(4) for _ in range(300)]

for case in cases:
    written = json.dumps(case, ensure_ascii=draw.random() < 0.5, indent=draw.choice([None, 1]))
    canonical = json.dumps(case, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    print(json.dumps({"text": written, "canonical": canonical}))
