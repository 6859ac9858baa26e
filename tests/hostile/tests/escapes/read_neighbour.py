# why: what lies beside the checkout belongs to other projects
# rule: tests/failed
# says: FileNotFoundError
# without a jail: succeeds
import os
from pathlib import Path


def test_reads_a_file_beside_the_checkout():
    assert Path(os.environ["OUTSIDE"], "canary.txt").read_text()
