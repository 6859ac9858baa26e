A_ONE = other()
A_TWO = 2


def other():
    return 1
