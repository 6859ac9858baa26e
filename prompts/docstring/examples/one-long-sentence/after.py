def words():
    """Return all of the words of a text that somebody wrote a long time ago, in the
    order in which they stand there, without any of the blanks.
    """
    pass
