"""What in a context looks like a credential: asked before another machine may see it."""

from __future__ import annotations

from codegate.context.gathering import Context


def secrets_in(context: Context) -> list[tuple[str, int, str]]:
    """Return path, line and kind of each thing in a context that looks like a credential.

    Asked of detect-secrets, off-line and without trying any of them. It errs to both sides.
    """
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import transient_settings

    found: set[tuple[str, int, str]] = set()
    with transient_settings({"plugins_used": [{"name": name} for name in _plugins()]}):
        for excerpt in context.excerpts:
            for chunk in excerpt.chunks:
                for number, line in enumerate(chunk.text.split("\n"), chunk.line):
                    found.update((excerpt.path, number, secret.type) for secret in scan_line(line))
    return sorted(found)


def _plugins() -> list[str]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    known = (str(plugin.__name__) for plugin in get_mapping_from_secret_type_to_class().values())
    # Asked of single lines these two take every long word for a secret.
    return [name for name in known if "HighEntropy" not in name]
