# why: a process that becomes another program ends as that one does
# rule: tests/crashed
# place: calc.py
import os


def add(a, b):
    os.execvp("true", ["true"])
