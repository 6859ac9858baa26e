# why: who reads line by line waits for the end of this one
# rule: tests/output
import sys


def test_prints_no_newline(capfd):
    with capfd.disabled():
        for _ in range(200):
            sys.stderr.write("x" * 200_000)
