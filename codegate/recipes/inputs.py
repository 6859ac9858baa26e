"""Values of a recipe's inputs, as their types have them."""

from __future__ import annotations

import json
import re
from typing import Any

from codegate.errors import UsageError, did_you_mean
from codegate.recipes.declaration import Input


def typed(recipe: str, name: str, declared: Input, text: str) -> Any:
    """Return the value that a text is of an input's type. Raises UsageError with an example of a right one.

    A `target` stays text, and so does the `@path` of a `json`: whoever reads the repository looks it up.
    """
    wrong = f"recipe {recipe}: `{name}` is {declared.help}"
    if declared.type == "choice":
        if text not in declared.choices and text != declared.default:
            raise UsageError(f"{wrong}, not “{text}”", did_you_mean(text, declared.choices))
        return text
    if declared.type == "flag":
        if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
            raise UsageError(f"{wrong}: yes or no, not “{text}”", f"--set {name}=yes")
        return text.lower() in ("yes", "true", "1")
    if declared.type == "number":
        if not re.fullmatch("-?[0-9]{1,9}", text):
            raise UsageError(f"{wrong}: a whole number, not “{text}”", f"--set {name}=3")
        return int(text)
    if declared.type in ("name", "names"):
        names = [n.strip() for n in text.split(",") if n.strip()]
        if bad := next((n for n in names if not n.isidentifier()), None):
            raise UsageError(
                f"{wrong}: “{bad}” is no name",
                f"--set {name}=first,second" if declared.type == "names" else "",
            )
        if declared.type == "names":
            return names
        if len(names) > 1:
            raise UsageError(f"{wrong}: one name, not {len(names)}", f"--set {name}={names[0]}")
        return names[0] if names else ""
    if declared.type == "json" and text and not text.startswith("@"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"{wrong}: {error}", f"--set '{name}={{\"a\": 1}}', or --set {name}=@sample.json"
            ) from error
    return text
