"""No change can turn a suppression on, for a diagnostic of its own, without being told."""

from __future__ import annotations

import time

import pytest
from conftest import GitRepo
from judging import said, verdict_of

from codegate.core import Origin, Outcome
from codegate.gates.lint import Lint
from codegate.gates.lint.silencers import silencers
from codegate.source import language_of, parse

_RULES = "[lint]\nselect = ['F', 'E', 'S', 'I']\n"


def _told(git_repo: GitRepo, before: str, after: str, name: str = "a.py") -> list[tuple[str, int | None]]:
    base = git_repo.commit({"ruff.toml": _RULES, name: before})
    verdict = verdict_of(Lint(), git_repo.path, base, git_repo.commit({name: after}))
    return [(f.rule, f.line) for f in verdict.findings if f.rule != "lint/format"]


@pytest.mark.parametrize(
    ("before", "after", "rule", "line"),
    [
        pytest.param(
            "# ruff: disable[F401]\nimport os\n# ruff: enable[F401]\nx = 1\n",
            "# ruff: disable[F401]\nimport os\nimport abc\n# ruff: enable[F401]\nx = 1\n",
            "lint/silenced", 3, id="into-a-range",
        ),
        pytest.param(
            "# ruff: disable[S307]\na = eval(b)\n# ruff: enable[S307]\nx = 1\n",
            "# ruff: disable[S307]\na = eval(b)\nx = 1\nc = eval(input())\n",
            "lint/suppression", None, id="the-end-of-a-range-removed",
        ),
        pytest.param(
            "x = 1\ny = 2\n# ruff: disable[S307]\na = eval(b)\n# ruff: enable[S307]\n",
            "x = 1\n# ruff: disable[S307]\ny = eval(input())\na = eval(b)\n# ruff: enable[S307]\n",
            "lint/silenced", 3, id="a-range-moved",
        ),
        pytest.param(
            "x = '# ruff: noqa'\n", "# ruff: noqa\nx = eval(x)\n", "lint/suppression", 1, id="a-string-freed"
        ),
        pytest.param(
            '"""\n# ruff: noqa\n"""\nx = 1\n', "# ruff: noqa\nx = eval(x)\n", "lint/suppression", 1,
            id="a-docstring-opened",
        ),
        pytest.param(
            "x = ('#'\n'ruff: noqa')\n", "# ruff: noqa\nx = eval(x)\n", "lint/suppression", 1,
            id="a-string-joined",
        ),
        pytest.param(
            "total = plus(1, 2)  # noqa\n", "total = eval(12)  # noqa\n", "lint/silenced", 1,
            id="under-a-blanket",
        ),
        pytest.param(
            "x = 1  # noqa\n", "x = eval(input())  # noqa\n", "lint/S307", 1, id="on-a-short-line"
        ),
        pytest.param(
            "x = f(1)  # noqa: S307\n", "x = eval(1)  # noqa: S307\n", "lint/silenced", 1,
            id="under-a-stale-one",
        ),
        pytest.param(
            "a = eval(b)  # noqa: S307\n", "a = eval(b) + eval(c)  # noqa: S307\n", "lint/silenced", 1,
            id="one-more-on-the-line",
        ),
        pytest.param(
            "a = eval(b)  # noqa: S307\nx = 1\n",
            "a = b\nx = __import__('m').run(eval)(eval('y'))  # noqa: S307\n",
            "lint/suppression", 2, id="moved-to-other-code",
        ),
        pytest.param(
            "a = eval(b)  # noqa: S307\n", "a = eval(b)  # noqa\n", "lint/suppression", 1, id="widened"
        ),
        pytest.param(
            "import abc\n# isort: off\nimport os\n# isort: on\nimport sys\n\nprint(abc, os, sys)\n",
            "import abc\n# isort: off\nimport os\nimport sys\nimport json\n\nprint(abc, os, sys, json)\n",
            "lint/suppression", None, id="isort-without-end",
        ),
        pytest.param(
            "# isort: split\nimport os\n\nprint(os)\nx = '# isort: skip_file'\n",
            "# isort: split\nimport os\nimport abc\n\nprint(os, abc)\n# isort: skip_file\n",
            "lint/I001", 2, id="isort-skips-nothing-new",
        ),
        pytest.param(
            "x = f()  # type: ignore\ny = 1\n", "x = f\nydifferent = g(2).call  # type: ignore\n",
            "lint/suppression", 2, id="a-type-checker's-moved",
        ),
        pytest.param(
            "# fmt: off\nx =  1\n# fmt: on\ny = 2\n", "# fmt: off\nx =  1\ny = 2\n", "lint/suppression", None,
            id="a-formatter's-end-removed",
        ),
    ],
)  # fmt: skip
def test_a_way_to_hide_is_told(git_repo: GitRepo, before: str, after: str, rule: str, line: int) -> None:
    """Each was a way past a search for new lines with a suppression; from a model it is refused."""
    base = git_repo.commit({"ruff.toml": _RULES, "a.py": before})
    result = git_repo.commit({"a.py": after})
    verdict = verdict_of(Lint(), git_repo.path, base, result)
    assert (rule, "error", "a.py", line) in said(verdict)
    assert verdict.outcome is Outcome.FAILED
    person = verdict_of(Lint(), git_repo.path, base, result, Origin.PERSON)
    assert person.outcome is Outcome.PASSED
    assert (rule, "warning", "a.py", line) in said(person)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a = eval(1)  # noqa\n", "a = eval(1)  # noqa: S307\n", id="narrowed"),
        pytest.param("import os  # noqa: F401, S307\n", "import os  # noqa: F401\n", id="fewer-codes"),
        pytest.param("x = f()  # nosec  # type: ignore\n", "x = f()  # type: ignore  # y\n", id="one-gone"),
        pytest.param("a = eval(b)  # noqa: S307\n", "a = eval(b[0])  # noqa: S307\n", id="edited"),
        pytest.param("# fmt: off\nx =  1\n# fmt: on\n", "x = 1\n", id="a-range-gone"),
        pytest.param("# fmt: off\nx =  1\n# fmt: on\n", "# fmt: off\ny =  1\nz=2\n# fmt: on\n", id="grown"),
        pytest.param("# isort: skip_file\nimport sys\nimport os\n\nprint(os, sys)\n",
                     "# isort: skip_file\nimport sys\nimport os\n\nprint([os, sys])\n", id="isort"),
    ],
)  # fmt: skip
def test_a_suppression_that_stays_or_shrinks_is_none(git_repo: GitRepo, before: str, after: str) -> None:
    """What was exempt stays exempt."""
    assert _told(git_repo, before, after) == []


def test_one_more_on_a_line_that_has_one_is_told_alone(git_repo: GitRepo) -> None:
    """Each tool reads its own part of a comment."""
    before, after = "x = f()  # nosec\n", "x = f()  # nosec  # type: ignore\n"
    base = git_repo.commit({"a.py": before})
    (found,) = verdict_of(Lint(), git_repo.path, base, git_repo.commit({"a.py": after})).findings
    assert (found.column, found.message) == (19, "this silences a checker: # type: ignore")


def test_what_a_suppression_hid_is_told_when_it_goes(git_repo: GitRepo) -> None:
    """The project's own linter would complain of it now."""
    assert _told(git_repo, "import os  # noqa: F401\n", "import os\n") == [("lint/F401", 1)]
    assert _told(git_repo, "# ruff: noqa\nimport os\n", "import os\n") == [("lint/F401", 1)]


def test_a_comment_that_moves_with_its_code_to_another_file_is_not_new(git_repo: GitRepo) -> None:
    """A file that is renamed brings what it had."""
    base = git_repo.commit({"a.py": "import os  # noqa: F401\nx = f()  # type: ignore\n"})
    git_repo.git("mv", "a.py", "b.py")
    assert verdict_of(Lint(), git_repo.path, base, git_repo.commit()).findings == ()


def test_an_exempt_file_is_exempt_from_what_its_comment_names_alone(git_repo: GitRepo) -> None:
    """`# ruff: noqa: F401` of the base says nothing of S307, and a comment that names more is new."""
    before = "# ruff: noqa: F401\nimport os\n"
    assert _told(git_repo, before, before + "import sys\n") == [("lint/exempt", None)]
    git_repo.git("rm", "-qf", "a.py")
    assert _told(git_repo, before, "# ruff: noqa\nimport os\n\nx = eval('1')\n") == [
        ("lint/S307", 4), ("lint/suppression", 1),
    ]  # fmt: skip


_FAMILIES = {
    "a.js": "/* eslint-disable-next-line no-eval */\nf();\ng(); // oxlint-disable-line\n// @ts-ignore\nh();\n"
    "// biome-ignore lint: x\n// $FlowFixMe\nconst s = '// eslint-disable';\n",
    "a.rs": "#![allow(dead_code)]\n#[allow(unused)]\nfn f() {}\n#[expect(clippy::all)]\nfn g() {}\n"
    '#[cfg_attr(test, allow(x))]\nfn h() {}\n#[rustfmt::skip]\nfn i() { allow(); let s = "#[allow(x)]"; }\n',
    "a.go": "package a\n//nolint:errcheck\nvar x = 1\nvar y = 2 // #nosec G1\n"
    "//lint:ignore SA1 x\nvar z = `//nolint`\n",
    "a.sh": "# shellcheck disable=SC1\nf\n# hadolint ignore=DL3\necho '# noqa'\n",
    "A.java": 'class A {\n  @SuppressWarnings("x")\n  void f() {} // NOPMD\n'
    "  @SuppressFBWarnings\n  int x;\n}\n"
    'class B { String s = "@SuppressWarnings // NOPMD"; }\n',
    "a.cpp": '#pragma GCC diagnostic ignored "-W"\nint x; // NOLINT(x)\n[[gsl::suppress("x")]] int f();\n'
    '#pragma warning(disable: 4996)\nconst char *s = "NOLINT";\n',
    "a.cs": '#pragma warning disable CS1\nclass A {\n  [SuppressMessage("a", "b")]\n'
    "  int x; // ReSharper disable once X\n"
    '  string s = "#pragma warning disable";\n}\n',
    "a.rb": "x = 1 # rubocop:disable Style/A\n# :nocov:\ny = '# rubocop:disable'\n",
    "a.php": "<?php\n$x = 1; // phpcs:ignore\n/** @phpstan-ignore-next-line */\n"
    "$y = 2;\n$s = '// phpcs:ignore';\n",
    "a.kt": '@Suppress("x")\nval x = 1 // ktlint-disable\nval noqa = noqa()\n',
    "Dockerfile": "# hadolint ignore=DL3006\nFROM noqa\n",
    "a.md": "<!-- markdownlint-disable MD013 -->\nx <!-- b --> <!-- prettier-ignore --> y\n"
    "Write `# noqa` or <!-- x --> nosec.\n",
    "a.py": "x = 1  # pragma: no mutate\n# NOSONAR\ny = 2  # skipcq\nz = '# nosec'\n",
    "b.py": "import typing as t\nfrom typing import no_type_check\n\nfrom x import expect\n\n\n"
    "@t.no_type_check\ndef f():\n    @no_type_check\n    @expect(1)\n    def g():\n"
    "        return '@no_type_check'\n",
}


@pytest.mark.parametrize(
    ("name", "lines"),
    [("a.js", [1, 3, 4, 6, 7]), ("a.rs", [1, 2, 4, 6, 8]), ("a.go", [2, 4, 5]), ("a.sh", [1, 3]),
     ("A.java", [2, 3, 4]), ("a.cpp", [1, 2, 3, 4]), ("a.cs", [1, 3, 4]), ("a.rb", [1, 2]), ("a.php", [2, 3]),
     ("a.kt", [1, 2]), ("Dockerfile", [1]), ("a.md", [1, 2]), ("a.py", [1, 2, 3]), ("b.py", [7, 9])],
)  # fmt: skip
def test_families_of_many_languages_are_known(git_repo: GitRepo, name: str, lines: list[int]) -> None:
    """In comments and attributes; the last line of each text only names one, in a string or a call."""
    found = _told(git_repo, "", _FAMILIES[name], name)
    assert found == [("lint/suppression", line) for line in lines]


_COMMENTS = """\
noqa | noqa: E501 | ruff: noqa | flake8: noqa | ruff: disable[E501] | ruff: file-ignore[E501]
ruff: isort: skip_file | type: ignore | type:ignore[x] | ty: ignore[y] | pyrefly: ignore
pyre-fixme[1] | pyright: basic | pyright: ignore | mypy: ignore-errors | pytype: disable=x
pylint: disable=all | pylint: skip-file | fmt: off | fmt: skip | isort: skip | isort: off
yapf: disable | autopep8: off | eslint-disable | eslint-disable-line | oxlint-disable
stylelint-disable | tslint:disable | jshint ignore:start | biome-ignore lint: x | prettier-ignore
deno-lint-ignore | @ts-ignore | @ts-nocheck | @ts-expect-error | $FlowFixMe | nolint
NOLINTNEXTLINE(x) | NOLINTBEGIN | clang-format off | cppcheck-suppress x | CHECKSTYLE:OFF
@formatter:off | NOPMD | ReSharper disable X | noinspection X | spotless:off | swiftlint:disable x
ktlint-disable | revive:disable | scalastyle:off | lint:ignore SA1 | lint:file-ignore SA1
rubocop:disable X | rubocop:todo X | standard:disable X | phpcs:ignore | phpcs:disable
@codingStandardsIgnoreLine | @phpstan-ignore x | @psalm-suppress X | @phan-suppress X
yamllint disable | shellcheck disable=SC1 | markdownlint-disable | djlint:off | hadolint ignore=X
tflint-ignore: x | tfsec:ignore:x | checkov:skip=x | zizmor: ignore[x] | codespell:ignore x
textlint-disable | cspell:disable-line
pragma: no cover | pragma: no branch | pragma: no mutate | istanbul ignore next | c8 ignore next
v8 ignore next | @codeCoverageIgnore | :nocov: | LCOV_EXCL_LINE | GCOVR_EXCL_START | coverage:ignore
nosec | nosec B101 | nosemgrep: x | NOSONAR | lgtm [x] | skipcq: X | pragma: allowlist secret
gitleaks:allow"""


def test_every_family_of_comments_is_known() -> None:
    """Whatever the language: what one tool calls so, another may."""
    comments = [c.strip() for c in _COMMENTS.replace("\n", "|").split("|")]
    text = "".join(f"x = {n}  # {comment}\n" for n, comment in enumerate(comments))
    found = [(s.line, s.code, s.ends) for s in silencers("a.py", text.encode())]
    assert found == [(n + 1, f"x = {n}".encode(), False) for n in range(len(comments))]


@pytest.mark.parametrize("name", ["a.py", "a.js", "a.sh", "a.yaml", "a.kt"])
@pytest.mark.parametrize("piece", [b"(", b"#(", b"# noqa\n", b"(noqa ", b"allow(", b"# fmt: off\n\n"])
def test_hostile_text_costs_no_more_than_parsing_it(name: str, piece: bytes) -> None:
    """A query over comments took minutes for some: here nodes are walked once."""
    data = piece * (20_000 // len(piece)) + b" noqa"
    language = language_of(name)
    started = time.process_time()
    if language is not None:
        parse(language, data)
    parsed = time.process_time()
    list(silencers(name, data))
    assert time.process_time() - parsed < 2 * (parsed - started) + 2
