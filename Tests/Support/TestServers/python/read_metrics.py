"""Parses a text of metrics with Prometheus's own client library: stdin to one JSON object on stdout.

{family: {"type": …, "help": …, "samples": [[name, {label: value}, value], …]}}; exit code 1 if it does not parse.
"""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

families = {}
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.name not in families, f"{family.name} twice"
    families[family.name] = {
        "type": family.type, "help": family.documentation,
        "samples": [[sample.name, sample.labels, sample.value] for sample in family.samples],
    }
print(json.dumps(families))
