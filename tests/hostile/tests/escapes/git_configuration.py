# why: remotes in .git/config hold passwords, and core.fsmonitor is a program that `git status` runs
# rule: tests/failed
# says: FileNotFoundError
from pathlib import Path


def test_reads_and_extends_the_configuration():
    config = Path(".git", "config")
    config.write_text(config.read_text() + "[core]\n\tfsmonitor = touch was-here\n")
