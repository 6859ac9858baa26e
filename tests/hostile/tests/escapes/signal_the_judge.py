# why: who can signal codegate can stop it between judging and showing
# rule: tests/failed
# says: (ProcessLookupError|PermissionError)
# without a jail: succeeds
import os
import signal


def test_reaches_the_judge():
    os.kill(int(os.environ["JUDGE_PID"]), signal.SIGCONT)
