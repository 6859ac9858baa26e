# why: a ref or an object that is written there is history
# contained: the repository is not in there
import shutil
import subprocess


def test_commits():
    git = [shutil.which("git"), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    subprocess.run([*git, "init", "-q"], check=False)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "was here"], check=False)
    subprocess.run([*git, "update-ref", "refs/heads/main", "HEAD"], check=False)
