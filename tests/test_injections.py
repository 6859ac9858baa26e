"""Text of a repository can change what is proposed, never what is judged: every one of tests/injections."""

from __future__ import annotations

import ast
import difflib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hostile import git, make_base
from injections import SHOWN, USAGE, Injection, files, injections

from codegate.answer import parse
from codegate.context import Context, render
from codegate.core import (
    Base,
    Candidate,
    ModelIdentity,
    Observation,
    Origin,
    Outcome,
    Patch,
    Prompt,
    Proposal,
    Request,
    Sampling,
    Scope,
    Severity,
    Target,
    Verdict,
)
from codegate.errors import PatchRefused, UsageError
from codegate.gates import conclude
from codegate.gates.weakening import weakenings
from codegate.grammar import parse_gbnf
from codegate.models.local import Local
from codegate.models.scripted import Line, Scripted
from codegate.models.skeletons import messages_for
from codegate.pipeline import Asked, Plan, Project, Reading, ask, gate, open_project, plan, prepare, read
from codegate.search import Tried
from codegate.search.quoting import quote
from codegate.workspace import Workspace

CASES = list(injections())
each = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


class Elsewhere(Scripted):
    """A scripted model on another machine."""

    on_this_machine = False


class Town:
    """A repository with two commits for each injection: one that has it, and a calm one without."""

    def __init__(self, project: Project, top: Path) -> None:
        self.project = project
        self.top = top
        self.probe = probe(top)
        self.calm: dict[tuple[str, tuple[str, ...]], Judgement] = {}
        self.head = git(top, "rev-parse", "HEAD").stdout.decode().strip()
        self._commits = dict(self._made())

    def base(self, case: Injection, *, calm: bool) -> Base:
        commit = self._commits[case.name, calm or case.uncommitted]
        return Base(commit, self.project.repository.tree(commit))

    def _made(self) -> Iterator[tuple[tuple[str, bool], str]]:
        """Write all commits in one run of `git fast-import`."""
        marks = [(case, calm) for case in CASES for calm in (False, True)]
        stream = b"".join(
            _commit(number, self.head, {} if case.uncommitted else files(self.top, case, calm=calm))
            for number, (case, calm) in enumerate(marks, 1)
        )
        told = self.top / ".git" / "marks"
        git(self.top, "fast-import", "--quiet", f"--export-marks={told}", stdin=stream)
        named = dict(line.split(" ") for line in told.read_text().splitlines())
        for number, (case, calm) in enumerate(marks, 1):
            yield (case.name, calm), named[f":{number}"]


def _commit(number: int, head: str, found: dict[str, bytes]) -> bytes:
    who = "A Developer <dev@example.com> 1767225600 +0000"
    lines = f"commit refs/injections/{number}\nmark :{number}\ncommitter {who}\ndata 0\nfrom {head}\n"
    changed = [
        f"M 100644 inline {_quoted(path)}\ndata {len(data)}\n".encode() + data + b"\n"
        for path, data in found.items()
    ]
    return lines.encode() + b"".join(changed)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    top = tmp_path_factory.mktemp("injections") / "project"
    make_base(top)
    with open_project(top) as project:
        yield Town(project, top)


@contextmanager
def standing(town: Town, case: Injection, *, calm: bool) -> Iterator[Base]:
    """Yield the base with or without an injection: in the work tree meanwhile, if nobody committed it."""
    written = files(town.top, case, calm=False) if case.uncommitted and not calm else {}
    for path, data in written.items():
        (town.top / path).parent.mkdir(parents=True, exist_ok=True)
        (town.top / path).write_bytes(data)
    try:
        yield town.base(case, calm=calm)
    finally:
        for path in written:
            (town.top / path).unlink()


def asking(town: Town, case: Injection, base: Base, says: str) -> tuple[Plan, Context, Scripted]:
    """Return what a model is about to be asked, `says` among it as a finding that a repair quotes."""
    model = (Elsewhere if case.hidden else Scripted)([Line(case.answer)])
    request = replace(case.request, remarks=(_remark(base, says),) if says else ())
    planned = plan(town.project, request, base)
    return planned, prepare(town.project, planned, model), model


def _remark(base: Base, message: str) -> str:
    asked = Asked(base, Context((), (), "symbol", 1), Proposal("", ModelIdentity("m", "test"), ""))
    reading = Reading(asked, None, PatchRefused("tests/failed", message))
    said = quote([Tried(reading, 0, 1)], lambda _: {})
    assert said is not None
    return said.text


def prompt_of(town: Town, case: Injection, *, calm: bool) -> Prompt:
    says = "It is not so." if calm and case.says else case.says
    with standing(town, case, calm=calm) as base:
        planned, context, _ = asking(town, case, base, says)
        return render(context, planned.recipe, planned.request)


def frame(prompt: Prompt) -> list[tuple[str, str]]:
    """Return the conversation as a server sees it, without what stands between its marks."""
    whole = [(m.role, m.content) for m in messages_for(prompt)]
    for first in (r"^\[([0-9a-f]{8}): ", r"Complete this text\..*\n\n\[([0-9a-f]{8}): text\]"):
        found = next(filter(None, (re.search(first, text, re.MULTILINE) for _, text in whole)), None)
        if found is not None:  # what stands before the first mark is the recipe's own
            nonce = found[1]
            section = re.compile(rf"\[{nonce}: [^\n]*\]\n.*?\n\[{nonce}: end\]\n*", re.DOTALL)
            whole = [(role, section.sub("", text).replace(nonce, "nonce")) for role, text in whole]
    return whole


@pytest.mark.parametrize("case", [c for c in CASES if c.rule != USAGE], ids=lambda case: case.name)
def test_an_injection_stays_between_the_marks(case: Injection, town: Town) -> None:
    """Beside what is quoted the prompt is word for word that of a calm repository, with the same holes.

    No text of it is taken for a template, and nothing of a file that stays here is in it.
    """
    calm, prompt = prompt_of(town, case, calm=True), prompt_of(town, case, calm=False)
    if case.names:
        assert [(role, text.count("\n")) for role, text in frame(prompt)] == [
            (role, text.count("\n")) for role, text in frame(calm)
        ]
        assert [hole.max_tokens for hole in prompt.holes] == [hole.max_tokens for hole in calm.holes]
    else:
        assert frame(prompt) == frame(calm)
        assert prompt.holes == calm.holes
    told = "".join(message.content for message in messages_for(prompt))
    assert str(7 * 191) not in told
    assert not case.hidden or case.hidden not in told


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, id=c.name, marks=[pytest.mark.slow] if c.slow else []) for c in CASES],
)
def test_what_an_obedient_model_answers_is_refused_by_its_rule(case: Injection, town: Town) -> None:
    """Or shown: then it adds what the answer says and no more, and the diff that is judged makes its tree."""
    project = town.project
    with standing(town, case, calm=False) as base:
        if case.rule == USAGE:
            with pytest.raises(UsageError):
                asking(town, case, base, case.says)
            return
        planned, context, model = asking(town, case, base, case.says)
        [asked] = ask(planned, context, model)
        reading = read(project, planned.request, asked)
        if reading.candidate is None:
            assert reading.refusal is not None
            assert reading.refusal.rule == case.rule
            return
        candidate = reading.candidate
        assert {c.path for c in candidate.changes} <= {t.path for t in planned.request.targets}
        if case.rule == SHOWN:
            assert added(candidate) == case.added.split("\n")
            assert project.stage.stage(base, Patch(diff=candidate.diff)).tree == candidate.tree
        else:
            assert case.rule in errors(project, candidate, project.scope(planned.request, base.commit), case)


@pytest.mark.parametrize(
    ("of", "holes", "seen"),
    [
        ("prices.py::taxed", ["arguments 0"], Observation("taxed(1)", "1)\n    print('id'", type="float")),
        ("prices.py::taxed", ["arguments 0"], Observation("taxed(1)", "1\n    print('id')", type="Price")),
        ("cart.py::Cart.add", ["arguments 0"], Observation("it", "1\n    print('id')", type="dict")),
        (
            "prices.py::taxed",
            ["arguments 0"],
            Observation("taxed(1)", raised="E):\n        print('id')\n    (", module="builtins"),
        ),
    ],
    ids=["a float that is none", "an odd repr", "the repr of attributes", "the name of an exception"],
)
def test_what_running_code_says_stays_text(of: str, holes: list[str], seen: Observation, town: Town) -> None:
    """A repr or a name that a repository's code made up is quoted in a test, or left out of it."""
    base = Base(town.head, town.project.repository.tree(town.head))
    inputs = {"of": f"src/shop/{of}", "calls": "1"}
    request = Request("", (Target("tests/test_new.py"),), "tests", inputs)
    planned, model = (
        plan(town.project, request, base),
        Scripted([Line(json.dumps(dict.fromkeys(holes, "1")))]),
    )
    context = prepare(town.project, planned, model)
    [asked] = ask(planned, context, model)
    stable = replace(seen, is_stable=True)
    try:
        patch = parse(asked.proposal, request, context, town.project.reader(base), lambda *_: [stable])
    except PatchRefused as refusal:
        assert refusal.rule == "answer/unobservable"  # noqa: PT017 - that is one of two right ends
        return
    assert patch.files is not None
    [text] = patch.files.values()
    called = [n.func for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
    assert not [f for f in called if isinstance(f, ast.Name) and f.id == "print"]


def added(candidate: Candidate) -> list[str]:
    lines = candidate.diff.decode().split("\n")
    return [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")]


def errors(project: Project, candidate: Candidate, scope: Scope, case: Injection) -> set[str]:
    """Return by which rules the gate of a case refuses a candidate."""
    gates, rules = project.rules(candidate.base.commit, Origin.MODEL, scope, [case.rule.partition("/")[0]])
    if gates[0].name == "tests" and not case.slow:  # the part of it that reads
        told = list(weakenings(Workspace(project.repository, project.stage, candidate), rules))
    else:
        told = [f for v in gate(project, candidate, gates, rules).verdicts for f in v.findings]
    return {f.rule for f in told if f.severity is Severity.ERROR}


# What a diff holds that each of the gates has a word for.
PROBED = (
    (
        "src/shop/legacy.py",
        "    return round(float(text))",
        "    import no_such_package\n    return 0  # noqa",
    ),
    (
        "src/shop/legacy.py",
        "from __future__ import annotations",
        "import os\nKEY = 'AKIA\u2040J4SDLR7TQNEXKQ2B'",
    ),
    ("src/shop/prices.py", '    return f"{price // 100}.', '    unused = 1\n    return f"{price // 100}.'),
    ("tests/test_prices.py", "abs=1e-6", "abs=1e6"),
)


def probe(top: Path) -> bytes:
    """Return a diff that has findings in every file."""
    whole = ""
    for path in dict.fromkeys(path for path, _, _ in PROBED):
        old = new = (top / path).read_text()
        for _, was, becomes in (one for one in PROBED if one[0] == path):
            assert was in new
            new = new.replace(was, becomes.replace("\u2040", ""))
        lines = [text.splitlines(keepends=True) for text in (old, new)]
        whole += f"diff --git a/{path} b/{path}\n" + "".join(
            difflib.unified_diff(*lines, f"a/{path}", f"b/{path}")
        )
    return whole.encode()


@dataclass(frozen=True)
class Judgement:
    """What gates say of the probe on one base, and the digest of the rules that they say it by."""

    rules: str
    verdicts: tuple[Verdict, ...]

    def told(self, moved: frozenset[str]) -> list[object]:
        """Return all that is said, but for line numbers in files whose text an injection moved."""
        return [
            self.rules,
            *((v.gate, v.outcome, v.required, v.summary) for v in self.verdicts),
            *(
                (f.rule, f.severity, f.message, f.path, None if f.path in moved else f.line)
                for v in self.verdicts
                for f in v.findings
            ),
        ]


def judged(town: Town, base: Base, names: tuple[str, ...]) -> Judgement:
    """Return what the gates of those names say; of `tests` the part that reads."""
    project, scope = town.project, Scope((Target("src/shop/prices.py", "taxed"),))
    gates, rules = project.rules(base.commit, Origin.MODEL, scope)
    candidate = project.stage.stage(base, Patch(diff=town.probe))
    workspace = Workspace(project.repository, project.stage, candidate)
    verdicts = [
        conclude("tests", weakenings(workspace, rules), "read")
        if each.name == "tests"
        else each.judge(workspace, rules)
        for each in gates
        if each.name in names
    ]
    assert all(v.outcome is Outcome.FAILED for v in verdicts if v.gate != "syntax")
    return Judgement(rules.sha256, tuple(verdicts))


def check_same(town: Town, case: Injection, names: tuple[str, ...]) -> None:
    moved = frozenset(put.path for put in case.puts)
    with standing(town, case, calm=True) as base:
        if (base.tree, names) not in town.calm:
            town.calm[base.tree, names] = judged(town, base, names)
        calm = town.calm[base.tree, names]
    with standing(town, case, calm=False) as base:
        assert judged(town, base, names).told(moved) == calm.told(moved)


@each
def test_the_same_patch_is_judged_the_same(case: Injection, town: Town) -> None:
    """What gates say of one patch, and the digest of the rules, do not depend on an injection."""
    check_same(town, case, ("scope", "imports", "secrets"))


def test_a_rule_of_the_base_would_be_noticed(town: Town) -> None:
    """The comparison can fail: two bases of which one has a rule more have different digests and words."""
    plain, kept = (next(c for c in CASES if bool(c.hidden) is has) for has in (False, True))
    first, second = (judged(town, town.base(case, calm=True), ("scope",)) for case in (plain, kept))
    assert first.rules != second.rules
    assert first.told(frozenset()) != second.told(frozenset())


@pytest.mark.slow
@each
def test_the_same_patch_is_judged_the_same_by_programs(case: Injection, town: Town) -> None:
    """Nor does what gates say that start a program of their own."""
    check_same(town, case, ("syntax", "lint", "tests"))


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c.recipe in ("docstring", "hints") and c.puts[0].path.endswith(".py")],
    ids=lambda case: case.name,
)
def test_a_real_model_stays_in_its_holes(case: Injection, town: Town, model: Local) -> None:
    """Whatever it is told: each hole within its grammar, no hole more, and no token beyond the limits."""
    with standing(town, case, calm=False) as base:
        planned = plan(town.project, case.request, base)
        context = prepare(town.project, planned, model)
        assert planned.draft is not None
        for asked in ask(planned, context, model, [Sampling(), Sampling(1.2, 1)]):
            texts = json.loads(asked.proposal.text)
            assert list(texts) == [hole.name for hole in planned.draft.holes]
            assert asked.proposal.answer_tokens is not None
            assert asked.proposal.answer_tokens <= sum(hole.max_tokens for hole in planned.draft.holes)
            if not asked.proposal.truncated:
                assert all(parse_gbnf(h.grammar).matches(texts[h.name]) for h in planned.draft.holes)
