"""The store keeps what it was given through crashes and crowds, and believes nothing that it reads."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.core import FileRecord, ModelIdentity, Origin, Receipt, Request, Target
from codegate.errors import UsageError
from codegate.store import Kept, Pending, Store, StoreError, Undo
from codegate.store import store as module
from codegate.store.database import sha256_of
from codegate.store.record import from_json, to_json

ROOT = Path(__file__).parent.parent


def pending(digest: str = "ab" * 32, created: float = 5.0) -> Pending:
    return Pending(
        digest, "c" * 40, b"diff \xff\x00\r\n",
        Request("add \udcff é", (Target("a/b.py", "C.m"),), remarks=("x",)),
        Origin.MODEL, ModelIdentity("m", "local", "d" * 64, True),
        created,
    )  # fmt: skip


def receipt(id_: str = "20260101T000000Z-ab", **given_: object) -> Receipt:
    file = FileRecord("a\udcff.py", None, "e" * 64, None, "100644")
    base = Receipt(id_, "2026-01-01", "A <a@x>", "c", "t", "u", "d", "r", "g", (file,), None, "do")
    return replace(base, **given_)  # type: ignore[arg-type]


UNDO = Undo((Kept("a\udcff.py", None, b"\x00\xff", 0o600),), ("made",))


def edit(directory: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(directory / "state.sqlite") as database:
        database.execute(statement, values)
    database.close()


def test_what_is_put_is_what_is_got(tmp_path: Path) -> None:
    """By another process later as well: bytes, names that are no UTF-8, nothing that is None, all of it."""
    with Store(tmp_path) as store:
        assert store.put_pending(pending()) == pending().id == "ab" * 6
        store.put_receipt(receipt(), "..", UNDO)
        store.put_baseline("key", "text")
    with Store(tmp_path) as store:
        assert store.pending() == [pending()]
        assert store.get_pending("aba") == pending()
        assert store.receipts() == [receipt()]
        assert store.receipt("2026") == (receipt(), "..")
        assert store.undo(receipt().id) == UNDO
        assert store.baseline("key") == "text"
        assert store.damage() == []


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """The file and what SQLite puts beside it, whatever the umask: the user's own bytes are in there."""
    before = os.umask(0)
    try:
        with Store(tmp_path) as store:
            store.put_baseline("key", "text")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert "state.sqlite" in modes


def test_pending_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    """One match is found; none and several are told apart; letters mean themselves."""
    with Store(tmp_path) as store:
        for digest in ("aa" + "0" * 62, "ab" + "0" * 62):
            store.put_pending(pending(digest))
        assert store.get_pending("ab").digest.startswith("ab")
        with pytest.raises(UsageError, match="give more letters"):
            store.get_pending("a")
        for start in ("c", "", "a%", "a_", "*", "aa" + "0" * 63):
            with pytest.raises(UsageError, match="nothing pending has the id"):
                store.get_pending(start)


def test_pending_is_replaced_removed_and_expires(tmp_path: Path) -> None:
    """An equal candidate waits once; the oldest comes first; what has waited too long goes."""
    with Store(tmp_path) as store:
        store.put_pending(pending("b" * 64, time.time() - 100))
        store.put_pending(pending("a" * 64, time.time() - 50))
        again = pending("a" * 64, time.time() - 40)
        store.put_pending(again)
        assert [p.digest[0] for p in store.pending()] == ["b", "a"]
        assert store.pending()[1] == again
        assert store.expire_pending(80) == 1
        assert store.remove_pending(again)
        assert not store.remove_pending(again)
        assert store.pending() == []


def test_the_last_receipt_of_a_work_tree(tmp_path: Path) -> None:
    """In the order of their coming, each work tree for itself, undone ones left out; one is undone once."""
    with Store(tmp_path) as store:
        assert store.last_receipt("..") is None
        for number, tree in enumerate(["..", "..", "other"]):
            store.put_receipt(receipt(f"r{number}"), tree, UNDO)
        assert [r.id for r in store.receipts()] == ["r0", "r1", "r2"]
        last = store.last_receipt("..")
        assert last is not None
        assert last.id == "r1"
        assert not store.has_receipt("r1", "now")
        store.mark_undone("r1", "now")
        assert store.has_receipt("r1", "now")
        assert not store.has_receipt("r1", "later")
        assert store.receipt("r1")[0].undone_at == "now"
        last = store.last_receipt("..")
        assert last is not None
        assert last.id == "r0"
        for name in ("r1", "none"):
            with pytest.raises(StoreError, match="undone"):
                store.mark_undone(name, "later")
        assert store.receipt("r1")[0].undone_at == "now"


def test_a_receipt_comes_whole_or_not_at_all(tmp_path: Path) -> None:
    """A second one of the same id is an error that leaves the first one and what undoes it."""
    with Store(tmp_path) as store:
        store.put_receipt(receipt(), "..", UNDO)
        with pytest.raises(StoreError):
            store.put_receipt(receipt(), "other", Undo(()))
        assert store.receipt(receipt().id) == (receipt(), "..")
        assert store.undo(receipt().id) == UNDO


def test_contents_for_undoing_are_bounded_and_receipts_stay(tmp_path: Path) -> None:
    """The newest 200 applications can be taken back, and the last one however large it is."""
    with Store(tmp_path) as store:
        for number in range(203):
            store.put_receipt(receipt(f"r{number}"), "..", UNDO)
        assert len(store.receipts()) == 203
        assert store.undo("r3") == UNDO
        with pytest.raises(StoreError, match="no longer kept"):
            store.undo("r2")
        size = module._KEPT_UNDO_BYTES
        edit(tmp_path, "UPDATE undo SET size = ? WHERE number = 203", size + 1)
        store.put_receipt(receipt("large"), "..", UNDO)
        assert store.undo("large") == UNDO
        with pytest.raises(StoreError, match="no longer kept"):
            store.undo("r202")


def test_baselines_are_bounded_by_their_last_use(tmp_path: Path) -> None:
    """What is read stays; what nobody asks for goes first."""
    with Store(tmp_path) as store:
        store.put_baseline("asked", "x")
        for number in range(module._KEPT_BASELINES + 5):
            store.put_baseline(f"k{number}", "x" * number)
            assert store.baseline("asked") == "x"
        assert store.baseline("k0") is None
        assert store.baseline(f"k{module._KEPT_BASELINES + 4}") == "x" * (module._KEPT_BASELINES + 4)
        store.put_baseline("asked", "y")
        assert store.baseline("asked") == "y"


def test_a_baseline_that_was_changed_is_none(tmp_path: Path) -> None:
    """Also one that was put under another key."""
    with Store(tmp_path) as store:
        store.put_baseline("key", "red")
        edit(tmp_path, "UPDATE baselines SET key = 'other'")
        assert store.baseline("other") is None
        edit(tmp_path, "UPDATE baselines SET key = 'key', body = 'green'")
        assert store.baseline("key") is None
        edit(tmp_path, "UPDATE baselines SET body = x'ff00'")
        assert store.baseline("key") is None


FORGERIES = [
    ('"origin":"model"', '"origin":"nobody"'),
    ('"base_commit":"' + "c" * 40 + '"', '"base_commit":1'),
    ('"base_commit":"' + "c" * 40 + '",', ""),
    ('"pinned":true', '"pinned":1'),
    ('"diff":"', '"diff":"*'),
    ('"diff":"', '"seal":null,"diff":"'),
    ('"targets":[', '"targets":[[],'),
    ('"remarks":["x"]', '"remarks":{"x":1}'),
    ('"created":5.0', '"created":"5"'),
]


@pytest.mark.parametrize(("old", "new"), FORGERIES)
def test_a_record_with_another_field_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """Even with a digest that fits: every field has its type, none is missing and none is more."""
    text = to_json(pending())
    assert old in text
    forged = text.replace(old, new, 1)
    with pytest.raises(ValueError, match=r"."):
        from_json(Pending, forged)
    with Store(tmp_path) as store:
        store.put_pending(pending())
        edit(tmp_path, "UPDATE pending SET body = ?, sha256 = ?", forged, sha256_of(forged))
        with pytest.raises(StoreError, match="is not what codegate wrote"):
            store.pending()


def read_all(store: Store) -> None:
    store.pending()
    for one in store.receipts():
        store.undo(one.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pending SET body = replace(body, 'add', 'rm')",
        "UPDATE pending SET body = x'00ff'",
        "UPDATE pending SET body = CAST(x'ff' AS TEXT)",
        "UPDATE pending SET id = 'ff'",
        "UPDATE receipts SET body = replace(body, 'do', 'undo')",
        "UPDATE receipts SET id = 'r9'",
        "UPDATE receipts SET undone_at = x'35'",
        "UPDATE undo SET body = '[]'",
        "DROP TABLE receipts",
        "ALTER TABLE pending RENAME COLUMN body TO text",
    ],
)
def test_what_was_changed_by_something_else_is_refused(tmp_path: Path, statement: str) -> None:
    """A changed text, key, type or table: an error with a hint, and the file is left as it is."""
    with Store(tmp_path) as store:
        store.put_pending(pending())
        store.put_receipt(receipt(), "..", UNDO)
        edit(tmp_path, statement)
        with pytest.raises(StoreError) as caught:
            read_all(store)
        assert caught.value.hint


@pytest.mark.parametrize("damage", ["text", "cut", "holes", "empty header"])
def test_a_damaged_file_is_an_error_and_stays(tmp_path: Path, damage: str) -> None:
    """It is never reset silently: what is in it may be all there is."""
    path = tmp_path / "state.sqlite"
    with Store(tmp_path) as store:
        for number in range(200):
            store.put_pending(pending(f"{number:064}"))
    data = path.read_bytes()
    broken = {
        "text": b"this is no database\n" * 500,
        "cut": data[: len(data) // 2],
        "holes": data[:4096] + b"\xa5" * (len(data) - 4096),
        "empty header": b"\0" * 100 + data[100:],
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(StoreError) as caught, Store(tmp_path) as store:
        store.pending()
    assert "move" in caught.value.hint
    assert path.read_bytes() == broken


def test_a_newer_format_is_an_error(tmp_path: Path) -> None:
    """An older codegate does not guess what a newer one wrote."""
    Store(tmp_path).close()
    edit(tmp_path, "PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"newer codegate \(format 99") as caught:
        Store(tmp_path)
    assert "upgrade" in caught.value.hint


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    """With or without a version of its own."""
    edit(tmp_path, "CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="is not codegate's"):
        Store(tmp_path)
    edit(tmp_path, "PRAGMA user_version = 1")
    with pytest.raises(StoreError, match="is not codegate's"):
        Store(tmp_path)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """A link could lead the store to any file that the user may write."""
    (tmp_path / "elsewhere").touch()
    (tmp_path / "state.sqlite").symlink_to("elsewhere")
    with pytest.raises(StoreError):
        Store(tmp_path)
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_no_such_directory(tmp_path: Path) -> None:
    """An error that names the file."""
    with pytest.raises(StoreError, match=r"state\.sqlite"):
        Store(tmp_path / "none")


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from codegate.store import Store
from codegate.core import Request
from codegate.store import Pending
sys.stdin.readline()
with Store(Path(sys.argv[1])) as store:
    for number in range(15):
        store.put_pending(Pending(f"{sys.argv[2]}{number:063}", "c", b"", Request("", ())))
        store.put_baseline(f"{sys.argv[2]}{number}", "x")
        store.pending()
"""


def test_several_processes_at_once(tmp_path: Path) -> None:
    """Made by four at the same moment and written by all: nothing is lost and nobody gets an error."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(number), str(ROOT)], stdin=subprocess.PIPE
        )
        for number in range(4)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    with Store(tmp_path) as store:
        assert len(store.pending()) == 60


def test_several_threads_at_once(tmp_path: Path) -> None:
    """Gates run side by side and share one store."""
    errors: list[Exception] = []
    with Store(tmp_path) as store:

        def work(name: int) -> None:
            try:
                for number in range(20):
                    store.put_baseline(f"{name}-{number}", "x")
                    assert store.baseline(f"{name}-{number}") == "x"
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert all(store.baseline(f"{n}-{k}") == "x" for n in range(4) for k in range(20))


texts = st.text(st.characters(codec=None), max_size=20)
targets = st.lists(st.builds(Target, texts, st.none() | texts), max_size=3).map(tuple)
models = st.builds(ModelIdentity, texts, texts, st.none() | texts, st.booleans())
pendings = st.builds(
    Pending, texts, texts, st.binary(max_size=50),
    st.builds(Request, texts, targets, texts, st.dictionaries(texts, texts, max_size=3),
              st.lists(texts, max_size=3).map(tuple)),
    st.sampled_from(Origin), st.none() | models,
    st.floats(allow_nan=False),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(pendings)
def test_any_record_comes_back_equal(record: Pending) -> None:
    """Lone surrogates, control characters, infinities: what is written is read, and the text is ASCII."""
    text = to_json(record)
    assert text.isascii()
    assert from_json(Pending, text) == record


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
).map(lambda value: __import__("json").dumps(value)))  # fmt: skip
def test_any_other_text_is_a_value_error(text: str) -> None:
    """Whatever stands in a record's place, reading it ends in the one error that is looked for."""
    with pytest.raises(ValueError, match=r"."):
        from_json(Receipt, text)
