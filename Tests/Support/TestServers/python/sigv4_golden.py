"""Writes sigv4_golden.json: how botocore encodes awkward keys and queries before it signs them.

usage: sigv4_golden.py > sigv4_golden.json

Each case has the key as hex, the query's parameters, and botocore's canonical path and query. The signatures themselves
are compared live, by fault_server.py's bucket `signed`: curl takes the time of signing from the clock.
"""

import json
import sys

import signature
from botocore.auth import S3SigV4Auth
from botocore.credentials import Credentials

KEYS = [
    b"a.wav", b"with space.wav", b"plus+plus.wav", b"equals=amp&.wav", b"percent%2Fpercent%.wav", "ünï-cödé.wav".encode(),
    "é.wav".encode(), "日本語/録音.wav".encode(), "😀.wav".encode(), b"a//b", b"(paren)!*'.wav", b"semi;colon:at@.wav",
    b"comma,dollar$.wav", b"hash#question?.wav", b"tilde~under_dot.dash-", b"bracket[]{}|^`.wav", b"back\\slash.wav",
    b'quote"<>.wav', b"+", b"=", b"%", b"\x01\x7f", b"trailing ", b" leading", b"0123456789ABCDEFXYZabcdefxyz",
]
QUERIES = [
    [],
    [["list-type", "2"], ["prefix", "a b/c+d=é/"], ["max-keys", "1000"], ["encoding-type", "url"]],
    [["list-type", "2"], ["continuation-token", "1/abc+def==&x?y%41"], ["prefix", ""]],
    [["b", "2"], ["a", "1"], ["B", "3"], ["a-b", "4"], ["a b", "5"], ["aé", "6"]],
    [["uploads", ""]],
    [["prefix", "日本語/😀~_.-"], ["delimiter", "/"]],
    [["same", "b"], ["same", "a"], ["same", "%"]],
]

signer = S3SigV4Auth(Credentials(signature.ACCESS_KEY, signature.SECRET_KEY), "s3", signature.REGION)
cases = []
for number, key in enumerate(KEYS):
    for query in QUERIES if number in (0, 5) else [QUERIES[number % len(QUERIES)]]:
        request = signature.request("GET", "bucket.example", b"/bucket/" + key, query, {"X-Amz-Content-SHA256": "-"})
        lines = signer.canonical_request(request).split("\n")
        cases.append(
            {
                "key": key.hex(),
                "query": query,
                "canonicalPath": lines[1],
                "canonicalQuery": lines[2],
            }
        )
json.dump(cases, sys.stdout, indent=1, ensure_ascii=True)
print()
