# why: a shell, git and Python run what they find in the home directory
# contained: the home in the sandbox is another one
import os
from pathlib import Path


def test_plants_startup_files():
    home = Path(os.environ["OWNERS_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    home.joinpath(".bashrc").write_text("touch ~/was-here\n")
    home.joinpath(".gitconfig").write_text("[core]\n\tfsmonitor = touch ~/was-here\n")
    home.joinpath(".ssh").mkdir(exist_ok=True)
    home.joinpath(".ssh", "authorized_keys").write_text("ssh-ed25519 AAAA\n")
