# why: a failure's text is shown to a person, and could move the cursor over the verdict
# rule: tests/failed
# says: says so
def test_fails_in_colour():
    print("\x1b]0;approved\x07\x1b[2J\x1b[1;1H\x9b1A\u202eall gates passed")
    raise AssertionError("\x1b[2K\x1b[32m6 gates passed\x1b[0m \u2066, it says so\u200b")
