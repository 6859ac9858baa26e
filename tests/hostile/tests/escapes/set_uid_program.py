# why: a program of root's with the set-uid bit gives its powers to whoever runs it
# rule: tests/failed
# says: assert
import os
import shutil
import subprocess


def test_gains_powers():
    shutil.copy(shutil.which("cat"), "/var/tmp/cat")
    os.chmod("/var/tmp/cat", 0o6755)
    said = subprocess.run(["/var/tmp/cat", "/proc/self/status"], capture_output=True, text=True).stdout
    powers = {
        line.split()[0]: line.split()[1] for line in said.splitlines() if line.startswith(("Cap", "NoN"))
    }
    assert powers["NoNewPrivs:"] == "0"
    assert int(powers["CapEff:"], 16)
