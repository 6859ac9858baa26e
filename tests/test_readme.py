"""What the README says is so: the commands' help, the files it names, the two commands at its top."""

from __future__ import annotations

import re
from pathlib import Path

from driver import codegate

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_help_text_is_the_programs_own(tmp_path: Path) -> None:
    """The block of commands is what `codegate --help` prints, to the letter."""
    block = re.search(r"<!-- help:.*?-->\n```text\n(.*?)```", README, re.DOTALL)
    assert block is not None
    said = codegate(tmp_path, "--help", env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"}).stdout
    assert block[1].split() == said.split()


def test_every_file_it_names_is_there() -> None:
    """Links lead somewhere, and each guarantee's tests exist."""
    named = set(re.findall(r"\]\(([^)#]+)\)", README)) | set(re.findall(r"`(tests/\S+?)`", README))
    assert len(named) > 10
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_two_commands_stand_first() -> None:
    """`make demo` and `make test` are the first commands to type, and the Makefile has them."""
    shell = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert shell is not None
    assert [line.split("#")[0].strip() for line in shell[1].splitlines()] == ["make demo", "make test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^demo:", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)
