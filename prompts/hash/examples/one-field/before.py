class Key:
    def __init__(self, name: str) -> None:
        self._name = name
