class Zone:
    def __init__(self, offset: int) -> None:
        self.offset = offset

    @property
    def offset(self) -> int:
        return self._offset

    @offset.setter
    def offset(self, value: int) -> None:
        if abs(value) > 24:
            raise ValueError(value)
        self._offset = value
