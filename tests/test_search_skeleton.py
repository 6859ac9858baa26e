"""What a model does instead of filling a skeleton costs its budget, and no more."""

from __future__ import annotations

import json

import pytest
from conftest import GitRepo
from test_search import CODE, Heard, agree

from codegate.core import Request, Target
from codegate.models.scripted import Line, Scripted
from codegate.pipeline import open_project, plan
from codegate.search import Budget, search

REQUEST = Request("", (Target("a.py", "double"),), "docstring")


def filled(summary: str) -> str:
    return json.dumps({"summary": summary, "parameter x": "What is doubled.", "returns": "The double."})


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ('{"summary": "' + "spam " * 40_000, "answer/truncated"),
        (filled("Spam" + " spam" * 60 + "."), "answer/ill-formed"),
        (filled("Return.\n" * 20), "answer/ill-formed"),
        ('{"summary": "Return the', "answer/not-json"),
        ('{"summary": "Return the double."}', "answer/unfilled"),
        (filled("Gibt das Doppelte zurück."), "answer/ill-formed"),
        (filled("Возвращает двойное значение."), "answer/ill-formed"),
        ("Gern! Hier ist die Antwort: {}", "answer/unfilled"),
        ("Write the docstring of `double`: what it does, in a sentence.", "answer/not-json"),
        ('```python\n"""\n\nArgs:\n    x: \n\nReturns:\n"""\n```', "answer/not-json"),
        (filled("What it does, one sentence that begins with a verb, with a full stop"), "answer/ill-formed"),
        ('{"summary": "Return it.", "summary": "Return it."}', "answer/not-json"),
    ],
    ids=[
        "loops", "loops in a hole", "loops over lines", "stops short", "leaves holes", "German", "Russian",
        "German around nothing", "repeats the request", "repeats the skeleton", "repeats the help", "twice",
    ],
)  # fmt: skip
def test_what_fills_no_skeleton_costs_its_budget_and_no_more(
    git_repo: GitRepo, answer: str, rule: str
) -> None:
    """It is asked for so often, writes so much, and reaches no gate; its rule says what is wrong with it."""
    git_repo.commit({"a.py": CODE})
    model, heard = Scripted([Line(f"{answer}{' ' * number}") for number in range(20)]), Heard()
    with open_project(git_repo.path) as project:
        budget = Budget(candidates=2, repairs=2, tokens=500)
        found = search(project, plan(project, REQUEST), model, budget, heard, agree)
    assert found.best is None
    assert found.answers <= 6
    assert found.tokens <= 500
    assert heard.verdicts == []
    refused = [one.reading.refusal for one in found.tried]
    assert refused[0] is not None
    assert refused[0].rule == rule
