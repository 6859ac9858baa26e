"""`python -m benchmarks`: a table of ratios, and 1 where a promise is not kept."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.cases import CASES
from benchmarks.measure import Row

_LINE = "{:<30} {:<26} {:>11} {:>11}  {:>5} {:>13}  {}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("case", nargs="*", help=f"what to measure: {', '.join(CASES)} (without it all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured there, too")
    given = parser.parse_args()
    if unknown := [name for name in given.case if name not in CASES]:
        parser.error(f"no such case: {unknown[0]} (known: {', '.join(CASES)})")
    # Waiting threads that spin take the processors from those that work, in both of two models.
    os.environ["GOMP_SPINCOUNT"] = "0"
    measured: list[Row] = []
    print(_LINE.format("A", "B", "A", "B", "A/B", "min to max", "promised"))
    for name in [name for name in CASES if name in (given.case or CASES)]:
        with tempfile.TemporaryDirectory(prefix="codegate-bench-") as folder:
            for row in CASES[name](Path(folder)):
                measured.append(row)
                print(_line(row), flush=True)
    if given.json:
        given.json.write_text(json.dumps(_record(measured), indent=2) + "\n", encoding="utf-8")
    return 0 if all(row.holds for row in measured) else 1


def _line(row: Row) -> str:
    promised = ""
    if row.limit is not None:
        least = "least" if row.is_rate else "most"
        promised = f"at {least} {row.limit:g}: {'kept' if row.holds else 'NOT KEPT'}"
    values = [f"{value:.3g} {row.unit.removeprefix('tokens')}" for value in row.medians]
    spread = f"{min(row.ratios):.2f} to {max(row.ratios):.2f}"
    return _LINE.format(row.subject, row.yardstick, *values, f"{row.ratio:.2f}", spread, promised).rstrip()


def _record(measured: list[Row]) -> dict[str, object]:
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "rows": [
            {**dataclasses.asdict(row), "ratio": row.ratio, "holds": row.holds} for row in measured
        ],
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
