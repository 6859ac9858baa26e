"""What the local model keeps of its work: across answers, rounds and runs, and never at a price."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codegate.core.prompt import Message, Prompt, Sampling
from codegate.models.local import Local, prefix_folder
from codegate.models.session import Stage
from codegate.models.weights import Weights

_REFERENCE = "Functions add, subtract, multiply and divide numbers; each has a docstring and a test.\n" * 6


class _Watcher:
    """Keeps what it is told, as a face would show it."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self.text = ""

    def __call__(self, text: str) -> None:
        self.text += text

    def reach(self, stage: Stage) -> None:
        self.stages.append(stage)

    @property
    def read(self) -> int:
        """How many tokens of the prompt had to be read."""
        known = next((stage.of for stage in self.stages if stage.doing == "restoring"), 0)
        last = [stage for stage in self.stages if stage.doing == "reading"][-1]
        assert last.done == last.of
        return last.done - (known or 0)


def _prompt(task: str = "Write the first test.", max_tokens: int = 6) -> Prompt:
    messages = (Message("system", "You write Python."), Message("user", _REFERENCE), Message("user", task))
    return Prompt(messages, max_tokens)


@contextmanager
def _run(weights: Weights, prefix_bytes: int = 64 << 20) -> Iterator[Local]:
    """A run of codegate, with a process of its own for the model."""
    with Local(weights, context_tokens=512, prefix_bytes=prefix_bytes) as model:
        yield model


def _read(model: Local, prompt: Prompt) -> tuple[int, str]:
    watcher = _Watcher()
    model.generate(prompt, on_text=watcher)
    return watcher.read, watcher.text


@pytest.mark.weights
def test_a_watcher_is_told_how_far_the_model_is(model: Local) -> None:
    """Reading up to the whole prompt, then writing, with counts that only grow, and the hole's name."""
    watcher = _Watcher()
    proposal = model.generate(_prompt(), on_text=watcher)
    assert [s.doing for s in watcher.stages] == sorted(s.doing for s in watcher.stages)
    assert watcher.stages[-1] == Stage("writing", proposal.answer_tokens or 0)
    assert watcher.text == proposal.text


@pytest.mark.weights
def test_a_later_run_takes_up_what_an_earlier_one_read(weights: Weights, home: Path) -> None:
    """The same prompt costs a token; another task under the same reference costs only the task."""
    with _run(weights) as model:
        whole, said = _read(model, _prompt())
    assert prefix_folder().is_relative_to(home)
    assert prefix_folder().stat().st_mode & 0o777 == 0o700
    with _run(weights) as model:
        again, also = _read(model, _prompt())
    with _run(weights) as model:
        other, _ = _read(model, _prompt("Write the second one, for subtract."))
    assert whole > 100
    assert again < 48  # a task so short is as soon read
    assert 0 < other < 40
    assert said
    assert also


def _cut_off(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _fill_with_nonsense(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:64] + os.urandom(len(data) - 64))


def _half_of_nothing(file: Path) -> None:
    data = file.read_bytes()
    middle = len(data) // 2
    file.write_bytes(data[:middle] + bytes(len(data) - middle))


def _empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.weights
@pytest.mark.slow
def test_a_damaged_prefix_costs_its_reading_and_no_more(weights: Weights) -> None:
    """Whatever the files say now, the model answers, and no error reaches anyone."""
    for damage in (_cut_off, _fill_with_nonsense, _half_of_nothing, _empty):
        with _run(weights) as model:
            model.generate(_prompt())
        files = list(prefix_folder().iterdir())
        assert files
        for file in files:
            damage(file)
        with _run(weights) as model:
            assert model.generate(_prompt()).answer_tokens


@pytest.mark.weights
def test_prefixes_are_bounded_and_the_oldest_go_first(weights: Weights) -> None:
    """No more bytes than were allowed stay; without any allowed nothing is written."""
    with _run(weights, 0) as model:
        model.generate(_prompt())
    assert not prefix_folder().exists()
    with _run(weights, 6 << 20) as model:
        for number in range(3):
            model.generate(Prompt((Message("user", f"{number} {_REFERENCE}"),), 1))
    files = list(prefix_folder().iterdir())
    assert 0 < sum(file.stat().st_size for file in files) <= 6 << 20
    with _run(weights, 6 << 20) as model:
        assert _read(model, Prompt((Message("user", f"2 {_REFERENCE}"),), 1))[0] == 0


@pytest.mark.weights
def test_a_folder_of_others_is_not_used(weights: Weights) -> None:
    """What anyone may write to is neither read nor written."""
    prefix_folder().mkdir(parents=True)
    prefix_folder().chmod(0o777)
    with _run(weights) as model:
        model.generate(_prompt())
    assert list(prefix_folder().iterdir()) == []


@pytest.mark.weights
def test_a_prompt_is_read_once_for_all_its_answers_and_rounds(model: Local) -> None:
    """In one run a second answer reads a token; a repair that goes on from the first reads what is new."""
    prompt = _prompt("Write the third test.")
    first = model.generate(prompt)
    watcher = _Watcher()
    list(model.generate_all(prompt, [Sampling(1.0, n) for n in range(4)], on_text=watcher))
    assert len([s for s in watcher.stages if s.doing == "reading"]) == 1
    repair = Prompt(
        (*prompt.messages, Message("assistant", first.text), Message("user", "It fails. Mend it.")), 4
    )
    watcher = _Watcher()
    model.generate(repair, on_text=watcher)
    assert len([s for s in watcher.stages if s.doing == "reading"]) == 1


@pytest.mark.weights
def test_the_first_of_several_is_what_one_alone_would_be(model: Local) -> None:
    """A greedy answer starts alike alone, by lookup, and beside others (up to ties far into it)."""
    prompt = _prompt("Repeat: one two three four, one two three four, one two three four,", 8)
    alone = model.generate(prompt)
    beside = next(model.generate_all(prompt, [Sampling(), Sampling(1.0, 1), Sampling(1.0, 2)]))
    assert alone.text[:8] == beside.text[:8] != ""
    assert alone.answer_tokens == beside.answer_tokens == 8
