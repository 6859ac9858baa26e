"""The nouns of the flow, and the two places where trust is made: `judge` and `review`. No I/O."""

from codegate.core.candidate import Base, Candidate, Change
from codegate.core.judge import Gated, Judged, Refused, judge
from codegate.core.observation import Observation
from codegate.core.prompt import Hole, Message, Prompt, Sampling
from codegate.core.receipt import FileRecord, Receipt
from codegate.core.request import ModelIdentity, Patch, Proposal, Request, Scope, Target
from codegate.core.review import Answer, Approved, Declined, Screen, review
from codegate.core.verdict import Finding, Origin, Outcome, Severity, Verdict

__all__ = [
    "Answer", "Approved", "Base", "Candidate", "Change", "Declined", "FileRecord", "Finding", "Gated", "Hole",
    "Judged", "Message", "ModelIdentity", "Observation", "Origin", "Outcome", "Patch", "Prompt", "Proposal",
    "Receipt", "Refused", "Request", "Sampling", "Scope", "Screen", "Severity", "Target", "Verdict", "judge",
    "review",
]  # fmt: skip
