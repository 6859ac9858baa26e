class Zone:
    def __init__(self, offset: int) -> None:
        self.offset = offset
