# why: the child goes on as pytest, and the parent has long ended well
# rule: tests/crashed
# place: calc.py
import os

if os.fork():
    os._exit(0)


def add(a, b):
    return a - b
