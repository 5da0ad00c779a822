"""`make bench`: every figure, as text, and as JSON where `--json FILE` says (`-` is the screen)."""

import argparse
import json
import logging
import platform
import sys
from pathlib import Path

from bench import ballots, counts, elements, events, pages

parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
parser.add_argument("--json", metavar="FILE", default=None)
chosen = parser.parse_args()
logging.disable(logging.WARNING)

print("Ratios within this run; what stands in brackets belongs to this machine alone.\n")
pairs = []
for part in (pages, events, ballots, counts):
    for pair in part.figures():
        pairs.append(pair)
        print(pair.as_text(), flush=True)

weights = []
for weight in elements.weights():
    weights.append(weight)
    print(weight.as_text(), flush=True)

if chosen.json:
    body = {
        "python": platform.python_version(),
        "figures": [pair.as_json() for pair in pairs],
        "elements": [weight.as_json() for weight in weights],
    }
    text = json.dumps(body, indent=2) + "\n"
    if chosen.json == "-":
        sys.stdout.write(text)
    else:
        Path(chosen.json).write_text(text)
