"""Apply writes what was approved and nothing else, all or nothing, over nobody's work."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from approvals import Files, Tree, approve, candidate, look, reader
from conftest import GitRepo

from codegate.apply import apply, recover
from codegate.apply.checkout import Checkout
from codegate.core import Candidate, Change, ModelIdentity, Patch, Receipt
from codegate.errors import CodegateError, ConflictError, RepositoryError
from codegate.repo import Repository, Stage
from codegate.store import Store

TESTS = Path(__file__).parent
NEW = b"print('new')\r\n\xff no newline"


@pytest.fixture
def project(git_repo: GitRepo) -> GitRepo:
    """A committed package beside a file that git does not know."""
    git_repo.commit({"src/app.py": "print('old')\n", "run.sh": "#!/bin/sh\n", "old.py": "gone\n"})
    git_repo.write("notes.txt", "mine\n")
    return git_repo


def write(
    project: GitRepo, files: Files, dirty: Files | None = None, say: list[str] | None = None
) -> Receipt:
    """Approve and apply a change of `files`."""
    return put(project.path, candidate(project.path, files, dirty), say)


def put(top: Path, change: Candidate, say: list[str] | None = None) -> Receipt:
    repository = Repository.discover(top)
    with Store(repository.state()) as store:
        tell = (lambda _: None) if say is None else say.append
        return apply(approve(change), repository, reader(top), store=store, say=tell)


def script(
    code: str, cwd: Path, *args: str, prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, with these helpers at hand."""
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    return subprocess.run(
        [*prefix, sys.executable, "-W", "error", "-c", code, *args],
        cwd=cwd, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, timeout=900,
        check=False,
    )  # fmt: skip


def crash(cwd: Path, *args: str) -> str:
    """Run tests/crashes.py in a folder of its own."""
    done = script("import sys, crashes; crashes.main(*sys.argv[1:])", cwd, *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_exactly_the_approved_files_are_written(project: GitRepo) -> None:
    """Changed, created, deleted and made executable, byte for byte; all else, and the index, is untouched."""
    index = (project.path / ".git/index").read_bytes()
    files: Files = {
        "src/app.py": (NEW, "100644"),
        "src/a/b/new.py": (b"", "100755"),
        "old.py": None,
        "run.sh": (b"#!/bin/sh\n", "100755"),
    }
    before = look(project.path)
    write(project, files)
    after = look(project.path)
    assert after.pop("src/app.py")[1] == NEW
    assert after.pop("src/a/b/new.py") == ("-", b"", 0o777 & ~umask())
    assert after.pop("run.sh") == ("-", b"#!/bin/sh\n", 0o755)
    assert after.pop("src/a")[0] == after.pop("src/a/b")[0] == "d"
    assert after == {path: what for path, what in before.items() if path in ("src", "notes.txt")}
    assert (project.path / ".git/index").read_bytes() == index
    assert "src/a/b/new.py" in project.git("status", "--porcelain", "-uall")


def umask() -> int:
    now = os.umask(0o22)
    os.umask(now)
    return now


def test_the_receipt_names_everything(project: GitRepo) -> None:
    """Every digest of the flow, the person, the model, and each file before and after."""
    change = candidate(
        project.path, {"src/app.py": (NEW, "100644"), "new.py": (b"", "100755"), "old.py": None}
    )
    approved = approve(change)
    repository = Repository.discover(project.path)
    model = ModelIdentity("m", "scripted", "a" * 64, True)
    with Store(repository.state()) as store:
        receipt = apply(
            approved, repository, reader(project.path), store=store, model=model, instruction="do it"
        )
        assert store.receipts() == [receipt]
    assert receipt.digest == approved.gated.digest
    assert receipt.tree == change.tree
    assert receipt.base_tree == change.base.tree
    assert receipt.base_commit == project.git("rev-parse", "HEAD").strip()
    assert receipt.diff_sha256 == change.diff_sha256
    assert receipt.approved_by == "A Developer <dev@example.com>"
    assert (receipt.model, receipt.instruction, receipt.undone_at) == (model, "do it", None)
    assert [(f.path, f.old_mode, f.new_mode) for f in receipt.files] == [
        ("new.py", None, "100755"), ("old.py", "100644", None), ("src/app.py", "100644", "100644"),
    ]  # fmt: skip
    assert receipt.files[0].old_sha256 is None
    assert receipt.files[1].new_sha256 is None
    assert receipt.id.startswith(receipt.applied_at[:10].replace("-", ""))


def test_what_stage_made_of_a_dirty_checkout_is_what_is_written(project: GitRepo) -> None:
    """The real stage: the user's uncommitted text is the base, and its result stands in the checkout."""
    project.write("src/app.py", "print('mine, uncommitted')\n")
    repository = Repository.discover(project.path)
    with Stage(repository) as stage, Store(repository.state()) as store:
        base = stage.snapshot(repository.head(), ["src/app.py"])
        change = stage.stage(base, Patch(files={"src/app.py": NEW, "made/new.py": b"x\n"}))
        apply(approve(change), repository, lambda blob: stage.blobs([blob])[blob], store=store)
    assert (project.path / "src/app.py").read_bytes() == NEW
    assert (project.path / "made/new.py").read_bytes() == b"x\n"


@pytest.mark.parametrize("name", ["a" * 255, "é\n\x1b[31m 名.py", os.fsdecode(b"\xff\xfe.py"), "-rf", " "])
def test_any_name_that_git_knows_can_be_written(project: GitRepo, name: str) -> None:
    """The longest name, control characters, bytes that are no UTF-8: created, changed, nothing beside it."""
    write(project, {f"src/{name}": (b"1", "100644")})
    write(project, {f"src/{name}": (b"2", "100755")}, dirty={f"src/{name}": (b"1", "100644")})
    assert (project.path / "src" / name).read_bytes() == b"2"
    assert len(os.listdir(project.path / "src")) == 2


def test_a_repository_of_sha256_objects(tmp_path: Path) -> None:
    """Ids are compared in the digest that the repository uses."""
    repo = GitRepo(tmp_path)
    repo.git("init", "-q", "--object-format=sha256")
    repo.commit({"a.py": "old\n"})
    assert len(write(repo, {"a.py": (NEW, "100644")}).tree) == 64
    assert (tmp_path / "a.py").read_bytes() == NEW


def test_a_linked_work_tree_is_written_and_no_other(project: GitRepo, tmp_path: Path) -> None:
    """Work trees share the store, and each has its own files."""
    project.git("worktree", "add", "-q", str(tmp_path / "linked"))
    put(tmp_path / "linked", candidate(tmp_path / "linked", {"src/app.py": (NEW, "100644")}))
    assert (tmp_path / "linked/src/app.py").read_bytes() == NEW
    assert (project.path / "src/app.py").read_bytes() == b"print('old')\n"
    with Store(project.path / ".git/codegate") as store:
        assert len(store.receipts()) == 1


def swap_for_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def swap_for_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def swap_for_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def swap_for_socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


def start_another_repository(path: Path) -> None:
    subprocess.run(["git", "init", "-q", path.parent], check=True)


MEANWHILE: list[tuple[str, Callable[[Path], object], str]] = [
    ("src/app.py", lambda p: p.write_text("saved\n"), "was changed"),
    ("src/app.py", lambda p: p.chmod(0o755), "has mode 100755 instead of 100644"),
    ("src/app.py", lambda p: p.unlink(), "is no longer there"),
    ("src/app.py", swap_for_link, "is now a symbolic link"),
    ("src/app.py", swap_for_directory, "is now a directory"),
    ("src/app.py", swap_for_pipe, "is now a named pipe"),
    ("src/app.py", swap_for_socket, "is now no ordinary file"),
    ("src/app.py", lambda p: shutil.rmtree(p.parent), "is no longer there"),
    ("src/app.py", lambda p: swap_for_link(p.parent), "src is a link or a file"),
    ("src/app.py", start_another_repository, "belongs to another repository"),
    ("old.py", lambda p: p.write_text("saved\n"), "was changed"),
    ("old.py", lambda p: p.unlink(), "is no longer there"),
    ("made/new.py", lambda p: (p.parent.mkdir(), p.write_text("mine\n")), "exists already"),
    ("made/new.py", lambda p: (p.parent.mkdir(), p.symlink_to("nowhere")), "is now a symbolic link"),
    ("made/new.py", lambda p: p.parent.write_text("a file\n"), "made is a link or a file"),
    ("made/new.py", lambda p: p.parent.symlink_to("src"), "made is a link or a file"),
]


@pytest.mark.parametrize(("path", "meanwhile", "told"), MEANWHILE)
def test_what_changed_since_it_was_judged_is_refused(
    project: GitRepo,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    meanwhile: Callable[[Path], object],
    told: str,
) -> None:
    """Another text, mode, kind of file or way to it: a conflict that says so, and nothing written."""
    monkeypatch.chdir(project.path)
    change = candidate(
        project.path,
        {
            "run.sh": (NEW, "100755"),
            "src/app.py": (NEW, "100644"),
            "old.py": None,
            "made/new.py": (NEW, "100644"),
        },
    )
    meanwhile(project.path / path)
    before = look(project.path)
    with pytest.raises(ConflictError, match=told) as caught:
        put(project.path, change)
    assert caught.value.hint
    assert look(project.path) == before
    with Store(project.path / ".git/codegate") as store:
        assert store.receipts() == []


def test_all_that_differs_is_named_at_once(project: GitRepo) -> None:
    """One refusal tells the whole story."""
    change = candidate(project.path, {"run.sh": (NEW, "100755"), "old.py": None})
    project.write("run.sh", "saved\n")
    (project.path / "old.py").unlink()
    with pytest.raises(ConflictError, match=r"old.py is no longer there; run.sh was changed"):
        put(project.path, change)


def test_another_commit_is_another_base(project: GitRepo) -> None:
    """The files may be the same: the rules and the tests that judged them may not."""
    change = candidate(project.path, {"src/app.py": (NEW, "100644")})
    project.commit({"other.py": "x\n"})
    before = look(project.path)
    with pytest.raises(ConflictError, match="the checkout is at commit"):
        put(project.path, change)
    assert look(project.path) == before


@pytest.mark.parametrize(
    ("path", "mode", "error"),
    [
        ("link", "120000", "a link or a submodule"),
        ("sub", "160000", "a link or a submodule"),
        ("../out.py", "100644", "no path"),
        ("/etc/out.py", "100644", "no path"),
        (".git/hooks/pre-commit", "100755", "no path"),
        ("src/.GIT/config", "100644", "no path"),
        ("src//x.py", "100644", "no path"),
    ],
)
def test_only_ordinary_files_inside_the_checkout(project: GitRepo, path: str, mode: str, error: str) -> None:
    """Even an approved candidate cannot name a link, a submodule, the git directory, or a way out."""
    change = candidate(project.path, {"src/app.py": (NEW, "100644")})
    blob = change.changes[0].new_blob
    forged = replace(change, changes=(*change.changes, Change(path, "000000", mode, None, blob)))
    before = look(project.path)
    with pytest.raises(RepositoryError, match=error):
        put(project.path, forged)
    assert look(project.path) == before
    assert os.listdir(project.path.parent) == ["project"]
    assert not (project.path / ".git/hooks/pre-commit").exists()


def test_bytes_that_are_not_those_of_the_id_are_refused(project: GitRepo) -> None:
    """What was judged has an id; an object store that gives something else for it is not believed."""
    repository = Repository.discover(project.path)
    approved = approve(candidate(project.path, {"src/app.py": (NEW, "100644")}))
    before = look(project.path)
    with (
        Store(repository.state()) as store,
        pytest.raises(RepositoryError, match="does not hold the bytes it names"),
    ):
        apply(approved, repository, lambda _: NEW + b"\n", store=store)
    assert look(project.path) == before


@pytest.mark.parametrize("bits", [0o444, 0o640, 0o600, 0o666, 0o755])
def test_permissions_stay_but_for_the_bit_that_git_keeps(project: GitRepo, bits: int) -> None:
    """A read-only file is replaced and stays read-only; a private one stays private."""
    (project.path / "run.sh").chmod(bits)
    mode = "100755" if bits & stat.S_IXUSR else "100644"
    write(project, {"run.sh": (NEW, mode)}, dirty={"run.sh": (b"#!/bin/sh\n", mode)})
    assert look(project.path)["run.sh"] == ("-", NEW, bits)


@pytest.mark.parametrize(("bits", "becomes"), [(0o640, 0o750), (0o600, 0o700), (0o444, 0o555)])
def test_the_executable_bit_goes_where_reading_is_allowed(project: GitRepo, bits: int, becomes: int) -> None:
    """As git and chmod do it, and back again."""
    (project.path / "run.sh").chmod(bits)
    write(project, {"run.sh": (b"#!/bin/sh\n", "100755")})
    assert look(project.path)["run.sh"][2] == becomes
    script_ = {"run.sh": (b"#!/bin/sh\n", "100755")}
    write(project, {"run.sh": (b"#!/bin/sh\n", "100644")}, dirty=script_)
    assert look(project.path)["run.sh"][2] == bits


def test_owner_and_attributes_stay(project: GitRepo) -> None:
    """Who works as root on another's files leaves them theirs, with what else is attached to them."""
    path = project.path / "src/app.py"
    try:
        os.setxattr(path, "user.note", b"kept")
        os.chown(path, 4321, 4322)
    except OSError as error:
        pytest.skip(f"needs root and attributes: {error}")
    write(project, {"src/app.py": (NEW, "100644")})
    assert (path.stat().st_uid, path.stat().st_gid) == (4321, 4322)
    assert os.getxattr(path, "user.note") == b"kept"


def test_a_hard_link_elsewhere_keeps_its_bytes(project: GitRepo, tmp_path: Path) -> None:
    """Only the name that was approved gets the new bytes: the other may be outside the repository."""
    other = tmp_path / "other.py"
    other.hardlink_to(project.path / "src/app.py")
    write(project, {"src/app.py": (NEW, "100644")})
    assert other.read_bytes() == b"print('old')\n"
    assert (project.path / "src/app.py").read_bytes() == NEW


def test_a_file_that_a_program_holds_open_for_writing_is_refused(project: GitRepo) -> None:
    """What it writes next would go to the file that was replaced, and be lost."""
    before = look(project.path)
    change = candidate(project.path, {"src/app.py": (NEW, "100644"), "new.py": (NEW, "100644")})
    with (
        (project.path / "src/app.py").open("ab"),
        pytest.raises(ConflictError, match="held open for writing"),
    ):
        put(project.path, change)
    assert look(project.path) == before
    with (project.path / "src/app.py").open("rb"):
        put(project.path, change)
    assert (project.path / "src/app.py").read_bytes() == NEW


def test_what_is_written_to_a_file_already_replaced_is_not_lost(project: GitRepo) -> None:
    """A program that opened it before, and writes after the exchange, has its bytes where it put them."""
    path = project.path / "src/app.py"
    change = candidate(project.path, {"src/app.py": (NEW, "100644"), "new.py": (NEW, "100644")})

    def save() -> None:
        until = time.monotonic() + 60
        while path.read_bytes() != NEW and time.monotonic() < until:
            time.sleep(0.001)
        stream.write(b"saved\n")
        stream.close()

    with path.open("ab") as stream:
        saver = threading.Thread(target=save)
        saver.start()
        with pytest.raises(ConflictError, match="saved by another program"):
            put(project.path, change)
        saver.join()
    assert path.read_bytes() == b"print('old')\nsaved\n"
    assert not (project.path / "new.py").exists()


APPLY = """
import sys
from pathlib import Path
from approvals import approve, candidate, reader
from codegate.apply import apply
from codegate.errors import CodegateError
from codegate.repo import Repository
from codegate.store import Store

top = Path.cwd()
files = {name: (bytes.fromhex(data), "100644") for name, data in (a.split("=") for a in sys.argv[1:])}
change = candidate(top, files)
repository = Repository.discover(top)
def run():
    with Store(repository.state()) as store:
        apply(approve(change), repository, reader(top), store=store)
def main():
    try:
        run()
    except CodegateError as error:
        print(type(error).__name__, error.message, "|", error.hint)
        sys.exit(error.exit_code)
"""


def test_a_directory_that_may_not_be_written(project: GitRepo) -> None:
    """An error names the file and says what to do; nothing is changed, in other directories neither."""
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        # Root may write anywhere; without its capabilities it is an owner like any other.
        if not shutil.which("setpriv"):
            pytest.skip("needs setpriv to give up root's capabilities")
        prefix = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    (project.path / "src").chmod(0o555)
    before = look(project.path)
    names = ("run.sh=6e6577", "src/app.py=6e6577")
    done = script(APPLY + "main()", project.path, *names, prefix=prefix)
    (project.path / "src").chmod(0o755)
    assert done.returncode == 3, done.stderr
    assert "Permission denied" in done.stdout
    assert "cannot write src/app.py" in done.stdout
    assert "change the permissions" in done.stdout
    before["src"] = ("d", b"", 0o755)
    assert look(project.path) == before


def test_an_immutable_file(project: GitRepo) -> None:
    """The kernel's no comes late, at the exchange: everything is put back."""
    path = project.path / "src/app.py"
    if subprocess.run(["chattr", "+i", path], capture_output=True, check=False).returncode:
        pytest.skip("needs root, and a file system that knows immutable files")
    before = look(project.path)
    try:
        with pytest.raises(CodegateError, match="Nothing was changed") as caught:
            write(
                project, {"new.py": (NEW, "100644"), "run.sh": (NEW, "100644"), "src/app.py": (NEW, "100644")}
            )
    finally:
        subprocess.run(["chattr", "-i", path], check=True)
    assert "lsattr" in caught.value.hint
    assert look(project.path) == before


def test_a_file_larger_than_may_be_written(project: GitRepo) -> None:
    """A write that fails half-way leaves no half behind."""
    code = (
        APPLY + "import resource\nopen('big','rb').close()\n"
        "files['src/app.py'] = (b'x' * 300_000, '100644')\nchange = candidate(top, files)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\nmain()"
    )
    project.write("big", "")
    before = look(project.path)
    done = script(code, project.path, "run.sh=6e6577")
    assert done.returncode == 3, done.stderr
    assert "Nothing was changed" in done.stdout
    assert look(project.path) == before
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 200_000


DISK_FULL = """
import os, shutil, subprocess, sys
from pathlib import Path
from approvals import approve, candidate, look, reader
from codegate.apply import apply, recover
from codegate.apply.checkout import Checkout
from codegate.errors import CodegateError
from codegate.repo import Repository
from codegate.store import Store

source = Path.cwd() / "project"
disk = Path.cwd() / "disk"
disk.mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", disk], check=True)
top = disk / "project"
outcomes = set()
for free in range(0, 220, 12):
    shutil.copytree(source, top, symlinks=True)
    change = candidate(top, {"src/app.py": (b"y" * 20_000, "100644"), "old.py": None,
                             "made/new.py": (b"z" * 20_000, "100755")})
    repository = Repository.discover(top)
    before = look(top)
    Store(repository.state()).close()
    with open(disk / "filler", "wb") as filler:
        room = os.statvfs(disk).f_bavail * 4096 - free * 1024
        filler.write(b"x" * max(0, room))
    try:
        with Store(repository.state()) as store:
            apply(approve(change), repository, reader(top), store=store)
        outcome = "after"
    except CodegateError as error:
        outcome = "before"
        assert error.hint, error.message
    outcomes.add(outcome)
    (disk / "filler").unlink()
    with Store(repository.state()) as store:
        assert recover(repository, store) == [], free
        assert len(store.receipts()) == (outcome == "after"), free
    now = look(top)
    if outcome == "before":
        assert now == before, (free, now.keys() ^ before.keys())
    else:
        assert now["src/app.py"][1] == b"y" * 20_000, free
        assert sorted(now) == ["made", "made/new.py", "notes.txt", "run.sh", "src", "src/app.py"], free
    shutil.rmtree(top)
assert outcomes == {"before", "after"}, outcomes
"""


def test_a_full_disk(project: GitRepo) -> None:
    """With ever more room on the disk each application is whole or nothing, and says what to do."""
    prefix = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-Urm")
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs unshare to mount a small disk")
    done = script(DISK_FULL, project.path.parent, prefix=prefix)
    assert done.returncode == 0, done.stderr


def test_a_directory_replaced_in_the_middle_is_a_conflict(project: GitRepo) -> None:
    """What was exchanged in a directory that is now elsewhere is put back there."""
    change = candidate(project.path, {"run.sh": (NEW, "100644"), "src/app.py": (NEW, "100644")})
    folder = project.path / "src"

    def replace_it() -> None:
        until = time.monotonic() + 60
        while (folder / "app.py").read_bytes() != NEW and time.monotonic() < until:
            time.sleep(0.001)
        folder.rename(project.path / "moved")
        folder.mkdir()
        stream.close()

    # An open file makes the application wait for its writer when all is exchanged.
    with (project.path / "run.sh").open("ab") as stream:
        other = threading.Thread(target=replace_it)
        other.start()
        with pytest.raises(ConflictError, match="the directory src was replaced"):
            put(project.path, change)
        other.join()
    assert sorted(look(project.path)) == ["moved", "moved/app.py", "notes.txt", "old.py", "run.sh", "src"]
    assert (project.path / "moved/app.py").read_bytes() == b"print('old')\n"


SWAPPER = """
import os, random, sys, threading, time
threading.Thread(target=lambda: (sys.stdin.read(), stopped.set())).start()
stopped = threading.Event()
while not stopped.is_set():
    os.rename('src', 'kept')
    os.symlink('../outside', 'src')
    time.sleep(random.random() * 0.002)
    os.unlink('src')
    os.rename('kept', 'src')
    time.sleep(random.random() * 0.006)
"""


def test_a_directory_swapped_for_a_link_cannot_lead_outside(project: GitRepo, tmp_path: Path) -> None:
    """However the swap falls into an application, nothing outside the checkout is ever written."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "app.py").write_text("print('old')\n")
    start = look(outside)
    change = candidate(project.path, {"src/app.py": (NEW, "100644"), "src/new.py": (NEW, "100644")})
    swapper = subprocess.Popen(
        [sys.executable, "-c", SWAPPER], cwd=project.path, stdin=subprocess.PIPE, text=True
    )
    try:
        for _ in range(20):
            with contextlib.suppress(ConflictError):
                put(project.path, change)
    finally:
        swapper.communicate("")
    assert look(outside) == start
    now = look(project.path)
    assert [p for p in now if ".codegate-" in p] == []
    whole = now["src/app.py"][1] == NEW
    assert ("src/new.py" in now) == whole
    assert mended(project.path) == []


def test_a_directory_that_was_replaced_is_noticed(project: GitRepo) -> None:
    """What was opened at the start is asked at the end whether its path still leads to it."""
    with Checkout(project.path, "sha1") as checkout:
        assert checkout.look("src/app.py") is not None
        assert checkout.replaced_directories() == []
        shutil.copytree(project.path / "src", project.path / "copy")
        (project.path / "src").rename(project.path / "moved")
        assert checkout.replaced_directories() == ["src"]
        (project.path / "src").symlink_to("moved")
        assert checkout.replaced_directories() == ["src"]
        (project.path / "src").unlink()
        (project.path / "copy").rename(project.path / "src")
        assert checkout.replaced_directories() == ["src"]


SAVER = """
import os, random, sys, time
name, style = sys.argv[1:]
for line in sys.stdin:
    number, delay = line.split()
    data = ("saved %s\\n" % number).encode() * 50
    time.sleep(float(delay))
    if style == "rename":
        with open(name + ".swp", "wb") as stream:
            stream.write(data)
        os.rename(name + ".swp", name)
    else:
        with open(name, "r+b" if style == "update" else "wb") as stream:
            stream.write(data)
            stream.truncate()
    print("done", flush=True)
"""


def saves_survive(project: GitRepo, style: str, rounds: int) -> None:
    """Save at random moments while something is applied: each save is in the checkout afterwards."""
    old = b"print('old')\n"
    change = candidate(
        project.path, {"run.sh": (NEW, "100644"), "src/app.py": (NEW, "100644"), "old.py": None}
    )
    repository = Repository.discover(project.path)
    read, approved = reader(project.path), approve(change)
    applied, usual, chance = 0, 0.02, random.Random(7)
    with (
        Store(repository.state()) as store,
        subprocess.Popen(
            [sys.executable, "-c", SAVER, "src/app.py", style],
            cwd=project.path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as saver,
    ):  # fmt: skip
        assert saver.stdin is not None
        assert saver.stdout is not None
        for number in range(rounds):
            for name, data in (("src/app.py", old), ("run.sh", b"#!/bin/sh\n"), ("old.py", b"gone\n")):
                project.write(name, data)
            print(number, chance.random() * 2 * usual, file=saver.stdin, flush=True)
            started = time.monotonic()
            said: list[str] = []
            try:
                apply(approved, repository, read, store=store, say=said.append)
                after = True
            except ConflictError:
                after = False
            # Saves come before, in and after an application, however busy the machine is.
            usual = 0.7 * usual + 0.3 * (time.monotonic() - started)
            assert saver.stdout.readline() == "done\n"
            applied += after
            now = look(project.path)
            assert now["src/app.py"][1] == f"saved {number}\n".encode() * 50, f"lost save {number}: {said}"
            assert now["run.sh"][1] == (NEW if after else b"#!/bin/sh\n")
            assert ("old.py" in now) != after
            for path in [p for p in now if ".codegate-" in p]:
                (project.path / path).unlink()
        saver.stdin.close()
    assert 0 < applied < rounds


@pytest.mark.parametrize("style", ["rename", "truncate", "update"])
def test_no_save_is_lost(project: GitRepo, style: str) -> None:
    """An editor that saves by rename, by truncating, or in place, while an application is written."""
    saves_survive(project, style, 60)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["rename", "truncate", "update"])
def test_no_save_is_lost_in_many(project: GitRepo, style: str) -> None:
    """The same, often."""
    saves_survive(project, style, 400)


def test_two_at_once(project: GitRepo) -> None:
    """Of two applications to the same files exactly one is written, whole; the other is a conflict."""
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    code = APPLY + "print(flush=True); sys.stdin.readline(); main()"
    three = ("old.py", "run.sh", "src/app.py")
    for _ in range(3):
        project.git("checkout", "-q", "--", ".")
        children = [
            subprocess.Popen(
                [sys.executable, "-c", code, *(f"{n}={text.hex()}" for n in three)],
                cwd=project.path, env=os.environ | {"PYTHONPATH": path},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for text in (b"one", b"two")
        ]  # fmt: skip
        for child in children:
            assert child.stdout is not None
            child.stdout.readline()
        results = []
        for child in children:
            assert child.stdin is not None
            child.stdin.write("\n")
            child.stdin.flush()
        for child in children:
            told, _ = child.communicate()
            results.append((child.returncode, told))
        assert sorted(code for code, _ in results) == [0, 1], results
        winner = b"one" if results[0][0] == 0 else b"two"
        now: Tree = look(project.path)
        assert {now[n][1] for n in three} == {winner}
        assert not [p for p in now if ".codegate-" in p]


def test_who_holds_the_lock_is_waited_for_and_not_for_ever(project: GitRepo) -> None:
    """A writer that hangs gives the next one an error that says so."""
    from codegate.apply.lock import held

    state = Repository.discover(project.path).state()
    with held(state), pytest.raises(CodegateError, match="another codegate is writing"), held(state, 0.1):
        pass
    with held(state, 0.1):
        pass


def test_without_renameat2(project: GitRepo) -> None:
    """Where the kernel has no exchange (here: a filter says so) hard links do, with the same results."""
    code = APPLY + "import crashes; crashes.without_renameat2(); main()"
    done = script(code, project.path, "run.sh=6e6577", "made/new.py=78")
    assert done.returncode == 0, done.stdout + done.stderr
    now = look(project.path)
    assert now["run.sh"][1] == b"new"
    assert now["made/new.py"][1] == b"x"
    assert sorted(now) == ["made", "made/new.py", "notes.txt", "old.py", "run.sh", "src", "src/app.py"]


# After a crash.


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of runs need no real disk, only its rules."""
    quick = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=quick if os.access(quick, os.W_OK) else None) as folder:
        yield Path(folder)


def test_killed_at_every_step_it_is_all_or_nothing(memory: Path) -> None:
    """A kill whenever the disk has changed; the next run leaves before or after, and says which."""
    crash(memory, "apply", "changes")


def test_recovery_killed_at_every_step_recovers_again(memory: Path) -> None:
    """Mending is itself interrupted, and mended."""
    crash(memory, "recover", "changes")


@pytest.mark.slow
@pytest.mark.timeout(1000)
@pytest.mark.parametrize(
    "args",
    [("apply", "lines"), ("undo", "lines"), ("recover", "lines"),
     ("apply", "changes", "INT"), ("undo", "changes", "INT"),
     ("apply", "changes", "without-renameat2"), ("undo", "changes", "without-renameat2"),
     ("recover", "changes", "without-renameat2")],
)  # fmt: skip
def test_killed_or_interrupted_at_many_lines(memory: Path, args: tuple[str, ...]) -> None:
    """The same at each third line that runs, by ^C, and where there is no exchange."""
    crash(memory, *args)


@pytest.fixture
def crashed(memory: Path) -> Path:
    """A project in which an application was killed when all files were exchanged and nothing committed."""
    crash(memory, "leave", "changes")
    top = memory / "project"
    assert (top / "README.md").read_bytes() == b"# After\n"
    return top


def mended(top: Path) -> list[str]:
    repository = Repository.discover(top)
    with Store(repository.state()) as store:
        told = recover(repository, store)
        assert recover(repository, store) == []
    return told


def before_the_crash(top: Path, *but: str) -> None:
    now = look(top)
    for name, data in (
        ("README.md", b"# Before\n"),
        ("src/app.py", b"print('before')\n"),
        ("old.py", b"gone\n"),
    ):
        assert name in but or now[name][1] == data
    assert now["run.sh"][2] == 0o644


def test_what_was_interrupted_is_put_back_and_said(crashed: Path) -> None:
    """Without a commit in the store everything is as before, in one sentence."""
    (told,) = mended(crashed)
    assert told.endswith(f"The files in {crashed} are now as before it.")
    before_the_crash(crashed)
    assert sorted(look(crashed)) == [
        "README.md",
        "keep.py",
        "notes.txt",
        "old.py",
        "run.sh",
        "src",
        "src/app.py",
    ]


@pytest.mark.parametrize("name", ["src/app.py", "src/new.py", "old.py"])
@pytest.mark.parametrize("style", ["rename", "update"])
def test_what_was_edited_after_the_crash_stays(crashed: Path, name: str, style: str) -> None:
    """Of a changed, a created and a deleted file: the user's save stands, and both are told apart."""
    mine = crashed / name
    if style == "rename":
        (crashed / "saved").write_text("mine\n")
        (crashed / "saved").rename(mine)
    else:
        mine.write_text("mine\n")
    told = mended(crashed)
    assert mine.read_text() == "mine\n"
    assert told[1].startswith(f"{name} was changed by someone else meanwhile")
    before_the_crash(crashed, name)
    left = [p for p in look(crashed) if ".codegate-" in p]
    if name == "src/new.py":
        assert left == []
    else:
        assert left[0] in told[1]
        assert (crashed / left[0]).read_bytes() in (b"print('before')\n", b"gone\n")


def test_what_was_taken_back_by_hand_after_the_crash(crashed: Path) -> None:
    """A user who helped themselves with git has nothing left to wonder about."""
    subprocess.run(
        ["git", "checkout", "-q", "--", "src/app.py", "old.py", "README.md"], cwd=crashed, check=True
    )
    assert len(mended(crashed)) == 1
    before_the_crash(crashed)
    assert not [p for p in look(crashed) if ".codegate-" in p]


def test_files_and_directories_removed_after_the_crash(crashed: Path) -> None:
    """A changed file that was then deleted is put back; a directory that is gone is left alone, and said."""
    (crashed / "README.md").unlink()
    shutil.rmtree(crashed / "src")
    told = mended(crashed)
    assert "src is no longer a directory: src/app.py was left alone." in told
    before_the_crash(crashed, "src/app.py")


def test_the_next_application_mends_first(crashed: Path) -> None:
    """Nobody has to know of `doctor`: what was interrupted is put right, said, and the new one written."""
    said: list[str] = []
    subprocess.run(["git", "checkout", "-q", "--", "keep.py"], cwd=crashed, check=True)
    put(crashed, candidate(crashed, {"keep.py": (NEW, "100644")}), said)
    assert "was interrupted" in said[0]
    assert len(said) == 1
    before_the_crash(crashed)
    assert (crashed / "keep.py").read_bytes() == NEW


def test_a_repository_that_was_moved_after_the_crash(crashed: Path) -> None:
    """The journal leads to the checkout from the git directory, wherever both are now."""
    moved = crashed.rename(crashed.with_name("moved"))
    assert len(mended(moved)) == 1
    before_the_crash(moved)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"kind": "application"}', "\xff", "[" * 100_000],
)
def test_a_damaged_journal_stops_everything(crashed: Path, text: str) -> None:
    """Nothing is guessed: the error says where to look and what to delete."""
    (crashed / ".git/codegate/journal.json").write_text(text, encoding="latin-1")
    before = look(crashed)
    with pytest.raises(CodegateError, match="cannot be read") as caught:
        mended(crashed)
    assert "git status" in caught.value.hint
    assert look(crashed) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"path":"README.md"', '"path":"../README.md"'),
        ('"path":"README.md"', '"path":".git/config"'),
        ('"path":"README.md"', '"path":"src/README.md"'),
        ('"made":["src/deep","src/deep/er"]', '"made":["../x"]'),
        ('"kind":"application"', '"kind":"anything"'),
        ('"exchanging":true', '"exchanging":1'),
    ],
)
def test_a_forged_journal_stops_everything(crashed: Path, old: str, new: str) -> None:
    """It names no path but one inside the checkout, and no temporary file but one beside it."""
    journal = crashed / ".git/codegate/journal.json"
    text = journal.read_text()
    assert old in text
    journal.write_text(text.replace(old, new))
    with pytest.raises(CodegateError, match="cannot be read"):
        mended(crashed)


def test_a_journal_of_another_repository_stops_everything(crashed: Path) -> None:
    """A work tree that is not of this repository is not touched on a journal's word."""
    journal = crashed / ".git/codegate/journal.json"
    journal.write_text(journal.read_text().replace('"worktree":".."', '"worktree":"../../other"'))
    GitRepo(crashed.parent).git("init", "-q", "other")
    with pytest.raises(CodegateError, match="no work tree of this repository"):
        mended(crashed)


def test_a_work_tree_that_is_gone_holds_nobody_up(crashed: Path) -> None:
    """There is nothing left to put right, and that is said once."""
    journal = crashed / ".git/codegate/journal.json"
    journal.write_text(journal.read_text().replace('"worktree":".."', '"worktree":"../../gone"'))
    (told,) = mended(crashed)
    assert "no longer there" in told


@pytest.mark.slow
def test_killed_at_random_moments(memory: Path) -> None:
    """Thirty real kills by the clock, each followed by a recovery in a new process."""
    code = "import sys, crashes; crashes.by_the_clock(int(sys.argv[1]))"
    done = script(code, memory, "30")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("what", ["apply", "undo"])
def test_killed_at_every_system_call(memory: Path, what: str) -> None:
    """The kernel's own count, also inside SQLite: each call that changes the disk is the last one, once."""
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    done = script(f"import crashes; print(crashes.by_system_call({what == 'undo'}))", memory)
    if "cannot trace" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60
