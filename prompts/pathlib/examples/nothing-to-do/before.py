import os


def f(path):
    return os.path.dirname(path)
