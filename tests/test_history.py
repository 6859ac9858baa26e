"""What is measured of real histories is what the gates say of them."""

from __future__ import annotations

from conftest import GitRepo

from benchmarks.history import judge, merged, report


def test_each_commit_of_the_main_line_is_judged_against_its_parent(git_repo: GitRepo) -> None:
    """A right change is accepted from both hands, a bent rule from a person's, a broken file from none."""
    test = "from a import X\n\n\ndef test_x():\n    assert X == 2\n"
    git_repo.commit({"a.py": "X = 1\n", "test_a.py": test})
    right = git_repo.commit({"a.py": "X = 2\n"})
    git_repo.commit(message="nothing changes here")
    protected = git_repo.commit({"pyproject.toml": "[project]\n"})
    weakened = git_repo.commit({"test_a.py": test.replace("X == 2", "X")})
    broken = git_repo.commit({"a.py": "X = (\n"}, message="a mistake")
    commits = merged(git_repo.path, 10)
    assert commits == [broken, weakened, protected, right]
    found = judge(git_repo.path, commits)
    assert [(c.person.verdict, c.model.verdict) for c in found] == [
        ("refused", "refused"), ("accepted", "refused"), ("accepted", "refused"), ("accepted", "accepted"),
    ]  # fmt: skip
    lines = report(found, "person")
    assert lines[2].startswith("| project | 4 | 3 (75.0%) | 1 (25.0%) |")
    told = [line for line in lines if line.lstrip().startswith("- ")]
    assert f"{broken[:10]} a mistake" in told[0]
    assert len(told) > 1
    assert all("syntax/python a.py:1" in line for line in told[1:])
    assert "| scope/protected | 25.0 | 25.0 |" in lines
    assert any(line.startswith("| tests/") for line in lines)


def test_a_repository_is_left_as_it_was(git_repo: GitRepo) -> None:
    git_repo.commit({"a.py": "X = 1\n"})
    commit = git_repo.commit({"a.py": "X = 2\n"})
    git_repo.write("a.py", "X = 3\n")
    before = git_repo.git("for-each-ref"), git_repo.git("status", "--porcelain", "--branch")
    judge(git_repo.path, [commit])
    assert (git_repo.git("for-each-ref"), git_repo.git("status", "--porcelain", "--branch")) == before
