# why: a private key in the home directory is worth more than any patch
# rule: tests/failed
# says: FileNotFoundError
# without a jail: succeeds
import os
from pathlib import Path


def test_reads_the_key():
    assert Path(os.environ["OWNERS_HOME"], ".ssh", "id_ed25519").read_text()
