"""A model that plays answers from a file: for tests, demos without weights, and people who write recipes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from codegate.core import ModelIdentity, Proposal
from codegate.core.prompt import Prompt
from codegate.errors import ModelError
from codegate.models.session import Session

if TYPE_CHECKING:
    from codegate.config import UserConfig

_HINT = (
    'it is TOML: one [[answer]] after another, each with text = """…""", and when = "regex" if it is bound'
)
_CONTEXT_TOKENS = 8192


@dataclass(frozen=True, slots=True)
class Line:
    """One answer. With `when`, it answers only prompts in which that regular expression is found."""

    text: str
    when: re.Pattern[str] | None = None

    def answers(self, prompt: Prompt) -> bool:
        return self.when is None or any(self.when.search(m.content) for m in prompt.messages)


class Scripted(Session):
    """Plays each answer of a script once, in order: the first one left that fits the prompt.

    It counts a token for each three bytes, heeds `max_tokens` and ignores grammar, schema and seed.
    """

    on_this_machine = True

    def __init__(self, lines: list[Line], name: str = "scripted") -> None:
        self.identity = ModelIdentity(id=name, kind="scripted")
        self.context_tokens = _CONTEXT_TOKENS
        self._left = list(lines)
        self._played = 0

    @classmethod
    def open(cls, rest: str, user: UserConfig) -> Self:
        """Return the model that plays the file `rest`. Raises ModelError if it is no script."""
        return cls(_read(Path(rest).expanduser()), f"scripted:{rest}")

    def count(self, text: str) -> int:
        return -(-len(text.encode("utf-8", "surrogatepass")) // 3)

    def generate(
        self,
        prompt: Prompt,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
    ) -> Proposal:
        """Return the next answer that fits. Raises ModelError where none is left."""
        line = next((left for left in self._left if left.answers(prompt)), None)
        if line is None:
            raise ModelError(
                f"{self.identity.id} has no answer to this prompt: {self._played} of its answers played",
                "add an [[answer]] without `when`, or one whose `when` is found in the prompt",
            )
        self._left.remove(line)
        self._played += 1
        data = line.text.encode()
        text = data[: 3 * prompt.max_tokens].decode("utf-8", "ignore")
        if on_text:
            on_text(text)
        return Proposal(
            text=text,
            model=self.identity,
            prompt_sha256=prompt.sha256,
            prompt_tokens=sum(self.count(m.content) for m in prompt.messages),
            answer_tokens=self.count(text),
            truncated=len(text) < len(line.text),
        )


def _read(path: Path) -> list[Line]:
    try:
        script = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(f"cannot read the script {path}: {error.strerror}", _HINT) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"the script {path} cannot be read: {error}", _HINT) from error
    answers = script.pop("answer", [])
    if script or not isinstance(answers, list):
        raise ModelError(f"the script {path} has more than answers: {', '.join(script) or 'answer'}", _HINT)
    return [_line(path, number, answer) for number, answer in enumerate(answers, 1)]


def _line(path: Path, number: int, answer: Any) -> Line:
    where = f"answer {number} of the script {path}"
    if not isinstance(answer, dict) or set(answer) - {"text", "when"} or "text" not in answer:
        raise ModelError(f"{where} must have text, and may have when", _HINT)
    if not all(isinstance(value, str) for value in answer.values()):
        raise ModelError(f"{where} has something other than text", _HINT)
    try:
        return Line(answer["text"], re.compile(answer["when"]) if "when" in answer else None)
    except re.error as error:
        raise ModelError(f"{where} has no regular expression as when: {error}", _HINT) from error
