# why: git runs a hook at the person's next commit
# contained: .git in the sandbox is an empty folder of its own
from pathlib import Path


def test_plants_a_hook():
    hook = Path(".git", "hooks", "pre-commit")
    hook.parent.mkdir(parents=True, exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch was-here\n")
    hook.chmod(0o755)
