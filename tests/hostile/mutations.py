"""Other ways to write a diff: most mean the same, and some are damaged."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Final

Mutation = Callable[[bytes, Random], bytes]

_NEW: Final = b"""\
diff --git a/%b b/%b
new file mode 100644
--- /dev/null
+++ b/%b
@@ -0,0 +1 @@
+An ordinary line.
"""
_GUIDE: Final = b"""\
diff --git a/docs/guide.md b/docs/guide.md
--- a/docs/guide.md
+++ b/docs/guide.md
@@ -3,3 +3,3 @@
 1. Put items in a cart.
-2. Add a voucher.
+2. Add a voucher, if there is one.
 3. Pay.
"""
_MAIL: Final = b"""\
From 1f3a Mon Sep 17 00:00:00 2001
From: A Developer <dev@example.com>
Subject: [PATCH 1/2] Mend it

---
"""


def mailed(diff: bytes, chance: Random) -> bytes:
    """As `git format-patch` writes it, with a signature at the end."""
    head = (
        b"From 1f3a Mon Sep 17 00:00:00 2001\nFrom: A <a@example.com>\nSubject: [PATCH 1/2] Mend it\n\n---\n"
    )
    return head + diff + b"-- \n2.39.5\n\n"


def talked_about(diff: bytes, chance: Random) -> bytes:
    """As a model writes it: with prose and a fence around."""
    return b"Sure! Here is the change:\n\n```diff\n" + diff + b"```\n\nIt does what you asked for.\n"


def without_index(diff: bytes, chance: Random) -> bytes:
    """Without the lines that name blobs."""
    return re.sub(rb"(?m)^index [0-9a-f]{7,}\.\.[0-9a-f]{7,}( \d+)?\n(?!GIT binary)", b"", diff)


def other_prefixes(diff: bytes, chance: Random) -> bytes:
    """With `i/` and `w/` before the names, as `diff.mnemonicPrefix` writes them."""
    diff = re.sub(rb'(?m)^(diff --git "?)a/(.*) ("?)b/(.*)$', rb"\1i/\2 \3w/\4", diff)
    return re.sub(rb'(?m)^\+\+\+ ("?)b/', rb"+++ \1w/", re.sub(rb'(?m)^--- ("?)a/', rb"--- \1i/", diff))


def dated(diff: bytes, chance: Random) -> bytes:
    """With the times that GNU diff puts behind the names."""
    return re.sub(rb"(?m)^((?:---|\+\+\+) [abiw]/\S+)$", rb"\1\t2026-01-01 00:00:00.000000000 +0000", diff)


def quoted(diff: bytes, chance: Random) -> bytes:
    """With names in quotes, and one letter of each as an octal number."""

    def quote(found: re.Match[bytes]) -> bytes:
        name = found[2]
        at = chance.randrange(len(name))
        octal = b"\\%03o" % name[at]
        return found[1] + b'"' + name[:at] + octal + name[at + 1 :] + b'"'

    plain = rb"([abiw]/[^\s\"\\\x80-\xff]+)"
    diff = re.sub(rb"(?m)^((?:---|\+\+\+) )" + plain + rb"$", quote, diff)
    names = re.compile(rb"(?m)^diff --git " + plain + b" " + plain + b"$")
    return names.sub(lambda m: b'diff --git "%b" "%b"' % (m[1], m[2]), diff)


def without_git_lines(diff: bytes, chance: Random) -> bytes:
    """As a diff that is not git's own, where no line of another kind says more."""
    if re.search(rb"(?m)^(rename|copy|old mode|new mode|new file|deleted|GIT binary|Binary)", diff):
        return diff
    return re.sub(rb"(?m)^(diff --git .*|index .*)\n", b"", diff)


def section_headings(diff: bytes, chance: Random) -> bytes:
    """With another text behind the second `@@`, which says nothing."""
    return re.sub(rb"(?m)^(@@ -\S+ \+\S+ @@).*$", rb"\1 def harmless():", diff)


def behind_another(diff: bytes, chance: Random) -> bytes:
    """Behind an ordinary new file."""
    return _NEW.replace(b"%b", b"docs/aaa.md") + diff


def before_another(diff: bytes, chance: Random) -> bytes:
    """Before an ordinary new file."""
    return diff + _NEW.replace(b"%b", b"docs/zzz.md")


def beside_an_edit(diff: bytes, chance: Random) -> bytes:
    """Beside an ordinary change, where it does not make one to that file itself."""
    return diff if b"docs/guide.md" in diff else chance.choice((diff + _GUIDE, _GUIDE + diff))


def one_byte_other(diff: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(diff))
    return diff[:at] + bytes([chance.randrange(256)]) + diff[at + 1 :]


def one_line_less(diff: bytes, chance: Random) -> bytes:
    lines = diff.split(b"\n")
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines)


def one_line_twice(diff: bytes, chance: Random) -> bytes:
    lines = diff.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join([*lines[: at + 1], *lines[at:]])


def two_lines_swapped(diff: bytes, chance: Random) -> bytes:
    lines = diff.split(b"\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


def other_line_ends(diff: bytes, chance: Random) -> bytes:
    """With CRLF behind every line of a header."""
    return re.sub(rb"(?m)^((?:diff --git|---|\+\+\+|@@|index|new file|rename|old mode) .*)$", rb"\1\r", diff)


def cut_short(diff: bytes, chance: Random) -> bytes:
    return diff[: chance.randrange(len(diff))]


# What means the same, so that git alone makes the same tree of it.
DRESS: Final[tuple[Mutation, ...]] = (
    mailed, talked_about, without_index, other_prefixes, dated, quoted, without_git_lines, section_headings,
)  # fmt: skip
# What does the same, and something harmless beside it.
COMPANY: Final[tuple[Mutation, ...]] = (behind_another, before_another, beside_an_edit)
# What may mean anything.
DAMAGE: Final[tuple[Mutation, ...]] = (
    one_byte_other, one_line_less, one_line_twice, two_lines_swapped, other_line_ends, cut_short,
)  # fmt: skip
