"""The Python of a project's tests: nothing of a checkout is run to find it, or trusted with what to show."""

from __future__ import annotations

import os
import shutil
import sys
import venv
from pathlib import Path

import pytest

from codegate.errors import CodegateError
from codegate.gates.interpreter import find_interpreter


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    root = tmp_path / "checkout"
    root.mkdir()
    return root


def hostile(program: Path, mark: Path) -> Path:
    """Write a program that leaves a mark when it is run, and answers as a Python does."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.unlink(missing_ok=True)
    program.write_text(f"#!/bin/sh\ntouch {mark}\nprintf '/\\n3.11\\n{program}\\n'\n")
    program.chmod(0o755)
    return program


def environment(root: Path, name: str = ".venv", *, symlinks: bool = True) -> Path:
    venv.create(root / name, symlinks=symlinks, with_pip=False)
    return root / name


def test_an_environment_of_the_checkout_is_taken(checkout: Path) -> None:
    """Read, not run: its version and origin are known, and what its Python consists of."""
    made = environment(checkout)
    found = find_interpreter(checkout)
    assert (found.program, found.environment) == (made / "bin" / "python", made)
    assert (found.version, found.origin) == (sys.version.split()[0], ".venv/bin/python of the checkout")
    assert Path(sys.base_prefix).resolve() in found.readable


@pytest.mark.parametrize("settings", [True, False])
@pytest.mark.parametrize("name", [".venv", "venv"])
def test_a_program_of_the_checkout_is_never_run(checkout: Path, name: str, settings: bool) -> None:
    """A branch that brings an environment of its own runs nothing on the machine; the next place serves."""
    mark = checkout.parent / "mark"
    hostile(checkout / name / "bin" / "python", mark)
    if settings:
        (checkout / name / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
    found = find_interpreter(checkout)
    assert not mark.exists()
    assert not found.program.is_relative_to(checkout)


@pytest.mark.parametrize("way", ["environment", "path", "command", "link", "folder", "proc"])
def test_no_way_leads_to_a_program_of_the_checkout(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Neither the active environment, PATH, the command, a link from outside, nor another spelling of it."""
    mark = checkout.parent / "mark"
    program = hostile(checkout / "env" / "bin" / "python", mark)
    shutil.copy(program, program.with_name("python3"))
    named = ""
    if way == "environment":
        monkeypatch.setenv("VIRTUAL_ENV", str(checkout / "env"))
    elif way == "path":
        monkeypatch.chdir(checkout)
        monkeypatch.setenv("PATH", f"env/bin:{os.environ['PATH']}")
    elif way == "command":
        named = str(program)
    elif way == "link":
        (checkout.parent / "python3").symlink_to(program)
        named = str(checkout.parent / "python3")
    elif way == "folder":
        (checkout.parent / "elsewhere").symlink_to(checkout / "env")
        named = str(checkout.parent / "elsewhere" / "bin" / "python")
    else:
        monkeypatch.chdir(checkout)
        named = "/proc/self/cwd/env/bin/python"
    found = find_interpreter(checkout, named)
    assert not mark.exists()
    assert not found.program.resolve().is_relative_to(checkout)


@pytest.mark.parametrize("named", ["/", "/etc", "relative/bin", "", "~/bin", "~", "{root}/env/bin"])
def test_a_home_that_is_no_installation_is_not_shown(checkout: Path, named: str) -> None:
    """`home` is text of the checkout's: it names no folder that a sandbox would then show."""
    made = environment(checkout)
    (Path.home() / "bin").mkdir()
    environment(checkout, "env")
    asked = named.replace("{root}", str(checkout)).replace("~", str(Path.home()))
    (made / "pyvenv.cfg").write_text(f"home = {asked}\nversion = 3.11.0\n")
    assert not find_interpreter(checkout).program.is_relative_to(checkout)


def test_the_home_directory_is_not_shown_for_a_python_in_it(checkout: Path) -> None:
    """Whoever puts `lib/python3.11/os.py` into the home directory does not have it shown."""
    made, home = environment(checkout), Path.home()
    for name in ("bin/python3", "lib/python3.11/os.py"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text("")
        (home / name).chmod(0o755)
    (made / "pyvenv.cfg").write_text(f"home = {home}/bin\nversion = 3.11.0\n")
    assert not find_interpreter(checkout).program.is_relative_to(checkout)


def test_an_environment_that_git_tracks_is_not_taken(checkout: Path) -> None:
    """It came with the branch, links and all."""
    environment(checkout)
    environment(checkout, "venv")
    asked = []

    def tracked(path: str) -> bool:
        asked.append(path)
        return path == ".venv"

    assert find_interpreter(checkout, tracked=tracked).origin == "venv/bin/python of the checkout"
    assert set(asked) == {".venv", "venv"}


def test_copies_are_refused_with_a_hint_where_nothing_else_is(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no other Python on the machine the message says what to do."""
    made = environment(checkout, symlinks=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "executable", str(made / "bin" / "python"))
    with pytest.raises(CodegateError, match="program of the checkout itself") as caught:
        find_interpreter(checkout)
    assert "--copies" in caught.value.hint
