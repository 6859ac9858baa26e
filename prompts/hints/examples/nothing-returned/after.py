class A:
    def set(self, value: int) -> None:
        self.value = value
