"""A bug and its fix are measured only if tests tell them apart, and by what `codegate check` says."""

from __future__ import annotations

import pytest
from conftest import GitRepo

from benchmarks.pairs import report, results

_CONFTEST = "import pytest\n\n\ndef pytest_configure(config):\n    pytest.use_correct = False\n"
_TEST = "from python_programs.{0} import {0}\n\n\ndef test_it():\n    assert {0}(2) == 4\n"


@pytest.mark.slow
def test_a_bug_that_its_tests_tell_is_refused_and_its_fix_accepted(git_repo: GitRepo) -> None:
    """And one that they do not tell is no pair."""
    files: dict[str, str | bytes] = {"conftest.py": _CONFTEST, "python_testcases/load_testdata.py": ""}
    for name, wrong in (("double", "x + 3"), ("twice", "x + x")):
        files |= {
            f"python_testcases/test_{name}.py": _TEST.format(name),
            f"json_testcases/{name}.json": "",
            f"python_programs/{name}.py": f"def {name}(x):\n    return {wrong}\n",
            f"correct_python_programs/{name}.py": f"def {name}(x):\n    return 2 * x\n",
        }
    git_repo.commit(files)
    (result,) = results(git_repo.path, most=5, tried=5, listing=None)
    assert (result.name, result.told, result.is_right) == ("double", 1, True)
    assert (result.bug.verdict, result.bug.gates) == ("refused", ["tests"])
    assert "| QuixBugs | 1 | 1 | 1 | 1 |" in report([result])
