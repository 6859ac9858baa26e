"""A skeleton that a server is asked to fill: what it is shown, what counts as an answer, several at once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import GitRepo
from driver import codegate
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from serving import event, prompt_of, refused, remote, serve, stream
from werkzeug import Request, Response

from codegate.core.prompt import Hole, Message, Prompt, Sampling
from codegate.errors import ModelError
from codegate.grammar import from_choices
from codegate.models.skeletons import messages_for, normalised

_ANY = "root ::= [a-z]+"
_HOLES = (Hole("summary", "root ::= [a-z]+", 20, "what it does"), Hole("value", "root ::= [0-9]+", 5))
_SKELETON = ('def f():\n    """', _HOLES[0], '"""\n    return ', _HOLES[1], "\n")
_FILLED = {"summary": "Tell three.", "value": "3"}


def _whole(text: str, finish: str = "stop") -> Response:
    return stream(event(text), event(finish=finish), "data: [DONE]\n\n")


# What is asked.


def _marks(prompt: Prompt) -> list[str]:
    """The marks of a prompt's holes, as the message lists them."""
    asked = messages_for(prompt)[-1].content
    return asked.rpartition("stands as a mark: ")[2].split(".\n", 1)[0].split(", ")


def test_a_skeleton_is_shown_with_a_mark_for_each_hole() -> None:
    """In the user's last turn: the whole text, what belongs in each place, and the form of the answer."""
    asked = messages_for(prompt_of(skeleton=_SKELETON))
    summary, value = _marks(prompt_of(skeleton=_SKELETON))
    assert [m.role for m in asked] == ["system", "user"]
    assert asked[-1].content.startswith("Add two numbers.\n\n")
    assert f'def f():\n    """{summary}"""\n    return {value}\n' in asked[-1].content
    assert f"{summary}: what it does" in asked[-1].content
    assert '{"summary": "…", "value": "…"}' in asked[-1].content
    assert messages_for(prompt_of()) == prompt_of().messages
    choice = ("x = ", Hole("unit", from_choices(["m", "km"]), 5, "the unit"))
    assert ': the unit; one of ["m", "km"]\n' in messages_for(prompt_of(skeleton=choice))[-1].content
    noted = Prompt((Message("user", "x"), Message("assistant", "Noted.")), 9, skeleton=_SKELETON)
    assert [m.role for m in messages_for(noted)] == ["user", "assistant", "user"]


_TEXTS = st.text(max_size=12) | st.text("0123456789abcdef<>:", max_size=12)


@settings(max_examples=100, deadline=None)
@given(before=_TEXTS, between=_TEXTS, after=_TEXTS, said=_TEXTS, hint=_TEXTS)
def test_no_text_can_pass_for_a_mark(before: str, between: str, after: str, said: str, hint: str) -> None:
    """Whatever stands in the prompt, each mark stands where its hole is, in two lists, and nowhere else."""
    holes = (Hole("a", _ANY, 5, hint), Hole("b", _ANY, 5))
    prompt = Prompt((Message("user", said),), 9, skeleton=(before, holes[0], between, holes[1], after))
    first, second = _marks(prompt)
    asked = messages_for(prompt)[-1].content
    assert (asked.count(first), asked.count(second)) == (3, 3)
    assert f"{before}{first}{between}{second}{after}" in asked


def test_a_mark_that_a_text_has_learnt_is_another_one() -> None:
    """Who has seen a prompt and writes its mark into the repository finds the mark changed."""
    learnt = _marks(prompt_of(skeleton=_SKELETON))[0]
    assert learnt not in _marks(prompt_of(skeleton=(f"# {learnt}\n", *_SKELETON)))


# What counts as an answer.

_JSON = json.dumps(_FILLED)


@pytest.mark.parametrize(
    "answer",
    [
        _JSON, f"  {_JSON}\n\n", f"```json\n{_JSON}\n```",
        f"Sure! Here it is:\n{json.dumps(_FILLED, indent=2)}\nBye {{}}.",
        f"{_JSON}\nOnce more: {_JSON}", '{"value": "3", "summary": "Tell three."}',
        f'<think>{{"summary": "a", "value": "b"}}?</think>{_JSON}', f'A {{"set": 1}} first. {_JSON}',
        f"{{ not json }} {_JSON}",
    ],
)  # fmt: skip
def test_an_answer_is_the_object_wherever_it_stands(answer: str) -> None:
    """Bare, in a fence, in prose, after thoughts, twice the same: it is that object, in the holes' order."""
    assert normalised(answer, _HOLES) == _JSON


@pytest.mark.parametrize(
    "answer",
    [
        "", "I cannot do that.", "[]", "null", '"summary"', '{"summary": "a"}',
        json.dumps(_FILLED | {"more": "x"}),
        json.dumps(_FILLED | {"value": 3}), json.dumps(_FILLED | {"value": None}), json.dumps([_FILLED]),
        '{"summary": "a", "summary": "b", "value": "3"}',
        'So: {"summary": "a", "summary": "b", "value": "3"}',
        json.dumps({"answer": _FILLED}), f'{_JSON} or {json.dumps(_FILLED | {"value": "4"})}', _JSON[:-1],
        _JSON[:-3],
    ],
)  # fmt: skip
def test_what_is_not_just_that_object_is_none(answer: str) -> None:
    """Keys too few, too many or twice, no strings, one object in another, two that differ, cut."""
    assert normalised(answer, _HOLES) is None


def test_an_endless_answer_is_none_at_once() -> None:
    """What a model in a loop writes costs no more than reading it a few times."""
    for answer in ("x" * 300_000 + _JSON, '{"a":' * 100_000, '{"a" ' * 40_000, f"{_JSON[:-1]}, " * 4_000):
        started = time.process_time()
        assert normalised(answer, _HOLES) is None
        assert time.process_time() - started < 2


@settings(max_examples=200, deadline=None)
@given(answer=st.text() | st.text('{}":,\\ summaryvalue\n[]'), values=st.tuples(st.text(), st.text()))
@example(answer="", values=("\ud800", "}{"))
def test_any_text_is_such_an_object_or_none(answer: str, values: tuple[str, str]) -> None:
    """No text is a traceback, and what is found among prose without braces is what was put there."""
    found = normalised(answer, _HOLES)
    assert found is None or set(json.loads(found)) == {"summary", "value"}
    given_ = {"summary": values[0], "value": values[1]}
    prose = answer.replace("{", "(").replace("<think>", "")
    assert json.loads(normalised(f"{prose}\n{json.dumps(given_)}", _HOLES) or "0") == given_


# The way there and back.


def test_a_server_is_asked_for_the_object_in_the_strongest_form_offered(httpserver: HTTPServer) -> None:
    """json_schema, then json_object with the schema, then only words; prose around the answer goes."""
    skeleton = (*_SKELETON, "# ", Hole("unit", from_choices(["m", "km"]), 5))
    answer = json.dumps(_FILLED | {"unit": "km"})
    no = [refused(httpserver, status) for status in (500, 400)]
    bodies = serve(httpserver, *no, _whole(f"Gladly.\n```json\n{answer}\n```"))
    with remote(httpserver) as model:
        assert model.generate(prompt_of(skeleton=skeleton)).text == answer
    strict = bodies[0]["response_format"]["json_schema"]
    assert strict["strict"] is True
    assert strict["schema"] == bodies[1]["response_format"]["schema"]
    assert strict["schema"]["required"] == ["summary", "value", "unit"]
    assert strict["schema"]["properties"]["value"] == {"type": "string"}
    assert strict["schema"]["properties"]["unit"] == {"type": "string", "enum": ["m", "km"]}
    assert strict["schema"]["additionalProperties"] is False
    assert "response_format" not in bodies[2]
    assert all('"""<' in body["messages"][-1]["content"] for body in bodies)


@pytest.mark.parametrize(
    ("answer", "finish", "text", "truncated"),
    [
        (_JSON + " " * 50, "length", _JSON, False),
        (_JSON[:-4], "length", _JSON[:-4], True),
        (_JSON[:-4], "stop", _JSON[:-4], False),
        ('{"summary": "a", "summary": "b", "value": "3"}', "stop", None, False),
        ('{"sum": "a", "value": "3"}', "stop", None, False),
        ("x" * 300_000, "length", None, True),
    ],
)
def test_what_a_server_says_of_its_end_is_not_taken_on_trust(
    httpserver: HTTPServer, answer: str, finish: str, text: str | None, truncated: bool
) -> None:
    """An object that is closed is whole; what is no such object is handed on as it came, to be refused."""
    serve(httpserver, _whole(answer, finish))
    proposal = remote(httpserver).generate(prompt_of(skeleton=_SKELETON))
    assert (proposal.text, proposal.truncated) == (answer if text is None else text, truncated)


def test_what_is_for_this_machine_stays_there(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a proxy of the environment nor a redirection takes a question elsewhere."""
    asked = serve(httpserver, _whole("x"))
    with HTTPServer(host="127.0.0.1") as other:
        reached = serve(other, _whole("y"))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, other.url_for("/"))
        assert remote(httpserver).generate(prompt_of()).text == "x"
        away = Response(status=307, headers={"Location": other.url_for("/v1/chat/completions")})
        httpserver.expect_oneshot_request("/v1/chat/completions").respond_with_response(away)
        with pytest.raises(ModelError, match="answers 307"):
            remote(httpserver).generate(prompt_of())
    assert (len(asked), reached) == (1, [])


def test_a_recipe_with_holes_is_filled_by_a_server(
    git_repo: GitRepo, home: Path, httpserver: HTTPServer
) -> None:
    """From the command to the pending candidate: the server writes the holes, and all else is computed."""
    git_repo.commit({"area.py": "def area(width, height):\n    return width * height\n"})
    folder = home / ".config" / "codegate"
    folder.mkdir(parents=True)
    url = httpserver.url_for("/v1")
    (folder / "config.toml").write_text(f'[endpoints.home]\nbase_url = "{url}"\nmodel = "m"\nretries = 0\n')

    def answer(request: Request) -> Response:
        schema = json.loads(request.data)["response_format"]["json_schema"]["schema"]
        filled = {name: f"Say {number}." for number, name in enumerate(schema["properties"])}
        return _whole(f"Here it is:\n{json.dumps(filled, indent=1)}")

    httpserver.expect_request("/v1/chat/completions").respond_with_handler(answer)
    args = ["document it", "area.py::area", "--recipe", "docstring", "--set", "style=google"]
    done = codegate(git_repo.path, "suggest", *args, "--no-apply", "--model", "remote")
    assert done.returncode == 0, done.stdout + done.stderr
    diff = codegate(git_repo.path, "show", done.stdout.strip()).stdout
    added = [line[1:] for line in diff.splitlines() if line.startswith("+    ")]
    assert added[0] == '    """Say 0.'
    assert "        width: Say 1." in added
    assert "        height: Say 2." in added


# Several at once.


class _Crowd:
    """A server of several threads: it answers each seed with its name, the later the sooner."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.asked: list[int] = []
        self.most = 0
        self.refuses: set[int] = set()
        self._now = 0
        self._lock = threading.Lock()
        server.expect_request("/v1/chat/completions").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        seed = json.loads(request.data)["seed"]
        with self._lock:
            self.asked.append(seed)
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.3 - 0.03 * seed)
        with self._lock:
            self._now -= 1
        if seed in self.refuses:
            return refused(self.server, 401)
        usage = {"usage": {"prompt_tokens": 10, "completion_tokens": 5}}
        return stream(event(f"{seed} "), event("is here", "stop", **usage))


@pytest.fixture
def crowd() -> Iterator[_Crowd]:
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield _Crowd(server)


def _samplings(number: int) -> list[Sampling]:
    return [Sampling(0.5, seed) for seed in range(number)]


@pytest.mark.parametrize(("settings", "most"), [({"parallel": 3}, 3), ({}, 1)])
def test_answers_come_in_order_however_many_are_on_their_way(
    crowd: _Crowd, settings: dict[str, Any], most: int
) -> None:
    """As many requests at once as the endpoint says, one to a server on this machine that says nothing."""
    heard: list[str] = []
    with remote(crowd.server, **settings) as model:
        found = [p.text for p in model.generate_all(prompt_of(), _samplings(6), on_text=heard.append)]
    assert found == [f"{seed} is here" for seed in range(6)]
    assert crowd.most == most
    assert sorted(heard) == sorted(["is here"] * 6 + [f"{seed} " for seed in range(6)])


def test_the_budget_holds_for_all_that_are_on_their_way(crowd: _Crowd) -> None:
    """A request waits while those before it could spend the rest, and none begins that could go beyond."""
    with remote(crowd.server, parallel=4, token_budget=110) as model:
        found = [p.text for p in model.generate_all(prompt_of(50), _samplings(4))]
        assert (len(found), crowd.most) == (4, 1)  # each might take 62 tokens, and took 15: two do not fit
        with pytest.raises(ModelError, match="50 of this run's token budget are left"):
            list(model.generate_all(prompt_of(65), _samplings(2)))
    assert len(crowd.asked) == 4


def test_the_first_error_ends_it(crowd: _Crowd) -> None:
    """What came before it is there; no further request begins."""
    crowd.refuses = {1}
    with remote(crowd.server, parallel=2) as model:
        answers = model.generate_all(prompt_of(), _samplings(8))
        assert next(answers).text == "0 is here"
        with pytest.raises(ModelError, match="answers 401"):
            next(answers)
    assert max(crowd.asked) <= 2


def test_what_is_not_taken_is_not_asked_for(crowd: _Crowd) -> None:
    """Who stops after the first answer has paid for those that were on their way, and no more."""
    with remote(crowd.server, parallel=3) as model:
        answers = model.generate_all(prompt_of(), _samplings(8))
        assert next(answers).text == "0 is here"
        answers.close()
    assert sorted(crowd.asked) == [0, 1, 2]


def test_the_listener_may_stop_them(crowd: _Crowd) -> None:
    """What `on_text` raises in any of them is raised to who asked."""

    def enough(_: str) -> None:
        raise KeyError("enough")

    with remote(crowd.server, parallel=3) as model, pytest.raises(KeyError, match="enough"):
        list(model.generate_all(prompt_of(), _samplings(3), on_text=enough))
