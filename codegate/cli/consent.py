"""What may be shown to a model: text that looks like a secret leaves this machine only on a person's word."""

from __future__ import annotations

import sys

from codegate.cli.terminal import confirm
from codegate.context import Context, secrets_in
from codegate.core import Request
from codegate.errors import ModelError
from codegate.models import Model
from codegate.visible import visible


class Consent:
    """Asks once for each place, however often a model is asked. Raises ModelError where the answer is no."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._given: set[tuple[str, int, str]] = set()

    def __call__(self, context: Context, request: Request) -> None:
        if self._model.identity.kind != "remote":
            return
        found = [one for one in secrets_in(context, request.remarks) if one not in self._given]
        if not found:
            return
        places = ", ".join(f"{visible(path)}:{line} ({visible(kind)})" for path, line, kind in found)
        print(f"this looks like secrets: {places}", file=sys.stderr)
        if not confirm(f"send it to {visible(self._model.identity.id)}?"):
            raise ModelError("nothing was sent", "use a local model, or take the secret out of the file")
        self._given.update(found)
