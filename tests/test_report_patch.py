"""Git's own diffs, read to be shown: what stands side by side is what the two trees hold."""

from __future__ import annotations

from conftest import GitRepo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegate.core import Candidate
from codegate.repo import Repository, Stage
from codegate.report.patch import FilePatch, Row, Side, parse

_LINES = st.sampled_from([b"a", b"b", b"", b"-- x", b"++ y", b"@@ -1 +1 @@", b"diff --git a/x b/x", b"\\ No"])
_TEXTS = st.builds(
    lambda lines, end: b"\n".join(lines) + end,
    st.lists(_LINES, max_size=12),
    st.sampled_from([b"", b"\n", b"\r\n", b"\x0c\xc2\x85\n", b"\xff"]),
)


def _between(repo: GitRepo, before: str, after: str) -> Candidate:
    repository = Repository.discover(repo.path)
    with Stage(repository) as stage:
        return stage.between(before, repository.tree(before), repository.tree(after))


def _lines(text: bytes) -> list[str]:
    """Split as git does; a last line without a newline is marked."""
    *whole, rest = text.decode("utf-8", "backslashreplace").split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def _said(side: Side) -> str:
    return side.text + ("\n" if side.ended else "")


def _patched(before: list[str], patch: FilePatch) -> list[str]:
    """Return what the rows make of a text, and check that they show it as it was."""
    made: list[str] = []
    taken = 0
    for hunk in patch.hunks:
        olds = [row.old for row in hunk.rows() if row.old]
        assert all(before[side.number - 1] == _said(side) for side in olds)
        assert all(row.changed or (row.old and row.new) for row in hunk.rows())
        news = [row.new for row in hunk.rows() if row.new]
        start = olds[0].number - 1 if olds else hunk.old
        made += before[taken:start]
        assert not news or news[0].number == len(made) + 1
        assert [side.number for side in news] == list(range(len(made) + 1, len(made) + 1 + len(news)))
        made += [_said(side) for side in news]
        taken = start + len(olds)
    return made + before[taken:]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(_TEXTS, _TEXTS), min_size=1, max_size=6))
def test_the_rows_turn_the_base_into_the_result(git_repo: GitRepo, pairs: list[tuple[bytes, bytes]]) -> None:
    """For any two texts: numbers, texts and newlines of both sides are those of git's trees."""
    names = [f"{number}.txt" for number in range(len(pairs))]
    before = git_repo.commit(dict(zip(names, (old for old, _ in pairs), strict=True)))
    after = git_repo.commit(dict(zip(names, (new for _, new in pairs), strict=True)))
    patches = {patch.path: patch for patch in parse(_between(git_repo, before, after).diff)}
    assert patches.keys() == {name for name, (old, new) in zip(names, pairs, strict=True) if old != new}
    for name, (old, new) in zip(names, pairs, strict=True):
        if name in patches:
            assert _patched(_lines(old), patches[name]) == _lines(new)


def test_what_took_the_place_of_a_line_stands_beside_it(git_repo: GitRepo) -> None:
    """Two lines for one leave a gap beside the second; what did not change stands on both sides."""
    before = git_repo.commit({"a.py": "one\ntwo\nthree\n"})
    after = git_repo.commit({"a.py": "one\n2\nII\nthree"})
    (patch,) = parse(_between(git_repo, before, after).diff)
    assert list(patch.hunks[0].rows()) == [
        Row(Side(1, "one", True), Side(1, "one", True), False),
        Row(Side(2, "two", True), Side(2, "2", True), True),
        Row(Side(3, "three", True), Side(3, "II", True), True),
        Row(None, Side(4, "three", False), True),
    ]


def test_every_name_is_the_candidates(git_repo: GitRepo) -> None:
    """Names that git quotes, names that look like a header, modes, binaries and links: each path is git's."""
    names = ["a b/x", "é", 'q"uote', "back\\slash", "tab\tnew\nline", "x b/x b/x", "by\udcffte", "\x1b[2J"]
    before = git_repo.commit({"mode.sh": "x\n", "kind": "file\n"})
    for name in names:
        git_repo.write(name, "text\n")
    git_repo.write("logo.png", b"\x00\x01diff --git a/z b/z\n")
    (git_repo.path / "mode.sh").chmod(0o755)
    (git_repo.path / "kind").unlink()
    (git_repo.path / "kind").symlink_to("mode.sh")
    candidate = _between(git_repo, before, git_repo.commit())
    patches = parse(candidate.diff)
    wanted = {
        change.path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        for change in candidate.changes
    }
    assert {patch.path for patch in patches} == wanted
    notes = {patch.path: patch.notes for patch in patches}
    assert notes["mode.sh"] == ["old mode 100644", "new mode 100755"]
    assert notes["logo.png"] == ["new file mode 100644", "GIT binary patch"]
    assert [patch.notes for patch in patches if patch.path == "kind"] == [
        ["deleted file mode 100644"], ["new file mode 120000"],
    ]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(diff=st.one_of(st.binary(), st.lists(_LINES).map(b"\n".join)))
def test_what_is_no_diff_is_read_without_an_error(diff: bytes) -> None:
    """The page is made of whatever there is."""
    for patch in parse(diff):
        for hunk in patch.hunks:
            list(hunk.rows())
