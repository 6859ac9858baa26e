class Mark:
    def __init__(self):
        self.at = 0
