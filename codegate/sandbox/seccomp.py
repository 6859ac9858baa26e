"""The system calls that no test needs and that escapes are made of, as a filter that the kernel holds."""

from __future__ import annotations

import errno
import functools
import tempfile
from typing import Any, Final

from codegate.errors import SandboxError

# Sources: the default profile of Docker (moby/profiles/seccomp), and Flatpak's (setup_seccomp).
_REFUSED: Final = (
    "acct", "add_key", "bpf", "delete_module", "fanotify_init", "finit_module", "fsconfig", "fsmount",
    "fsopen", "fspick", "init_module", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load",
    "keyctl", "lookup_dcookie", "mount", "mount_setattr", "move_mount", "move_pages", "nfsservctl",
    "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "pivot_root", "process_vm_readv",
    "process_vm_writev", "ptrace", "quotactl", "reboot", "request_key", "setns", "settimeofday",
    "swapoff", "swapon", "syslog", "umount2", "unshare", "uselib", "userfaultfd", "vhangup",
)  # fmt: skip
# These have fallbacks in every program that uses them, and the programs look for exactly this error.
# A memfd is memory that no limit counts; the flags of clone3 lie where no filter can read them.
_ABSENT: Final = (
    "clone3",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "memfd_create",
    "memfd_secret",
)
_NEW_NAMESPACES: Final = (
    0x80,
    0x02000000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
    0x00020000,
)
# Of such an argument the kernel reads 32 bits: who compares more is passed by with a high bit.
_INT: Final = 0xFFFFFFFF
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
# Asking for one loads its code into the kernel: DCCP, L2TP, SCTP, UDP-Lite, and what comes with these types.
_RARE_PROTOCOLS: Final = (33, 115, 132, 136)
_SOCK_SEQPACKET, _SOCK_DCCP = 5, 6


@functools.cache
def program() -> bytes:
    """Return the filter as a BPF program for this machine. Raises SandboxError without libseccomp."""
    try:
        import pyseccomp  # loads a shared library: 30 ms that only a sandbox should cost
    except (ImportError, RuntimeError, OSError) as error:
        raise SandboxError(
            f"no system call filter can be made: {error}",
            "install libseccomp (Debian, Ubuntu: package `libseccomp2`; Fedora: `libseccomp`)",
        ) from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in _REFUSED:
        _refuse(rules, name, errno.EPERM)
    for name in _ABSENT:
        _refuse(rules, name, errno.ENOSYS)
    for flag in _NEW_NAMESPACES:
        _refuse(rules, "clone", errno.EPERM, pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    for request in (_TIOCSTI, _TIOCLINUX):
        _refuse(rules, "ioctl", errno.EPERM, pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _INT, request))
    _refuse_sockets(rules)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _refuse_sockets(rules: Any) -> None:
    from pyseccomp import EQ, GT, MASKED_EQ, Arg

    allowed = {_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK}
    for call in ("socket", "socketpair"):
        for family in sorted(set(range(_AF_NETLINK)) - allowed):
            _refuse(rules, call, errno.EAFNOSUPPORT, Arg(0, EQ, family))
        _refuse(rules, call, errno.EAFNOSUPPORT, Arg(0, GT, _AF_NETLINK))
    for family in (_AF_INET, _AF_INET6):
        for protocol in _RARE_PROTOCOLS:
            is_protocol = Arg(2, MASKED_EQ, _INT, protocol)
            _refuse(rules, "socket", errno.EPROTONOSUPPORT, Arg(0, EQ, family), is_protocol)
        for kind in (_SOCK_SEQPACKET, _SOCK_DCCP):  # above these four bits lie flags
            is_kind = Arg(1, MASKED_EQ, 0xF, kind)
            _refuse(rules, "socket", errno.EPROTONOSUPPORT, Arg(0, EQ, family), is_kind)


def _refuse(rules: Any, name: str, error: int, *arguments: Any) -> None:
    import pyseccomp

    if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:  # no such call on this architecture
        rules.add_rule(pyseccomp.ERRNO(error), name, *arguments)
