"""What the static gates say of commits that real projects merged.

`python -m benchmarks.history REPOSITORY… --commits 100` judges, for each repository (a checkout or a bare
mirror), the last commits of its main line that are no merges, each against its parent and by that parent's
rules: as a person's, with every path in scope, and as a model's. No test is run; what changed tests no longer
say counts. Each refusal is listed, to be read: a gate that refuses good work is switched off. A repository is
cloned to a temporary folder and never touched.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.projects import git

if TYPE_CHECKING:
    from codegate.core import Origin, Verdict
    from codegate.gates import Rules
    from codegate.pipeline import Project
    from codegate.workspace import Workspace

STATIC = ("scope", "syntax", "lint", "imports", "secrets")
_SLICE = 10  # commits that one clone serves


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and how much it weighs: `error`, `warning` or `note`."""

    rule: str
    severity: str
    path: str | None
    line: int | None
    message: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part is not None)
        return f"{self.rule} {place}: {self.message}" if place else f"{self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all gates said of one commit from one hand, and how long that took."""

    verdict: str
    findings: tuple[Found, ...]
    seconds: float

    @property
    def errors(self) -> list[Found]:
        return [found for found in self.findings if found.severity == "error"]


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, judged as a person's and as a model's."""

    repository: str
    commit: str
    subject: str
    files: int
    person: Judgement
    model: Judgement

    def by(self, origin: str) -> Judgement:
        return self.person if origin == "person" else self.model


def merged(repository: Path, count: int) -> list[str]:
    """Return the last commits of the main line that have one parent and change a file, the newest first."""
    listed = said_by_git(repository, "log", "--first-parent", "--no-merges", "--min-parents=1", "--format=%H",
                  f"-{count}", "HEAD", "--", ".")  # fmt: skip
    return listed.split()


def judge(repository: Path, commits: Sequence[str]) -> list[Commit]:
    """Return what the gates say of these commits, judged in a clone of their own."""
    from codegate.pipeline import open_project

    os.environ.pop("VIRTUAL_ENV", None)  # what is installed for codegate says nothing of these projects
    with tempfile.TemporaryDirectory(prefix="codegate-bench-") as folder:
        clone = Path(folder) / "clone"
        git(Path(folder), "clone", "-q", "--shared", "--no-checkout", str(repository), str(clone))
        judged = []
        for commit in commits:
            git(clone, "checkout", "-q", "--force", "--detach", f"{commit}^")
            with open_project(clone) as project:
                judged.append(_judged(repository, project, commit))
        return judged


class _Unrun:
    """The gate `tests` as far as it runs nothing: what changed tests no longer say."""

    name = "tests"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        from codegate.gates import conclude
        from codegate.gates.weakening import weakenings

        return conclude(self.name, weakenings(workspace, rules), "nothing was run")


def _judged(repository: Path, project: Project, commit: str) -> Commit:
    from codegate.core import Origin

    subject = said_by_git(project.repository.top, "log", "-1", "--format=%s", commit).strip()
    person, files = _judgement(project, commit, Origin.PERSON)
    model, _ = _judgement(project, commit, Origin.MODEL)
    return Commit(name_of(repository), commit, subject, files, person, model)


def _judgement(project: Project, commit: str, origin: Origin) -> tuple[Judgement, int]:
    """Return what the gates say of a commit, as `codegate check` asks them, and how many files it changes."""
    from codegate.core import Outcome, Scope
    from codegate.pipeline import gate

    started = time.perf_counter()
    repository, parent = project.repository, project.repository.resolve(f"{commit}^")
    gates, rules = project.rules(parent, origin, Scope(), STATIC)
    candidate = project.stage.between(parent, repository.tree(parent), repository.tree(commit))
    verdicts = gate(project, candidate, [*gates, _Unrun()], rules).verdicts
    seconds = time.perf_counter() - started
    broken = [
        Found(f"{v.gate}/broken", "error", None, None, v.summary)
        for v in verdicts
        if v.outcome is Outcome.BROKEN
    ]
    findings = [
        Found(f.rule, f.severity.value, f.path, f.line, f.message) for v in verdicts for f in v.findings
    ]
    accepted = all(v.outcome in (Outcome.PASSED, Outcome.SKIPPED) for v in verdicts)
    judgement = Judgement("accepted" if accepted else "refused", (*broken, *findings), seconds)
    return judgement, len(candidate.changes)


def said_by_git(repository: Path, *args: str) -> str:
    done = subprocess.run(["git", "-C", repository, *args], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode("utf-8", "replace")


def name_of(repository: Path) -> str:
    """Return what to call a repository: a mirror's folder may itself just be called `repo` or `.git`."""
    named = repository if repository.name not in ("repo", ".git") else repository.parent
    return named.name.removesuffix(".git").rpartition("+")[2]


def main() -> int:
    given = _arguments()
    parts = {repository: merged(repository, given.commits) for repository in given.repository}
    # Every repository from the start, so that a run that is broken off has told of all.
    starts = range(0, given.commits, _SLICE)
    slices = [(repo, part) for at in starts for repo in parts if (part := parts[repo][at : at + _SLICE])]
    found: list[Commit] = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for judged in pool.map(judge, *zip(*slices, strict=True)):
            found += judged
            print(f"{len(found)} commits judged", file=sys.stderr, flush=True)
            if given.json:
                text = json.dumps([dataclasses.asdict(commit) for commit in found], indent=2)
                given.json.write_text(text + "\n", encoding="utf-8")
    print("\n".join(report(found, given.origin)))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("repository", nargs="+", type=lambda path: Path(path).resolve())
    parser.add_argument("--commits", type=int, default=100, metavar="N", help="of each repository (100)")
    parser.add_argument(
        "--origin", choices=("person", "model"), default="person", help="whose refusals to list (a person's)"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every finding there, too")
    return parser.parse_args()


def report(commits: Sequence[Commit], origin: str) -> list[str]:
    """Return the lines of the whole report, as Markdown."""
    parts = {name: [c for c in commits if c.repository == name] for name in _names(commits)}
    lines = [
        "| repository | commits | accepted as a person's | as a model's | s, median | s, 95 % |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(_row(name, part) for name, part in parts.items()),
        _row("in all", commits),
        "",
        f"Refused as a {origin}'s:",
        "",
    ]
    for commit in commits:
        refusal = commit.by(origin)
        if refusal.verdict != "accepted":
            lines.append(f"- {commit.repository} {commit.commit[:10]} {commit.subject}")
            lines += [f"  - {' '.join(str(found).split())[:300]}" for found in refusal.errors]
    lines += _rules("warns a person", [c.person for c in commits], "warning")
    lines += _rules("refuses a model", [c.model for c in commits], "error")
    return lines


def _row(name: str, commits: Sequence[Commit]) -> str:
    shares = [sum(c.by(o).verdict == "accepted" for c in commits) for o in ("person", "model")]
    shown = [f"{share} ({share / len(commits):.1%})" for share in shares]
    times = [commit.person.seconds for commit in commits]
    late = statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
    return f"| {name} | {len(commits)} | {' | '.join(shown)} | {statistics.median(times):.2f} | {late:.2f} |"


def _rules(what: str, judged: Sequence[Judgement], severity: str) -> list[str]:
    told = [[found.rule for found in one.findings if found.severity == severity] for one in judged]
    commits = Counter(rule for rules in told for rule in set(rules))
    findings = Counter(rule for rules in told for rule in rules)
    share = 100 / len(judged)
    return [
        "",
        f"| what {what} | commits of 100 | findings for 100 commits |",
        "| --- | ---: | ---: |",
        *(
            f"| {rule} | {n * share:.1f} | {findings[rule] * share:.1f} |"
            for rule, n in commits.most_common()
        ),
    ]


def _names(commits: Iterable[Commit]) -> list[str]:
    return list(dict.fromkeys(commit.repository for commit in commits))


if __name__ == "__main__":
    sys.exit(main())
