# why: the password file names the home directory even where $HOME lies
# rule: tests/failed
# says: FileNotFoundError
import os
import pwd
from pathlib import Path


def test_lists_the_keys():
    assert list(Path(pwd.getpwuid(os.getuid()).pw_dir, ".ssh").iterdir())
