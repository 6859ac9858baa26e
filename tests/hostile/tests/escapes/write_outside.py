# why: a file beside the checkout is not the patch's to write
# rule: tests/failed
# says: FileNotFoundError
# without a jail: succeeds
import os
from pathlib import Path


def test_writes_beside_the_checkout():
    Path(os.environ["OUTSIDE"], "trace.txt").write_text("was here")
