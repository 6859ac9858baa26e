def initials(name: str, limit: int = 3) -> str:
    if limit < 1:
        raise ValueError("limit")
    return "".join(word[0].upper() for word in name.split()[:limit])
