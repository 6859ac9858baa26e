# why: a file of one hole is as long as it says, and costs what reads it
# rule: tests/failed
# says: File too large
def test_makes_a_long_file():
    with open("hole", "wb") as file:
        file.truncate(1 << 40)
