# why: every process of the same user shows its environment in /proc
# rule: tests/failed
# says: assert
# without a jail: succeeds
import contextlib
from pathlib import Path


def test_finds_a_token_in_another_process():
    found = b""
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += environment.read_bytes()
    assert b"CODEGATE_BYSTANDER=" in found
