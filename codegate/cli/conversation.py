"""One conversation with a model and a person: search, show, and do as the person says."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from codegate.cli.consent import Consent
from codegate.cli.offer import Offer
from codegate.cli.outcome import is_broken, print_json, print_refused, report_on
from codegate.cli.progress import Progress, say
from codegate.cli.terminal import confirm, has_terminal
from codegate.config import Config, UserConfig, load_user
from codegate.core import Gated, Request
from codegate.errors import Exit, UsageError
from codegate.models import Model, open_model
from codegate.models.weights import find_known
from codegate.pipeline import Project, plan
from codegate.search import Budget, Found, explain, search

DEFAULT_MODEL = "qwen2.5-coder-1.5b"


def converse(
    project: Project,
    request: Request,
    model_id: str | None,
    *,
    no_apply: bool,
    as_json: bool,
    bounds: Mapping[str, float | None] | None = None,
) -> Exit:
    """Ask until a candidate is applied, rejected or kept pending; return the exit code that says which.

    `bounds` are those of a Budget by their names; what is None or missing is as in the user's settings.
    """
    config = project.config(project.repository.head())
    _refuse_unsupported(config)
    for sentence in project.recover():
        say(sentence)
    user = load_user()
    budget = _budget(user, bounds or {})
    asking = not (no_apply or as_json) and has_terminal()
    name = model_id or user.model or _named(config) or DEFAULT_MODEL
    planned = plan(project, request)  # first: a misspelt recipe costs no loading of a model
    with open_model(name if planned.needs_model else "none", user) as model:
        consent = Consent(model)
        while True:
            found = search(project, planned, model, budget, Progress(), consent)
            if (offer := _offer(found, model, asking)) is None:
                again = _refused(found, asking, as_json)
            elif asking:
                again = offer.put_to_person(project)
            else:
                id_ = offer.keep(project).id
                _tell_kept(found, id_, as_json)
                return Exit.OK if no_apply else Exit.REFUSED
            if isinstance(again, Exit):
                return again
            planned = plan(project, again)


def _budget(user: UserConfig, bounds: Mapping[str, float | None]) -> Budget:
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return Budget(**user.search.model_dump() | given)


def _named(config: Config) -> str | None:
    """Return the model that the base's rules name: a pinned one, or the user's own endpoint.

    A path or a plug-in is the user's to name: weights that a repository brings are data for native code.
    """
    if config.model is not None and config.model.partition(":")[0] != "remote":
        find_known(config.model)
    return config.model


def _refuse_unsupported(config: Config) -> None:
    if config.approval.require != "person":
        raise UsageError(
            "this project asks for signatures (approval.require), which this codegate cannot check",
            "a later codegate can; until then `codegate check` gates a diff, and nothing is applied here",
        )


def _offer(found: Found, model: Model, asking: bool) -> Offer | None:
    """Return what is put to the person, with a word why it is this one."""
    if (best := found.best) is None:
        return None
    assert isinstance(best.judged, Gated)
    notes = (*explain(found), *best.reading.notes) if asking else best.reading.notes
    return Offer(best.judged, report_on(best, found), found.request, model.identity, notes=notes)


def _refused(found: Found, asking: bool, as_json: bool) -> Exit | Request:
    """Print that nothing passed; return the exit code, or what the person wants to be asked again."""
    if as_json:
        print_json(found, None)
    else:
        print_refused(found)
    if asking and found.again is not None and confirm("ask again, quoting these findings?"):
        return found.again
    return Exit.UNABLE if is_broken(found) else Exit.REFUSED


def _tell_kept(found: Found, id_: str, as_json: bool) -> None:
    for line in explain(found):
        say(line)
    if as_json:
        print_json(found, id_)
        return
    print(id_)
    print(f"kept pending; see it with `codegate review {id_}`", file=sys.stderr)
