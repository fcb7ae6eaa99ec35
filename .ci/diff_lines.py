#!/usr/bin/env python3
"""Counts the lines that `cellwise diff` prints of real pairs of notebooks.

Usage: diff_lines.py CELLWISE PAIRS OUT.json

PAIRS is the folder of pairs with its index.tsv. OUT.json is read by floor.py. Both formats must be what
`git apply --stat` takes for a patch.
"""

import csv
import json
import statistics
import subprocess
import sys
from pathlib import Path


def printed(cellwise, pair, form):
    files = [pair / "old.ipynb", pair / "new.ipynb"]
    run = subprocess.run([cellwise, "diff", "--color=never", f"--format={form}", *files], capture_output=True, check=True)
    return run.stdout


def is_patch(text):
    return subprocess.run(["git", "apply", "--stat"], input=text, capture_output=True, check=False).returncode == 0


def main(cellwise, pairs, out):
    with (pairs / "index.tsv").open(encoding="utf-8", newline="") as file:
        index = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    rows = []
    for entry in index:
        pair = pairs / entry["id"]
        shown, strict = printed(cellwise, pair, "terminal"), printed(cellwise, pair, "patch")
        row = {"id": entry["id"], "lines": shown.count(b"\n")}
        if not (is_patch(shown) and is_patch(strict)):
            row["not a patch"] = 1
        if "rerun_only" in entry["tags"].split(","):
            row["lines of runs"] = row["lines"]
        rows.append(row)
    lines = [row["lines"] for row in rows]
    tally = {
        "rows": len(rows),
        "lines": sum(lines),
        "median lines": statistics.median(lines),
        "lines of runs": sum(row.get("lines of runs", 0) for row in rows),
        "not a patch": sum(row.get("not a patch", 0) for row in rows),
    }
    out.write_text(json.dumps({"tally": tally, "rows": rows}, indent=1), encoding="utf-8")
    print(", ".join(f"{name} {value}" for name, value in tally.items()))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
