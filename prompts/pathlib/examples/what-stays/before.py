import os


def f(path, fd):
    os.stat("a", dir_fd=fd)
    return os.path.dirname(os.path.expanduser(path)), os.environ["A"]
