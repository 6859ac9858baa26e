"""A class above."""


class Base:
    def __init__(self, name):
        self.name = name


class Child(Base):
    def __init__(self, name, size):
        super().__init__(name)
        self.size = size
