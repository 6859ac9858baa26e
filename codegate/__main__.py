"""`codegate` and `python -m codegate`."""

from __future__ import annotations

import sys

from codegate import __version__


def main() -> None:
    """Run the command line and exit with one of the codes of `codegate.errors.Exit`."""
    if sys.argv[1:] == ["--version"]:  # asked by tools that look for us: not worth importing a command line
        print(f"codegate {__version__}")
        return
    from codegate.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
