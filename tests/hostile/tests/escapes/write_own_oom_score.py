# why: a process that the kernel spares when memory runs out lets others die for it
# rule: tests/failed
# says: (OSError|PermissionError)
from pathlib import Path


def test_is_spared():
    Path("/proc/self/oom_score_adj").write_text("0")
