"""The one disk of a sandbox: it has room for so many bytes and files, and is gone with the sandbox.

A file of its own, run by the bare interpreter (`python -I -S`) and importing nothing of codegate's: in a user
namespace in which it may mount it makes the disk, gives up that right, and becomes the sandbox. Bubblewrap
by itself bounds the bytes of a tmpfs, and neither its files (an empty one costs only the kernel's own memory)
nor what an overlay writes.

Arguments: where to mount, bytes, files, `--`, program and arguments.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

# Below it: what an overlay needs, the home, and the folders that anyone may write.
FOLDERS = {"upper": 0o755, "work": 0o755, "home": 0o755, "tmp": 0o1777, "vartmp": 0o1777, "shm": 0o1777}
_MS_NOSUID, _MS_NODEV = 2, 4
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_FIRST_TO_DIE = "1000"


def main(arguments: list[str]) -> None:
    place, size, files = arguments[:3]
    # Much of what the kernel holds for a program is counted to nobody (buffers of sockets, shared pages that
    # were let go). Should the machine run out of memory, the sandbox ends, and nothing else.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(_FIRST_TO_DIE)
    options = f"size={size},nr_inodes={files},mode=0755".encode()
    _call(
        "mount", b"tmpfs", place.encode(errors="surrogateescape"), b"tmpfs", _MS_NOSUID | _MS_NODEV, options
    )
    for name, mode in FOLDERS.items():
        os.mkdir(os.path.join(place, name))
        os.chmod(os.path.join(place, name), mode)
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    os.execv(arguments[4], arguments[4:])  # noqa: S606  # what it is for


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(sys.argv[1:])
