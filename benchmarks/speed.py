"""What saves a local model its time: prefixes that were read, text that is copied, answers side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Row, in_turn
from codegate.core import Proposal
from codegate.core.prompt import Hole, Message, Prompt, Sampling
from codegate.models.local import Local
from codegate.models.weights import Store

MODEL = "qwen2.5-coder-0.5b"
_CODE = (Path(__file__).with_name("measure.py")).read_text()
_METHODS = _CODE[_CODE.index("    @property") : _CODE.index("def run(")].rstrip()
# As good as greedy, but drawn: nothing is looked up.
_DRAWN = 1e-4
_ANY_LINES = 'root ::= line+\nline ::= [^\\n]* "\\n"'
_LINE = 'root ::= [A-Z] [^\\n"]{3,70} "."'


def first_token(folder: Path, runs: int) -> Row:
    """A prompt's first token where another process read the prompt before, against reading it."""
    with _model(folder) as before, _model(folder) as after:

        def warm(number: int) -> float:
            return _prompts_per_second(after.generate(_describe(number, 1)))

        def cold(number: int) -> float:
            return _prompts_per_second(before.generate(_describe(number, 1)))

        pairs = in_turn(lambda n: cold(n), lambda n: warm(n), runs)
    turned = tuple((warm, cold) for cold, warm in pairs)  # what is warm must have been cold before
    return Row("first token, read before", "first token, new prompt", "prompts/s", turned, 5)


def lookup(folder: Path, runs: int) -> Row:
    """An answer that copies most of its prompt, with lookup against without."""
    with _model(folder) as model:
        pairs = in_turn(
            lambda n: _tokens_per_second(model.generate(_copy(n))),
            lambda n: _tokens_per_second(model.generate(_copy(n), temperature=_DRAWN)),
            runs,
        )
    return Row("copying, looked up", "copying, token by token", "tokens/s", tuple(pairs), 1.5)


def candidates(folder: Path, runs: int) -> Row:
    """Eight answers to a new prompt against one."""
    samplings = [Sampling(), *(Sampling(0.4 + n / 10, n) for n in range(1, 8))]

    with _model(folder) as model:

        def asked(number: int, count: int) -> float:
            return max(p.seconds for p in model.generate_all(_describe(number, 40), samplings[:count]))

        pairs = in_turn(lambda n: asked(2 * n, 8), lambda n: asked(2 * n + 1, 1), runs)
    return Row("eight candidates", "one candidate", "s", tuple(pairs), 3)


def grammar(folder: Path, runs: int) -> Row:
    """An answer under a grammar that lets the model write what it would write anyway."""
    with _model(folder) as model:
        pairs = in_turn(
            lambda n: _tokens_per_second(model.generate(_copy(n, 64, _ANY_LINES), temperature=_DRAWN)),
            lambda n: _tokens_per_second(model.generate(_copy(n, 64), temperature=_DRAWN)),
            runs,
        )
    return Row("under a grammar", "without", "tokens/s", tuple(pairs), 0.8)


@contextmanager
def _model(folder: Path) -> Iterator[Local]:
    """Yield the model with a cache of prefixes in `folder` alone."""
    with Local(Store().open(MODEL), context_tokens=4096, prefix_bytes=256 << 20, prefixes=folder) as model:
        yield model


def _describe(number: int, max_tokens: int) -> Prompt:
    """A prompt of some 600 tokens that starts like no other, and a docstring with holes."""
    system = Message("system", f"Question {number}. You write docstrings of Python code.")
    user = Message("user", f"```python\n{_CODE[:2400]}\n```\nWrite the docstring of `in_turn`.")
    summary, returns = Hole("summary", _LINE, max_tokens), Hole("returns", _LINE, max_tokens)
    skeleton = ('```python\n"""', summary, "\n\nReturns:\n    ", returns, '\n"""\n```')
    return Prompt((system, user), 2 * max_tokens, skeleton=skeleton)


def _copy(number: int, max_tokens: int = 100, constraint: str | None = None) -> Prompt:
    system = Message("system", f"Question {number}. You repeat Python code exactly, in one code block.")
    user = Message("user", f"Repeat this code, with `ratio` renamed to `median`:\n```python\n{_METHODS}\n```")
    return Prompt((system, user), max_tokens, grammar=constraint)


def _prompts_per_second(proposal: Proposal) -> float:
    assert proposal.first_token_seconds
    return 1 / proposal.first_token_seconds


def _tokens_per_second(proposal: Proposal) -> float:
    assert proposal.answer_tokens
    assert proposal.first_token_seconds
    return (proposal.answer_tokens - 1) / (proposal.seconds - proposal.first_token_seconds)
