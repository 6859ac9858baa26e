"""The form of an answer that changes several places at once: JSON under a schema."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

# No sane answer changes more places; a model that loops would.
MAX_EDITS: Final = 50


class Edit(BaseModel):
    """The whole new text of one symbol, or of the whole file where `symbol` is null."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    path: str
    symbol: str | None
    text: str


class Edits(BaseModel):
    """Several edits, made one after the other."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    edits: list[Edit] = Field(min_length=1, max_length=MAX_EDITS)


EDITS_SCHEMA: Final[dict[str, Any]] = Edits.model_json_schema()
