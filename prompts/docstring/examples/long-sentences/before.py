class A:
    def words(self, text):
        if not text:
            raise KeyError(text)
        return text.split()
