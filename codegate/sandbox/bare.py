"""No jail: a program run in a copy of the checkout, with the user's rights; only the base can ask for it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from codegate.sandbox import launch
from codegate.sandbox.limits import Ended, Limits
from codegate.sandbox.overlay import Overlay

# Large, made by tools, not written by tests: linked instead of copied.
_LINKED: Final = frozenset([".venv", "venv", "node_modules", ".tox", ".nox"])


class Bare:
    """Shows the patched tree in a temporary copy, first in `PYTHONPATH`: the user's files stay as they are.

    Without namespaces nothing can be laid over the checkout's own path. So an editable install that brings
    an import hook of its own may still import the user's files. Nothing is isolated; the limits on time and
    on each process's memory hold, and what the program started is killed at the end.
    """

    name = "none"
    isolates = False

    def run(
        self,
        argv: Sequence[str],
        *,
        overlay: Overlay,
        env: Mapping[str, str],
        limits: Limits,
        network: bool = False,
        report_variable: str | None = None,
        readable: Sequence[Path] = (),
    ) -> Ended:
        """Run `argv` as `Sandbox.run` says, but without a jail; the copy's cost grows with the checkout."""
        del network, readable  # without a jail all of both is there
        with tempfile.TemporaryDirectory(prefix="codegate-") as scratch, launch.status_pipe() as status:
            copy = Path(scratch, "checkout", overlay.root.name)
            home, temporary = Path(scratch, "home"), Path(scratch, "tmp")
            copy.parent.mkdir()
            home.mkdir()
            temporary.mkdir()
            _copy(overlay.root, copy)
            overlay.lay_copy(copy)
            given = dict(launch.basic_environment(str(home), str(temporary))) | dict(env)
            first = [str(path) for path in (copy / "src", copy) if path.is_dir()]
            given["PYTHONPATH"] = os.pathsep.join([*first, *filter(None, [env.get("PYTHONPATH")])])
            return launch.launch(
                launch.supervised(str(launch.SUPERVISOR), argv, status[1], limits),
                cwd=copy, env=given, limits=limits, status=status, report_variable=report_variable,
            )  # fmt: skip


def _copy(root: Path, copy: Path) -> None:
    """Copy the checkout, symlinks as symlinks; sockets, pipes and devices stay behind."""

    def left_out(directory: str, names: list[str]) -> set[str]:
        return {n for n in names if not _is_plain(os.path.join(directory, n)) or n == ".git" or n in _LINKED}

    shutil.copytree(root, copy, symlinks=True, ignore=left_out)
    for name in _LINKED:
        if (root / name).is_dir():
            (copy / name).symlink_to((root / name).resolve())


def _is_plain(path: str) -> bool:
    return os.path.islink(path) or os.path.isdir(path) or os.path.isfile(path)
