"""What a model is shown of the base, and as what: knows no model and no repository."""

from codegate.context.credentials import secrets_in
from codegate.context.excerpts import Chunk, Excerpt
from codegate.context.gathering import Context, Reader, gather
from codegate.context.keeping import Kept
from codegate.context.rendering import render

__all__ = ["Chunk", "Context", "Excerpt", "Kept", "Reader", "gather", "render", "secrets_in"]
