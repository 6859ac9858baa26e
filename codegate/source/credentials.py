"""What in a text looks like a credential, told by detect-secrets, off-line and without trying any of them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Any, Final

# An address is no credential; by entropy alone words and digests cannot be told from one; the third takes any
# long value of a `key` for one, the fourth any of a `secret_key`.
_LEFT_OUT: Final = (
    "IPPublicDetector", "Base64HighEntropyString", "HexHighEntropyString", "IbmCloudIamDetector",
    "IbmCosHmacDetector",
)  # fmt: skip
# What stands beside a word like `password`, and a shape that other words have too.
_KEYWORDS: Final = "KeywordDetector"
_UNCERTAIN: Final = (_KEYWORDS, "ArtifactoryDetector")
# What their slow expressions cannot match without.
_RUN: Final = re.compile(r"[0-9A-Za-z]{24}")
_SIGNS: Final = {"CloudantDetector": (_RUN,), "SoftlayerDetector": (_RUN,)}
# Shapes that their makers publish and detect-secrets 1.5 does not know.
_MORE: Final = {
    "GitHub fine-grained Token": re.compile(r"\bgithub_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}\b"),
    "Google API Key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])"),
    "Anthropic API Key": re.compile(r"\bsk-ant-[a-z]+\d\d-[0-9A-Za-z_-]{80,120}"),
    "Hugging Face Token": re.compile(r"\bhf_[A-Za-z]{34}\b"),
}

# What stands between two halves of a text that the code puts together; and what may be text in base64.
_SEAM: Final = re.compile(
    r"(?<=[\w/+=-])[\"'`][ \t+.\\]{0,80}(?:\n[ \t+]{0,80})?[bru]{0,2}[\"'`](?=[\w/+=-])"
)
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/]{24,4000}={0,2}")
_AROUND: Final = 3  # lines that a half may be away from a new one

# Some expressions take time quadratic in a line's length, and that for keywords in their number too.
_PIECE: Final = 2_000
_OVERLAP: Final = 200
_MAX_KEYWORDS: Final = 8
_MAX_KEYWORD_LINE: Final = 1_000

# What says of itself that it is no secret; a token has such a run of characters by less than one chance in a
# thousand. The second is for what people choose, the third for addresses that lead nowhere (RFC 2606, 6761).
_PLACEHOLDER: Final = re.compile(
    r"example|change.?me|replace.?me|placeholder|dummy|redacted|not.?real|foobar"
    r"|your.?(?:key|token|api|secret)|12345|abcdef|(.)\1{5}|\.\.\.",
    re.IGNORECASE,
)
_CHOSEN: Final = re.compile(
    r"(my|your|the|some|a|an|in)?[-_ ]?(super|very|top)?[-_ ]?"
    r"(p|pw|pwd|pass|user|test|fake|secret|token|key|api|auth|foo|bar|baz|spam|none|null|true|false|hunter2|invalid|wrong)"
    r"[-_ \w]*|.{0,3}|[%<{$\[(].*",
    re.IGNORECASE,
)
_NOWHERE: Final = re.compile(
    r"(localhost|127\.|0\.0\.0\.0|\[|[\w-]+([:/\"'`)\s,]|$)|[^/\s:]*\b(example|test|invalid|localhost)\b|[{$<%])",
    re.IGNORECASE,
)
_RANDOM: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[^%\\]{8,}")
_WHOLE: Final = 12  # a shorter group is the prefix of a token: `ghp`
_PRIVATE_KEY: Final = "Private Key"
_IN_URL: Final = "Basic Auth Credentials"
_MATERIAL: Final = re.compile(r"(?=[A-Za-z+/]*\d)(?=[a-z\d+/]*[A-Z])(?=[A-Z\d+/]*[a-z])[A-Za-z0-9+/]{32}")
_MATERIAL_LINES: Final = 12
_MATERIAL_LINE: Final = 100


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing that looks like a credential, without its value; `line` counts from 1.

    `kind` is detect-secrets' name for it, `detector` the class that found it. `certain` says that it has the
    shape of a credential, not just a telling name. `digest` names the value as detect-secrets' baselines do
    (SHA-1); `identity` tells private keys apart too, of which that is the header's. `hidden` says that it
    stands there in halves, or in base64.
    """

    line: int
    kind: str
    detector: str
    certain: bool
    digest: str
    identity: str
    hidden: bool = False


def credentials(path: str, lines: Sequence[str], wanted: Iterable[int]) -> list[Credential]:
    """Return what looks like a credential in those lines (by number) of a file, once for each line and kind.

    What is certain is found in halves that are put together there, and in base64, too. Placeholders are none.
    Takes at most some 10 s for each megabyte, of the worst text.
    """
    asked = sorted(wanted)
    plain = [(number, piece) for number in asked for piece in _pieces(lines[number - 1])]
    hidden = [*_sewn(lines, asked), *_decoded(lines, asked)]
    found: dict[tuple[int, str], Credential] = {}
    joined, more = ("\n".join(piece for _, piece in those) for those in (plain, hidden))
    for detector in _detectors():
        for is_hidden, pieces, text in ((False, plain, joined), (True, hidden, more)):
            if not detector.suspects(text) or (is_hidden and not detector.certain):
                continue
            known = {one.identity for one in found.values()}
            for number, piece in pieces:
                for one in _told(detector, path, lines, number, piece):
                    if not is_hidden:
                        found.setdefault((number, one.kind), one)
                    elif one.certain and one.identity not in known:
                        found.setdefault((number, one.kind), replace(one, hidden=True))
    return sorted(found.values(), key=lambda c: (c.line, c.kind))


def _told(
    detector: _Detector, path: str, lines: Sequence[str], number: int, piece: str
) -> Iterator[Credential]:
    for value, listed in detector.values(path, piece):
        material = _material(lines, number, piece) if detector.kind == _PRIVATE_KEY else value
        if material is not None and not detector.is_placeholder(path, piece, value):
            digest = hashlib.sha1(listed.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
            identity = hashlib.sha256(material.encode("utf-8", "replace")).hexdigest()
            yield Credential(
                number, detector.kind, detector.name, detector.is_certain(value), digest, identity
            )


@dataclass(frozen=True)
class _Detector:
    """One kind of credential: a plug-in of detect-secrets, or an expression of our own."""

    kind: str
    name: str
    certain: bool
    signs: tuple[re.Pattern[str], ...]
    plugin: Any = None

    def suspects(self, text: str) -> bool:
        """Say whether any line of a text may hold one. Most hold none, and all at once are told sooner."""
        return any(sign.search(text) for sign in self.signs)

    def values(self, path: str, piece: str) -> Iterator[tuple[str, str]]:
        """Yield each value found in a line, and what detect-secrets takes for it: for some kinds a part.

        Found by the expressions themselves, as the plug-ins would also try what they find if set so.
        """
        if self.name == _KEYWORDS:
            short = len(piece) <= _MAX_KEYWORD_LINE and 0 < len(self.signs[0].findall(piece)) <= _MAX_KEYWORDS
            for secret in self.plugin.analyze_line(filename=path, line=piece) if short else ():
                yield secret.secret_value, secret.secret_value
            return
        for expression in self.signs if self.plugin is None else self.plugin.denylist:
            for match in expression.finditer(piece):
                part = next(filter(None, match.groups()), match[0])
                if self.kind != "JSON Web Token" or self.plugin.is_formally_valid(match[0]):
                    yield (part if len(part) >= _WHOLE or self.kind == _IN_URL else match[0]), part

    def is_certain(self, value: str) -> bool:
        """Say whether the shape alone tells; passwords in addresses must look random too."""
        return self.certain and (self.kind != _IN_URL or _RANDOM.fullmatch(value) is not None)

    def is_placeholder(self, path: str, line: str, value: str) -> bool:
        from detect_secrets.filters import heuristic

        if self.kind == _PRIVATE_KEY:
            return False
        if (
            _PLACEHOLDER.search(value)
            or heuristic.is_templated_secret(value)
            or heuristic.is_sequential_string(value)
            or heuristic.is_not_alphanumeric_string(value)
            or heuristic.is_prefixed_with_dollar_sign(value)
        ):
            return True
        if self.kind == _IN_URL:
            _, _, host = line.partition(f"{value}@")
            return _CHOSEN.fullmatch(value) is not None or _NOWHERE.match(host) is not None
        return not self.certain and (
            _CHOSEN.fullmatch(value) is not None
            or " " in value
            or heuristic.is_indirect_reference(line)
            or heuristic.is_likely_id_string(value, line)
            or heuristic.is_potential_uuid(value)
            or heuristic.is_lock_file(path)
            or heuristic.is_swagger_file(path)
            or heuristic.is_non_text_file(path)
        )


@cache
def _detectors() -> list[_Detector]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.keyword import DENYLIST

    signs = _SIGNS | {_KEYWORDS: (re.compile("|".join(DENYLIST), re.IGNORECASE),)}
    found = [_Detector(kind, "", True, (expression,)) for kind, expression in _MORE.items()]
    plugins: dict[str, Any] = get_mapping_from_secret_type_to_class()
    for kind, plugin in plugins.items():
        name = plugin.__name__
        if name not in _LEFT_OUT:
            made = plugin()
            known = signs.get(name) or tuple(made.denylist)
            found.append(_Detector(kind, name, name not in _UNCERTAIN, known, made))
    return found


def _sewn(lines: Sequence[str], wanted: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the lines near the wanted ones in which literals are put together, as one, with their numbers."""
    near = sorted({n for number in wanted for n in range(number - _AROUND, number + _AROUND + 1)})
    shown = [n for n in near if 0 < n <= len(lines)]
    for _, run in groupby(enumerate(shown), lambda pair: pair[1] - pair[0]):
        numbers = [n for _, n in run]
        number = numbers[0]
        for line in _SEAM.sub(_mark, "\n".join(lines[n - 1] for n in numbers)).split("\n"):
            if "\0" in line:
                yield from ((number, piece) for piece in _pieces(line.replace("\0", "").replace("\1", "")))
            number += 1 + line.count("\1")


def _mark(seam: re.Match[str]) -> str:
    return "\0" + "\1" * seam[0].count("\n")


def _decoded(lines: Sequence[str], wanted: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the plain text that words of the wanted lines are in base64: of other words none is."""
    for number in wanted:
        for word in _ENCODED.findall(lines[number - 1]):
            word = word.rstrip("=")
            with contextlib.suppress(ValueError):
                text = base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode("ascii")
                if text.replace("\n", "").replace("\r", "").isprintable():
                    yield number, text


def _pieces(line: str) -> Iterator[str]:
    """Yield a line in pieces that overlap, so that no expression sees more than is safe."""
    for start in range(0, max(len(line) - _OVERLAP, 1), _PIECE - _OVERLAP):
        yield line[start : start + _PIECE]


def _material(lines: Sequence[str], number: int, piece: str) -> str | None:
    """Return what of a private key stands behind its header: without it there is just talk of one."""
    _, _, rest = piece.partition("PRIVATE KEY")
    following = lines[number : number + _MATERIAL_LINES]
    behind = "\n".join([rest[: 4 * _MATERIAL_LINE], *(line[:_MATERIAL_LINE] for line in following)])
    found = _MATERIAL.search(behind.partition("END ")[0])
    return behind if found else None
