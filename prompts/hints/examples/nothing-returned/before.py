class A:
    def set(self, value: int):
        self.value = value
