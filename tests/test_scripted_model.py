"""The scripted model: plays what a person wrote, behind the same Protocol as the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.config import UserConfig
from codegate.core.prompt import Message, Prompt
from codegate.errors import ModelError, UsageError
from codegate.models import Model, open_model
from codegate.models.scripted import Line, Scripted


def _prompt(text: str, max_tokens: int = 100) -> Prompt:
    return Prompt((Message("system", "be brief"), Message("user", text)), max_tokens)


def _script(folder: Path, text: str) -> Model:
    path = folder / "answers.toml"
    path.write_text(text, "utf-8")
    return open_model(f"scripted:{path}", UserConfig())


def _ask(model: Model, text: str) -> str:
    return model.generate(_prompt(text), temperature=0.0, seed=1).text


def test_answers_are_played_in_order_each_once(tmp_path: Path) -> None:
    """An unbound answer is played where its turn is, and none is played twice."""
    with _script(tmp_path, '[[answer]]\ntext = "one"\n[[answer]]\ntext = """\ntwo\n"""\n') as model:
        assert [_ask(model, "x"), _ask(model, "x")] == ["one", "two\n"]
        with pytest.raises(ModelError, match="2 of its answers played") as caught:
            _ask(model, "x")
        assert "[[answer]]" in caught.value.hint


def test_a_bound_answer_waits_for_its_prompt(tmp_path: Path) -> None:
    """`when` is a regular expression found in some message of the prompt."""
    model = _script(tmp_path, '[[answer]]\nwhen = "re[pq]r"\ntext = "bound"\n[[answer]]\ntext = "free"\n')
    assert _ask(model, "add a docstring") == "free"
    with pytest.raises(ModelError):
        _ask(model, "add a docstring")
    assert _ask(model, "add a repr") == "bound"


def test_an_answer_says_where_it_came_from(tmp_path: Path) -> None:
    """A proposal names its model, its prompt and its counts; the text is handed over as it comes."""
    model, heard = _script(tmp_path, '[[answer]]\ntext = "naïve"\n'), []
    proposal = model.generate(_prompt("x"), temperature=0.5, seed=3, on_text=heard.append)
    assert proposal.model == model.identity
    assert proposal.model.kind == "scripted"
    assert not proposal.model.pinned
    assert proposal.prompt_sha256 == _prompt("x").sha256
    assert proposal.prompt_tokens == model.count("be brief") + model.count("x")
    assert "".join(heard) == proposal.text == "naïve"
    assert not proposal.truncated


@settings(max_examples=100, deadline=None)
@given(text=st.text(min_size=1), limit=st.integers(1, 20))
def test_no_answer_is_longer_than_its_limit(text: str, limit: int) -> None:
    """What is cut off is said to be, is a prefix, and never ends within a character."""
    model = Scripted([Line(text)])
    proposal = model.generate(_prompt("x", limit), temperature=0.0, seed=1)
    assert text.startswith(proposal.text)
    assert model.count(proposal.text) <= limit
    assert proposal.truncated == (proposal.text != text)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("[[answer]\n", "cannot be read"),
        ("[[answer]]\n", "answer 1"),
        ('[[answer]]\ntext = "a"\n[[answer]]\ntext = 2\n', "answer 2"),
        ('[[answer]]\ntext = "a"\nwhen = "("\n', "regular expression"),
        ('[[answer]]\ntext = "a"\nwhere = "b"\n', "answer 1"),
        ('[[answers]]\ntext = "a"\n', "more than answers: answers"),
        ('answer = "a"\n', "more than answers"),
    ],
)
def test_what_is_no_script_is_refused(tmp_path: Path, script: str, says: str) -> None:
    """Each mistake is named with its place, and the hint shows the form."""
    with pytest.raises(ModelError, match=says) as caught:
        _script(tmp_path, script)
    assert "[[answer]]" in caught.value.hint


def test_a_script_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a directory and bytes that are no UTF-8 are errors of codegate's, not tracebacks."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name in ("missing", ".", "bytes"):
        with pytest.raises(ModelError, match="the script"):
            open_model(f"scripted:{tmp_path / name}", UserConfig())


def test_a_plug_in_adds_a_kind_and_takes_no_built_in_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed distribution can bring models of its own under its own prefix; `scripted` stays ours."""
    info = tmp_path / "plug-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[codegate.models]\nplug = plug:Plug\nscripted = plug:Plug\nbad = plug:x\n"
    )
    (tmp_path / "plug.py").write_text(
        "from codegate.models.scripted import Line, Scripted\nx = 1\n"
        "class Plug:\n    def open(rest, user):\n        return Scripted([Line(rest)], 'plugged')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert _ask(open_model("plug:some text", UserConfig()), "x") == "some text"
    assert _script(tmp_path, "").identity.id.startswith("scripted:")
    with pytest.raises(ModelError, match="has no open"):
        open_model("bad:x", UserConfig())


def test_an_unknown_model_is_a_usage_error_that_offers_the_nearest() -> None:
    """A typing error in a name costs one look at the hint."""
    with pytest.raises(UsageError) as caught:
        open_model("qwen2.5-coder-1.5", UserConfig())
    assert "qwen2.5-coder-1.5b" in caught.value.hint
    with pytest.raises(UsageError):
        open_model("nosuchkind:x", UserConfig())
