"""Reads pairs of YAML and JSON from standard input, one JSON list per line, and prints which parsers read the YAML otherwise than the JSON."""

import io
import json
import sys

import yaml
from ruamel.yaml import YAML


def same(a, b):
    """Whether two values are equal and of the same types: in Python, True equals 1 and 1 equals 1.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return a == b


readers = {
    "PyYAML": yaml.safe_load,
    "ruamel": lambda text: YAML(typ="safe", pure=True).load(io.StringIO(text)),
}

for line in sys.stdin:
    text, expected = json.loads(line)
    for name, read in readers.items():
        try:
            found = read(text)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        if not same(found, json.loads(expected)):
            print(name, "reads", repr(text)[:300], "as", repr(found)[:300])
