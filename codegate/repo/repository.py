"""A repository of the user's, read and never written but for codegate's own folder in its git directory."""

from __future__ import annotations

import contextlib
import getpass
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codegate.errors import RepositoryError, UsageError
from codegate.repo.command import MISSING, git, reason
from codegate.repo.listing import TreeEntry, is_plain, kind_of, read_blob
from codegate.repo.objects import Format, Objects

if TYPE_CHECKING:
    from git import Repo

_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FALSE: Final = ("false", "no", "off", "0")
_MAX_ARGUMENTS: Final = 100_000


class NoCommitError(RepositoryError):
    """Nothing was ever committed on the branch that is checked out."""


@dataclass(frozen=True)
class Repository:
    """One checkout and its git directory. `common_dir` is shared with other work trees of the same one."""

    top: Path
    git_dir: Path
    common_dir: Path

    @classmethod
    def discover(cls, start: Path) -> Repository:
        """Return the repository whose work tree `start` lies in.

        Raises RepositoryError where there is none: no such directory, no repository, a bare one, or `start`
        inside the git directory itself.
        """
        with _opened(start) as repo:
            if repo.working_tree_dir is None:
                raise RepositoryError(
                    f"{start} is a bare repository, without a checkout",
                    "Run codegate in a clone or in a work tree: `git worktree add DIR`.",
                )
            top, git_dir = (Path(os.path.realpath(path)) for path in (repo.working_tree_dir, repo.git_dir))
            found = cls(top, git_dir, Path(os.path.realpath(repo.common_dir)))
        inside = Path(os.path.realpath(start))
        if not inside.is_relative_to(top) or inside.is_relative_to(git_dir):
            raise RepositoryError(f"{start} is inside a git directory", f"Run codegate in {top}.")
        return found

    def head(self) -> str:
        """Return the id of the commit that is checked out, on a branch or not."""
        said = git(self.git_dir, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", expected=(0, 1, 128))
        if not said.returncode:
            return said.stdout.decode().strip()
        if not self._is_unborn():
            raise RepositoryError(f"the commit checked out in {self.top} cannot be read", MISSING)
        raise NoCommitError(f"{self.top} has no commit yet", "Make a first one: `git add -A && git commit`.")

    def head_or_nothing(self) -> str:
        """Return the commit that is checked out, or before the first one the id of the empty tree.

        That is what git's own sample of a pre-commit hook compares a first commit with.
        """
        try:
            return self.head()
        except NoCommitError:
            return git(self.git_dir, "hash-object", "-t", "tree", "--stdin").stdout.decode().strip()

    def resolve(self, rev: str) -> str:
        """Return the id of the commit that `rev` names. It is untrusted; UsageError if it is not just one."""
        if "\0" in rev:
            raise UsageError("a revision cannot contain NUL")
        said = git(
            self.git_dir,
            "rev-parse",
            "--verify",
            "--end-of-options",
            f"{rev}^{{commit}}",
            expected=(0, 1, 128),
        )
        found = said.stdout.decode("ascii", "replace").strip()
        if b"is ambiguous" in said.stderr:
            raise UsageError(
                f"the revision {rev} is ambiguous", "Write it out: refs/heads/NAME or the whole id."
            )
        if said.returncode or not _ID.fullmatch(found):
            raise UsageError(f"there is no commit {rev}: {reason(said)}", "`git log` shows what there is.")
        return found

    def resolve_range(self, text: str) -> tuple[str, str]:
        """Return the two commits of `A..B`, or for `A...B` where they parted and B; an empty B is HEAD.

        Raises UsageError for anything else, an empty A too: a script whose variable is unset would compare
        HEAD with itself, and nothing is wrong with no change.
        """
        parts = re.fullmatch(r"(.+?)(\.{2,3})(.*)", text, re.DOTALL)
        if parts is None:
            raise UsageError(
                f"{text} is no range", "Write A..B, or A...B for what B has added since they parted."
            )
        left, dots, right = parts.groups()
        first, last = self.resolve(left), self.resolve(right or "HEAD")
        if dots == "..":
            return first, last
        said = git(self.git_dir, "merge-base", first, last, expected=(0, 1))
        if said.returncode:
            raise UsageError(f"{text}: the two have no commit in common", "Is the clone too shallow?")
        return said.stdout.decode().split()[0], last

    def relative(self, path: Path | str, start: Path) -> str:
        """Return a path that the user wrote in `start` as relative to the top, with `/`; `.` is the top.

        Symlinks on the way are resolved, a symlink at its end is not. Raises UsageError for a path outside
        the checkout, in a git directory, or in a submodule or another repository.
        """
        text = os.fspath(path)
        if "\0" in text or not text:
            raise UsageError("a path cannot be empty or contain NUL")
        written = os.path.join(os.path.realpath(start), text)
        parent, name = os.path.split(written.rstrip("/") or "/")
        whole = name in ("", ".", "..")
        real = os.path.realpath(written) if whole else os.path.join(os.path.realpath(parent), name)
        if not Path(real).is_relative_to(self.top):
            raise UsageError(f"{text} is outside the repository {self.top}", "Name a path in it.")
        found = os.path.relpath(real, self.top)
        self._refuse_foreign(text, found)
        return found

    def tree(self, commit: str) -> str:
        """Return the id of a commit's tree."""
        return git(self.git_dir, "rev-parse", "--verify", f"{commit}^{{tree}}").stdout.decode().strip()

    def entries(self, tree: str, paths: Iterable[str] = (), recursive: bool = False) -> dict[str, TreeEntry]:
        """Return what `tree` has at `paths`, or directly at its top if none is given.

        With `recursive`, directories are replaced by all that is below them.
        """
        asked = [path for path in dict.fromkeys(paths) if is_plain(path)]
        if paths and not asked:
            return {}
        found: dict[str, TreeEntry] = {}
        for batch in _batches(asked) if asked else [[]]:
            option = ["-r"] if recursive else ["-t"]
            said = git(self.git_dir, "ls-tree", "-z", "--full-tree", *option, tree, "--", *batch).stdout
            for line in said.split(b"\0")[:-1]:
                head, _, name = line.partition(b"\t")
                mode, _, id_ = head.decode("ascii").split(" ")
                found[os.fsdecode(name)] = TreeEntry(mode, kind_of(mode), id_)
        return found if recursive or not asked else {path: found[path] for path in asked if path in found}

    def find(self, tree: str, names: Collection[str]) -> list[str]:
        """Return all paths of files in `tree` whose last part is one of `names`, sorted."""
        said = b"\0" + git(self.git_dir, "ls-tree", "-r", "-z", "--full-tree", "--name-only", tree).stdout
        found = []
        for name in names:
            for before in (b"\0", b"/"):
                end, wanted = 0, before + os.fsencode(name) + b"\0"
                while (hit := said.find(wanted, end)) >= 0:
                    end = hit + len(wanted) - 1
                    found.append(os.fsdecode(said[said.rfind(b"\0", 0, hit + 1) + 1 : end]))
        return sorted(found)

    def read(self, tree: str, path: str) -> bytes | None:
        """Return the raw bytes of the file, or the target of the symlink, at `path`; None if none is."""
        return read_blob(self.objects, tree, path)

    def person(self) -> str:
        """Return who works here: `Name <email>` from git's configuration, or the login name."""
        name, email = self.setting("user.name"), self.setting("user.email")
        if name and email:
            return f"{name} <{email}>"
        return name or email or getpass.getuser()

    def state(self) -> Path:
        """Return codegate's own folder, made if need be, for this user alone and shared by all work trees."""
        state = self.common_dir / "codegate"
        try:
            state.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise RepositoryError(
                f"cannot make {state}: {error.strerror}", "Is it yours to write?"
            ) from error
        if state.is_symlink() or not state.is_dir():
            raise RepositoryError(f"{state} is not a directory of codegate's", "Move it out of the way.")
        state.chmod(0o700)
        return state

    @cached_property
    def objects(self) -> Objects:
        """All objects of the repository."""
        return Objects(self.git_dir, self.format)

    @property
    def format(self) -> Format:
        return "sha256" if self.setting("extensions.objectformat").lower() == "sha256" else "sha1"

    @property
    def has_modes(self) -> bool:
        """Say whether the exec bit of a file in the checkout means anything."""
        return self.setting("core.filemode").lower() not in _FALSE

    def setting(self, name: str) -> str:
        """Return a setting of git's by its lower-case name, from whichever file has it; empty if none has."""
        return self._settings.get(name, "")

    @cached_property
    def _settings(self) -> dict[str, str]:
        said = git(self.git_dir, "config", "--list", "-z", user_config=True).stdout
        pairs = (item.partition(b"\n") for item in said.split(b"\0")[:-1])
        return {os.fsdecode(name): os.fsdecode(value) if split else "true" for name, split, value in pairs}

    def _is_unborn(self) -> bool:
        """Say whether HEAD names a branch that is not there yet, rather than one that is broken."""
        if not git(self.git_dir, "rev-parse", "--verify", "--quiet", "HEAD", expected=(0, 1, 128)).returncode:
            return False
        branch = git(self.git_dir, "symbolic-ref", "--quiet", "HEAD", expected=(0, 1, 128))
        if branch.returncode:
            return False
        known = git(self.git_dir, "for-each-ref", branch.stdout.decode("utf-8", "surrogateescape").strip())
        return not known.stdout and not known.stderr

    def _refuse_foreign(self, text: str, found: str) -> None:
        parts = [] if found == "." else found.split("/")
        if any(part.lower() == ".git" for part in parts):
            raise UsageError(f"{text} is inside a git directory", "codegate never changes one.")
        for count in range(1, len(parts) + 1):
            inner = self.top.joinpath(*parts[:count])
            if not inner.is_symlink() and os.path.lexists(inner / ".git"):
                raise UsageError(
                    f"{text} is in a submodule or another repository", f"Run codegate there: -C {inner}"
                )


@contextlib.contextmanager
def _opened(start: Path) -> Iterator[Repo]:
    """Yield GitPython's view of the repository around `start`, unmoved by a hook's environment."""
    hidden = {key: os.environ.pop(key) for key in list(os.environ) if key.startswith("GIT_")}
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    # Late: it takes 80 ms. Where git itself is missing, the first command says so.
    from git import InvalidGitRepositoryError, NoSuchPathError, Repo

    try:
        with Repo(start, search_parent_directories=True, expand_vars=False) as repo:
            yield repo
    except NoSuchPathError as error:
        raise RepositoryError(f"there is no directory {start}") from error
    except InvalidGitRepositoryError as error:
        raise RepositoryError(f"{start} is not in a git repository", "Make one: `git init`.") from error
    finally:
        os.environ.pop("GIT_PYTHON_REFRESH", None)
        os.environ.update(hidden)


def _batches(paths: list[str]) -> Iterator[list[str]]:
    """Split paths so that each part fits on a command line."""
    batch: list[str] = []
    size = 0
    for path in paths:
        size += len(os.fsencode(path)) + 1
        if size > _MAX_ARGUMENTS and batch:
            yield batch
            batch, size = [], len(os.fsencode(path)) + 1
        batch.append(path)
    yield batch
