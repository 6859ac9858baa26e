# why: git follows a .git file wherever it points, and a nested repository has hooks of its own
# contained: nothing that was written is there afterwards
import os
from pathlib import Path


def test_plants_a_repository():
    Path("nested", ".git", "hooks").mkdir(parents=True)
    Path("nested", ".git", "config").write_text("[core]\n\tfsmonitor = touch was-here\n")
    Path("nested", ".git", "HEAD").write_text("ref: refs/heads/main\n")
    os.rmdir(".git")
    Path(".git").write_text("gitdir: nested/.git\n")
