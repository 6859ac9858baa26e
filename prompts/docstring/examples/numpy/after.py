"""Text."""


def pad(text, width, *fills, align="left", **options):
    """Pad a text to a width.

    Parameters
    ----------
    text
        What is padded.
    width
        How many characters it has then.
    *fills
        Not used.
    align : str, optional
        Where the text stands.
    **options
        Not used.

    Returns
    -------
    object
        The padded text.

    Raises
    ------
    ValueError
        If the width is negative.
    """
    if width < 0:
        raise ValueError("width")
    return text.ljust(width) if align == "left" else text.rjust(width)


class Words:
    def __init__(self, text):
        self.text = text

    def each(self):
        yield from self.text.split()

    def clear(self): self.text = ""
