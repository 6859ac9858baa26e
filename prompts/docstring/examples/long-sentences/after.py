class A:
    def words(self, text):
        """Return all of the words of a text that somebody wrote a long time ago, in the
        order in which they stand there, without any of the blanks.

        Args:
            text: Return all of the words of a text that somebody wrote a long time ago,
                in the order in which they stand there, without any of the blanks.

        Returns:
            Return all of the words of a text that somebody wrote a long time ago, in
            the order in which they stand there, without any of the blanks.

        Raises:
            KeyError: If there is none.
        """
        if not text:
            raise KeyError(text)
        return text.split()
