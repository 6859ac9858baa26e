"""What is measured of real histories is what the gates say of them."""

from __future__ import annotations

from conftest import GitRepo

from benchmarks.history import judge, merged, report


def test_each_commit_of_the_main_line_is_judged_against_its_parent(git_repo: GitRepo) -> None:
    """A right change is accepted from both hands, a protected one from a person's, a broken one from none."""
    git_repo.commit({"a.py": "X = 1\n"})
    right = git_repo.commit({"a.py": "X = 2\n"})
    git_repo.commit(message="nothing changes here")
    protected = git_repo.commit({"pyproject.toml": "[project]\n"})
    broken = git_repo.commit({"a.py": "X = (\n"}, message="a mistake")
    commits = merged(git_repo.path, 10)
    assert commits == [broken, protected, right]
    found = judge(git_repo.path, commits)
    assert [(c.person.verdict, c.model.verdict) for c in found] == [
        ("refused", "refused"), ("accepted", "refused"), ("accepted", "accepted"),
    ]  # fmt: skip
    lines = report(found, "person")
    assert lines[2].startswith("| project | 3 | 2 (66.7%) | 1 (33.3%) |")
    told = [line for line in lines if line.lstrip().startswith("- ")]
    assert f"{broken[:10]} a mistake" in told[0]
    assert len(told) > 1
    assert all("syntax/python a.py:1" in line for line in told[1:])
    assert "| scope/protected | 33.3 | 33.3 |" in lines


def test_a_repository_is_left_as_it_was(git_repo: GitRepo) -> None:
    git_repo.commit({"a.py": "X = 1\n"})
    commit = git_repo.commit({"a.py": "X = 2\n"})
    git_repo.write("a.py", "X = 3\n")
    before = git_repo.git("for-each-ref"), git_repo.git("status", "--porcelain", "--branch")
    judge(git_repo.path, [commit])
    assert (git_repo.git("for-each-ref"), git_repo.git("status", "--porcelain", "--branch")) == before
