"""Starts the worker by its path: `python -P …/worker/__main__.py`."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

if not __package__:
    # Started by path this file has no package; its folder is made one, under a name of its own (PEP 366).
    __package__ = "codegate_worker"
    _spec = spec_from_file_location(__package__, Path(__file__).with_name("__init__.py"))
    assert _spec is not None
    sys.modules[__package__] = module_from_spec(_spec)

from .serving import main

main()
