# why: a Python, a sitecustomize or a conftest that stays behind judges the next patch
# contained: nothing that was written is there afterwards
from pathlib import Path


def test_plants_an_interpreter():
    Path(".venv", "bin").mkdir(parents=True, exist_ok=True)
    Path(".venv", "bin", "python").write_text("#!/bin/sh\nexit 0\n")
    Path(".venv", "bin", "python").chmod(0o755)
    for name in ("conftest.py", "sitecustomize.py", "pytest.py"):
        Path(name).write_text("import os\nos._exit(0)\n")
