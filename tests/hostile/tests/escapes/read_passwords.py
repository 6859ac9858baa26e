# why: root in a container reads every account's password hash
# rule: tests/failed
# says: (FileNotFoundError|PermissionError)
from pathlib import Path


def test_reads_the_hashes():
    assert Path("/etc/shadow").read_text()
