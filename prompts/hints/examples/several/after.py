import re


def find(text: str, limit: int = 10, *, pattern: str | None = None, strict: bool = False, **options: object) -> list[str]:
    def inner(a):
        return a

    return re.findall(pattern or text, text)[:limit]
