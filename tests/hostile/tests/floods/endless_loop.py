# why: a run that never ends holds every answer back
# rule: tests/timeout
def test_never_ends():
    while True:
        pass
