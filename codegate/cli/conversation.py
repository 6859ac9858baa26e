"""One conversation with a model and a person: ask, gate, show, and do as the person says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from codegate.cli.offer import Offer
from codegate.cli.progress import Progress, say
from codegate.cli.terminal import confirm, has_terminal
from codegate.config import load_user
from codegate.context import Context, secrets_in
from codegate.core import Gated, Judged, Origin, Request, Sampling, Severity
from codegate.errors import Exit, ModelError, UsageError
from codegate.models import Model, open_model
from codegate.models.weights import find_known
from codegate.pipeline import Project, Reading, ask, gate, plan, prepare, read
from codegate.report import Report, refused_report, report_of, to_text
from codegate.visible import visible, visible_bytes

DEFAULT_MODEL = "qwen2.5-coder-1.5b"
# The first answer is the likeliest one; more of them are worth their time only if they differ.
_HOTTER = 0.3
_HOTTEST = 0.9
# Of the findings as much as a small model can still make something of.
_QUOTED = 1500


@dataclass(frozen=True)
class Tried:
    """One answer of the model, and the report on what became of it."""

    reading: Reading
    judged: Judged | None
    report: Report


def converse(
    project: Project,
    request: Request,
    model_id: str | None,
    *,
    candidates: int,
    no_apply: bool,
    as_json: bool,
) -> Exit:
    """Ask until a candidate is applied, rejected or kept pending; return the exit code that says which."""
    for sentence in project.recover():
        say(sentence)
    user = load_user()
    asking = not (no_apply or as_json) and has_terminal()
    name = model_id or user.model or _named_by_project(project) or DEFAULT_MODEL
    if not plan(project, request).needs_model:  # also: a misspelt recipe costs no loading of a model
        name, candidates = "none", 1
    with open_model(name, user) as model:
        while True:
            tried = list(_tries(project, request, model, candidates))
            offer = _best(tried, request, model)
            if offer is None:
                _print(tried, None, as_json)
                if asking and confirm("ask again, quoting these findings?"):
                    request = replace(request, remarks=(*request.remarks, _quoted(tried)))
                    continue
                broken = all(one.report.verdict == "broken" for one in tried)
                return Exit.UNABLE if broken else Exit.REFUSED
            if not asking:
                _print(tried, offer.keep(project).id, as_json)
                return Exit.OK if no_apply else Exit.REFUSED
            decision = offer.put_to_person(project)
            if isinstance(decision, Exit):
                return decision
            request = decision


def _named_by_project(project: Project) -> str | None:
    """Return the model that the base's rules name: a pinned one, or the user's own endpoint.

    A path or a plug-in is the user's to name: weights that a repository brings are data for native code.
    """
    name = project.config(project.repository.head()).model
    if name is not None and name.partition(":")[0] != "remote":
        find_known(name)
    return name


def _tries(project: Project, request: Request, model: Model, candidates: int) -> Iterator[Tried]:
    """Yield one attempt an answer: the first greedy, the others at rising temperature, none twice."""
    progress = Progress()
    with progress.waiting("reading the repository"):
        planned = plan(project, request)
        base, context = planned.base, prepare(project, planned, model)
        gates, rules = project.rules(base.commit, Origin.MODEL, project.scope(request, base.commit))
    _refuse_unsupported(rules.config.approval.require)
    _protect_secrets(context, model)
    for path in context.omitted:
        print(f"  left out of the prompt for want of room: {visible(path)}", file=sys.stderr)
    seen: set[str] = set()
    for number in range(candidates):
        temperature = 0.0 if number == 0 else _HOTTER + (_HOTTEST - _HOTTER) * number / candidates
        with progress.writing(model.identity.id) as writing:
            sampling = Sampling(temperature, number)
            asked = next(ask(planned, context, model, [sampling], on_text=writing))
        writing.tell(asked.proposal)
        if asked.proposal.text in seen:
            continue
        seen.add(asked.proposal.text)
        with progress.waiting("gating the answer"):
            reading = read(project, request, asked)
            if reading.candidate is not None:
                judged = gate(project, reading.candidate, gates, rules, progress.answered)
                yield Tried(reading, judged, report_of(judged, Origin.MODEL, rules))
        if reading.refusal is not None:
            yield Tried(reading, None, refused_report(reading.refusal, base, Origin.MODEL, rules))


def _best(tried: list[Tried], request: Request, model: Model) -> Offer | None:
    """Return the gated candidate with the smallest diff: of two that pass, the one that changes less."""
    gated = [
        Offer(one.judged, one.report, request, model.identity, notes=one.reading.notes)
        for one in tried
        if isinstance(one.judged, Gated)
    ]
    return min(gated, key=lambda offer: len(offer.gated.candidate.diff), default=None)


def _quoted(tried: list[Tried]) -> str:
    """Return the errors of the last answer, for a model to read."""
    errors = [
        f"{finding.path or gate.gate}:{finding.line or ''} {finding.rule} {finding.message}"
        for gate in tried[-1].report.gates
        for finding in gate.findings
        if finding.severity is Severity.ERROR
    ]
    return "\n".join(errors)[:_QUOTED]


def _refuse_unsupported(require: str) -> None:
    if require != "person":
        raise UsageError(
            "this project asks for signatures (approval.require), which this codegate cannot check",
            "a later codegate can; until then `codegate check` gates a diff, and nothing is applied here",
        )


def _protect_secrets(context: Context, model: Model) -> None:
    """Let secret-looking text leave this machine only if the person says so."""
    if model.identity.kind != "remote" or not (found := secrets_in(context)):
        return
    places = ", ".join(f"{visible(path)}:{line} ({visible(kind)})" for path, line, kind in found)
    print(f"this looks like secrets: {places}", file=sys.stderr)
    if not confirm(f"send it to {visible(model.identity.id)}?"):
        raise ModelError("nothing was sent", "use a local model, or take the secret out of the file")


def _print(tried: list[Tried], id_: str | None, as_json: bool) -> None:
    if as_json:
        reports = [json.loads(one.report.to_json()) for one in tried]
        print(json.dumps({"pending": id_, "candidates": reports}, indent=2))
        return
    if id_ is None:
        for one in tried:
            if one.reading.candidate is not None:
                print(visible_bytes(one.reading.candidate.diff))
            print(to_text(one.report), end="")
        print("nothing passed, so there is nothing to approve", file=sys.stderr)
        return
    print(id_)
    print(f"kept pending; see it with `codegate review {id_}`", file=sys.stderr)
