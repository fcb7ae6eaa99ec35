#!/usr/bin/env python3
"""Compares figures of real notebooks with those that must not get worse.

Usage: floor.py SCORES.json FLOOR.json

SCORES.json is what score_merges.py --json or diff_lines.py writes. Exits with 1 and names each figure that got worse. A
figure that got better is named too: put it into FLOOR.json, so that it stays.
"""

import json
import sys
from pathlib import Path

# Where a figure got worse, these are the rows to look at.
SHOWN_ROWS = 20


def load(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def compare(tally, floor):
    """The lines about figures that got worse, and those about figures that got better."""
    worse, better = [], []
    for name, bound in floor["at least"].items():
        value = tally.get(name, 0)
        line = f"{name}: {value}, at least {bound}"
        (worse if value < bound else better if value > bound else []).append(line)
    for name, bound in floor["at most"].items():
        value = tally.get(name, 0)
        line = f"{name}: {value}, at most {bound}"
        (worse if value > bound else better if value < bound else []).append(line)
    return worse, better


def rows_with(rows, name):
    return [row["id"] for row in rows if name in row][:SHOWN_ROWS]


def main(scores_path, floor_path):
    scores, floor = load(scores_path), load(floor_path)
    tally = scores["tally"]
    if not tally.get("rows"):
        print("floor: there are no rows", file=sys.stderr)
        return 1
    worse, better = compare(tally, floor)
    for line in better:
        print(f"floor: better than {floor_path}: {line}")
    for line in worse:
        rows = rows_with(scores["rows"], line.split(":")[0])
        print(f"floor: WORSE: {line}" + (f" (rows {' '.join(rows)})" if rows else ""), file=sys.stderr)
    if not worse:
        print("floor: no figure got worse")
    return 1 if worse else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
