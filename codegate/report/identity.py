"""What a finding is called, and where it stands when it stands nowhere."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from codegate.report.report import ReportFinding

# Where a finding about the whole change stands in a form that wants a path: no path of git's is this.
NOWHERE: Final = "."


def identified(findings: Iterable[ReportFinding]) -> Iterator[tuple[ReportFinding, str]]:
    """Yield each finding with a name that no other has and that outlives lines moved above it.

    64 hexadecimal digits: SHA-256 over rule, path and message, and how many the same came before.
    """
    seen: Counter[tuple[str, str | None, str]] = Counter()
    for finding in findings:
        same = (finding.rule, finding.path, finding.message)
        name = json.dumps([*same, seen[same]]).encode()
        seen[same] += 1
        yield finding, hashlib.sha256(name).hexdigest()
