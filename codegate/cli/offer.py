"""A gated candidate before a person: kept pending while they look, applied if they approve."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

from codegate.apply import apply
from codegate.cli.progress import say
from codegate.cli.terminal import Terminal, controlling_terminal
from codegate.core import Answer, Approved, Gated, ModelIdentity, Origin, Request, review
from codegate.errors import CodegateError, Exit
from codegate.pipeline import Project
from codegate.report import Report
from codegate.store import Pending
from codegate.visible import visible


@dataclass(frozen=True)
class Offer:
    """A gated candidate, its report, and what it is the answer to."""

    gated: Gated
    report: Report
    request: Request
    model: ModelIdentity | None
    origin: Origin = Origin.MODEL
    notes: tuple[str, ...] = ()

    def keep(self, project: Project) -> Pending:
        """Keep the candidate pending: a later review stages, gates and shows it again."""
        candidate = self.gated.candidate
        pending = Pending(
            self.gated.digest, candidate.base.commit, candidate.diff, self.request, self.origin, self.model
        )
        project.store.put_pending(pending)
        return pending

    def put_to_person(self, project: Project) -> Exit | Request:
        """Show the candidate and do as the person says: an exit code, or the request to ask again with.

        It waits in the store while it is looked at, so that a closed terminal or an interrupt loses nothing.
        Raises CodegateError where there is no terminal to ask at.
        """
        pending = self.keep(project)
        with controlling_terminal() as descriptor:
            if descriptor is None:
                raise CodegateError(
                    "there is no terminal to ask at", f"review it from one: codegate review {pending.id}"
                )
            decision = review(self.gated, Terminal(descriptor, self.report, self._heading()))
        if isinstance(decision, Approved):
            return self._apply(project, decision, pending)
        if decision.answer is Answer.QUIT:
            print(f"nothing was written; it stays pending: codegate review {pending.id}", file=sys.stderr)
            return Exit.REFUSED
        project.store.remove_pending(pending)
        if decision.answer is Answer.REMARK and decision.remark:
            return replace(self.request, remarks=(*self.request.remarks, decision.remark))
        print("rejected; nothing was written", file=sys.stderr)
        return Exit.REFUSED

    def _apply(self, project: Project, approved: Approved, pending: Pending) -> Exit:
        receipt = apply(
            approved,
            project.repository,
            lambda blob: project.stage.blobs([blob])[blob],
            store=project.store,
            model=self.model,
            instruction=self.request.instruction,
            say=say,
        )
        project.store.remove_pending(pending)
        print(f"applied {receipt.id}; `codegate undo` takes it back", file=sys.stderr)
        return Exit.OK

    def _heading(self) -> str:
        targets = " ".join(str(t) for t in self.request.targets)
        wanted = self.request.instruction or f"recipe {self.request.recipe}"
        lines = [f"{visible(wanted)}  ({visible(targets)})"]
        if self.model is not None and self.model.kind == "rules":
            lines.append(f"computed by the recipe {visible(self.request.recipe)}; no model was asked")
        elif self.model is not None:
            pin = "" if self.model.pinned or self.model.kind != "local" else ", not a model codegate knows"
            digest = f" {self.model.sha256[:12]}" if self.model.sha256 else ""
            lines.append(f"written by {visible(self.model.id)}{digest}{pin}")
        return "\n".join([*lines, *(visible(note) for note in self.notes)])
