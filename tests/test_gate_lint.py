"""The gate `lint` tells what is new, judged by the base's rules, and nothing that was there before."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import GitRepo
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import said, verdict_of

from codegate.core import Origin, Outcome, Verdict
from codegate.errors import CodegateError
from codegate.gates.lint import Lint
from codegate.gates.lint.comparison import new_diagnostics
from codegate.gates.lint.diagnostic import Diagnostic

_Files = dict[str, str | bytes]
_RULES = "[lint]\nselect = ['F', 'E', 'S', 'I']\n"


def _judged(git_repo: GitRepo, base: _Files, result: _Files, origin: Origin = Origin.MODEL) -> Verdict:
    return verdict_of(Lint(), git_repo.path, git_repo.commit(base), git_repo.commit(result), origin)


def _rules(git_repo: GitRepo, base: _Files, result: _Files) -> list[tuple[str, str | None, int | None]]:
    """Return what is told, but for layout, which is noted of nearly every text here."""
    found = _judged(git_repo, base, result).findings
    return [(f.rule, f.path, f.line) for f in found if f.rule != "lint/format"]


def test_a_new_diagnostic_is_told_with_its_place(git_repo: GitRepo) -> None:
    """An error from a model, a warning from a person; the summary says by what it was judged."""
    base: _Files = {"ruff.toml": _RULES, "a.py": "x = 1\n"}
    result: _Files = {"a.py": "import os\n\nx = 1\n"}
    verdict = _judged(git_repo, base, result)
    assert verdict.outcome is Outcome.FAILED
    assert said(verdict) == [("lint/F401", "error", "a.py", 1)]
    assert verdict.findings[0].column == 8
    assert "os" in verdict.findings[0].message
    assert "F401" in verdict.findings[0].rule
    assert "the base's configuration" in verdict.summary
    person = _judged(git_repo, base, result, Origin.PERSON)
    assert person.outcome is Outcome.PASSED
    assert said(person) == [("lint/F401", "warning", "a.py", 1)]


def test_what_was_there_before_is_not_told(git_repo: GitRepo) -> None:
    """Also when its lines moved, within the file or to another, or were edited and stay as they were."""
    long = "y = '" + "x" * 120 + "'\n"
    base: _Files = {
        "ruff.toml": _RULES,
        "a.py": f"import os\nimport sys\n{long}\n\ndef f(x):\n    return eval(x)\n",
        "b.py": "z = 1\n",
    }
    result: _Files = {
        "a.py": f"import sys\n\n\ndef f(x):\n    return eval(x) + 1\n\n\n{long.replace('x', 'xx', 1)}",
        "b.py": "import os\nz = 1\n",
    }
    assert _rules(git_repo, base, result) == []


def test_one_more_of_the_same_is_new(git_repo: GitRepo) -> None:
    """A second offence is no cover for a third: each old one matches one."""
    base: _Files = {"ruff.toml": _RULES, "a.py": "def f(x):\n    return eval(x)\n"}
    result: _Files = {"a.py": "def f(x):\n    return eval(x)\n\n\ndef g(x):\n    return eval(x)\n"}
    assert [f[0] for f in _rules(git_repo, base, result)] == ["lint/S307"]


def test_a_diff_cannot_bring_its_own_rules(git_repo: GitRepo) -> None:
    """A configuration, an exclusion or a folder's own file of the result has no say."""
    base: _Files = {"ruff.toml": _RULES, "pkg/a.py": "x = 1\n"}
    bad = "import os\n"
    for steering in (
        {"ruff.toml": "[lint]\nselect = ['E']\n"},
        {"ruff.toml": "exclude = ['pkg']\n"},
        {"pkg/ruff.toml": "[lint]\nignore = ['F401']\n"},
        {"pkg/.ruff.toml": "[lint]\nselect = []\n"},
        {"pkg/pyproject.toml": "[tool.ruff.lint]\nselect = []\n"},
    ):
        files: _Files = {"pkg/a.py": bad, **steering}
        assert ("lint/F401", "pkg/a.py", 1) in _rules(git_repo, base, files)
        git_repo.git("rm", "-rqf", ".")


def test_a_diff_cannot_take_the_rules_away(git_repo: GitRepo) -> None:
    """A configuration that the result deletes still holds, in few folders and in many."""
    for count in (2, 20):
        paths = [f"d{n}/a.py" for n in range(count)]
        rules: _Files = {"d1/ruff.toml": "[lint]\nselect = ['S307']\n"}
        base = git_repo.commit(rules | dict.fromkeys(paths, "x = 1\n"))
        (git_repo.path / "d1/ruff.toml").unlink()
        result = git_repo.commit(dict.fromkeys(paths, "import os\neval('x')\n"))
        verdict = verdict_of(Lint(), git_repo.path, base, result)
        found = [f for f in verdict.findings if f.rule != "lint/format"]
        assert {f.rule for f in found if f.path == "d1/a.py"} == {"lint/S307"}
        assert {f.rule for f in found if f.path != "d1/a.py"} == {"lint/F401"}


@pytest.mark.parametrize(
    "silenced",
    [
        "import os  # noqa\n",
        "import os  # NoQA:F401\n",
        "import os  # ruff: noqa\n",
        "# ruff: noqa\nimport os\n",
        "# flake8: noqa\nimport os\n",
        "# ruff: noqa: F401\nimport os\n",
        "# ruff: disable[F401]\nimport os\n# ruff: enable[F401]\n",
        "import os  # ruff: ignore[F401]\n",
        "# ruff: file-ignore[F401]\nimport os\n",
        "import os  #noqa:F401\n",
        "import os  # pylint: disable=W0611 # noqa\n",
    ],
)
def test_a_new_suppression_silences_nothing_and_is_told(git_repo: GitRepo, silenced: str) -> None:
    """The diagnostic under it is told as well as the comment."""
    found = _rules(git_repo, {"ruff.toml": _RULES, "a.py": ""}, {"a.py": silenced})
    assert [f[0] for f in found if f[0] == "lint/F401"] == ["lint/F401"]
    assert "lint/suppression" in [f[0] for f in found]


def test_a_suppression_of_the_base_holds(git_repo: GitRepo) -> None:
    """For its line and when that is edited or moved; for its file, whose new diagnostics are but noted."""
    base: _Files = {
        "ruff.toml": _RULES,
        "line.py": "import os  # noqa: F401\n\n\ndef f(x):\n    return eval(x)  # noqa: S307\n",
        "moved.py": "import os  # noqa: F401\n",
        "whole.py": "# ruff: noqa\nimport os\n",
    }
    result: _Files = {
        "line.py": "import os  # noqa: F401\n\n\ndef f(x, y):\n    return eval(x + y)  # noqa: S307\n",
        "moved.py": "\n\nimport os  # noqa: F401\nimport sys\n\nprint(sys)\n",
        "whole.py": "# ruff: noqa\nimport os\nimport sys\n",
    }
    assert _rules(git_repo, base, result) == [("lint/exempt", "whole.py", None)]
    assert _judged(git_repo, base, result).outcome is Outcome.PASSED


_SUPPRESSIONS = """\
a = f()  # type: ignore
b = f()  # type: ignore[arg-type]
c = f()  # pragma: no cover
d = f()  # nosec B102
# fmt: off
e = f()  # fmt: skip
g = f()  # pylint: disable=all
# mypy: ignore-errors
# pyright: basic
h = f()  # pyright: ignore
# isort: skip_file
i = f()  # NOSONAR
j = f()  # pragma: allowlist secret
k = f()  # ty: ignore
"""


def test_every_family_of_suppressions_is_told(git_repo: GitRepo) -> None:
    """Once for each line, where it stands, with its text; from a person as a warning."""
    verdict = _judged(git_repo, {"a.py": "from m import f\n"}, {"a.py": f"from m import f\n{_SUPPRESSIONS}"})
    assert [(f.rule, f.line) for f in verdict.findings] == [("lint/suppression", n) for n in range(2, 16)]
    assert verdict.findings[0].column == 10
    assert "# type: ignore" in verdict.findings[0].message
    person = _judged(git_repo, {"b.py": ""}, {"b.py": "f = 1  # noqa\n"}, Origin.PERSON)
    assert said(person) == [("lint/suppression", "warning", "b.py", 1)]


def test_only_comments_can_silence(git_repo: GitRepo) -> None:
    """A string or a document that names one is text; an ordinary comment is none."""
    result: _Files = {
        "a.py": 'x = "# noqa"\ny = """\n# type: ignore\n"""\n# There is no quality here, nor security.\n',
        "README.md": "Write `# noqa` there.\n",
        "data.json": '{"a": "# noqa"}\n',
    }
    assert _rules(git_repo, {"a.py": ""}, result) == []


def test_other_languages_are_silenced_by_comments_too(git_repo: GitRepo) -> None:
    """Each by its own grammar."""
    result: _Files = {
        "a.ts": "// @ts-ignore\nconst a = '// @ts-ignore';\n/* eslint-disable */\n",
        "b.go": "package b\n\nvar x = f() //nolint:errcheck\n",
        "c.sh": "# shellcheck disable=SC2086\necho $x '# shellcheck disable=SC1'\n",
        "d.yaml": "a: 1  # yamllint disable-line\nb: '# noqa'\n",
    }
    assert _rules(git_repo, {"x": ""}, result) == [
        ("lint/suppression", "a.ts", 1), ("lint/suppression", "a.ts", 3), ("lint/suppression", "b.go", 3),
        ("lint/suppression", "c.sh", 1), ("lint/suppression", "d.yaml", 1),
    ]  # fmt: skip


def test_a_suppression_that_only_moves_is_not_new(git_repo: GitRepo) -> None:
    """It was there as often before; one more is."""
    base: _Files = {"a.py": "x = f()  # type: ignore\ny = 1\n"}
    assert _rules(git_repo, base, {"a.py": "y = 1\nx = f(2)  # type: ignore\n"}) == []
    more: _Files = {"a.py": "z = 3  # type: ignore\nx = f()  # type: ignore\ny = 1\n"}
    assert _rules(git_repo, base, more) == [("lint/suppression", "a.py", 1)]


def test_without_a_configuration_only_mistakes_are_told(git_repo: GitRepo, home: Path) -> None:
    """A project that never chose a rule is not held to style, nor to the user's or the machine's own."""
    config = home / ".config/ruff"
    config.mkdir(parents=True)
    config.joinpath("ruff.toml").write_text("[lint]\nselect = ['ALL']\n")
    (git_repo.path.parent / "ruff.toml").write_text("[lint]\nselect = ['ALL']\n")
    result: _Files = {"a.py": "import os\nimport abc\nx=lambda: 1\ndef f(a=[]):\n    return undefined\n"}
    verdict = _judged(git_repo, {"a.py": ""}, result)
    assert [f.rule for f in verdict.findings] == ["lint/F401", "lint/F401", "lint/E731", "lint/F821"]
    assert "mistakes only" in verdict.summary


def test_the_environment_does_not_steer_ruff(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A variable could send its answer elsewhere, or change its form."""
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("RUFF_OUTPUT_FORMAT", "concise")
    assert _rules(git_repo, {"a.py": ""}, {"a.py": "import os\n"}) == [("lint/F401", "a.py", 1)]


def test_configuration_holds_where_it_stands(git_repo: GitRepo) -> None:
    """Of a folder for that folder, per file, by exclusion, and by what it extends."""
    base: _Files = {
        "pyproject.toml": "[tool.ruff]\nextend = 'conf/base.toml'\nexclude = ['vendor']\n"
        "[tool.ruff.lint.per-file-ignores]\n'tests/*' = ['F401']\n",
        "conf/base.toml": "[lint]\nselect = ['F401', 'S307']\n",
        "sub/ruff.toml": "[lint]\nselect = ['E731']\n",
    }
    bad = "import os\nf = lambda x: eval(x)\n"
    result: _Files = {
        "a.py": bad,
        "tests/a.py": bad,
        "vendor/a.py": bad,
        "sub/a.py": bad,
        "sub/deep/a.pyi": bad,
    }
    assert _rules(git_repo, base, result) == [
        ("lint/F401", "a.py", 1), ("lint/S307", "a.py", 2), ("lint/E731", "sub/a.py", 2),
        ("lint/E731", "sub/deep/a.pyi", 2), ("lint/S307", "tests/a.py", 2),
    ]  # fmt: skip


def test_the_projects_own_modules_are_known(git_repo: GitRepo) -> None:
    """Import order and packages are judged as in the whole project, of which only the changes are linted."""
    base: _Files = {
        "pyproject.toml": "[tool.ruff.lint]\nselect = ['I', 'INP']\n",
        "src/mine/__init__.py": "",
        "src/mine/sub/__init__.py": "",
        "flat.py": "",
    }
    good = "import os\n\nimport requests\n\nimport flat\nimport mine\n"
    assert _rules(git_repo, base, {"src/mine/sub/new.py": good, "new.py": "x = 1\n"}) == []
    mixed = "import os\n\nimport mine\nimport requests\n"
    assert _rules(git_repo, {}, {"src/mine/sub/other.py": mixed}) == [
        ("lint/I001", "src/mine/sub/other.py", 1)
    ]
    assert _rules(git_repo, {}, {"loose/other.py": good}) == [("lint/INP001", "loose/other.py", 1)]


def test_the_executable_bit_is_known(git_repo: GitRepo) -> None:
    """A script is judged as one."""
    base = git_repo.commit({"ruff.toml": "[lint]\nselect = ['EXE']\n"})
    git_repo.write("run.py", "#!/usr/bin/env python\n").chmod(0o755)
    git_repo.write("not.py", "#!/usr/bin/env python\n")
    verdict = verdict_of(Lint(), git_repo.path, base, git_repo.commit())
    assert [(f.rule, f.path) for f in verdict.findings] == [("lint/EXE001", "not.py")]


def test_another_version_of_ruff_may_be_asked_for(git_repo: GitRepo) -> None:
    """Ours judges all the same: new diagnostics only."""
    base: _Files = {
        "ruff.toml": f"required-version = '==0.1.0'\nshow-source = true\nformat = 'grouped'\n{_RULES}",
        "a.py": "",
    }
    assert _rules(git_repo, base, {"a.py": "import os\n"}) == [("lint/F401", "a.py", 1)]


@pytest.mark.parametrize(
    ("configuration", "says"),
    [
        ("[lint]\nselect = ['NOSUCH1']\n", "NOSUCH1"),
        ("nonsense = 1\n", "nonsense"),
        ("[lint\n", "TOML"),
        ("extend = '../outside.toml'\n", "outside.toml"),
    ],
)
def test_a_configuration_that_ruff_cannot_read_breaks_the_gate(
    git_repo: GitRepo, configuration: str, says: str
) -> None:
    """It is not taken for none; the reason and a hint are said."""
    with pytest.raises(CodegateError) as caught:
        _judged(git_repo, {"ruff.toml": configuration}, {"a.py": "x = 1\n"})
    assert says in caught.value.message
    assert caught.value.hint


def test_syntax_errors_are_left_to_their_own_gate(git_repo: GitRepo) -> None:
    """A file that no longer parses is one finding of `syntax`, not many of `lint`."""
    assert _rules(git_repo, {"a.py": "x = 1\n"}, {"a.py": "def f(:\n"}) == []


def test_a_file_that_is_no_text_is_told(git_repo: GitRepo) -> None:
    """ruff cannot read it: that is new, and was not where it was so before."""
    assert _rules(git_repo, {"a.py": ""}, {"a.py": b"\xe9\n"}) == [("lint/E902", "a.py", 1)]
    assert _rules(git_repo, {"b.py": b"\xe9\n"}, {"b.py": b"\xe9\xe9\n"}) == []


def test_odd_names_are_linted(git_repo: GitRepo) -> None:
    """A name that ruff could take for an option, a list or another file is a file."""
    names = (
        "-x.py",
        "@args.py",
        "sp ace.py",
        "é.py",
        "new\nline.py",
        "by\udcffte.py",
        "q'u\"o.py",
        "[a].py",
        "*.py",
    )
    found = _rules(git_repo, {"x": ""}, dict.fromkeys(names, "import os\n"))
    assert sorted(f[1] or "" for f in found) == sorted(names)
    assert {f[0] for f in found} == {"lint/F401"}


def test_nothing_of_python_is_passed_at_once(git_repo: GitRepo) -> None:
    """No program is started; links and other kinds of files are not read as Python."""
    base = git_repo.commit({"x.txt": "a\n"})
    (git_repo.path / "link.py").symlink_to("x.txt")
    git_repo.write("x.txt", "b\n")
    verdict = verdict_of(Lint(), git_repo.path, base, git_repo.commit())
    assert verdict.outcome is Outcome.PASSED
    assert verdict.summary == "no Python file changed"


def test_a_file_too_large_to_lint_is_told(git_repo: GitRepo) -> None:
    """It is not passed over in silence, and the others are still judged."""
    result: _Files = {"big.py": "x = 1\n" * 900_000, "a.py": "import os\n"}
    assert _rules(git_repo, {"x": ""}, result) == [("lint/F401", "a.py", 1), ("lint/size", "big.py", None)]


def test_scripts_and_notebooks_are_linted(git_repo: GitRepo) -> None:
    """A script is known by its first line; a notebook's places are in the message, by cell."""

    def notebook(*sources: str) -> str:
        cell = {"cell_type": "code", "execution_count": None, "id": "x", "metadata": {}, "outputs": []}
        cells = [{**cell, "id": f"c{n}", "source": s.splitlines(True)} for n, s in enumerate(sources)]
        return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

    base: _Files = {
        "ruff.toml": _RULES,
        "run": "#!/usr/bin/env python3\nimport os\n",
        "a.ipynb": notebook("import os", "x = eval('1')  # noqa: S307\ny = 2\n"),
    }
    result: _Files = {
        "run": "#!/usr/bin/env python3\nimport os\nimport sys\n",
        "new": "#!/bin/sh\nimport os\n",
        "a.ipynb": notebook(
            "z = 1", "import os", "y = 2\nx = eval('1')  # noqa: S307\n", "eval('2')  # noqa"
        ),
        "b.ipynb": notebook("x = )"),
        "c.ipynb": "no notebook",
    }
    verdict = _judged(git_repo, base, result)
    assert set(said(verdict)) == {
        ("lint/invalid-syntax", "error", "b.ipynb", None),
        ("lint/invalid-syntax", "error", "c.ipynb", 1),
        ("lint/F401", "error", "run", 3),
        ("lint/silenced", "error", "a.ipynb", None),
    }
    (silenced,) = [f for f in verdict.findings if f.rule == "lint/silenced"]
    assert silenced.message.startswith("S307 cell 4, line 1: ")


def test_drift_from_the_layout_of_the_base_is_noted(git_repo: GitRepo) -> None:
    """Of a file that was formatted, where the base configures ruff at all; it refuses nothing."""
    base: _Files = {"a.py": "x = 1\n", "ugly.py": "x  =  1\n", "new.txt": ""}
    result: _Files = {"a.py": "x  =  1\n", "ugly.py": "x   =  2\n", "new.py": "x  =  1\n"}
    assert _rules(git_repo, base, result) == []
    git_repo.git("rm", "-rqf", ".")
    verdict = _judged(git_repo, {"ruff.toml": "", **base}, result)
    assert said(verdict) == [("lint/format", "note", "a.py", None)]
    assert verdict.outcome is Outcome.PASSED
    assert verdict.findings[0].hint


def test_nothing_is_left_behind(git_repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the folder for temporary files nor, as a cache, in the checkout."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = git_repo.commit({"a.py": ""}), git_repo.commit({"a.py": "import os\n"})
    files = sorted(os.listdir(git_repo.path))
    verdict_of(Lint(), git_repo.path, *before)
    assert sorted(os.listdir(git_repo.path)) == files
    assert os.listdir(scratch) == []


_DIAGNOSTICS = st.lists(
    st.builds(
        Diagnostic, st.sampled_from(["a.py", "b.py"]), st.sampled_from(["F1", "E2"]),
        st.sampled_from(["long (1 > 2)", "long (3 > 2)", "other"]), st.integers(1, 9), st.just(1),
        st.sampled_from([b"x = 1", b"x = 12", b"completely different"]), st.just(""),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(_DIAGNOSTICS, _DIAGNOSTICS)
def test_matching_is_a_multiset(before: list[Diagnostic], after: list[Diagnostic]) -> None:
    """Nothing is new against itself, all is new against nothing, and no old one serves twice."""
    assert new_diagnostics(before, before) == []
    assert len(new_diagnostics([], after)) == len(after)
    found = new_diagnostics(before, after)
    assert len(found) >= len(after) - len(before)
    assert all(d in after for d in found)
