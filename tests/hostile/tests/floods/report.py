# why: the pipe of the report is written by the same process, and could fill the judge up
# rule: tests/output, tests/crashed
import os


def test_floods_every_pipe():
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}").startswith("pipe:") and int(name) > 2:
                for _ in range(200):
                    os.write(int(name), b'{"start": "' + b"x" * 50_000 + b'"}\n')
        except OSError:
            pass
