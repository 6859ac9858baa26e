"""The task set of `codegate model bench`, on a library that is made up here and needs no network."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tasks.asking import attempt
from benchmarks.tasks.checking import Desk
from benchmarks.tasks.checks import docstrings, hinting
from benchmarks.tasks.editing import Edit, edited
from benchmarks.tasks.library import Shelf
from benchmarks.tasks.plot import draw
from benchmarks.tasks.result import Record, Result
from benchmarks.tasks.running import run
from benchmarks.tasks.table import lines, render
from benchmarks.tasks.task import load_tasks
from benchmarks.tasks.validation import faults
from benchmarks.tasks.way import Way
from codegate.cli.benchmark import ask_tasks
from codegate.core import Target
from codegate.errors import UsageError
from codegate.models.scripted import Line, Scripted

_POINT = '''"""Points."""


class Point:
    """A point in the plane."""

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def __repr__(self) -> str:
        return f"Point(x={self.x!r}, y={self.y!r})"


def total(values: list[int]) -> int:
    """Return the sum of values."""
    return sum(values)
'''
_TESTS = "from point import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
_TASKS = """
[[task]]
library = "points"
target = "point.py::Point"
instruction = "Add a __repr__ of x and y."
prepare = [["remove", "__repr__"]]
wrong = [[["replace", ", y={self.y!r}", ""]]]
check = "represents(obj()(3, 44), '3', '44'); kept(name + '.__repr__')"

[[task]]
library = "points"
target = "point.py::total"
note = "no wrong answer is wrong"
instruction = "Write a docstring."
prepare = [["strip-docstring"]]
wrong = [[["replace", "sum of values", "product of values"]]]
check = "same_code(); assert node().body[1:]"
"""
_RIGHT = '''```python
class Point:
    """A point in the plane."""

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def __repr__(self) -> str:
        return f"Point({self.x}, {self.y})"
```'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of a library, as pip would leave it there, and a task set for it."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "sdists").mkdir()
    with tarfile.open(folder / "sdists/points-1.0.tar.gz", "w:gz") as archive:
        for name, text in (("point.py", _POINT), ("test_point.py", _TESTS)):
            entry = tarfile.TarInfo(f"points-1.0/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    digest = hashlib.sha256((folder / "sdists/points-1.0.tar.gz").read_bytes()).hexdigest()
    tasks = folder / "tasks"
    tasks.mkdir()
    (tasks / "libraries.toml").write_text(
        f'version = 7\nenvironment = []\n[library.points]\nversion = "1.0"\nsha256 = "{digest}"\n'
    )
    (tasks / "repr.toml").write_text(_TASKS)
    return folder


@pytest.fixture(scope="module")
def desk(folder: Path) -> Desk:
    return Desk(Shelf(folder, ()), load_tasks(folder / "tasks").libraries)


def test_a_task_is_sound_if_its_check_tells_right_from_wrong(folder: Path, desk: Desk) -> None:
    """A right answer passes, the untouched code does not; a wrong one that passes is a fault of the task."""
    tasks = load_tasks(folder / "tasks").tasks
    assert [fault for _, fault in faults(desk, tasks)] == ["", "wrong answer 1 passes"]


@pytest.mark.parametrize(
    ("text", "accepted", "right"),
    [
        (_RIGHT, True, True),
        (_RIGHT.replace("{self.y}", "0"), True, False),
        ("I cannot do that.", False, False),
    ],
)
def test_a_bare_answer_is_taken_as_it_comes(
    folder: Path, desk: Desk, text: str, accepted: bool, right: bool
) -> None:
    """Asked bare, what can be read is accepted, and only the hidden check says whether it is right."""
    task = load_tasks(folder / "tasks").tasks[0]
    result = attempt(desk, task, Scripted([Line(text)]), Way("free"))
    assert (result.accepted, result.right, result.is_wrong) == (accepted, right, accepted and not right)
    assert result.tokens > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "accepted", "said"),
    [(_RIGHT, True, ""), (_RIGHT.replace("self.y}", "selv.y}"), False, "lint/F821")],
)
def test_a_gated_answer_is_what_suggest_would_offer(
    folder: Path, desk: Desk, text: str, accepted: bool, said: str
) -> None:
    """The free recipe's answer is gated in a repository of the library, whose tests are run."""
    task = load_tasks(folder / "tasks").tasks[0]
    result = attempt(desk, task, Scripted([Line(text)]), Way("symbol"))
    assert (result.accepted, result.right, result.readable) == (accepted, accepted, 1)
    assert said in result.said


def test_a_run_goes_on_where_it_ended(folder: Path, desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """What was asked is written down at once, and not asked again: one answer is enough for two runs."""
    tasks = load_tasks(folder / "tasks")
    script = folder / "script.toml"
    script.write_text(f"[[answer]]\ntext = {json.dumps(_RIGHT)}\n")
    record = Record(folder / "results.jsonl", tasks.sha256)
    asked = (desk, tasks.tasks[:1], [f"scripted:{script}"], [Way("free")], record)
    assert not run(*asked, minutes=0)
    assert record.results() == []
    assert run(*asked)
    assert run(*asked)
    assert [(one.way, one.right) for one in record.results()] == [("free", True)]
    assert "0 of 1 tasks left" in capfd.readouterr().err


@pytest.mark.slow
def test_rules_alone_need_no_model(folder: Path, desk: Desk) -> None:
    """What a recipe computes is gated and checked as an answer is; the model of a run is not asked."""
    tasks = load_tasks(folder / "tasks")
    record = Record(folder / "rules.jsonl", tasks.sha256)
    run(desk, tasks.tasks[:1], ["scripted:nowhere"], [Way("rules")], record)
    assert [(one.model, one.way, one.right) for one in record.results()] == [("none", "rules", True)]


def test_a_record_outlives_a_crash_and_another_set(tmp_path: Path) -> None:
    """A line half written, and results of another task set, are passed over; the later of two counts."""
    record = Record(tmp_path / "r.jsonl", "a" * 64)
    record.add(Result("m", "free", "t", "repr"))
    with record.path.open("a") as file:
        file.write('{"set": "aaaaaaaaaaaa", "mod')
    Record(record.path, "b" * 64).add(Result("m", "free", "other", "repr"))
    record.add(Result("m", "free", "t", "repr", accepted=True))
    assert record.results() == [Result("m", "free", "t", "repr", accepted=True)]


def test_the_table_sets_ways_against_the_bare_model() -> None:
    """Each way's shares, and the median of its seconds against those of the same model on the same task."""
    results = [
        Result("m", "free", "a", "repr", 1, 1, True, True, seconds=4.0, tokens=10),
        Result("m", "free", "b", "eq", 1, 1, True, False, seconds=8.0, tokens=10),
        Result("m", "recipe", "a", "repr", 1, 1, True, True, seconds=1.0, tokens=2),
        Result("m", "recipe", "b", "eq", 1, 0, False, False, seconds=4.0, tokens=2),
    ]
    table = render(results)
    assert "| m | free | 2 | 100 % | 100 % | 100 % | 50 % | **50 %** | 12 | 20 | – |" in table
    assert "| m | recipe | 2 | 100 % | 50 % | 50 % | 50 % | **0 %** | 5.0 | 4.0 | 0.38 |" in table
    assert "| eq | 1 | 0/1 (**1** wrong) | 0/1 |" in table


def test_the_plot_is_well_formed_whatever_a_model_is_called() -> None:
    """A model's name is text in it, and never markup."""
    results = [Result("<a & b>", "free", "t", "repr", 1, 1, True, True, seconds=1.0)]
    words = [element.text for element in ET.fromstring(draw(lines(results))).iter()]
    assert "<a & b>, free" in words


@pytest.mark.parametrize(
    ("edit", "gone", "there"),
    [
        (Edit("strip-hints"), "list[int]", "def total(values):"),
        (Edit("strip-docstring"), "the sum of", "return sum(values)"),
        (Edit("hint", ("values", "Iterable[int]")), "list[int]", "values: Iterable[int]) -> int"),
        (Edit("misname", ("values",)), "sum of values.", "values_value"),
        (Edit("symbol", ("\ndef total(values): ...\n",)), "return sum", "def total(values): ..."),
    ],
)
def test_an_edit_changes_its_target_alone(edit: Edit, gone: str, there: str) -> None:
    """What a rule does to a function leaves the rest of the file as it was."""
    new = edited({"p.py": _POINT}, Target("p.py", "total"), [edit], lambda path: "")["p.py"]
    assert gone not in new
    assert there in new
    assert new.startswith(_POINT[: _POINT.index("def total")])


def test_an_edit_that_does_not_fit_is_refused() -> None:
    """A replacement that stands there twice, or not at all, is a mistake in the task."""
    with pytest.raises(ValueError, match="0 times"):
        edited({"p.py": _POINT}, Target("p.py"), [Edit("replace", ("no such text", ""))], lambda path: "")


@given(st.text(alphabet="a:\n -*()Args", max_size=400), st.sampled_from(["google", "numpy", "rest"]))
def test_any_docstring_is_read(text: str, style: str) -> None:
    """A model's docstring is read in time, whatever stands in it."""
    told = docstrings._documented(style, text)
    assert set(told) == {"params", "raises", "returns"}


def test_equal_types_have_one_shape() -> None:
    """However a type is written, it is compared by what it means."""
    assert hinting.shape(int | None | str) == hinting.shape(str | int | None) == "None|int|str"
    assert hinting.shape(float | int) == "float"


def test_the_shipped_set_has_what_it_promises() -> None:
    """At least 120 tasks of at least eight libraries, each with a wrong answer that its check must refuse."""
    tasks = load_tasks().tasks
    assert len(tasks) >= 120
    assert len({task.library for task in tasks}) >= 8
    assert [task.id for task in tasks if not task.wrong] == []


def test_without_a_checkout_it_says_where_the_set_is(tmp_path: Path) -> None:
    """An installed codegate has no task set, and says so as wrong usage."""
    with pytest.raises(UsageError, match="not part of the installed codegate"):
        ask_tasks([], tmp_path)
