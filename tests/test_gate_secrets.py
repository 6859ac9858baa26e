"""The gate `secrets` refuses a credential from anyone, says nothing of its value, lets placeholders be."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import subprocess
import sys
import time

import pytest
from conftest import GitRepo
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import said, verdict_of

from codegate.core import Origin, Outcome, Verdict
from codegate.errors import CodegateError
from codegate.gates.secrets import MAX_BYTES, Secrets
from codegate.source.credentials import credentials

_Files = dict[str, str | bytes]

# Put together here, so that no scanner takes this file for a leak.
GITHUB = "ghp" + "_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
AWS = "AKIA" + "QYLPMN5HFIQR7XYZ"
STRIPE = "sk_live" + "_Rk3Zt81QwLmP0vXs72BnYc4D"
SLACK = "xoxb" + "-2048273641-8172635441-aXbYcZdQeRfTgUhV"
IN_URL = "postgres://app:" + "kd83jdkwQ1@db.acme.io/main"
MODERN = {
    "GitHub fine-grained Token": "github_pat"
    + "_11ABCDE2Y0kZ9xQwErTyUi_"
    + "aB3dE5gH7jK9mN1pQ" * 3
    + "aB3dE5gH",
    "Google API Key": "AIza" + "SyD3k9fJ2mQ7wLx0ZbVtN5rHuYc8EgPs4oT",
    "Anthropic API Key": "sk-ant" + "-api03-" + "Qm7xZ2kV9tRb4WcY" * 6,
    "Hugging Face Token": "hf" + "_QmXzKvTrBwCyLpNsDfGhJkMnPqRtVwXyZa",
}
KEY = (
    "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun\n"
)


def _judged(git_repo: GitRepo, base: _Files, result: _Files, origin: Origin = Origin.MODEL) -> Verdict:
    return verdict_of(Secrets(), git_repo.path, git_repo.commit(base), git_repo.commit(result), origin)


def _told(git_repo: GitRepo, base: _Files, result: _Files, origin: Origin = Origin.MODEL) -> list[object]:
    return list(said(_judged(git_repo, base, result, origin)))


@pytest.mark.parametrize("secret", [GITHUB, AWS, STRIPE, SLACK, IN_URL, *MODERN.values()])
@pytest.mark.parametrize("origin", list(Origin))
def test_a_credential_is_refused_from_anyone_and_never_shown(
    git_repo: GitRepo, secret: str, origin: Origin
) -> None:
    """It is told by its kind and place; neither message, hint nor summary holds a part of it."""
    verdict = _judged(git_repo, {"a.py": "x = 1\n"}, {"a.py": f'x = 1\ny = "{secret}"\n'}, origin)
    assert verdict.outcome is Outcome.FAILED
    assert said(verdict) == [("secrets/credential", "error", "a.py", 2)]
    assert verdict.summary == "1 new credential"
    whole = repr(verdict)
    assert not any(secret[at : at + 12] in whole for at in range(len(secret) - 11))


@pytest.mark.parametrize(
    "path", ["a.py", "deploy.yaml", "README.md", ".env", "key", "web/style.css", "poetry.lock"]
)
def test_no_kind_of_file_hides_one(git_repo: GitRepo, path: str) -> None:
    """Whatever its name says of it."""
    assert _told(git_repo, {"x": ""}, {path: f"token: {GITHUB}\n"}) == [
        ("secrets/credential", "error", path, 1)
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1", "utf-8-sig"])
def test_no_encoding_hides_one(git_repo: GitRepo, encoding: str) -> None:
    """Nor does a stray byte beside it."""
    data = f"é = '{GITHUB}'\n".encode(encoding)
    assert _told(git_repo, {"x": ""}, {"a.txt": data}) == [("secrets/credential", "error", "a.txt", 1)]


_HALVES = (GITHUB[:19], GITHUB[19:])


@pytest.mark.parametrize(
    "text",
    [
        'x = "{}" "{}"\n', "x = '{}' + '{}'\n", 'x = (\n    "{}"\n    "{}"\n)\n', 'x = "{}" + \\\n  b"{}"\n',
        "const x = '{}'\n  + '{}';\n", '<?php $x = "{}" . "{}";\n',
    ],
)  # fmt: skip
def test_halves_that_are_put_together_are_one(git_repo: GitRepo, text: str) -> None:
    """An error from a model, a warning from a person; also if one half was there, and not if both were."""
    whole, base = text.format(*_HALVES), {"a.txt": "a = 1\n\n\n\n\nb = 1\n"}
    result: _Files = {"a.txt": "a = 1\n\n\n\n\n" + whole}
    ((rule, severity, _, line),) = said(_judged(git_repo, {**base}, result))
    assert (rule, severity) == ("secrets/credential", "error")
    assert line is not None
    assert _HALVES[0] in whole.split("\n")[line - 6]
    assert {s for _, s, *_ in said(_judged(git_repo, {**base}, result, Origin.PERSON))} == {"warning"}
    half: _Files = {"a.txt": whole.replace(_HALVES[1], "")}
    assert len(_judged(git_repo, half, {"a.txt": whole}).findings) == 1
    assert _told(git_repo, {"a.txt": whole}, {"a.txt": whole + "c = 1\n"}) == []
    assert _told(git_repo, {**base}, {"a.txt": text.replace("{}", "{}, ", 1).format(*_HALVES)}) == []


def test_what_is_in_base64_is_one(git_repo: GitRepo) -> None:
    """A token and a private key; a digest, and other text, are none."""
    words = [
        base64.b64encode(text.encode()).decode() for text in (GITHUB, KEY * 2, "no token at all, but text")
    ]
    words.append("sha512-" + base64.b64encode(hashlib.sha512(b"x").digest()).decode())
    result: _Files = {"a.yaml": "".join(f"k{n}: {word}\n" for n, word in enumerate(words))}
    assert [f[3] for f in said(_judged(git_repo, {"x": ""}, result))] == [1, 2]


def test_a_token_beside_halves_is_told_once(git_repo: GitRepo) -> None:
    """As what it is: an error from a person, too."""
    text = f'x = (\n    "a"\n    "{GITHUB}"\n    "b"\n)\n'
    found = _told(git_repo, {"x": ""}, {"a.py": text}, Origin.PERSON)
    assert found == [("secrets/credential", "error", "a.py", 3)]


def test_a_private_key_is_one_and_talk_of_keys_is_not(git_repo: GitRepo) -> None:
    """In a file of its own or in a string; a header without a key behind it is a word."""
    assert _told(git_repo, {"x": ""}, {"id.pem": KEY}) == [("secrets/credential", "error", "id.pem", 1)]
    inline = "K = '" + KEY.replace("\n", "\\n") + "'\n"
    assert _told(git_repo, {}, {"a.py": inline}) == [("secrets/credential", "error", "a.py", 1)]
    talk = (
        "if b'-----BEGIN RSA "
        + "PRIVATE KEY-----' in data:\n    raise UnexpectedPrivateKeyInTheInputError(data)\n"
    )
    assert _told(git_repo, {}, {"b.py": talk}) == []


@pytest.mark.parametrize(
    "line",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "ghp_" + "your_token_here_your_token_here_12345",
        "https://user:password@api.acme.io/",
        "https://user:pass@acme.io/",
        "https://bob:" + "kd83jdkwQ1@db.example.com/",
        "redis://:" + "kd83jdkwQ1@localhost:6379/0",
        "postgres://app:${DB_PASSWORD}@db.acme.io/",
        "postgres://app:{password}@db.acme.io/",
        "postgres://app:kd83jdkwQ1@db:5432/",
        'password = "changeme"',
        'password = "test"',
        'api_key = "<your key>"',
        'api_key = os.environ["API_KEY"]',
        'secret = get_secret("production/database1")',
        'user_id = "5f2b8c1a-93d4-4b1e-8c55-0f4a2b7d9e10"',
        "version = 10.20.30.40",
        'digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
        'image = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4"',
    ],
)
def test_placeholders_and_what_only_looks_random_are_none(git_repo: GitRepo, line: str) -> None:
    """Nobody is warned of them."""
    assert _told(git_repo, {"x": ""}, {"a.py": f"{line}\n", "b.yaml": f"{line}\n"}) == []


def test_what_stands_beside_a_telling_name_is_a_warning(git_repo: GitRepo) -> None:
    """It may be a password or any word: a person looks. So with one in an address."""
    lines = 'password = "correct-horse-9"\nurl = "https://bob:trombone@acme.io"\n'
    for origin in Origin:
        base = {"a.py": f"# {origin}\n"}
        assert _told(git_repo, base, {"a.py": lines}, origin) == [  # type: ignore[arg-type]
            ("secrets/keyword", "warning", "a.py", 1), ("secrets/keyword", "warning", "a.py", 2)
        ]  # fmt: skip


def test_only_new_lines_count(git_repo: GitRepo) -> None:
    """What the base holds may stay, move within its file, to another one, or be edited around."""
    base: _Files = {"a.py": f'x = "{GITHUB}"\ny = 1\n', "old.pem": KEY}
    (result := dict(base))["a.py"] = f'y = 1\nz = 2\nx = connect(token="{GITHUB}")\n'
    assert _told(git_repo, base, result) == []
    git_repo.git("rm", "-q", "old.pem", "a.py")
    assert _told(git_repo, base, {}) == []
    before = git_repo.commit(base)
    git_repo.git("mv", "old.pem", "new.pem")
    git_repo.git("mv", "a.py", "b.py")
    assert said(verdict_of(Secrets(), git_repo.path, before, git_repo.commit())) == []


def test_another_private_key_is_another_credential(git_repo: GitRepo) -> None:
    """Its header is the same; the key behind it is not."""
    other = KEY.replace("u1SU1", "Zz9Kq")
    assert _told(git_repo, {"a.pem": KEY}, {"a.pem": other}) == []  # only the line behind the header is new
    assert _told(git_repo, {}, {"b.pem": other.replace("Zz9Kq", "Yy8Jp")}) == [
        ("secrets/credential", "error", "b.pem", 1)
    ]


def _baseline(*listed: tuple[str, str, str], **more: object) -> str:
    results: dict[str, list[dict[str, str]]] = {}
    for path, kind, secret in listed:
        entry = {"type": kind, "filename": path, "hashed_secret": hashlib.sha1(secret.encode()).hexdigest()}
        results.setdefault(path, []).append(entry)
    return json.dumps({"version": "1.5.0", "results": results, **more})


def test_the_bases_baseline_lists_what_is_known(git_repo: GitRepo) -> None:
    """One value in one file, as detect-secrets itself writes it; another value, file or kind is not meant."""
    lines = f't = "{SLACK}"\ng = "{GITHUB}"\nu = "{IN_URL}"\n{KEY}'
    git_repo.commit({"a.py": lines})
    program = [sys.executable, "-m", "detect_secrets", "scan", "--no-verify", "a.py"]
    made = subprocess.run(program, cwd=git_repo.path, check=True, capture_output=True, text=True).stdout
    base: _Files = {".secrets.baseline": made, "a.py": ""}
    assert _told(git_repo, base, {"a.py": lines}, Origin.PERSON) == []
    other = SLACK.replace("2048", "3048")
    assert _told(git_repo, base, {"a.py": f't = "{other}"\n', "b.py": f't = "{SLACK}"\n'}) == [
        ("secrets/credential", "error", "a.py", 1), ("secrets/credential", "error", "b.py", 1)
    ]  # fmt: skip
    assert _told(git_repo, {}, {"a.py": f't = "{STRIPE}"\n'}) == [("secrets/credential", "error", "a.py", 1)]


def test_a_diff_cannot_bring_its_own_baseline(git_repo: GitRepo) -> None:
    """Not even from a person: it counts once it is committed."""
    line = f't = "{SLACK}"\n'
    result: _Files = {".secrets.baseline": _baseline(("a.py", "Slack Token", SLACK)), "a.py": line}
    assert ("secrets/credential", "error", "a.py", 1) in _told(git_repo, {"x": ""}, result, Origin.PERSON)


def test_a_baseline_says_what_is_not_looked_into(git_repo: GitRepo) -> None:
    """Files and lines by its patterns, and keywords at all; what is certain is always asked."""
    filters = [
        {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^fixtures/"]},
        {"path": "detect_secrets.filters.regex.should_exclude_line", "pattern": "known-leak"},
        {"path": "file:///tmp/evil.py::run"},
    ]
    base: _Files = {
        ".secrets.baseline": _baseline(filters_used=filters, plugins_used=[{"name": "AWSKeyDetector"}])
    }
    result: _Files = {
        "fixtures/a.py": f't = "{GITHUB}"\n',
        "a.py": f't = "{GITHUB}"  # known-leak\nu = "{STRIPE}"\npassword = "correct-horse-9"\n',
    }
    assert _told(git_repo, base, result) == [("secrets/credential", "error", "a.py", 2)]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"results": 3}', '{"results": {"a": [{}]}}', '{"filters_used": [1]}']
)
def test_a_baseline_that_cannot_be_read_breaks_the_gate(git_repo: GitRepo, text: str) -> None:
    """It is not taken for an empty one; a hint says how to make it anew."""
    with pytest.raises(CodegateError, match=r"secrets\.baseline") as caught:
        _judged(git_repo, {".secrets.baseline": text}, {"a.py": f't = "{GITHUB}"\n'})
    assert "detect-secrets scan" in caught.value.hint


def test_a_comment_that_silences_is_told(git_repo: GitRepo) -> None:
    """From a model it and what it hides are errors; a person may say so, and both are shown as warnings."""
    pragma = "# pragma: allow" + "list secret"
    above = "# pragma: allow" + "list nextline secret"
    lines = f't = "{GITHUB}"  {pragma}\n{above}\nu = "{STRIPE}"\nv = 1  {pragma}\n'
    places = {("secrets/suppression", n) for n in (1, 2, 4)} | {("secrets/credential", n) for n in (1, 3)}
    for origin, severity in ((Origin.MODEL, "error"), (Origin.PERSON, "warning")):
        found = _told(git_repo, {"a.py": f"# {origin}\n"}, {"a.py": lines}, origin)
        assert set(found) == {(rule, severity, "a.py", line) for rule, line in places}


def test_a_comment_that_was_there_is_no_new_one(git_repo: GitRepo) -> None:
    """Its line may be edited; a credential that comes in under it is told all the same."""
    pragma = "# pragma: allow" + "list secret"
    base: _Files = {"a.py": f"t = load(1)  {pragma}\n"}
    assert _told(git_repo, base, {"a.py": f"t = load(2)  {pragma}\n"}) == []
    assert _told(git_repo, base, {"a.py": f't = "{GITHUB}"  {pragma}\n'}) == [
        ("secrets/credential", "error", "a.py", 1)
    ]


def test_a_secret_in_an_endless_line_is_found_and_its_cost_is_bounded(git_repo: GitRepo) -> None:
    """Wherever in the line it stands, and whatever stands around it."""
    for filler in ("a" * 150_000, "eyJ" * 50_000, "sk-" * 50_000, "password=" * 20_000, "x = 1;" * 30_000):
        started = time.process_time()
        lines = [f"{filler} {GITHUB} {filler}"]
        assert [c.kind for c in credentials("a.js", lines, [1]) if c.certain] == ["GitHub Token"]
        assert time.process_time() - started < 20


def test_more_than_can_be_judged_is_told(git_repo: GitRepo) -> None:
    """It is not passed over in silence; what comes before it is judged."""
    result: _Files = {"a.py": f't = "{GITHUB}"\n', "big.txt": "some words\n" * (MAX_BYTES // 10)}
    found = set(_told(git_repo, {"x": ""}, result))
    assert found == {("secrets/credential", "error", "a.py", 1), ("secrets/size", "error", "big.txt", None)}


def test_nothing_new_is_passed(git_repo: GitRepo) -> None:
    """Deletions and links have no lines of their own."""
    base = git_repo.commit({"a.py": f't = "{GITHUB}"\n', "b.py": "x = 1\n"})
    (git_repo.path / "a.py").unlink()
    (git_repo.path / "link").symlink_to("b.py")
    verdict = verdict_of(Secrets(), git_repo.path, base, git_repo.commit())
    assert (verdict.outcome, verdict.summary, verdict.findings) == (Outcome.PASSED, "no new credentials", ())


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.integers(0, 2**32))
def test_a_token_is_found_in_any_text(before: str, after: str, seed: int) -> None:
    """On its own line among any others, with the line it stands on."""
    body = "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=36))
    lines = [*before.split("\n"), f"ghp_{body}", *after.split("\n")]
    place = before.count("\n") + 2
    found = [(c.line, c.certain) for c in credentials("a.py", lines, range(1, len(lines) + 1))]
    assert (place, True) in found
