"""Several files changed as one: all of them or none, whatever happens, and no save of the user's lost.

The order is the guarantee: journal, new bytes beside their places, exchange, look at what came out, commit
in the store (the one atomic step), remove what came out. Before the commit everything is put back, after it
only removal is left; `finish` does either, after an error as after a crash, and as often as it takes. What
stands in a temporary file is removed only if it is ours, or if the store holds it.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from codegate.apply import journal as journals
from codegate.apply.checkout import GONE, UNWRITTEN, Checkout, Content, parent
from codegate.apply.journal import Journal, Step
from codegate.errors import CodegateError, ConflictError

_WRITER_SECONDS: Final = 2.0
_WRITER_PAUSE: Final = 0.01
_EXCHANGES: Final = 100
_HINTS: Final = {
    errno.ENOSPC: "make room on that disk, then try again",
    errno.EDQUOT: "your quota is used up: make room, then try again",
    errno.EFBIG: "a file may not be that large here: see `ulimit -f`",
    errno.EACCES: "you may not write there: change the permissions of the directory, then try again",
    errno.EPERM: "the file or its directory may be immutable: see `lsattr`",
    errno.EROFS: "that file system is mounted read-only",
}


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn an OSError of the block, in which nothing is changed, into an error that a person can mend."""
    try:
        yield
    except OSError as error:
        raise _explanation(error) from error


def examine(checkout: Checkout, steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Return the directories that the steps have to make, outermost first.

    Raises ConflictError naming every path that is not as its step expects it, and saying what it is.
    """
    made: list[str] = []
    for step in steps:
        missing = checkout.missing_directories(step.path)
        made += [folder for folder in missing if step.new and folder not in made]
    found = [(step, checkout.look(step.path)) for step in steps]
    if differing := [f"{s.path} {_difference(s.old, now)}" for s, now in found if now != s.old]:
        raise ConflictError(
            "the checkout is not what it was: " + "; ".join(differing),
            UNWRITTEN,
        )
    return tuple(made)


def carry_out(
    state: Path, top: Path, journal: Journal, contents: Mapping[str, bytes], commit: Callable[[], None],
    committed: Callable[[], bool],
) -> list[str]:  # fmt: skip
    """Bring every path of the journal from old to new, or raise with every path as it was.

    `contents` holds the new bytes by path. `commit` puts the receipt in the store, `committed` says whether
    it is there. Returns sentences on what could not be tidied up. The caller holds the lock.
    """
    with Checkout(top, journal.algorithm) as checkout:
        try:
            journals.write(state, journal)
            _prepare(checkout, journal, contents)
            journal = journal.begun()
            journals.write(state, journal)
            for step in journal.steps:
                _swap(checkout, step)
            _confirm(checkout, journal)
            commit()
        except BaseException as error:
            done = committed()
            notes = _finish(state, checkout, journal, done)
            if done and isinstance(error, Exception):
                return notes
            if isinstance(error, OSError):
                raise _noted(_explanation(error), notes) from error
            if isinstance(error, CodegateError):
                _noted(error, notes)
            raise
        return _finish(state, checkout, journal, True)


def finish(state: Path, top: Path, journal: Journal, *, committed: bool) -> list[str]:
    """Roll forward what was committed, back what was not, and forget the journal.

    Returns a sentence for each path that the user changed meanwhile and that is therefore left as it is.
    Raises CodegateError, with the journal kept for another try, where the disk does not allow it.
    """
    with Checkout(top, journal.algorithm) as checkout:
        return _finish(state, checkout, journal, committed)


def _finish(state: Path, checkout: Checkout, journal: Journal, committed: bool) -> list[str]:
    try:
        told = [_finish_step(checkout, journal, step, committed) for step in reversed(journal.steps)]
        for folder in reversed(journal.emptied if committed else journal.made):
            checkout.remove_directory(folder)
        checkout.sync()
        journals.remove(state)
    except OSError as error:
        raise CodegateError(
            f"an interrupted {journal.kind} could not be tidied up: {error}",
            "mend what it says, then run `codegate doctor`: it goes on from there",
        ) from error
    return [note for note in told if note]


def _prepare(checkout: Checkout, journal: Journal, contents: Mapping[str, bytes]) -> None:
    for folder in journal.made:
        checkout.make_directory(folder)
    for step in journal.steps:
        if step.new is not None:
            like = step.path if step.old is not None else None
            with _about(step):
                checkout.create(step.temporary, contents[step.path], step.new.mode, like, step.permissions)
            if checkout.look(step.temporary) != step.new:
                raise CodegateError(
                    f"the file system did not keep {step.path} as it was written",
                    "it may not know the executable bit: see core.fileMode in git-config(1)",
                )
    checkout.sync()


def _swap(checkout: Checkout, step: Step) -> None:
    try:
        with _about(step):
            _rename(checkout, step)
    except FileExistsError:
        raise ConflictError(f"{step.path} appeared while it was being written", UNWRITTEN) from None
    except FileNotFoundError:
        raise ConflictError(f"{step.path} disappeared while it was being written", UNWRITTEN) from None
    # At once: a save that came out is soon back in its place, and `_confirm` opens ordinary files only.
    if step.old is not None and checkout.look(step.temporary) != step.old:
        raise _saved(step)


def _rename(checkout: Checkout, step: Step) -> None:
    if step.old is None:
        checkout.move(step.temporary, step.path)
    elif step.new is None:
        checkout.move(step.path, step.temporary)
    else:
        checkout.exchange(step.temporary, step.path)


@contextlib.contextmanager
def _about(step: Step) -> Iterator[None]:
    """Have an OSError name the path that a person knows."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, step.path) from error


def _confirm(checkout: Checkout, journal: Journal) -> None:
    """See that what came out is what was judged, that nobody can write to it any more, and where we are."""
    for step in journal.steps:
        if step.old is not None:
            deadline = time.monotonic() + _WRITER_SECONDS
            while checkout.being_written(step.temporary):
                if time.monotonic() > deadline:
                    raise ConflictError(f"{step.path} is held open for writing by another program", UNWRITTEN)
                time.sleep(_WRITER_PAUSE)
            if checkout.look(step.temporary) != step.old:
                raise _saved(step)
    if moved := checkout.replaced_directories():
        told = f"the directory {moved[0] or '.'} was replaced while it was being written to"
        raise ConflictError(told, UNWRITTEN)
    checkout.sync()


def _finish_step(checkout: Checkout, journal: Journal, step: Step, committed: bool) -> str | None:
    try:
        checkout.settle(step.temporary, step.path)
    except OSError as error:
        if error.errno in GONE:
            return None if committed else _lost_directory(journal, step)
        raise
    if not journal.exchanging:
        checkout.remove(step.temporary)
        return None
    if committed:
        return _tidy(checkout, step, step.old)
    if step.old is None:
        return _withdraw(checkout, step)
    if step.new is None:
        return _restore(checkout, step)
    return _put_back(checkout, step)


def _lost_directory(journal: Journal, step: Step) -> str | None:
    """A directory that is not there holds nothing of ours, if it is one that we were to make."""
    if parent(step.path) in journal.made:
        return None
    return f"{parent(step.path)} is no longer a directory: {step.path} was left alone."


def _put_back(checkout: Checkout, step: Step) -> str | None:
    """Exchange until what comes out is what was put in: then the last save made to the path stands there."""
    inside = checkout.look(step.temporary)
    if inside is None:
        return None
    expected = step.new
    for _ in range(_EXCHANGES if inside != step.new else 0):
        try:
            checkout.exchange(step.temporary, step.path)
        except FileNotFoundError:
            return _restore(checkout, step)
        out = checkout.look(step.temporary)
        if out == expected:
            break
        expected, inside = inside, out
    return _tidy(checkout, step, step.new)


def _withdraw(checkout: Checkout, step: Step) -> str | None:
    """Take a new file away again, unless it has become the user's."""
    if checkout.look(step.temporary) is None:
        if (now := checkout.look(step.path)) != step.new:
            return None if now is None else _left(step)
        try:
            checkout.move(step.path, step.temporary)
        except FileNotFoundError:
            return None
    if checkout.look(step.temporary) != step.new:
        return _restore(checkout, step) or _left(step)
    checkout.remove(step.temporary)
    return None


def _restore(checkout: Checkout, step: Step) -> str | None:
    """Give a file that was moved away its name again, unless the user has made another of that name."""
    try:
        checkout.move(step.temporary, step.path)
    except FileNotFoundError:
        return None
    except FileExistsError:
        return _tidy(checkout, step, checkout.look(step.path))
    return None


def _tidy(checkout: Checkout, step: Step, ours: Content | None) -> str | None:
    """Remove the temporary file if it holds `ours` or what stands at the path; otherwise it is the user's."""
    inside = checkout.look(step.temporary)
    if inside is None:
        return None
    if inside not in (ours, checkout.look(step.path)):
        return f"{_left(step)} What it was before stands in {step.temporary}."
    checkout.remove(step.temporary)
    return None


def _left(step: Step) -> str:
    return f"{step.path} was changed by someone else meanwhile, and is left as they saved it."


def _saved(step: Step) -> ConflictError:
    return ConflictError(f"{step.path} was saved by another program while it was being written", UNWRITTEN)


def _difference(expected: Content | None, now: Content | None) -> str:
    if now is None:
        return "is no longer there"
    if not now.blob:
        return f"is now {now.mode}"
    if expected is None:
        return "exists already"
    if now.blob != expected.blob:
        return "was changed"
    return f"has mode {now.mode} instead of {expected.mode}"


def _noted(error: CodegateError, notes: list[str]) -> CodegateError:
    if notes:
        error.message = " ".join([f"{error.message}.", *notes])
    return error


def _explanation(error: OSError) -> CodegateError:
    where = f" {error.filename}" if error.filename else ""
    if error.errno in GONE:
        return ConflictError(f"the checkout changed while it was being written:{where} is gone", UNWRITTEN)
    hint = _HINTS.get(error.errno or 0, "")
    return CodegateError(f"cannot write{where}: {error.strerror}. Nothing was changed", hint)
