"""`codegate` and `python -m codegate`."""

from __future__ import annotations

import gc
import os
import sys

from codegate import __version__


def main() -> None:
    """Run the command line and exit with one of the codes of `codegate.errors.Exit`."""
    _open_streams()
    if sys.argv[1:] == ["--version"]:  # asked by tools that look for us: not worth importing a command line
        os.write(1, f"codegate {__version__}\n".encode())
        return
    # What is loaded is never garbage, and to look through it all takes a fifth of a short command's time.
    gc.set_threshold(100_000)
    from codegate.cli import run

    code = run()
    gc.freeze()  # nor is it looked through at the end
    sys.exit(code)


def _open_streams() -> None:
    """Give a standard stream that was closed a place to go: the next file opened would take its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


if __name__ == "__main__":
    main()
