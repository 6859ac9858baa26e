"""Text."""


def pad(text, width, *fills, align="left", **options):
    if width < 0:
        raise ValueError("width")
    return text.ljust(width) if align == "left" else text.rjust(width)


class Words:
    def __init__(self, text):
        self.text = text

    def each(self):
        yield from self.text.split()

    def clear(self): self.text = ""
