"""`weakenings` reads the changed test files of a candidate, weighs by whose hand it is, and runs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import GitRepo
from judging import opened, rules_for

from codegate.core import Finding, Origin, Severity
from codegate.gates.weakening import weakenings

_Files = dict[str, str | bytes]

TEST = "from shop import total\n\n\ndef test_total():\n    assert total(2) == 4\n"


def found(repo: GitRepo, before: _Files, after: _Files, origin: Origin = Origin.MODEL) -> list[Finding]:
    """Return what is said of the commit that turns `before` into `after`; None as text deletes a file."""
    base = repo.commit(before)
    for path in before.keys() - after.keys():
        (repo.path / path).unlink()
    result = repo.commit(after)
    with opened(repo.path, base, result) as workspace:
        return list(weakenings(workspace, rules_for(repo.path, base, origin)))


def told(findings: list[Finding]) -> list[tuple[str, str, str | None, int | None]]:
    return [(f.rule, f.severity.value, f.path, f.line) for f in findings]


def test_a_weakening_is_an_error_from_a_model_and_a_warning_from_a_person(git_repo: GitRepo) -> None:
    """It names test, old and new text, the line of the result, and how to mend it."""
    weak = TEST.replace("== 4", "is not None")
    (finding,) = found(git_repo, {"tests/test_shop.py": TEST}, {"tests/test_shop.py": weak})
    assert told([finding]) == [("tests/loosened", "error", "tests/test_shop.py", 5)]
    assert finding.message == (
        "tests/test_shop.py::test_total: `assert total(2) == 4` → `assert total(2) is not None` says less"
    )
    assert finding.hint
    (finding,) = found(git_repo, {"tests/test_shop.py": TEST}, {"tests/test_shop.py": weak}, Origin.PERSON)
    assert finding.severity is Severity.WARNING


def test_another_expectation_is_a_warning_from_a_model_and_a_note_from_a_person(git_repo: GitRepo) -> None:
    """Whoever changes what code does changes what its tests expect; only a person knows what is wanted."""
    other = TEST.replace("== 4", "== 5")
    for origin, severity in ((Origin.MODEL, "warning"), (Origin.PERSON, "note")):
        findings = found(git_repo, {"tests/test_shop.py": TEST}, {"tests/test_shop.py": other}, origin)
        assert told(findings) == [("tests/expectation", severity, "tests/test_shop.py", 5)]


def test_a_deleted_file_takes_its_tests_with_it(git_repo: GitRepo) -> None:
    """Each test is named; the finding stands at no line, since there is none."""
    findings = found(git_repo, {"tests/test_shop.py": TEST, "x": ""}, {"x": ""})
    assert told(findings) == [("tests/removed", "error", "tests/test_shop.py", None)]


def test_a_test_may_move_to_another_file_that_is_collected(git_repo: GitRepo) -> None:
    """By its body, whatever its new name; a file with no test's name is no such place."""
    moved = TEST.replace("test_total", "test_sum")
    assert found(git_repo, {"tests/test_shop.py": TEST}, {"tests/unit/test_sum.py": moved}) == []
    assert found(git_repo, {"tests/test_shop.py": TEST}, {"checks/shop_test.py": TEST}) == []
    findings = found(git_repo, {"tests/test_shop.py": TEST}, {"tests/shop.py": TEST})
    assert told(findings) == [("tests/removed", "error", "tests/shop.py", 4)]
    findings = found(git_repo, {"tests/test_shop.py": TEST}, {"shop_checks.py": TEST})
    assert told(findings) == [("tests/removed", "error", "tests/test_shop.py", None)]


def test_an_assertion_may_move_to_a_test_of_another_file(git_repo: GitRepo) -> None:
    """What one file loses another may gain."""
    both = TEST + "    assert total(3) == 6\n"
    after: _Files = {
        "test_a.py": TEST,
        "test_b.py": TEST.replace("_total", "_3").replace("(2) == 4", "(3) == 6"),
    }
    assert found(git_repo, {"test_a.py": both, "test_b.py": "\n"}, after) == []


@pytest.mark.parametrize(
    "text",
    [
        "collect_ignore = ['test_shop.py']\n",
        "collect_ignore_glob = ['test_*']\n",
        "def pytest_collection_modifyitems(items):\n    items.clear()\n",
        "def pytest_ignore_collect():\n    return True\n",
        "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef off():\n    pytest.skip('off')\n",
    ],
)
def test_a_new_conftest_cannot_switch_tests_off(git_repo: GitRepo, text: str) -> None:
    """It is no test file and new, and yet it steers the tests that were there."""
    findings = found(git_repo, {"test_shop.py": TEST}, {"test_shop.py": TEST, "conftest.py": text})
    assert [f.severity for f in findings] == [Severity.ERROR]
    assert findings[0].path == "conftest.py"


def test_a_conftest_may_not_go_with_what_it_did_for_every_test(git_repo: GitRepo) -> None:
    """A fixture that ran by itself is missed, though no test file changed."""
    text = "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef clean():\n    open('x', 'w').close()\n"
    findings = found(git_repo, {"test_shop.py": TEST, "conftest.py": text}, {"test_shop.py": TEST})
    assert told(findings) == [("tests/fixture", "error", "conftest.py", None)]


def test_the_base_says_what_a_test_file_is_called(git_repo: GitRepo) -> None:
    """`python_files` of the base holds beside the names that pytest and unittest know."""
    before: _Files = {"pytest.ini": "[pytest]\npython_files = check_*.py\n", "check_shop.py": TEST}
    weak: _Files = {**before, "check_shop.py": TEST.replace("== 4", "in (4, 5)")}
    assert told(found(git_repo, before, weak)) == [("tests/loosened", "error", "check_shop.py", 5)]


def test_what_is_no_test_is_not_judged(git_repo: GitRepo) -> None:
    """Code may lose an assert, and a new test file may say what it likes."""
    before: _Files = {"shop.py": "def total(n):\n    assert n\n    return 2 * n\n"}
    after: _Files = {
        "shop.py": "def total(n):\n    return 2 * n\n",
        "test_new.py": "def test_new():\n    assert True\n",
    }
    assert found(git_repo, before, after) == []


def test_nothing_of_the_diff_is_run(git_repo: GitRepo, tmp_path: Path) -> None:
    """Neither the old nor the new text is imported, nor a module beside it that has a library's name."""
    mark = tmp_path / "ran"
    evil = f"open({str(mark)!r}, 'w')\n"
    before: _Files = {"test_shop.py": evil + TEST, "ast.py": evil, "json.py": evil, "codegate.py": evil}
    after: _Files = {**before, "test_shop.py": evil + evil + TEST, "conftest.py": evil}
    assert found(git_repo, before, after) == []
    assert not mark.exists()


@pytest.mark.parametrize(
    "text",
    [
        b"def test_total(:\n",
        b"\xff\xfe",
        b"# coding: nonsense\n",
        b"x = '\0'\n",
        b"x = " + b"-" * 100_000 + b"1\n",
        b"x = a" + b".a" * 100_000 + b"\n",
        b"def test_total():\n    assert " + b"not " * 3_000 + b"x\n",
        b"def test_total():\n    assert " + b"+".join([b"x"] * 900) + b"\n",
    ],
)
def test_a_text_that_cannot_be_read_is_not_passed(git_repo: GitRepo, text: bytes) -> None:
    """Whatever is wrong with it, there is a finding and no crash."""
    findings = found(git_repo, {"test_shop.py": TEST}, {"test_shop.py": text})
    assert findings
    assert {f.severity for f in findings} == {Severity.ERROR}


def test_a_text_that_brings_the_reader_down_is_named(git_repo: GitRepo) -> None:
    """One that is too large is not read; one that eats memory ends only the child."""
    large = TEST.encode() + b"# " + b"x" * 2_000_000
    findings = found(git_repo, {"test_shop.py": TEST}, {"test_shop.py": large})
    assert told(findings) == [("tests/not-judged", "error", "test_shop.py", None)]
