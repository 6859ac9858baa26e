import re


def find(text, limit=10, *, pattern=None, strict=False, **options):
    def inner(a):
        return a

    return re.findall(pattern or text, text)[:limit]
