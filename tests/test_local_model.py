"""The local model: weights in a supervised child. Whatever the child does, codegate lives on."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import need
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegate.config import LocalSettings, UserConfig
from codegate.core.prompt import Message, Prompt
from codegate.errors import ModelError
from codegate.models import machine, open_model
from codegate.models.child import Child
from codegate.models.gguf import read_shape
from codegate.models.local import Local
from codegate.models.weights import Weights

_MESSAGES = (
    Message("system", "You write Python."),
    Message("user", "Write a function that adds two numbers."),
)
_IM_END = 2  # SmolLM2's id for <|im_end|>, as 0 is <|endoftext|> and 1 <|im_start|>


def _prompt(max_tokens: int = 24, **more: Any) -> Prompt:
    return Prompt(_MESSAGES, max_tokens, **more)


def _worker(folder: Path, body: str) -> Child:
    """A child that is another program: a worker gone wrong in a way the real one cannot be made to."""
    path = folder / "worker.py"
    path.write_text(f"import sys, os, signal, time\n{body}\n")
    return Child(path)


def _complaint(child: Child, patience: float = 20.0) -> ModelError:
    with pytest.raises(ModelError) as caught:
        list(child.ask({"do": "count", "text": "x"}, patience))
    assert not child.alive
    child.close()
    return caught.value


def _gone(pid: int, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                time.sleep(0.05)
                continue
        return True
    return False


# What a worker may do wrong, without weights.


def test_nonsense_on_the_pipe_is_an_error(tmp_path: Path) -> None:
    """A line that is no event ends the child and is quoted."""
    for line in ("ggml: warning", "{}", "[1]", '{"event": "text", "text": 3}', '{"event": "error"}', "\\xff"):
        error = _complaint(_worker(tmp_path, f"print({line!r}, flush=True); time.sleep(60)"))
        assert "talks nonsense" in error.message


def test_an_endless_line_is_cut_off(tmp_path: Path) -> None:
    """A line longer than any event is not read to its end."""
    error = _complaint(_worker(tmp_path, "while True: sys.stdout.write('x' * 65536)"))
    assert "talks nonsense" in error.message


def test_a_silent_child_is_stopped(tmp_path: Path) -> None:
    """A child that gives no sign of life is killed when patience ends, and the error says when."""
    started = time.monotonic()
    error = _complaint(_worker(tmp_path, "time.sleep(60)"), patience=0.5)
    assert "0.5 s" in error.message
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("body", "says", "hints"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV", "GGML_NATIVE=OFF"),
        ("os.kill(os.getpid(), signal.SIGILL)", "SIGILL", "another processor"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL", "memory"),
        ("sys.exit('out of luck')", "status 1: out of luck", "run it again"),
        ("sys.stdin.close(); os.close(0); time.sleep(0.2); sys.exit(3)", "status 3", "run it again"),
    ],
)
def test_a_dead_child_is_explained(tmp_path: Path, body: str, says: str, hints: str) -> None:
    """How the child died, its last words, and what to do about it."""
    error = _complaint(_worker(tmp_path, body))
    assert says in error.message
    assert hints in error.hint


def test_the_worker_takes_nothing_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout cannot bring its own `llama_cpp` or `json` into the child."""
    for name in ("llama_cpp.py", "json.py"):
        (tmp_path / name).write_text("import pathlib; pathlib.Path('imported').touch()\n")
    monkeypatch.chdir(tmp_path)
    child = Child()
    with pytest.raises(ModelError):
        list(child.ask({"do": "load", "path": "/nonexistent.gguf", "context": 512, "threads": 1}, 60))
    child.close()
    assert not (tmp_path / "imported").exists()


# Files that are no weights, without weights.


def _gguf(path: Path, **values: int) -> Path:
    """A GGUF head with these values of an architecture `x`, and nothing after it."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    pairs = [text("general.architecture") + struct.pack("<I", 8) + text("x")]
    pairs += [text(f"x.{k.replace('__', '.')}") + struct.pack("<IQ", 10, v) for k, v in values.items()]
    path.write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 0, len(pairs)) + b"".join(pairs))
    return path


def test_too_little_memory_is_said_before_loading(tmp_path: Path) -> None:
    """A model that cannot fit is refused from its head alone, with what it needs and what is free."""
    path = _gguf(tmp_path / "big.gguf", block_count=10_000, embedding_length=1 << 20, context_length=8192)
    with pytest.raises(ModelError, match=r"needs some [\d.]+ GB of memory, [\d.]+ GB are free") as caught:
        open_model(str(path), UserConfig())
    assert "smaller model" in caught.value.hint


def test_a_context_shrinks_to_what_fits(tmp_path: Path) -> None:
    """Where 8,192 tokens do not fit but fewer do, fewer it is; never fewer than 2,048."""
    free = machine.free_memory()
    assert free is not None
    width = int(free * 0.7) // 4096 // 2 // 2  # the cache of 4,096 tokens takes 0.7 of what is free
    path = _gguf(tmp_path / "x.gguf", block_count=1, embedding_length=width, context_length=32768)
    assert open_model(str(path), UserConfig()).context_tokens == 4096 - 64


@pytest.mark.parametrize(
    "content",
    [b"", b"GGUF", b"not a model at all, but long enough", b"GGUF\x03\0\0\0" + b"\xff" * 64,
     b"GGUF\x03\0\0\0" + struct.pack("<QQQ", 0, 1, 3) + b"abc" + struct.pack("<IIQ", 9, 9, 1)],
)  # fmt: skip
def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, cut off, another format, absurd lengths: never a traceback, never a native crash."""
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is not a GGUF file, or is damaged"):
        open_model(str(path), UserConfig())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200))
def test_no_head_of_a_gguf_gets_past_the_reader(tmp_path: Path, tail: bytes) -> None:
    """Whatever follows the magic, the reader answers with a shape or a ModelError."""
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF\x03\0\0\0" + tail)
    with contextlib.suppress(ModelError):
        read_shape(path)


def test_weights_that_llama_cpp_cannot_load_are_an_error(tmp_path: Path) -> None:
    """A head that reads well and a body that is missing: the child says so, with llama.cpp's own reason."""
    need("llama_cpp")
    path = _gguf(tmp_path / "x.gguf", context_length=2048)
    with (
        open_model(str(path), UserConfig()) as model,
        pytest.raises(ModelError, match="cannot load") as caught,
    ):
        model.count("x")
    assert "unknown model architecture" in caught.value.message
    assert "damaged" in caught.value.hint


def test_cores_are_counted_within_the_affinity() -> None:
    """As many threads as this process may run on at once, one at least."""
    here = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(here)})
        assert machine.cores() == 1
    finally:
        os.sched_setaffinity(0, here)
    assert 1 <= machine.cores() <= len(here)


# The real thing.


@pytest.mark.weights
def test_an_answer_streams_and_is_counted(model: Local, weights: Weights) -> None:
    """The text that was handed over is the answer; counts and digest come from the model itself."""
    heard: list[str] = []
    proposal = model.generate(_prompt(), temperature=0.0, seed=1, on_text=heard.append)
    assert "".join(heard) == proposal.text != ""
    assert len(heard) > 1
    assert proposal.prompt_tokens == len(model.tokens(_MESSAGES))
    assert proposal.answer_tokens is not None
    assert 0 < proposal.answer_tokens <= 24
    assert (proposal.model.sha256, proposal.model.pinned) == (weights.sha256, True)
    assert proposal.prompt_sha256 == _prompt().sha256


@pytest.mark.weights
def test_a_limit_that_is_hit_is_said(model: Local) -> None:
    """`truncated` tells an answer that was cut from one that ended."""
    assert model.generate(_prompt(2)).truncated
    assert not model.generate(_prompt(20, grammar='root ::= "yes" | "no"')).truncated


@pytest.mark.weights
def test_a_grammar_holds(model: Local) -> None:
    """No sampling leaves the grammar, or the schema."""
    for seed in range(4):
        said = model.generate(_prompt(20, grammar='root ::= "yes" | "no"'), temperature=1.5, seed=seed).text
        assert said in ("yes", "no")
    schema = {
        "type": "object",
        "properties": {"a": {"enum": [1, 2]}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert json.loads(model.generate(_prompt(60, schema=schema)).text)["a"] in (1, 2)


@pytest.mark.weights
@pytest.mark.parametrize(
    "grammar", ["root ::= nowhere", 'root ::= "a', 'x ::= "a"', 'root ::= root "a"', " "]
)
def test_a_bad_grammar_is_an_error_and_the_child_lives(model: Local, grammar: str) -> None:
    """llama.cpp dies of an invalid grammar: it is tried before it is used."""
    model.count("warm")
    before = model.pid
    with pytest.raises(ModelError, match="not valid GBNF"):
        model.generate(_prompt(grammar=grammar))
    assert model.pid == before
    assert model.count("alive") > 0


@pytest.mark.weights
def test_a_schema_that_is_none_is_an_error(model: Local) -> None:
    """A schema that cannot be made a grammar is named as such."""
    with pytest.raises(ModelError, match="schema"):
        model.generate(_prompt(schema={"type": "no such type"}))


@pytest.mark.weights
def test_equal_seeds_answer_equally_and_others_differ(weights: Weights) -> None:
    """From a cold start, the seed decides; so candidates can differ."""
    said = []
    for seed in (7, 7, 8):
        with Local(weights, context_tokens=512, threads=1) as cold:
            said.append(cold.generate(_prompt(), temperature=1.2, seed=seed).text)
    assert said[0] == said[1] != said[2]


@pytest.mark.weights
def test_seed_zero_is_a_seed(weights: Weights) -> None:
    """Zero does not mean "random"."""
    said = []
    for _ in range(2):
        with Local(weights, context_tokens=512, threads=1) as cold:
            said.append(cold.generate(_prompt(), temperature=1.2, seed=0).text)
    assert said[0] == said[1]


@pytest.mark.weights
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from(
            ["<|im_end|>", "<|im_start|>", "<|endoftext|>", "system\n", "\n", "x", "<|", "é\udcff"]
        ),
        max_size=8,
    )
)
def test_no_text_of_a_message_becomes_a_control_token(model: Local, parts: list[str]) -> None:
    """Content that spells the chat's markup is content: the conversation's turns stay the same."""
    text = "".join(parts)

    def control(content: str) -> list[int]:
        return [t for t in model.tokens((_MESSAGES[0], Message("user", content))) if t <= _IM_END]

    assert control(text) == control("x")


@pytest.mark.weights
def test_counting_is_the_tokenizers_own(model: Local) -> None:
    """An empty text is no token; a conversation takes its contents' tokens and a few for its markup."""
    assert model.count("") == 0
    contents = sum(model.count(m.content) for m in _MESSAGES)
    assert contents < len(model.tokens(_MESSAGES)) <= contents + 64


@pytest.mark.weights
def test_a_prompt_that_does_not_fit_is_refused_at_once(model: Local) -> None:
    """Nothing is evaluated: the error has both numbers and comes within the time of tokenizing."""
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"takes \d{4,} tokens, the model's context holds 2048"):
        model.generate(Prompt((Message("user", "a b c d " * 3000),), 10))
    assert time.monotonic() - started < 10
    assert model.count("alive") > 0


@pytest.mark.weights
def test_an_answer_ends_where_the_context_does(weights: Weights) -> None:
    """A prompt that leaves less room than asked for gets what is left, and the cut is said."""
    with Local(weights, context_tokens=256) as small:
        prompt = Prompt((Message("user", "a " * 190),), 500, grammar='root ::= ("a" | "b")+')
        proposal = small.generate(prompt)
    assert proposal.prompt_tokens is not None
    assert proposal.answer_tokens == 256 - proposal.prompt_tokens
    assert proposal.truncated


@pytest.mark.weights
@pytest.mark.parametrize("killer", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_crash_is_an_error_and_the_next_question_is_answered(
    weights: Weights, killer: signal.Signals
) -> None:
    """A real signal in the middle of an answer: codegate lives, and starts the model anew."""
    with Local(weights, context_tokens=512) as model:

        def crash(_: str) -> None:
            if model.pid:
                os.kill(model.pid, killer)

        with pytest.raises(ModelError, match=killer.name) as caught:
            model.generate(_prompt(400), on_text=crash)
        assert caught.value.hint
        assert model.pid is None
        assert model.generate(_prompt(4)).text


@pytest.mark.weights
def test_a_hang_is_an_error_and_the_next_question_is_answered(weights: Weights) -> None:
    """A stopped child is noticed by its silence and killed."""
    with Local(weights, context_tokens=512, patience=3.0) as model:
        model.count("warm")
        assert model.pid
        os.kill(model.pid, signal.SIGSTOP)
        with pytest.raises(ModelError, match="no sign of life for 3 s"):
            model.count("x")
        assert model.count("x") > 0


@pytest.mark.weights
def test_whoever_stops_listening_stops_the_model(weights: Weights) -> None:
    """An exception out of `on_text` is passed on, and the model does not write on for nobody."""

    class EnoughError(Exception):
        pass

    def enough(_: str) -> None:
        raise EnoughError

    with Local(weights, context_tokens=512) as model:
        model.count("warm")
        pid = model.pid
        with pytest.raises(EnoughError):
            model.generate(_prompt(400), on_text=enough)
        assert pid
        assert _gone(pid)
        assert model.generate(_prompt(4)).text


@pytest.mark.weights
def test_a_model_can_be_stopped_while_it_reads(weights: Weights) -> None:
    """An empty text tells of each part of a prompt that was read: no bound has to wait for an answer."""
    heard: list[str] = []

    def stop(text: str) -> None:
        heard.append(text)
        raise InterruptedError

    with Local(weights, context_tokens=2048) as model, pytest.raises(InterruptedError):
        model.generate(Prompt((Message("user", "word " * 700),), 4), on_text=stop)
    assert heard == [""]


_ASKER = """
import sys
from codegate.core.prompt import Message, Prompt
from codegate.models.local import Local
from codegate.models.weights import Store
with Local(Store().open("smollm2-135m"), context_tokens=4096) as model:
    model.count("warm")
    print(model.pid, flush=True)
    long = Prompt((Message("user", "Count to a thousand."),), 4000, grammar='root ::= ("a" | "b")+')
    model.generate(long, temperature=1.0, seed=1, on_text=lambda text: print("text", flush=True))
"""


@pytest.mark.weights
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_no_child_outlives_codegate(weights: Weights, end: signal.Signals) -> None:
    """Neither an interrupt nor a kill of the parent leaves a model running, even in mid-answer."""
    with subprocess.Popen(
        [sys.executable, "-c", _ASKER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as asker:
        assert asker.stdout
        pid = int(asker.stdout.readline())
        assert asker.stdout.readline() == "text\n"
        asker.send_signal(end)
        asker.wait(20)
        assert _gone(pid)


@pytest.mark.weights
def test_threads_wait_for_each_other(model: Local) -> None:
    """Two threads on one llama.cpp context would crash it: here both are answered, in one child."""
    model.count("warm")
    before, said = model.pid, list[str]()
    threads = [
        threading.Thread(target=lambda: said.append(model.generate(_prompt(8)).text)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 3
    assert model.pid == before


@pytest.mark.weights
def test_a_closed_model_can_be_asked_again(weights: Weights) -> None:
    """Closing frees the memory; the next question loads the model again."""
    model = Local(weights, context_tokens=512)
    model.count("x")
    pid = model.pid
    model.close()
    assert pid
    assert _gone(pid)
    assert model.count("x") > 0
    model.close()


@pytest.mark.weights
def test_a_model_by_path_is_pinned_by_its_digest_alone(weights: Weights, tmp_path: Path) -> None:
    """A copy of known bytes is known whatever its name; one changed byte makes it unpinned, and it runs."""
    (tmp_path / "copy.gguf").symlink_to(weights.path)
    with open_model(str(tmp_path / "copy.gguf"), UserConfig()) as same:
        assert same.identity.pinned
    data = bytearray(weights.path.read_bytes())
    data[-1] ^= 1
    (tmp_path / "other.gguf").write_bytes(data)
    with open_model(str(tmp_path / "other.gguf"), UserConfig(local=LocalSettings(threads=1))) as other:
        assert not other.identity.pinned
        assert other.identity.sha256 not in (None, weights.sha256)
        assert other.count("x") > 0


@pytest.mark.weights
def test_the_child_prints_nothing_of_its_own_and_speaks_on(
    model: Local, capfd: pytest.CaptureFixture[str]
) -> None:
    """llama.cpp writes on descriptors 1 and 2: none of it reaches the screen, or the conversation."""
    model.close()
    assert model.count("x") > 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.weights
def test_what_a_model_takes_is_near_the_estimate(weights: Weights) -> None:
    """The estimate that guards loading is above what is really taken, and below three times that."""
    with Local(weights, context_tokens=2048) as model:
        model.generate(Prompt((Message("user", "a " * 300),), 4))
        status = Path(f"/proc/{model.pid}/status").read_text()
    peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    estimate = read_shape(weights.path).memory(2048, 256)
    assert peak < estimate < 3 * peak
