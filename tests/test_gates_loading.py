"""Built-in gates come from codegate itself, plug-ins only where the base's configuration lists them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from codegate.config import Config
from codegate.core import Finding, Origin, Outcome, Scope, Severity, Target
from codegate.errors import ConfigError
from codegate.gates import BUILTIN, MAX_FINDINGS, conclude, load_gates, make_rules

_GATE = """
from codegate.gates import conclude
class {name}:
    name = {says!r}
    def judge(self, workspace, rules):
        return conclude(self.name, (), "fine")
"""


def _install(folder: Path, package: str, gates: dict[str, str], code: str = "") -> None:
    """Put a real distribution with these entry points on the path, as pip would."""
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in gates.items())
    info.joinpath("entry_points.txt").write_text(f"[codegate.gates]\n{lines}")
    folder.joinpath(f"{package}.py").write_text(code)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_the_built_in_gates_are_always_there() -> None:
    """In the order a person reads them."""
    assert [gate.name for gate in load_gates(Config())] == list(BUILTIN)


def test_an_installed_plug_in_is_asked_only_where_it_is_listed(site: Path) -> None:
    """Installing something changes no verdict."""
    _install(
        site, "spelled", {"spelling": "spelled:Spelling"}, _GATE.format(name="Spelling", says="spelling")
    )
    assert [g.name for g in load_gates(Config())] == list(BUILTIN)
    assert [g.name for g in load_gates(Config(gates=("spelling",)))] == [*BUILTIN, "spelling"]
    sys.modules.pop("spelled")


def test_no_plug_in_takes_a_built_in_name(site: Path) -> None:
    """One that is not listed is never loaded, one that is listed is an error."""
    _install(site, "impostor", {"lint": "impostor:Lint"}, "raise SystemExit('imported')")
    assert [type(g).__module__ for g in load_gates(Config())][2] == "codegate.gates.lint"
    with pytest.raises(ConfigError, match=r"`lint` is built in .*impostor"):
        load_gates(Config(gates=("lint",)))
    assert "impostor" not in sys.modules


def test_a_built_in_name_need_not_be_listed() -> None:
    """It would only look as if it could be left out."""
    with pytest.raises(ConfigError, match="built in"):
        load_gates(Config(gates=("scope",)))


def test_a_missing_plug_in_is_an_error() -> None:
    """A rule that cannot be asked is not passed over."""
    with pytest.raises(ConfigError, match="no installed package provides a gate `spelling`"):
        load_gates(Config(gates=("spelling",)))


def test_two_plug_ins_of_one_name_are_an_error(site: Path) -> None:
    """Which of them judged would be chance."""
    _install(site, "one_of_two", {"twin": "one_of_two:Twin"})
    _install(site, "two_of_two", {"twin": "two_of_two:Twin"})
    with pytest.raises(ConfigError, match="one_of_two and two_of_two"):
        load_gates(Config(gates=("twin",)))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("class Bad:\n    def __init__(self, x): pass\n", "TypeError"),
        (_GATE.format(name="Bad", says="good"), "is no gate"),
        ("class Bad:\n    name = 'bad'\n", "is no gate"),
    ],
)
def test_a_plug_in_that_is_no_gate_is_an_error(site: Path, code: str, says: str) -> None:
    """It says which entry point is at fault."""
    _install(site, "badly", {"bad": "badly:Bad"}, code)
    sys.modules.pop("badly", None)
    with pytest.raises(ConfigError, match="gate `bad`") as caught:
        load_gates(Config(gates=("bad",)))
    assert says in caught.value.message


def test_the_rules_digest_depends_on_what_can_change_a_verdict() -> None:
    """Configuration, origin, scope, gates and git's version each make other rules; the same make the same."""
    gates = load_gates(Config())
    targets = Scope((Target("a.py"), Target("b.py", "f")))
    some = make_rules(Config(), Origin.MODEL, targets, gates, "2.39")
    assert make_rules(Config(), Origin.MODEL, targets, load_gates(Config()), "2.39").sha256 == some.sha256
    turned = Scope((Target("b.py", "f"), Target("a.py")))
    assert make_rules(Config(), Origin.MODEL, turned, gates, "2.39").sha256 == some.sha256
    others = [
        make_rules(Config(model="x"), Origin.MODEL, targets, gates, "2.39"),
        make_rules(Config(), Origin.PERSON, targets, gates, "2.39"),
        make_rules(Config(), Origin.MODEL, Scope(), gates, "2.39"),
        make_rules(Config(), Origin.MODEL, Scope(()), gates, "2.39"),
        make_rules(Config(), Origin.MODEL, targets, gates[:-1], "2.39"),
        make_rules(Config(), Origin.MODEL, targets, gates, "2.40"),
    ]
    assert len({some.sha256, *(rules.sha256 for rules in others)}) == 1 + len(others)


def test_what_a_person_may_do_weighs_less() -> None:
    """An error from a model, a warning from a person."""
    assert make_rules(Config(), Origin.MODEL, Scope(), ()).by_hand is Severity.ERROR
    assert make_rules(Config(), Origin.PERSON, Scope(), ()).by_hand is Severity.WARNING


def test_only_an_error_fails_a_gate() -> None:
    """Warnings and notes are said, and let it pass."""
    assert conclude("g", [Finding("g/a", Severity.WARNING, "w")], "").outcome is Outcome.PASSED
    assert conclude("g", [Finding("g/a", Severity.ERROR, "e")], "").outcome is Outcome.FAILED
    assert conclude("g", [], "").required


def test_a_flood_of_findings_is_cut_after_its_errors() -> None:
    """A report stays readable, still fails, and says how many it left out."""
    flood = [Finding("g/w", Severity.WARNING, str(n)) for n in range(MAX_FINDINGS * 2)]
    verdict = conclude("g", [*flood, Finding("g/e", Severity.ERROR, "last")], "")
    assert verdict.outcome is Outcome.FAILED
    assert len(verdict.findings) == MAX_FINDINGS + 1
    assert verdict.findings[0].rule == "g/e"
    assert verdict.findings[-1].message == f"{MAX_FINDINGS + 1} more findings are left out"
