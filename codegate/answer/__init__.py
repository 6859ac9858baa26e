"""Answer to patch: the only reader of a model's text."""

from codegate.answer.reading import parse

__all__ = ["parse"]
