"""Models: untrusted authors behind one Protocol. They see a prompt and nothing of the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from codegate.core import ModelIdentity, Proposal
from codegate.core.prompt import Prompt, Sampling
from codegate.errors import ModelError

if TYPE_CHECKING:
    from codegate.config import UserConfig


class Model(Protocol):
    """Answers prompts. `context_tokens` bounds prompt and answer together, in units of `count`.

    `on_this_machine` says that a prompt goes nowhere else: files that a project keeps local are shown to no
    other model.
    """

    @property
    def identity(self) -> ModelIdentity: ...

    @property
    def on_this_machine(self) -> bool: ...

    @property
    def context_tokens(self) -> int: ...

    def count(self, text: str) -> int:
        """Return how many tokens a text takes: exactly, or an estimate that is rather too high."""
        ...

    def generate(
        self, prompt: Prompt, *, temperature: float, seed: int, on_text: Callable[[str], None] | None = None
    ) -> Proposal:
        """Return the model's answer, handing its text to `on_text` as it comes. Raises ModelError.

        An empty text says that the prompt is being read. An exception out of `on_text` stops the model and is
        passed on.
        """
        ...

    def generate_all(
        self, prompt: Prompt, samplings: Sequence[Sampling], *, on_text: Callable[[str], None] | None = None
    ) -> Iterator[Proposal]:
        """Yield an answer for each sampling, in their order, as each is there; in one batch if it can."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_model(name: str, user: UserConfig) -> Model:
    """Return the model that a name stands for; it is loaded when it is first asked something.

    A name is an id of `codegate.models.weights.KNOWN`, the path of a GGUF file, `remote` or `remote:MODEL`
    (the user's endpoint), `none` (rules alone), `scripted:FILE`, or `KIND:REST` of an installed plug-in
    of the entry point group `codegate.models`. A plug-in cannot take a built-in's name. Raises ModelError,
    UsageError.
    """
    kind, colon, rest = name.partition(":")
    if name == "none":
        from codegate.models.rules import RulesAlone

        return RulesAlone()
    if kind == "remote":
        from codegate.models.remote import Remote

        return Remote.open(rest, user)
    if kind == "scripted" and colon:
        from codegate.models.scripted import Scripted

        return Scripted.open(rest, user)
    if colon and kind != "local" and (plugin := _plugin(kind)):
        opened: Model = plugin.open(rest, user)
        return opened
    from codegate.models.local import Local

    return Local.open(name, user)


def _plugin(kind: str) -> Any:
    """Return the class that an installed plug-in gives for a kind, None if there is none."""
    from importlib.metadata import entry_points

    for point in entry_points(group="codegate.models", name=kind):
        loaded = point.load()
        if not hasattr(loaded, "open"):
            raise ModelError(
                f"the plug-in for models “{kind}” has no open(rest, user)", "uninstall or update it"
            )
        return loaded
    return None
